#include "server/api/newest.h"

#include "schema/metric.h"
#include "server/history/history.h"

enum {
	NEWEST_FIRST = PROCESS_heap_used_kb,
	NEWEST_LAST = PROCESS_insides_pause_us,
	NEWEST_SPAN_MS = 15 * 60 * 1000,
	NEWEST_LAG_MS = 2 * 60 * 1000, /* last_sample_at lags by up to one minute */
};

struct newest {
	const struct history_ask *ask;
	struct newest_value *rows;
	size_t count;
};

static bool newest_take(void *context, const struct history_columns *c, struct err *e)
{
	(void)e;
	struct newest *n = context;
	for (size_t m = 0; m < n->ask->metric_count; m++) {
		struct newest_value v = {.metric = n->ask->metrics[m]};
		for (size_t i = 0; i < c->rows; i++) {
			if (!c->has[m][i])
				continue;
			if (!v.first_ms) {
				v.first_ms = c->at_ms[i];
				v.first_value = c->values[m][i];
			}
			v.at_ms = c->at_ms[i];
			v.value = c->values[m][i];
		}
		if (v.at_ms)
			n->rows[n->count++] = v;
	}
	return true;
}

bool newest_read(struct db *db, const struct instances_row *instance, struct arena *a,
	struct newest_value **rows, size_t *count, struct err *e)
{
	int metrics[NEWEST_LAST - NEWEST_FIRST + 1];
	size_t total = sizeof metrics / sizeof *metrics;
	struct history_subject life = {.id = instance->generation_id,
		.service_id = instance->service.id,
		.host_id = instance->host.id};
	struct history_ask ask = {.subjects = &life,
		.count = 1,
		.from_ms = instance->last_sample_ms - NEWEST_SPAN_MS + 1,
		.to_ms = instance->last_sample_ms + NEWEST_LAG_MS};
	struct newest n = {.ask = &ask, .rows = arena_array(a, total, sizeof *n.rows)};
	for (size_t i = 0; i < total; i++)
		metrics[i] = NEWEST_FIRST + (int)i;
	for (size_t i = 0; i < total; i += HISTORY_METRICS_MAX) {
		ask.metrics = metrics + i;
		ask.metric_count = total - i < HISTORY_METRICS_MAX
					   ? total - i
					   : HISTORY_METRICS_MAX;
		if (!history_read(db, &ask, newest_take, &n, NULL, e))
			return false;
	}
	*rows = n.rows;
	*count = n.count;
	return true;
}
