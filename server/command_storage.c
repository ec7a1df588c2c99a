/* Where readings are kept, for the terminal: how far they have come, moving them on
 * now, and reading all that is kept again. */
#include "server/commands.h"

#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "schema/metric.h"
#include "server/compact/verify.h"
#include "server/compact/work.h"
#include "server/config.h"
#include "server/store/migrate.h"
#include "server/store/partitions.h"
#include "server/store/sizes.h"
#include "server/store/storage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COMMAND_STORAGE_SHOWN_MAX = 1000 };

/* What a command was asked. */
struct command_storage {
	const struct server_config *config;
	struct db *db;
	struct arena *arena;
	bool as_json;
	int64_t to_ms; /* --to; 0: none */
	int64_t days;  /* --days; 0: all */
	struct json json;
	uint64_t shown; /* damages */
};

static const char *command_storage_time(struct arena *a, int64_t ms)
{
	char text[32] = "nothing yet";
	time_t at = (time_t)(ms / 1000);
	struct tm utc;
	if (ms && gmtime_r(&at, &utc))
		strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &utc);
	return arena_strdup(a, text);
}

static const char *command_storage_bytes(struct arena *a, int64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double value = (double)bytes;
	size_t unit = 0;
	for (; value >= 1000 && unit + 1 < sizeof units / sizeof *units; unit++)
		value /= 1000;
	return arena_printf(a, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void command_storage_put_json(struct command_storage *c,
	const struct sizes *sizes, const struct sizes_stream *stream, int64_t lag_ms)
{
	struct buf out = {0};
	struct json j;
	json_init(&j, &out);
	json_object(&j);
	json_put_int(&j, "closed_ms", stream->closed_ms);
	json_put_int(&j, "compacted_ms", stream->compacted_ms);
	json_put_int(&j, "sealed_ms", stream->sealed_ms);
	json_put_int(&j, "lag_ms", lag_ms);
	json_key(&j, "stages");
	json_object(&j);
	for (int i = 0; i < SIZES_STAGES; i++) {
		json_key(&j, sizes_stage_name[i]);
		json_object(&j);
		json_put_int(&j, "bytes", sizes->stage[i].bytes);
		json_put_int(&j, "rows", sizes->stage[i].rows);
		json_end(&j);
	}
	json_end(&j);
	json_put_int(&j, "chunk_days", sizes->chunk_days);
	json_put_double(&j, "bytes_per_value", sizes->bytes_per_value);
	json_end(&j);
	puts(out.data);
	buf_finish(&out);
	(void)c;
}

static bool command_storage_status(struct command_storage *c, struct err *e)
{
	struct sizes sizes;
	struct sizes_stream stream;
	struct sizes_backlog backlog;
	if (!sizes_read(c->db, c->arena, &sizes, e) ||
		!sizes_read_stream(c->db, c->arena, &stream, e) ||
		!sizes_read_backlog(c->db, clock_unix_ms(), c->arena, &backlog, e))
		return false;
	int64_t lag_ms = sizes_compaction_lag_ms(&stream, &backlog);
	if (c->as_json) {
		command_storage_put_json(c, &sizes, &stream, lag_ms);
		return true;
	}
	printf("closed to     %s\n", command_storage_time(c->arena, stream.closed_ms));
	printf("compacted to  %s\n",
		command_storage_time(c->arena, stream.compacted_ms));
	printf("sealed to     %s\n", command_storage_time(c->arena, stream.sealed_ms));
	printf("lag           %" PRId64 " s\n\n", lag_ms / 1000);
	printf("%-10s %12s %14s\n", "", "size", "rows, about");
	for (int i = 0; i < SIZES_STAGES; i++) {
		const char *bytes = command_storage_bytes(
			c->arena, sizes.stage[i].bytes);
		if (i == SIZES_OTHER)
			printf("%-10s %12s\n", sizes_stage_name[i], bytes);
		else
			printf("%-10s %12s %14" PRId64 "\n", sizes_stage_name[i], bytes,
				sizes.stage[i].rows);
	}
	if (sizes.bytes_per_value > 0)
		printf("\n%" PRId64 " days in chunks, %.2f bytes per value\n",
			sizes.chunk_days, sizes.bytes_per_value);
	return true;
}

/* Step by step until nothing is due: closing, too, waits for nobody. */
static bool command_storage_move(struct command_storage *c, struct err *e)
{
	struct work work = {
		.step = {.main = c->db, .readings = c->db},
		.close = {.started_mono_ms = clock_mono_ms() - CLOSE_START_MS,
			.asked_mono_ms = clock_mono_ms()},
		.raw_retention_ms = c->config->raw_retention_ms,
		.rollup_retention_ms = c->config->rollup_retention_ms,
	};
	bool ok = partitions_make_ahead(c->db, clock_unix_ms(), e) &&
		  work_close(&work, e);
	do
		ok = ok && work_windows(&work, c->to_ms, e);
	while (ok && work.behind);
	ok = ok && work_seal(&work, c->to_ms, e) && work_merge(&work, e) &&
	     work_expire(&work, e);
	printf("%" PRIu64 " rows became %" PRIu64 " segments of %" PRIu64
	       " windows; %" PRIu64 " days sealed, %" PRIu64 " chunks written\n",
		work.step.counts.rows, work.step.counts.segments,
		work.step.counts.windows, work.step.counts.days,
		work.step.counts.chunks);
	return ok;
}

static bool command_storage_compact(struct command_storage *c, struct err *e)
{
	bool leads = false;
	if (!storage_lead(c->db, &leads, e))
		return false;
	if (!leads)
		return err_set(e, ERR_BUSY,
			"a running server moves readings on by itself (role storage)");
	bool ok = command_storage_move(c, e);
	storage_follow(c->db);
	return ok;
}

static const char *command_storage_metric(const struct verify_damage *d)
{
	if (d->metric < 0)
		return "times";
	bool host = d->subject < 0 || (strcmp(d->where, "segment") == 0 && !d->service);
	int count = host ? (int)METRIC_HOST_COUNT : (int)METRIC_PROCESS_COUNT;
	return d->metric >= count ? "unknown"
	       : host             ? metric_host[d->metric].name
				  : metric_process[d->metric].name;
}

static void command_storage_tell(void *context, const struct verify_damage *d)
{
	struct command_storage *c = context;
	if (c->shown++ >= COMMAND_STORAGE_SHOWN_MAX)
		return;
	if (c->as_json) {
		struct json *j = &c->json;
		json_object(j);
		json_put_string(j, "where", d->where);
		json_put_int(j, "at_ms", d->at_ms);
		json_put_int(j, "subject", d->subject);
		json_put_int(j, "service_id", d->service);
		json_put_int(j, "block", d->block);
		json_put_string(j, "metric", command_storage_metric(d));
		json_put_string(j, "what", d->what);
		json_end(j);
		return;
	}
	printf("%s of %s, ", d->where, command_storage_time(c->arena, d->at_ms));
	if (strcmp(d->where, "segment") == 0)
		printf("service %d, block %d, ", d->service, d->block);
	if (d->subject > 0)
		printf("process %d, ", d->subject);
	else if (d->subject < 0)
		printf("host %d, ", -d->subject);
	printf("%s: %s\n", command_storage_metric(d), d->what);
}

static bool command_storage_verify(struct command_storage *c, struct err *e)
{
	struct verify_counts counts;
	struct buf out = {0};
	int64_t from_ms = c->days ? partitions_oldest_ms(clock_unix_ms(),
					    (c->days - 1) * PARTITIONS_DAY_MS)
				  : 0;
	json_init(&c->json, &out);
	json_object(&c->json);
	json_key(&c->json, "damages");
	json_array(&c->json);
	bool ok = verify_run(c->db, from_ms, command_storage_tell, c, &counts, e);
	json_end(&c->json);
	json_put_int(&c->json, "segments", (int64_t)counts.segments);
	json_put_int(&c->json, "chunks", (int64_t)counts.chunks);
	json_put_int(&c->json, "values", (int64_t)counts.values);
	json_put_int(&c->json, "bytes", (int64_t)counts.bytes);
	json_put_int(&c->json, "damaged", (int64_t)counts.damaged);
	json_end(&c->json);
	if (ok && c->as_json)
		puts(out.data);
	else if (ok)
		printf("%" PRIu64 " segments and %" PRIu64 " chunks, %s: %" PRIu64
		       " damaged\n",
			counts.segments, counts.chunks,
			command_storage_bytes(c->arena, (int64_t)counts.bytes),
			counts.damaged);
	buf_finish(&out);
	if (ok && counts.damaged)
		ok = err_set(e, ERR_INPUT, "what is kept is damaged");
	return ok;
}

static bool command_storage_option(struct command_storage *c, const char *name,
	const char *value, bool *takes_value)
{
	struct tm utc = {0};
	*takes_value = true;
	if (strcmp(name, "--json") == 0) {
		c->as_json = true;
		*takes_value = false;
		return true;
	}
	if (!value)
		return false;
	if (strcmp(name, "--days") == 0) {
		c->days = strtoll(value, NULL, 10);
		return c->days > 0 && c->days < 36600;
	}
	if (strcmp(name, "--to") != 0)
		return false;
	const char *end = strptime(value, "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (!end) {
		utc = (struct tm){0};
		end = strptime(value, "%Y-%m-%d", &utc);
	}
	c->to_ms = (int64_t)timegm(&utc) * 1000;
	return end && *end == 0 && c->to_ms > 0;
}

int command_storage(const struct server_config *config, int argc, char **argv)
{
	static const struct {
		const char *name;
		bool (*run)(struct command_storage *c, struct err *e);
	} verbs[] = {{"status", command_storage_status},
		{"compact", command_storage_compact},
		{"verify", command_storage_verify}};
	struct err e = {0};
	struct arena a;
	struct command_storage c = {.config = config, .arena = &a};
	const char *name = argc > 1 ? argv[1] : "status";
	size_t verb = 0;
	while (verb < 3 && strcmp(verbs[verb].name, name) != 0)
		verb++;
	bool good = verb < 3;
	for (int i = 2; good && i < argc; i++) {
		bool takes_value;
		good = command_storage_option(
			&c, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &takes_value);
		i += takes_value;
	}
	if (!good) {
		fprintf(stderr, "usage: tidemark-server storage [status [--json] | "
				"compact [--to "
				"DAY-OR-TIME] | verify [--days N] [--json]]\n");
		return 2;
	}
	arena_init(&a);
	c.db = db_create(&(struct db_options){
		.uri = config->database_uri, .application_name = "tidemark storage"});
	bool ok = migrate_run(config->database_uri, NULL, &e) &&
		  verbs[verb].run(&c, &e);
	if (!ok)
		log_error("%s", e.text);
	db_destroy(c.db);
	arena_finish(&a);
	return ok ? 0 : 1;
}
