/*
 * Api: the API over a throw-away PostgreSQL with the fleet of api_seed.sql and
 * api_snapshots.sql, at a fixed time, for the tests of server/api.
 *
 * The users are ada (admin), bob (operator) and eve (viewer); the password of all is
 * API_PASSWORD.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_API_H
#define TIDEMARK_TESTS_SUPPORT_API_H

#include "common/arena.h"
#include "server/api/api.h"
#include "server/store/db.h"
#include "server/store/migrate.h"
#include "tests/support/http.h"
#include "tests/support/pg.h"

#include <stdatomic.h>

#define API_PASSWORD "correct horse"
#define API_NOW_MS   INT64_C(1795341600000) /* 2026-11-22 10:00 UTC */
#define API_RAW_KEY                                                                    \
	{                                                                              \
		7, 7, 7, 7                                                             \
	}
#define API_JSON "Content-Type: application/json\r\n"

static struct pg api_pg;
static struct api *api_under_test;
static struct db *api_db;
static _Atomic int64_t api_now = API_NOW_MS;

static inline int64_t api_clock(void)
{
	return atomic_load(&api_now);
}

static inline void api_require(bool ok, const char *what, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, e->text);
	exit(99);
}

static inline void api_run_script(const char *path)
{
	struct buf text = {0};
	struct err e = {0};
	FILE *file = fopen(path, "r");
	api_require(file != NULL, path, &e);
	size_t n;
	while ((n = fread(buf_reserve(&text, 65536), 1, 65536, file)) > 0)
		text.length += n;
	buf_byte(&text, 0);
	fclose(file);
	api_require(db_script(api_db, text.data, "seed", &e), "seed", &e);
	buf_finish(&text);
}

static inline void api_own_metrics(void *context, struct buf *out)
{
	buf_text(out, context);
}

static const char *api_trouble = "";

static inline void api_own_trouble(struct buf *out)
{
	buf_text(out, api_trouble);
}

static inline void api_launch(void)
{
	struct err e = {0};
	struct api_options options = {
		.database_uri = api_pg.uri,
		.http_host = "127.0.0.1",
		.agent_endpoint = "tcp://192.0.2.1:8471",
		.enrol_endpoint = "tcp://192.0.2.1:8472",
		.enrol_places = {1, {{"192.0.2.1", 8472}}},
		.raw_retention_ms = INT64_C(30) * 86400000,
		.rollup_retention_ms = INT64_C(730) * 86400000,
		.verify_hours = 72,
		.started_ms = API_NOW_MS - INT64_C(86400000),
		.raw_key = API_RAW_KEY,
		.metrics = api_own_metrics,
		.metrics_context =
			(void *)(uintptr_t) "# HELP tidemark_test_total A test\n"
					    "# TYPE tidemark_test_total counter\n"
					    "tidemark_test_total 7\n",
		.trouble = api_own_trouble,
		.disk = "/",
		.now_ms = api_clock,
	};
	api_require(
		proxies_parse("127.0.0.1, ::1", &options.proxies, &e), "proxies", &e);
	api_require(
		proxies_parse("127.0.0.1, ::1", &options.proxies, &e), "proxies", &e);
	api_under_test = api_start(&options, &e);
	api_require(api_under_test != NULL, "api_start", &e);
}

static inline int api_set_up(void **state)
{
	struct err e = {0};
	(void)state;
	pg_start(&api_pg);
	api_require(migrate_run(api_pg.uri, NULL, &e), "migrate", &e);
	api_db = db_create(&(struct db_options){
		.uri = api_pg.uri, .application_name = "tidemark test"});
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_seed.sql");
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_snapshots.sql");
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_config.sql");
	api_launch();
	return 0;
}

static inline int api_tear_down(void **state)
{
	(void)state;
	api_stop(api_under_test);
	db_destroy(api_db);
	pg_stop(&api_pg);
	return 0;
}

static inline void api_ask(const char *method, const char *target, const char *headers,
	const char *body, struct http_reply *r)
{
	http_ask(api_port(api_under_test), method, target, headers, body, r);
}

/* Runs SQL of the test's own. */
static inline void api_sql(const char *text)
{
	struct err e = {0};
	api_require(db_script(api_db, text, "test", &e), text, &e);
}

/* Logs in and leaves "Cookie: ...\r\n" in `header`. */
static inline void api_log_in(const char *name, char header[128])
{
	scoped_reply struct http_reply r;
	char body[128], cookie[128];
	snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"%s\"}", name,
		API_PASSWORD);
	api_ask("POST", "/api/v1/session", API_JSON, body, &r);
	if (r.status != 200 || !http_field(&r, "Set-Cookie", cookie, sizeof cookie)) {
		fprintf(stderr, "log in: %d %s\n", r.status, r.body.data);
		exit(99);
	}
	snprintf(header, 128, "Cookie: %.*s\r\n", (int)strcspn(cookie, ";"), cookie);
}

#endif
