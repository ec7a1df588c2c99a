#include "server/store/fleet.h"

#include <string.h>

const char *const fleet_verdict_name[FLEET_VERDICTS] = {"learning", "unusable",
	"steady", "cyclic", "load", "warmup", "fragmentation", "step", "watch",
	"backlog", "native", "leak"};

const char *const fleet_inbox_name[FLEET_INBOXES] = {
	"new", "escalating", "regressed", "acknowledged", "archived", "resolved"};

static bool fleet_read_verdicts(
	struct db *db, const struct db_args *args, struct fleet *out, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_FLEET_VERDICTS, args, &rows, e))
		return false;
	for (int row = 0; row < rows.count; row++)
		for (int i = 0; i < FLEET_VERDICTS; i++)
			if (strcmp(db_text(&rows, row, "verdict"),
				    fleet_verdict_name[i]) == 0)
				out->verdicts[i] = db_int(&rows, row, "services");
	for (int i = 0; i < FLEET_VERDICTS; i++)
		out->services += out->verdicts[i];
	return true;
}

bool fleet_read(struct db *db, int64_t now_ms, struct arena *a, struct fleet *out,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_FLEET_COUNTS, &args, &rows, e))
		return false;
	BUG_ON(rows.count != 1);
	struct fleet fleet = {
		.hosts = db_int(&rows, 0, "hosts"),
		.instances = db_int(&rows, 0, "instances"),
		.instances_silent = db_int(&rows, 0, "silent"),
		.findings_watch = db_int(&rows, 0, "watch"),
		.findings_confirmed = db_int(&rows, 0, "confirmed"),
		.agents = db_int(&rows, 0, "total"),
		.agents_reporting = db_int(&rows, 0, "reporting"),
		.alerts_open = db_int(&rows, 0, "open"),
	};
	for (int i = 0; i < FLEET_INBOXES; i++)
		fleet.alerts[i] = db_int(&rows, 0, fleet_inbox_name[i]);
	if (!fleet_read_verdicts(db, &args, &fleet, e))
		return false;
	*out = fleet;
	return true;
}
