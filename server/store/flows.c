#include "server/store/flows.h"

#include <math.h>

struct flows_row {
	int64_t service_id, queue_id, at_ms;
	double arrivals, completions; /* since the reading of the queue before; NAN */
	double depth;                 /* of this queue, NAN: not known */
	double waiting;               /* of all of the service's queues, NAN likewise */
};

static double flows_figure(const struct db_rows *rows, int row, const char *column)
{
	return db_is_null(rows, row, column) ? NAN : db_double(rows, row, column);
}

/* The newest depth of the same queue among the rows before is not the service's any
 * more; what else waits is.  A service has few queues, so that looking back is short.
 */
static void flows_add_up(struct flows_row *rows, size_t first, size_t i)
{
	struct flows_row *row = &rows[i];
	double before = i > first ? rows[i - 1].waiting : NAN;
	if (isnan(row->depth)) {
		row->waiting = before;
		return;
	}
	row->waiting = isnan(before) ? row->depth : before + row->depth;
	for (size_t k = i; k-- > first;) {
		if (rows[k].queue_id != row->queue_id || isnan(rows[k].depth))
			continue;
		row->waiting -= rows[k].depth;
		return;
	}
}

bool flows_read(struct db *db, int64_t from_ms, int64_t to_ms, struct arena *a,
	struct flows *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, from_ms - FLOWS_AHEAD_MS);
	db_arg_time(&args, to_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_QUEUE, &args, &rows, e))
		return err_wrap(e, "reading queues");
	out->count = (size_t)rows.count;
	out->rows = arena_array(a, out->count, sizeof *out->rows);
	size_t first = 0;
	for (int i = 0; i < rows.count; i++) {
		struct flows_row *row = &out->rows[i];
		*row = (struct flows_row){
			.service_id = db_int(&rows, i, "service_id"),
			.queue_id = db_int(&rows, i, "queue_id"),
			.at_ms = db_int(&rows, i, "at_ms"),
			.arrivals = flows_figure(&rows, i, "arrivals"),
			.completions = flows_figure(&rows, i, "completions"),
			.depth = flows_figure(&rows, i, "depth"),
		};
		if (row->service_id != out->rows[first].service_id)
			first = (size_t)i;
		flows_add_up(out->rows, first, (size_t)i);
	}
	return true;
}

/* The first row of the service after a time. */
static size_t flows_find(
	const struct flows *flows, int64_t service_id, int64_t after_ms)
{
	size_t low = 0, high = flows->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct flows_row *row = &flows->rows[middle];
		if (row->service_id < service_id ||
			(row->service_id == service_id && row->at_ms <= after_ms))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void flows_add(double *sum, double more)
{
	if (!isnan(more))
		*sum = isnan(*sum) ? more : *sum + more;
}

struct flows_sum flows_take(const struct flows *flows, int64_t service_id,
	int64_t after_ms, int64_t until_ms)
{
	struct flows_sum sum = {.arrivals = NAN, .completions = NAN, .depth = NAN};
	for (size_t i = flows_find(flows, service_id, after_ms); i < flows->count;
		i++) {
		const struct flows_row *row = &flows->rows[i];
		if (row->service_id != service_id || row->at_ms > until_ms)
			break;
		sum.at_ms = row->at_ms;
		sum.depth = row->waiting;
		flows_add(&sum.arrivals, row->arrivals);
		flows_add(&sum.completions, row->completions);
	}
	return sum;
}
