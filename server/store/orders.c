#include "server/store/orders.h"

#include "server/store/raw.h"

static struct snapshot_order orders_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct snapshot_order){
		.capture = (uint64_t)db_int(rows, row, "capture_id"),
		.kind = (enum snapshot_order_kind)db_int(rows, row, "kind"),
		.pid = (uint32_t)db_int(rows, row, "pid"),
		.start_ticks = (uint64_t)db_int(rows, row, "start_ticks"),
		.service = db_text_copy(rows, row, "service", a),
		.route = db_text_copy(rows, row, "route", a),
		.overrules = db_bool(rows, row, "overrules"),
		.keep_raw = db_bool(rows, row, "keep_raw"),
		.deadline_unix_ms = db_time(rows, row, "deadline_at"),
		.part_from = (uint32_t)db_int(rows, row, "part_from"),
		.part_to = (uint32_t)db_int(rows, row, "part_to"),
	};
}

static void orders_give(struct orders_host *hosts, size_t count, int32_t host_id,
	const struct snapshot_order *order, struct arena *a)
{
	for (size_t i = 0; i < count; i++) {
		if (hosts[i].host_id != host_id || hosts[i].count == WIRE_ORDERS_MAX)
			continue;
		if (!hosts[i].orders)
			hosts[i].orders = arena_array(
				a, WIRE_ORDERS_MAX, sizeof *hosts[i].orders);
		hosts[i].orders[hosts[i].count++] = *order;
	}
}

bool orders_pending(struct db *db, struct orders_host *hosts, size_t count,
	int64_t now_ms, struct arena *a, struct err *e)
{
	if (count == 0)
		return true;
	int64_t *ids = arena_array(a, count, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = hosts[i].host_id;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, count);
	db_arg_time(&args, now_ms);
	db_arg_int(&args, RAW_WINDOW);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_ORDER_PENDING, &args, &rows, e))
		return false;
	for (int i = 0; i < rows.count; i++) {
		struct snapshot_order order = orders_read(&rows, i, a);
		orders_give(
			hosts, count, (int32_t)db_int(&rows, i, "host_id"), &order, a);
	}
	return true;
}
