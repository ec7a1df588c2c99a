/*
 * A token is good for what it says, and not once more.
 */
#include "server/store/migrate.h"
#include "server/store/tokens.h"
#include "server/store/upkeep.h"
#include "server/store/users.h"
#include "tests/support/pg.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* After what it needs. */
#include <cmocka.h>

#define NOW INT64_C(1795341600000)

static struct pg pg;
static struct db *db;
static struct arena arena;
static struct err e;

static struct db *connection(void)
{
	return db_create(&(struct db_options){
		.uri = pg.uri, .application_name = "tidemark test"});
}

static int set_up(void **state)
{
	(void)state;
	pg_start(&pg);
	arena_init(&arena);
	db = connection();
	return users_init(&e) && migrate_run(pg.uri, NULL, &e) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	db_destroy(db);
	arena_finish(&arena);
	pg_stop(&pg);
	return 0;
}

static const char *make(struct tokens_row *row, int64_t max_uses)
{
	const char *secret;
	struct tokens_options options = {.kind = TOKENS_JOIN,
		.name = "test",
		.now_ms = NOW,
		.ttl_ms = 3600000,
		.max_uses = max_uses};
	if (!tokens_create(db, &options, &arena, row, &secret, &e))
		fail_msg("%s", e.text);
	return secret;
}

static enum tokens_fate use(const char *id, const char *secret, int64_t now_ms)
{
	enum tokens_fate fate;
	if (!tokens_use(
		    db, &(struct tokens_claim){id, secret, "web-1", now_ms}, &fate, &e))
		fail_msg("%s", e.text);
	return fate;
}

static bool revoke_token(const char *id, int64_t now_ms, struct tokens_row **row)
{
	size_t agents;
	return tokens_revoke(db,
		&(struct tokens_revocation){.id = id, .now_ms = now_ms}, &arena, row,
		&agents, &e);
}

static void a_token_serves_its_uses(void **state)
{
	(void)state;
	struct tokens_row row;
	const char *secret = make(&row, 2);
	assert_int_equal(strlen(row.id), TOKENS_ID_LENGTH);
	assert_int_equal(strlen(secret), TOKENS_SECRET_LENGTH);
	assert_int_equal(use(row.id, secret, NOW), TOKENS_GOOD);
	assert_int_equal(use(row.id, secret, NOW), TOKENS_GOOD);
	assert_int_equal(use(row.id, secret, NOW), TOKENS_USED_UP);
	struct tokens_row *rows;
	size_t count;
	assert_true(tokens_list(db, 0, NULL, 10, &arena, &rows, &count, &e));
	assert_int_equal(rows[0].uses, 2);
	assert_int_equal(rows[0].max_uses, 2);
}

static void wrong_late_and_revoked_ones_do_not_serve(void **state)
{
	(void)state;
	struct tokens_row row, other, *revoked;
	const char *secret = make(&row, 0);
	const char *foreign = make(&other, 0);
	assert_int_equal(use(row.id, foreign, NOW), TOKENS_UNKNOWN);
	assert_int_equal(use(row.id, "", NOW), TOKENS_UNKNOWN);
	assert_int_equal(use("0000000000000000", secret, NOW), TOKENS_UNKNOWN);
	assert_int_equal(use("'; DROP TABLE token; --", secret, NOW), TOKENS_UNKNOWN);
	assert_int_equal(use(row.id, secret, NOW + 3599999), TOKENS_GOOD);
	assert_int_equal(use(row.id, secret, NOW + 3600000), TOKENS_EXPIRED);
	assert_true(revoke_token(row.id, NOW, &revoked));
	assert_int_equal(revoked->revoked_ms, NOW);
	assert_int_equal(use(row.id, secret, NOW), TOKENS_REVOKED);
	assert_true(revoke_token(row.id, NOW + 5000, &revoked));
	assert_int_equal(revoked->revoked_ms, NOW);
	assert_true(revoke_token("none", NOW, &revoked));
	assert_null(revoked);
}

static void a_failed_enrolment_gives_the_use_back(void **state)
{
	(void)state;
	struct tokens_row row;
	const char *secret = make(&row, 1);
	assert_true(db_begin(db, &e));
	assert_int_equal(use(row.id, secret, NOW), TOKENS_GOOD);
	db_rollback(db);
	assert_int_equal(use(row.id, secret, NOW), TOKENS_GOOD);
	assert_int_equal(use(row.id, secret, NOW), TOKENS_USED_UP);
}

struct racer {
	pthread_t thread;
	const char *id, *secret;
	int good;
};

static void *race(void *context)
{
	struct racer *r = context;
	struct db *own = connection();
	struct err why;
	enum tokens_fate fate;
	for (int i = 0; i < 10; i++)
		if (tokens_use(own,
			    &(struct tokens_claim){r->id, r->secret, "web-1", NOW},
			    &fate, &why))
			r->good += fate == TOKENS_GOOD;
	db_destroy(own);
	return NULL;
}

static void many_at_once_get_no_more(void **state)
{
	(void)state;
	enum { RACERS = 8 };
	struct racer racers[RACERS];
	struct tokens_row row;
	const char *secret = make(&row, 17);
	int good = 0;
	for (int i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){.id = row.id, .secret = secret};
		assert_int_equal(
			pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	for (int i = 0; i < RACERS; i++) {
		pthread_join(racers[i].thread, NULL);
		good += racers[i].good;
	}
	assert_int_equal(good, 17);
}

static void the_secret_is_nowhere_in_the_database(void **state)
{
	(void)state;
	struct tokens_row row;
	const char *secret = make(&row, 0);
	char script[256];
	snprintf(script, sizeof script,
		"DO $$ BEGIN IF EXISTS (SELECT FROM token t WHERE t::text LIKE "
		"'%%%s%%') "
		"THEN RAISE 'found'; END IF; END $$",
		secret);
	assert_true(db_script(db, script, "search", &e));
}

static enum tokens_fate look(const char *id, const char *secret, const char *hostname)
{
	enum tokens_fate fate;
	if (!tokens_look(db, &(struct tokens_claim){id, secret, hostname, NOW}, &arena,
		    &fate, &e))
		fail_msg("%s", e.text);
	return fate;
}

static void a_token_is_for_hosts_of_its_names(void **state)
{
	(void)state;
	struct tokens_row row;
	const char *secret;
	struct tokens_options options = {.kind = TOKENS_JOIN,
		.name = "",
		.now_ms = NOW,
		.ttl_ms = 3600000,
		.host_glob = "Web-?.*_x%"};
	assert_true(tokens_create(db, &options, &arena, &row, &secret, &e));
	assert_string_equal(row.host_glob, "Web-?.*_x%");
	assert_int_equal(look(row.id, secret, "web-1.EXAMPLE_x%"), TOKENS_GOOD);
	assert_int_equal(look(row.id, secret, "web-1.example-x%"), TOKENS_ELSEWHERE);
	assert_int_equal(look(row.id, secret, "web-12.example_x%"), TOKENS_ELSEWHERE);
	assert_int_equal(look(row.id, secret, ""), TOKENS_ELSEWHERE);
	/* Who has not the secret does not learn for whom it is. */
	assert_int_equal(look(row.id, "", "db-1"), TOKENS_UNKNOWN);
}

static void a_token_remembers_its_labels(void **state)
{
	(void)state;
	struct tokens_row row, *rows;
	const char *secret;
	size_t count;
	struct tokens_options options = {.kind = TOKENS_JOIN,
		.name = "labelled",
		.now_ms = NOW + 1000,
		.ttl_ms = 3600000,
		.label_keys = (const char *const[]){"zone", "role"},
		.label_values = (const char *const[]){"a=b \"c\"", "web"},
		.label_count = 2};
	assert_true(tokens_create(db, &options, &arena, &row, &secret, &e));
	assert_true(tokens_list(db, 0, NULL, 1, &arena, &rows, &count, &e));
	assert_string_equal(rows[0].id, row.id);
	assert_int_equal(rows[0].label_count, 2);
	assert_string_equal(rows[0].labels[0].key, "role");
	assert_string_equal(rows[0].labels[0].value, "web");
	assert_string_equal(rows[0].labels[1].value, "a=b \"c\"");
}

/* A host keeps what it has beside them, and has never more than it may. */
static void labels_are_given_to_the_host(void **state)
{
	(void)state;
	struct tokens_row row;
	const char *secret;
	struct tokens_options options = {.kind = TOKENS_JOIN,
		.name = "",
		.now_ms = NOW,
		.ttl_ms = 3600000,
		.label_keys = (const char *const[]){"a", "b", "c"},
		.label_values = (const char *const[]){"1", "2", "3"},
		.label_count = 3};
	assert_true(tokens_create(db, &options, &arena, &row, &secret, &e));
	assert_true(db_script(db,
		"INSERT INTO host (id, machine_id, name) OVERRIDING SYSTEM VALUE "
		"VALUES "
		"(70, 'm70', 'h70'); INSERT INTO agent (id, public_key, host_id) "
		"OVERRIDING SYSTEM VALUE VALUES (70, decode(repeat('70', 32), 'hex'), "
		"70); "
		"INSERT INTO host_label SELECT 70, 'k' || i, 'x' FROM "
		"generate_series(1, 13) i; INSERT INTO host_label VALUES (70, 'b', "
		"'old')",
		"a host", &e));
	assert_true(tokens_give_labels(db, row.id, 70, &e));
	assert_true(db_script(db,
		"DO $$ BEGIN ASSERT (SELECT string_agg(key || value, ',' ORDER BY key) "
		"FROM host_label WHERE host_id = 70 AND key < 'k') = 'a1,b2,c3'; "
		"ASSERT (SELECT count(*) FROM host_label WHERE host_id = 70) = 16; "
		"ASSERT (SELECT label_revision FROM host WHERE id = 70) = 2; END $$",
		"its labels", &e));
	/* Again: nothing changes, so nobody's view of it is out of date. */
	assert_true(tokens_give_labels(db, row.id, 70, &e));
	assert_true(db_script(db,
		"DO $$ BEGIN ASSERT (SELECT label_revision FROM host WHERE id = 70) = "
		"2; "
		"DELETE FROM host_label WHERE host_id = 70 AND key = 'c'; "
		"INSERT INTO host_label VALUES (70, 'k14', 'x'); END $$",
		"no change", &e));
	assert_true(tokens_give_labels(db, row.id, 70, &e));
	assert_true(db_script(db,
		"DO $$ BEGIN ASSERT (SELECT count(*) FROM host_label WHERE host_id = "
		"70) "
		"= 16; END $$",
		"no more than it may", &e));
}

static void agents_go_with_the_token_that_they_came_with(void **state)
{
	(void)state;
	struct tokens_row row, other, *revoked;
	size_t agents;
	make(&row, 0);
	make(&other, 0);
	char script[700];
	snprintf(script, sizeof script,
		"INSERT INTO host (id, machine_id, name) OVERRIDING SYSTEM VALUE "
		"VALUES "
		"(80, 'm80', 'h80'); INSERT INTO agent (id, public_key, host_id, "
		"token_id, "
		"revoked_at) OVERRIDING SYSTEM VALUE SELECT 80 + i, "
		"decode(repeat('8' || i, 32), 'hex'), 80, CASE i WHEN 3 THEN '%s' ELSE "
		"'%s' END, CASE i WHEN 2 THEN '2020-01-01'::timestamptz END FROM "
		"generate_series(0, 3) i",
		other.id, row.id);
	assert_true(db_script(db, script, "agents", &e));
	struct tokens_revocation revocation = {
		.id = row.id, .now_ms = NOW, .agents = true};
	assert_true(tokens_revoke(db, &revocation, &arena, &revoked, &agents, &e));
	assert_int_equal(agents, 2);
	assert_true(db_script(db,
		"DO $$ BEGIN ASSERT (SELECT array_agg(id ORDER BY id) FROM agent WHERE "
		"host_id = 80 AND revoked_at > '2021-01-01') = '{80,81}'; "
		"ASSERT (SELECT count(*) FROM audit WHERE action = 'agent.revoke' AND "
		"host_id = 80 AND actor = 'command line') = 2; END $$",
		"those and no others", &e));
	assert_true(tokens_revoke(db, &revocation, &arena, &revoked, &agents, &e));
	assert_int_equal(agents, 0);
	/* So a token is kept as long as somebody is in who came with it. */
	assert_true(upkeep_run(db, NOW + 3 * UPKEEP_TOKEN_MS, &e));
	revocation.id = other.id;
	assert_true(tokens_revoke(db, &revocation, &arena, &revoked, &agents, &e));
	assert_non_null(revoked);
	assert_int_equal(agents, 1);
	assert_true(upkeep_run(db, NOW + 3 * UPKEEP_TOKEN_MS, &e));
	assert_true(tokens_revoke(db, &revocation, &arena, &revoked, &agents, &e));
	assert_null(revoked);
}

static void options_have_bounds(void **state)
{
	(void)state;
	struct tokens_row row;
	const char *secret;
	const struct tokens_options wrong[] = {
		{.name = "", .now_ms = NOW, .ttl_ms = 0},
		{.name = "", .now_ms = NOW, .ttl_ms = TOKENS_TTL_MS_MAX + 1},
		{.name = "", .now_ms = NOW, .ttl_ms = 1, .max_uses = -1},
		{.name = "",
			.now_ms = NOW,
			.ttl_ms = 1,
			.max_uses = TOKENS_USES_MAX + 1},
		{.kind = TOKENS_API, .name = "", .now_ms = NOW, .ttl_ms = 1},
		{.name = "", .now_ms = NOW, .ttl_ms = 1, .host_glob = "a b"},
		{.name = "", .now_ms = NOW, .ttl_ms = 1, .host_glob = "a\n"},
		{.kind = TOKENS_API,
			.name = "",
			.now_ms = NOW,
			.ttl_ms = 1,
			.created_by = 1,
			.host_glob = "web-*"},
		{.name = "",
			.now_ms = NOW,
			.ttl_ms = 1,
			.label_keys = (const char *const[]){"a=b"},
			.label_values = (const char *const[]){"x"},
			.label_count = 1},
		{.name = "",
			.now_ms = NOW,
			.ttl_ms = 1,
			.label_keys = (const char *const[]){"a"},
			.label_values = (const char *const[]){"x\ny"},
			.label_count = 1},
		{.name = "1234567890123456789012345678901234567890123456789012345678901"
			 "2345",
			.now_ms = NOW,
			.ttl_ms = 1},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_false(tokens_create(db, &wrong[i], &arena, &row, &secret, &e));
		assert_int_equal(e.kind, ERR_INPUT);
	}
}

static void texts_of_api_tokens_are_read_strictly(void **state)
{
	(void)state;
	static const char id[] = "0123456789abcdef";
	static const char secret[] = "0123456789012345678901234567890123456789abc";
	static const char *const wrong[] = {"", "tma1.", "tma2.0123456789abcdef.x",
		"tma1.0123456789abcdeF.0123456789012345678901234567890123456789abc",
		"tma1.0123456789abcdef.0123456789012345678901234567890123456789ab",
		"tma1.0123456789abcdef.0123456789012345678901234567890123456789abcd",
		"tma1.0123456789abcdef0.123456789012345678901234567890123456789abc"};
	const char *a, *b;
	assert_true(
		tokens_api_parse(tokens_api_text(&arena, id, secret), &arena, &a, &b));
	assert_string_equal(a, id);
	assert_string_equal(b, secret);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (tokens_api_parse(wrong[i], &arena, &a, &b))
			fail_msg("%s", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_serves_its_uses),
		cmocka_unit_test(wrong_late_and_revoked_ones_do_not_serve),
		cmocka_unit_test(a_failed_enrolment_gives_the_use_back),
		cmocka_unit_test(many_at_once_get_no_more),
		cmocka_unit_test(the_secret_is_nowhere_in_the_database),
		cmocka_unit_test(a_token_is_for_hosts_of_its_names),
		cmocka_unit_test(a_token_remembers_its_labels),
		cmocka_unit_test(labels_are_given_to_the_host),
		cmocka_unit_test(agents_go_with_the_token_that_they_came_with),
		cmocka_unit_test(options_have_bounds),
		cmocka_unit_test(texts_of_api_tokens_are_read_strictly),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
