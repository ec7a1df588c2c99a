#include "server/store/agent_list.h"

#include "server/store/shards.h"

#include <inttypes.h>
#include <string.h>

/* Of hot readings none is asked for that is older than this. */
enum { AGENT_LIST_HOT_MS = 10 * 60 * 1000 };

static const char *agent_list_state(const struct db_rows *rows, int row)
{
	if (!db_is_null(rows, row, "revoked_at"))
		return "revoked";
	if (db_is_null(rows, row, "last_seen_at"))
		return "never";
	return db_bool(rows, row, "reporting") ? "reporting" : "silent";
}

static void agent_list_row_read(const struct db_rows *rows, int row, struct arena *a,
	struct agent_list_row *out)
{
	*out = (struct agent_list_row){
		.id = db_int(rows, row, "id"),
		.host = figures_name(rows, row, "host_id", "host", a),
		.version = db_text_copy(rows, row, "version", a),
		.kernel = db_text_copy(rows, row, "kernel", a),
		.state = agent_list_state(rows, row),
		.enrolled_ms = db_time(rows, row, "enrolled_at"),
		.revoked_ms = db_time(rows, row, "revoked_at"),
		.last_seen_ms = db_time(rows, row, "last_seen_at"),
		.last_sample_ms = db_time(rows, row, "last_sample_at"),
		.skew_known = !db_is_null(rows, row, "clock_skew_ms"),
		.clock_skew_ms = db_int(rows, row, "clock_skew_ms"),
		.spool_bytes = db_int(rows, row, "spool_bytes"),
		.spool_batches = db_int(rows, row, "spool_batches"),
		.stored_batches = db_int(rows, row, "stored_batches"),
		.repeated_batches = db_int(rows, row, "repeated_batches"),
		.refused_batches = db_int(rows, row, "refused_batches"),
		.refused_values = db_int(rows, row, "refused_values"),
		.lost_batches = db_int(rows, row, "lost_batches"),
		.last_refusal = figures_text(rows, row, "last_refusal", a),
		.cpus = db_int(rows, row, "cpus"),
		.interval_ms = db_int(rows, row, "interval_ms"),
		.mem_total_kb = -1,
		.mem_available_kb = -1,
		.group = figures_name(rows, row, "group_id", "group", a),
		.config_state = figures_text(rows, row, "config_state", a),
		.desired_id = db_int(rows, row, "desired_id"),
		.acked_id = db_int(rows, row, "config_id"),
		.cpu_ppm = figures_count(rows, row, "cpu_ppm"),
		.rss_bytes = figures_count(rows, row, "rss_bytes"),
	};
}

static void agent_list_take_memory(
	const struct db_rows *rows, struct agent_list_row *agents, size_t count)
{
	for (int row = 0; row < rows->count; row++)
		for (size_t i = 0; i < count; i++) {
			if (agents[i].host.id != db_int(rows, row, "host_id"))
				continue;
			agents[i].mem_total_kb = figures_count(
				rows, row, "mem_total_kb");
			agents[i].mem_available_kb = figures_count(
				rows, row, "mem_available_kb");
		}
}

/* Fills the memory readings of those that report. */
static bool agent_list_read_memory(struct db *db, struct agent_list_row *agents,
	size_t count, struct arena *a, struct err *e)
{
	int64_t *hosts = arena_array(a, count, sizeof *hosts);
	size_t reporting = 0;
	int64_t from_ms = INT64_MAX, newest_ms = 0;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(agents[i].state, "reporting") != 0)
			continue;
		hosts[reporting++] = agents[i].host.id;
		if (agents[i].last_sample_ms < from_ms)
			from_ms = agents[i].last_sample_ms;
		if (agents[i].last_sample_ms > newest_ms)
			newest_ms = agents[i].last_sample_ms;
	}
	if (reporting == 0)
		return true;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, hosts, reporting);
	/* What is much older than the newest of others came late. */
	db_arg_time(&args, from_ms > newest_ms - AGENT_LIST_HOT_MS
				   ? from_ms
				   : newest_ms - AGENT_LIST_HOT_MS);
	db_arg_time(&args, from_ms);
	struct shards_walk walk;
	bool more = true;
	if (!shards_begin(db, &walk, e))
		return false;
	while (more) {
		scoped_rows struct db_rows rows = {0};
		if (!shards_ask(&walk, SQL_HOST_SAMPLE_NEWEST, &args, &rows, &more, e))
			return false;
		agent_list_take_memory(&rows, agents, count);
	}
	return true;
}

static bool agent_list_read(struct db *db, enum sql_query query,
	const struct db_args *args, struct agent_list_row **out, size_t *count,
	struct err *e)
{
	struct arena *a = args->arena;
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, query, args, &rows, e))
		return false;
	size_t n = (size_t)rows.count;
	struct agent_list_row *page = arena_array(a, n, sizeof *page);
	for (int i = 0; i < rows.count; i++)
		agent_list_row_read(&rows, i, a, &page[i]);
	if (!agent_list_read_memory(db, page, n, a, e))
		return false;
	*out = page;
	*count = n;
	return true;
}

bool agent_list_page(struct db *db, const struct agent_list_filter *filter,
	int64_t now_ms, struct arena *a, struct agent_list_row **rows, size_t *count,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	db_arg_text(&args, filter->after_host);
	if (filter->after_host)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	return agent_list_read(db, SQL_AGENT_PAGE, &args, rows, count, e);
}

bool agent_list_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct agent_list_row **row, struct err *e)
{
	struct db_args args;
	size_t count;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	db_arg_int(&args, id);
	if (!agent_list_read(db, SQL_AGENT_ONE, &args, row, &count, e))
		return false;
	if (count == 0)
		*row = NULL;
	return true;
}

static bool agent_list_revoke_in(struct db *db, const struct agent_list_revocation *r,
	struct arena *a, struct agent_list_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, r->id);
	db_arg_time(&args, r->now_ms);
	if (!db_query(db, SQL_AGENT_REVOKE_ONE, &args, NULL, e) ||
		!agent_list_one(db, r->id, r->now_ms, a, row, e))
		return false;
	if (!*row)
		return true;
	struct audit_entry entry = {
		.actor = r->actor,
		.action = "agent.revoke",
		.host_id = (*row)->host.id,
		.subject = arena_printf(
			a, "agent %" PRId64 " of %s", r->id, (*row)->host.name),
	};
	return audit_put(db, &entry, a, e);
}

bool agent_list_revoke(struct db *db, const struct agent_list_revocation *revocation,
	struct arena *a, struct agent_list_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (agent_list_revoke_in(db, revocation, a, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
