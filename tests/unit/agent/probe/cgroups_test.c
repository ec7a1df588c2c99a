/* Control groups of both versions: which group counts, what it says, who shares it. */
#include "agent/probe/cgroups.h"

#include "tests/unit/agent/fixture.h"

static bool has(const struct wire_values *v, unsigned metric)
{
	return v->present >> metric & 1;
}

static void places_of_pure_version_2(void **state)
{
	(void)state;
	struct cgroups_place place;
	cgroups_parse("0::/system.slice/shop.service\n", &place);
	assert_false(place.version1);
	assert_string_equal(place.memory, "/system.slice/shop.service");
	assert_string_equal(place.name, "/system.slice/shop.service");
}

static void places_of_version_1_and_hybrids(void **state)
{
	(void)state;
	struct cgroups_place place;
	cgroups_parse("12:cpu,cpuacct:/a\n4:hugetlb,memory:/b/c\n"
		      "1:name=systemd:/system.slice/shop.service\n0::/system.slice/x\n",
		&place);
	assert_true(place.version1);
	assert_string_equal(place.memory, "/b/c");
	assert_string_equal(place.name, "/system.slice/shop.service");
	/* systemd does not run: the memory group says the most. */
	cgroups_parse("9:name=systemd:/\n4:memory:/docker/abc\n0::/\n", &place);
	assert_string_equal(place.name, "/docker/abc");
	/* A controller whose name only begins alike. */
	cgroups_parse("4:memoryx:/b\n0::/c\n", &place);
	assert_false(place.version1);
	assert_string_equal(place.memory, "/c");
}

static void places_that_cannot_be_seen_are_empty(void **state)
{
	(void)state;
	struct cgroups_place place;
	cgroups_parse("0::/../other\n", &place);
	assert_string_equal(place.memory, "");
	cgroups_parse("0::/a/../b\n", &place);
	assert_string_equal(place.memory, "");
	cgroups_parse("", &place);
	assert_string_equal(place.memory, "");
	cgroups_parse("nonsense\n::\n0:\n0::relative\n", &place);
	assert_string_equal(place.memory, "");
	char overlong[CGROUPS_PATH_MAX + 64] = "0::/";
	memset(overlong + 4, 'x', CGROUPS_PATH_MAX);
	cgroups_parse(overlong, &place);
	assert_string_equal(place.memory, "");
}

struct world {
	struct fixture f;
	struct cgroups *cgroups;
};

static struct cgroups *open_at(const struct fixture *f)
{
	char path[PATH_MAX];
	return cgroups_open(fixture_path(f, path, "cg"));
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	fixture_init(&w->f);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	cgroups_close(w->cgroups);
	fixture_finish(&w->f);
	free(w);
	return 0;
}

static void version_2_reads_usage_tightest_limit_and_kills(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "cg/cgroup.controllers", "memory\n");
	fixture_write(&w->f, "cg/a/memory.max", "4194304\n");
	fixture_write(&w->f, "cg/a/b/memory.max", "1048576\n");
	fixture_write(&w->f, "cg/a/b/c/d/memory.max", "max\n");
	fixture_write(&w->f, "cg/a/b/c/d/memory.current", "524288\n");
	fixture_write(&w->f, "cg/a/b/c/memory.max", "2097152\n");
	fixture_write(&w->f, "cg/a/b/c/d/memory.events",
		"low 0\nhigh 1\nmax 12\noom 3\noom_kill 2\noom_group_kill 7\n");
	w->cgroups = open_at(&w->f);
	struct cgroups_place place = {.memory = "/a/b/c/d"};
	struct cgroup *g = cgroups_take(w->cgroups, &place);
	assert_non_null(g);
	struct wire_values v = {0};
	cgroups_read(w->cgroups, g, 1, false, &v);
	assert_int_equal(v.value[PROCESS_cgroup_usage_kb], 512);
	assert_int_equal(v.value[PROCESS_cgroup_limit_kb], 1024);
	assert_int_equal(v.value[PROCESS_cgroup_oom_kills], 2);
	cgroups_give(w->cgroups, g);
}

static void version_1_reads_its_own_files(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "cg/memory/d/memory.usage_in_bytes", "1048576\n");
	fixture_write(
		&w->f, "cg/memory/d/memory.limit_in_bytes", "9223372036854771712\n");
	fixture_write(&w->f, "cg/memory/d/memory.oom_control",
		"oom_kill_disable 0\nunder_oom 0\noom_kill 5\n");
	w->cgroups = open_at(&w->f);
	struct cgroups_place place = {.memory = "/d", .version1 = true};
	struct cgroup *g = cgroups_take(w->cgroups, &place);
	struct wire_values v = {0};
	cgroups_read(w->cgroups, g, 1, true, &v);
	assert_int_equal(v.value[PROCESS_cgroup_usage_kb], 1024);
	assert_false(has(&v, PROCESS_cgroup_limit_kb)); /* unlimited */
	assert_int_equal(v.value[PROCESS_cgroup_oom_kills], 5);
	cgroups_give(w->cgroups, g);
}

static void a_hybrid_has_version_2_in_a_folder(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "cg/unified/a/memory.current", "4096\n");
	w->cgroups = open_at(&w->f);
	struct cgroups_place place = {.memory = "/a"};
	struct cgroup *g = cgroups_take(w->cgroups, &place);
	struct wire_values v = {0};
	cgroups_read(w->cgroups, g, 1, true, &v);
	assert_int_equal(v.value[PROCESS_cgroup_usage_kb], 4);
	assert_false(has(&v, PROCESS_cgroup_oom_kills));
	cgroups_give(w->cgroups, g);
}

static void a_group_is_read_once_per_tick_and_limits_once_per_minute(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "cg/cgroup.controllers", "memory\n");
	fixture_write(&w->f, "cg/a/memory.current", "4096\n");
	fixture_write(&w->f, "cg/a/memory.max", "8192\n");
	w->cgroups = open_at(&w->f);
	struct cgroups_place place = {.memory = "/a"};
	struct cgroup *g = cgroups_take(w->cgroups, &place);
	assert_ptr_equal(g, cgroups_take(w->cgroups, &place));
	struct wire_values v = {0};
	cgroups_read(w->cgroups, g, 1, false, &v);
	fixture_write(&w->f, "cg/a/memory.current", "40960\n");
	fixture_write(&w->f, "cg/a/memory.max", "81920\n");
	cgroups_read(w->cgroups, g, 1, false, &v);
	assert_int_equal(v.value[PROCESS_cgroup_usage_kb], 4);
	cgroups_read(w->cgroups, g, 2, false, &v);
	assert_int_equal(v.value[PROCESS_cgroup_usage_kb], 40);
	assert_int_equal(v.value[PROCESS_cgroup_limit_kb], 8);
	cgroups_read(w->cgroups, g, 3, true, &v);
	assert_int_equal(v.value[PROCESS_cgroup_limit_kb], 80);
	cgroups_give(w->cgroups, g);
	cgroups_read(w->cgroups, g, 4, false, &v); /* one user is left */
	cgroups_give(w->cgroups, g);
}

static void the_root_and_missing_groups_emit_nothing(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "cg/cgroup.controllers", "memory\n");
	w->cgroups = open_at(&w->f);
	struct cgroups_place root = {.memory = "/"}, none = {.memory = ""};
	assert_null(cgroups_take(w->cgroups, &root));
	assert_null(cgroups_take(w->cgroups, &none));
	struct cgroups_place gone = {.memory = "/gone"};
	struct cgroup *g = cgroups_take(w->cgroups, &gone);
	struct wire_values v = {0};
	cgroups_read(w->cgroups, g, 1, true, &v);
	cgroups_read(w->cgroups, NULL, 1, true, &v);
	assert_int_equal(v.present, 0);
	cgroups_give(w->cgroups, g);
	cgroups_give(w->cgroups, NULL);
}

static void without_a_cgroupfs_nothing_is_read(void **state)
{
	struct world *w = *state;
	w->cgroups = cgroups_open("/nowhere/at/all");
	struct cgroups_place place = {.memory = "/a"};
	assert_null(cgroups_take(w->cgroups, &place));
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_of_pure_version_2),
		cmocka_unit_test(places_of_version_1_and_hybrids),
		cmocka_unit_test(places_that_cannot_be_seen_are_empty),
		IN_WORLD(version_2_reads_usage_tightest_limit_and_kills),
		IN_WORLD(version_1_reads_its_own_files),
		IN_WORLD(a_hybrid_has_version_2_in_a_folder),
		IN_WORLD(a_group_is_read_once_per_tick_and_limits_once_per_minute),
		IN_WORLD(the_root_and_missing_groups_emit_nothing),
		IN_WORLD(without_a_cgroupfs_nothing_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
