/*
 * Users prove who they are by a password that only they know.
 */
#include "server/store/migrate.h"
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

static int set_up(void **state)
{
	(void)state;
	pg_start(&pg);
	arena_init(&arena);
	db = db_create(&(struct db_options){
		.uri = pg.uri, .application_name = "tidemark test"});
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

static bool add(const char *name, const char *password)
{
	struct users_options options = {
		.name = name, .password = password, .role = USERS_OPERATOR};
	return users_create(db, &options, &arena, &e);
}

static struct users_row *log_in(const char *name, const char *password)
{
	struct users_row *user;
	if (!users_login(db, name, password, NOW, &arena, &user, &e))
		fail_msg("%s", e.text);
	return user;
}

static void the_right_password_opens(void **state)
{
	(void)state;
	assert_true(add("ada", "correct horse"));
	struct users_row *user = log_in("ada", "correct horse");
	assert_non_null(user);
	assert_string_equal(user->name, "ada");
	assert_int_equal(user->role, USERS_OPERATOR);
	assert_false(user->password_is_one_time);
	assert_null(log_in("ada", "correct Horse"));
	assert_null(log_in("ada", ""));
	assert_null(log_in("Ada", "correct horse"));
	assert_null(log_in("nobody", "correct horse"));
	assert_null(log_in("", ""));
	assert_false(add("ada", "another horse"));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, "'ada' already"));
}

static void the_hash_is_a_strong_one(void **state)
{
	(void)state;
	static const char script[] =
		"DO $$ BEGIN IF EXISTS (SELECT FROM app_user WHERE password_hash NOT "
		"LIKE "
		"'$argon2id$v=19$m=65536,t=2,p=1$%') THEN RAISE 'weak'; END IF; END $$";
	assert_true(db_script(db, script, "look", &e));
}

static void a_new_password_replaces_the_old(void **state)
{
	(void)state;
	bool found;
	struct users_change change = {
		.name = "ada", .password = "a better one", .is_one_time = true};
	assert_true(users_set_password(db, &change, &arena, &found, &e));
	assert_true(found);
	assert_null(log_in("ada", "correct horse"));
	assert_true(log_in("ada", "a better one")->password_is_one_time);
	change.name = "nobody";
	assert_true(users_set_password(db, &change, &arena, &found, &e));
	assert_false(found);
}

static void names_and_passwords_have_bounds(void **state)
{
	(void)state;
	char name[66], password[259];
	memset(name, 'n', sizeof name);
	memset(password, 'p', sizeof password);
	name[65] = password[258] = '\0';
	static const char *const names[] = {
		"", "a b", "a\n", "'; --", "b\xc3\xb6se", "<img>", "a/b"};
	static const char *const passwords[] = {"", "1234567", "12345678\xff"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (add(names[i], "correct horse") || e.kind != ERR_INPUT)
			fail_msg("'%s'", names[i]);
	assert_false(add(name, "correct horse"));
	assert_true(add(name + 1, "correct horse"));
	for (size_t i = 0; i < sizeof passwords / sizeof *passwords; i++)
		if (add("bob", passwords[i]) || e.kind != ERR_INPUT)
			fail_msg("'%s'", passwords[i]);
	assert_false(add("bob", password));
	password[256] = '\0';
	assert_true(add("bob", password));
	assert_non_null(log_in("bob", password));
}

static void one_time_passwords_are_good_ones(void **state)
{
	(void)state;
	char first[USERS_ONE_TIME_LENGTH + 1], second[USERS_ONE_TIME_LENGTH + 1];
	users_one_time_password(first);
	users_one_time_password(second);
	assert_int_equal(strlen(first), USERS_ONE_TIME_LENGTH);
	assert_string_not_equal(first, second);
	assert_true(users_check_password(first, &e));
}

static void *storm(void *context)
{
	struct db *own = db_create(&(struct db_options){
		.uri = pg.uri, .application_name = "tidemark test"});
	struct arena a;
	struct err why = {0};
	struct users_row *user;
	(void)context;
	arena_init(&a);
	bool ok = users_login(own, "ada", "a better one", NOW, &a, &user, &why);
	arena_finish(&a);
	db_destroy(own);
	return (void *)(intptr_t)(ok ? user != NULL : why.kind == ERR_BUSY);
}

static long peak_kb(void)
{
	char line[128];
	long kb = 0;
	FILE *file = fopen("/proc/self/status", "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		sscanf(line, "VmHWM: %ld", &kb);
	fclose(file);
	return kb;
}

/* Twenty logins at once take the memory of two, and none fails in another way than
 * being asked to come again. */
static void a_storm_does_not_eat_memory(void **state)
{
	(void)state;
	enum { THREADS = 20 };
	pthread_t threads[THREADS];
	long before_kb = peak_kb();
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, storm, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		void *fine;
		pthread_join(threads[i], &fine);
		assert_true(fine);
	}
	assert_true(peak_kb() - before_kb < 5 * 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_password_opens),
		cmocka_unit_test(the_hash_is_a_strong_one),
		cmocka_unit_test(a_new_password_replaces_the_old),
		cmocka_unit_test(names_and_passwords_have_bounds),
		cmocka_unit_test(one_time_passwords_are_good_ones),
		cmocka_unit_test(a_storm_does_not_eat_memory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
