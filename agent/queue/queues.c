#include "agent/queue/queues.h"

void queues_run(const struct part *p)
{
	(void)p;
}
