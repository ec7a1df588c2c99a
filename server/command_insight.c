/* What runs where and what waits, for the terminal: the answers of GET /packages and
 * GET /queues, as a table or as the same JSON. */
#include "server/commands.h"

#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "server/api/insight_shape.h"
#include "server/config.h"
#include "server/store/migrate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PAGE = 1000, HOSTS_SHOWN_MAX = 60 };

/* What a command was asked, and where it answers. */
struct command_insight {
	struct db *db;
	struct arena *arena;
	struct json *json; /* NULL: a table on standard output */
	const char *name;  /* the argument, NULL: none */
	int64_t now_ms;
};

static const char *command_insight_time(struct arena *a, int64_t ms)
{
	char text[32] = "";
	time_t at = (time_t)(ms / 1000);
	struct tm utc;
	if (ms && gmtime_r(&at, &utc))
		strftime(text, sizeof text, "%Y-%m-%d %H:%M", &utc);
	return arena_strdup(a, text);
}

/* A JSON array of names, as people read it: "web-1 web-2". */
static const char *command_insight_names(struct arena *a, const char *json)
{
	char *out = arena_strdup(a, json);
	size_t n = 0;
	for (const char *p = json; *p; p++)
		if (!strchr("[]\",", *p))
			out[n++] = *p;
	out[n] = 0;
	return out;
}

static void command_insight_print_use(
	struct command_insight *c, const struct fingerprints_use *u)
{
	const char *now = command_insight_names(c->arena, u->hosts_now);
	printf("%-12s  %-24s  %-28s  %7" PRId64 "  %-16s  %-16s  %.*s%s\n", u->version,
		u->service.name, u->fingerprint.name, u->running,
		command_insight_time(c->arena, u->first_seen_ms),
		command_insight_time(c->arena, u->last_seen_ms), HOSTS_SHOWN_MAX, now,
		strlen(now) > HOSTS_SHOWN_MAX ? "..." : "");
}

/* "@pm2/io@4.2.1": the version stands behind an "@" that is not the first byte. */
static void command_insight_split(
	struct command_insight *c, struct fingerprints_use_filter *f)
{
	const char *at = strrchr(c->name, '@');
	f->name = c->name;
	if (!at || at == c->name)
		return;
	f->name = arena_strndup(c->arena, c->name, (size_t)(at - c->name));
	if (at[1])
		f->version = at + 1;
}

static bool command_insight_packages(struct command_insight *c, struct err *e)
{
	struct fingerprints_use_filter filter = {.limit = PAGE};
	struct fingerprints_use *rows;
	size_t count = PAGE, all = 0;
	command_insight_split(c, &filter);
	while (count == PAGE) {
		if (!fingerprints_uses(
			    c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
			return false;
		if (!c->json && all == 0 && count)
			printf("%-12s  %-24s  %-28s  %7s  %-16s  %-16s  %s\n",
				"PACKAGE", "SERVICE", "VERSION", "RUNNING",
				"FIRST SEEN", "LAST SEEN", "RUNS ON");
		for (size_t i = 0; i < count; i++) {
			if (c->json)
				insight_shape_use(c->json, &rows[i]);
			else
				command_insight_print_use(c, &rows[i]);
		}
		all += count;
		if (count) {
			filter.after_version = rows[count - 1].version;
			filter.after_id = rows[count - 1].fingerprint.id;
		}
	}
	if (!c->json && all == 0)
		printf("no version of any service has %s\n", c->name);
	return true;
}

/* "-" where nothing is known. */
static const char *command_insight_rate(struct arena *a, double value)
{
	return isnan(value) ? "-" : arena_printf(a, "%.1f", value);
}

static const char *command_insight_count(struct arena *a, int64_t value)
{
	return value < 0 ? "-" : arena_printf(a, "%" PRId64, value);
}

static void command_insight_print_queue(
	struct command_insight *c, const struct queues_row *q)
{
	struct arena *a = c->arena;
	int64_t drain_s = queues_drain_s(q);
	printf("%-24s  %-16s  %-10s  %9s  %9s  %9s  %9s  %9s  %9s  %s\n", q->name,
		q->host.name, q->kind, command_insight_count(a, q->depth),
		command_insight_rate(a, q->in_min), command_insight_rate(a, q->out_min),
		drain_s < 0 ? "never"
			    : arena_printf(a, "%.1f min", (double)drain_s / 60),
		q->oldest_ms < 0
			? "-"
			: arena_printf(a, "%.1f min", (double)q->oldest_ms / 6e4),
		command_insight_count(a, q->overdue),
		command_insight_time(a, q->at_ms));
}

static bool command_insight_queues(struct command_insight *c, struct err *e)
{
	struct queues_filter filter = {.name_part = c->name, .limit = PAGE};
	struct queues_row *rows;
	size_t count = PAGE;
	if (!c->json)
		printf("%-24s  %-16s  %-10s  %9s  %9s  %9s  %9s  %9s  %9s  %s\n",
			"QUEUE", "HOST", "KIND", "DEPTH", "IN/MIN", "OUT/MIN",
			"EMPTY IN", "OLDEST", "OVERDUE", "READ");
	while (count == PAGE) {
		if (!queues_page(c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
			return false;
		for (size_t i = 0; i < count; i++) {
			if (c->json)
				insight_shape_queue(c->json, &rows[i]);
			else
				command_insight_print_queue(c, &rows[i]);
		}
		if (count) {
			filter.after_name = rows[count - 1].name;
			filter.after_id = rows[count - 1].id;
		}
	}
	return true;
}

static bool command_insight_ask(const struct server_config *config,
	struct command_insight *c, bool (*ask)(struct command_insight *, struct err *),
	struct err *e)
{
	struct arena a;
	if (!migrate_run(config->database_uri, NULL, e))
		return false;
	arena_init(&a);
	c->arena = &a;
	c->now_ms = clock_unix_ms();
	c->db = db_create(&(struct db_options){
		.uri = config->database_uri, .application_name = "tidemark command"});
	bool ok = ask(c, e);
	db_destroy(c->db);
	arena_finish(&a);
	return ok;
}

static bool command_insight_print_json(const struct server_config *config,
	struct command_insight *c, bool (*ask)(struct command_insight *, struct err *),
	struct err *e)
{
	struct buf text = {0};
	struct json json;
	json_init(&json, &text);
	json_object(&json);
	json_key(&json, "items");
	json_array(&json);
	c->json = &json;
	bool ok = command_insight_ask(config, c, ask, e);
	if (ok) {
		json_end(&json);
		json_end(&json);
		printf("%.*s\n", (int)text.length, text.data);
	}
	buf_finish(&text);
	return ok;
}

/* [--json] and at most one other word, in any order; false: misused. */
static bool command_insight_read(
	int argc, char **argv, const char **name, bool *is_json)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			*is_json = true;
		else if (*argv[i] && argv[i][0] != '-' && !*name)
			*name = argv[i];
		else
			return false;
	}
	return true;
}

static int command_insight_run(const struct server_config *config, const char *command,
	struct command_insight *c, bool is_json)
{
	struct err e;
	bool (*ask)(struct command_insight *,
		struct err *) = strcmp(command, "package") == 0
					? command_insight_packages
					: command_insight_queues;
	if (is_json ? command_insight_print_json(config, c, ask, &e)
		    : command_insight_ask(config, c, ask, &e))
		return 0;
	log_error("%s: %s", command, e.text);
	return 1;
}

int command_package(const struct server_config *config, int argc, char **argv)
{
	struct command_insight c = {0};
	bool is_json = false;
	if (command_insight_read(argc, argv, &c.name, &is_json) && c.name)
		return command_insight_run(config, "package", &c, is_json);
	fprintf(stderr,
		"usage: tidemark-server package NAME[@VERSION] [--json]\n\n"
		"Which versions of which services have a package, and where they "
		"run.\n");
	return 2;
}

int command_queues(const struct server_config *config, int argc, char **argv)
{
	struct command_insight c = {0};
	bool is_json = false;
	if (command_insight_read(argc, argv, &c.name, &is_json))
		return command_insight_run(config, "queues", &c, is_json);
	fprintf(stderr,
		"usage: tidemark-server queues [PART-OF-A-NAME] [--json]\n\n"
		"What came into and went out of queues in the last ten minutes, "
		"and what waits.\n");
	return 2;
}
