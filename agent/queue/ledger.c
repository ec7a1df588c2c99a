#include "agent/queue/ledger.h"

void ledger_look(struct ledger *l, int64_t entered, int64_t depth, int64_t failed)
{
	int64_t left = entered - depth - failed;
	if (!l->is_begun || entered < l->entered)
		*l = (struct ledger){
			.is_begun = true, .failed = failed, .failures = failed};
	if (failed > l->failed)
		l->failures += failed - l->failed;
	if (left > l->completed)
		l->completed = left;
	l->entered = entered;
	l->failed = failed;
}
