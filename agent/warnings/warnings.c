#include "agent/warnings/warnings.h"

void warnings_run(const struct part *p)
{
	(void)p;
}
