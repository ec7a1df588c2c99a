/* Which process a snapshot file is of, and that nobody guesses. */
#include "agent/dump_owner.h"

#include "common/clock.h"
#include "tests/unit/agent/fixture.h"

#define NOW INT64_C(1795305600000) /* 2026-11-22 00:00:00 */

struct world {
	struct fixture f;
	char procfs[PATH_MAX];
	struct lives *lives;
	struct dumps_directory any, checkout;
};

static bool wants(const void *context, const char *service)
{
	(void)context;
	return strcmp(service, "unwanted") != 0;
}

static int set_up(void **state)
{
	static struct world world;
	world = (struct world){.any = {"/dumps", NULL}, .checkout = {"/c", "checkout"}};
	fixture_init(&world.f);
	fixture_path(&world.f, world.procfs, "proc");
	const struct lives_options options = {.procfs = world.procfs, .wants = wants};
	world.lives = lives_create(&options);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	lives_destroy(w->lives);
	fixture_finish(&w->f);
	return 0;
}

static struct wire_process process(struct world *w, uint32_t pid, const char *service)
{
	char name[64];
	snprintf(name, sizeof name, "proc/%u/stat", (unsigned)pid);
	fixture_write(&w->f, name, "");
	return (struct wire_process){.service = service,
		.version = "1",
		.runtime = "node",
		.rule = "test",
		.command = "node app.js",
		.pid = pid,
		.started_unix_ms = NOW - 1000000,
		.start_ticks = 5 + pid};
}

static void tick(
	struct world *w, struct wire_process *processes, size_t count, int64_t at)
{
	const struct processes_tick t = {.processes = processes, .count = count};
	lives_tick(w->lives, &t, at);
}

static uint32_t owner(const struct world *w, const struct dumps_file *file, char *why)
{
	const struct life *life = dump_owner(file, w->lives, why);
	return life ? life->is.pid : 0;
}

static void the_process_that_the_name_tells(void **state)
{
	struct world *w = *state;
	char why[DUMP_OWNER_WHY_BYTES];
	struct wire_process two[] = {
		process(w, 41, "checkout"), process(w, 42, "mail")};
	tick(w, two, 2, NOW);
	struct dumps_file file = {.directory = &w->any,
		.pid = 42,
		.owner = getuid(),
		.made_unix_ms = NOW};
	assert_int_equal(owner(w, &file, why), 42);
	file.pid = 43;
	assert_int_equal(owner(w, &file, why), 0);
	assert_non_null(strstr(why, "no process 43"));
	file.pid = 42;
	file.owner = getuid() + 1; /* anybody may write into such a directory */
	assert_int_equal(owner(w, &file, why), 0);
	file.owner = getuid();
	file.made_unix_ms = NOW - 2000000; /* before it was born: another's number */
	assert_int_equal(owner(w, &file, why), 0);
	file.made_unix_ms = NOW;
	file.pid = 0;
	assert_int_equal(owner(w, &file, why), 0);
	assert_non_null(strstr(why, "dumps = DIRECTORY"));
}

static void the_only_one_of_a_service(void **state)
{
	struct world *w = *state;
	char why[DUMP_OWNER_WHY_BYTES];
	struct wire_process some[] = {process(w, 41, "checkout"),
		process(w, 42, "mail"), process(w, 43, "checkout")};
	tick(w, some, 2, NOW);
	struct dumps_file file = {
		.directory = &w->checkout, .owner = getuid() + 1, .made_unix_ms = NOW};
	assert_int_equal(owner(w, &file, why), 41);
	file.pid = 1; /* as a container counts */
	assert_int_equal(owner(w, &file, why), 41);
	file.pid = 42; /* of another service */
	assert_int_equal(owner(w, &file, why), 41);
	file.pid = 0;
	tick(w, some, 3, NOW);
	assert_int_equal(owner(w, &file, why), 0);
	assert_non_null(strstr(why, "2 processes of service checkout"));
}

static void one_that_has_just_ended(void **state)
{
	struct world *w = *state;
	char why[DUMP_OWNER_WHY_BYTES];
	struct wire_process one = process(w, 41, "checkout");
	tick(w, &one, 1, NOW);
	tick(w, NULL, 0, NOW + 10000);
	struct dumps_file file = {.directory = &w->any,
		.pid = 41,
		.owner = getuid(),
		.made_unix_ms = NOW + 5000};
	assert_int_equal(owner(w, &file, why), 41);
	assert_false(lives_find(w->lives, 41)->runs);
	tick(w, NULL, 0, NOW + LIVES_ENDED_MS + 1);
	assert_int_equal(owner(w, &file, why), 0);
	assert_null(lives_find(w->lives, 41));
}

static void lives_are_told_apart_and_only_wanted_ones_kept(void **state)
{
	struct world *w = *state;
	size_t count;
	struct wire_process two[] = {
		process(w, 41, "checkout"), process(w, 42, "unwanted")};
	tick(w, two, 2, NOW);
	lives_all(w->lives, &count);
	assert_int_equal(count, 1);
	assert_int_equal(lives_find(w->lives, 41)->owner, getuid());
	two[0].start_ticks = 1000; /* the same number, another process */
	tick(w, two, 1, NOW + 1000);
	lives_all(w->lives, &count);
	assert_int_equal(count, 2);
	assert_int_equal(lives_find(w->lives, 41)->is.start_ticks, 1000);
	assert_true(lives_find(w->lives, 41)->runs);
	two[0].slot = 3; /* the copy follows */
	tick(w, two, 1, NOW + 2000);
	assert_int_equal(lives_find(w->lives, 41)->is.slot, 3);
	assert_ptr_not_equal(lives_find(w->lives, 41)->is.service, two[0].service);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(the_process_that_the_name_tells),
		IN_WORLD(the_only_one_of_a_service),
		IN_WORLD(one_that_has_just_ended),
		IN_WORLD(lives_are_told_apart_and_only_wanted_ones_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
