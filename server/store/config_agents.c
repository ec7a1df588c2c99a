#include "server/store/config_agents.h"

const char *const config_agents_state_name[CONFIG_AGENTS_STATES] = {
	"own", "same", "waiting", "overridden", "refused", "drift", "silent", "old"};

static struct config_agents_row config_agents_read(
	const struct db_rows *rows, int i, struct arena *a)
{
	return (struct config_agents_row){
		.id = db_int(rows, i, "agent_id"),
		.host = figures_name(rows, i, "host_id", "host", a),
		.group = figures_name(rows, i, "group_id", "group", a),
		.version = db_text_copy(rows, i, "version", a),
		.state = db_text_copy(rows, i, "state", a),
		.desired_id = db_int(rows, i, "desired_id"),
		.acked_id = figures_count(rows, i, "acked_id"),
		.acked_ms = db_time(rows, i, "acked_at"),
		.exceptions = db_text_copy(rows, i, "exceptions", a),
		.cpu_ppm = figures_count(rows, i, "cpu_ppm"),
		.rss_bytes = figures_count(rows, i, "rss_bytes"),
		.stage = (enum config_revisions_stage)db_int(rows, i, "stage"),
	};
}

bool config_agents_page(struct db *db, const struct config_agents_filter *filter,
	int64_t now_ms, struct arena *a, struct config_agents_row **out, size_t *count,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	db_arg_int(&args, filter->group_id);
	db_arg_texts(&args, filter->states, filter->state_count);
	db_arg_text(&args, filter->after_host);
	if (filter->after_host)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_AGENT_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = config_agents_read(&rows, i, a);
	return true;
}
