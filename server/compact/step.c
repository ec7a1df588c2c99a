#include "server/compact/step.h"

void (*step_fault)(const char *place);
