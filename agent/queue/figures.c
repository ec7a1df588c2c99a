#include "agent/queue/figures.h"

#include <math.h>

/* Seconds: no queue has waited since 2001, and times since 1970 are larger. */
#define FIGURES_TIMES_FROM 1e9

static const enum metric_queue figures_metric[QUEUE_SPEC_FIGURES] = {QUEUE_depth,
	QUEUE_waiting, QUEUE_active, QUEUE_delayed, QUEUE_entered, QUEUE_completed,
	QUEUE_failures, QUEUE_oldest_ms};

void figures_set(struct wire_values *v, enum queue_figure figure, double value,
	int64_t now_unix_ms)
{
	if (!isfinite(value) || value < 0)
		return;
	if (figure == QUEUE_FIGURE_OLDEST) {
		if (value >= FIGURES_TIMES_FROM)
			value = (double)now_unix_ms / 1000 - value;
		value *= 1000;
		/* Of a clock that is ahead of ours, or of nothing real. */
		if (!(value > 0))
			value = 0;
	}
	if (value < 9e15)
		reading_set(v, figures_metric[figure], (int64_t)floor(value + 0.5));
}

static bool has(const struct wire_values *v, enum metric_queue metric)
{
	return v->present >> metric & 1;
}

void figures_derive(struct wire_values *v, struct known_queue *known)
{
	if (!has(v, QUEUE_depth) && (has(v, QUEUE_waiting) || has(v, QUEUE_active) ||
					    has(v, QUEUE_delayed)))
		reading_set(v, QUEUE_depth,
			v->value[QUEUE_waiting] + v->value[QUEUE_active] +
				v->value[QUEUE_delayed]);
	if (!has(v, QUEUE_depth))
		return;
	int64_t depth = v->value[QUEUE_depth], failures = v->value[QUEUE_failures];
	if (has(v, QUEUE_entered) && !has(v, QUEUE_completed)) {
		ledger_look(&known->ledger, v->value[QUEUE_entered], depth, failures);
		reading_set(v, QUEUE_completed, known->ledger.completed);
	} else if (has(v, QUEUE_completed) && !has(v, QUEUE_entered)) {
		int64_t done = v->value[QUEUE_completed];
		int64_t entered = done + failures + depth;
		/* `completed` began anew: so do we. */
		if (done < known->ledger.completed || entered > known->entered)
			known->entered = entered;
		known->ledger.completed = done;
		reading_set(v, QUEUE_entered, known->entered);
	}
}
