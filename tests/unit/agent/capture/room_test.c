/* How much memory a process may still take, by fixtures of both versions. */
#include "agent/capture/room.h"

#include "tests/unit/agent/folder.h"
#include "tests/unit/cmocka_all.h"

#define MIB (UINT64_C(1) << 20)

static void put(const struct folder *f, const char *path, const char *text)
{
	char whole[512];
	snprintf(whole, sizeof whole, "%s/%s", f->path, path);
	for (char *slash = whole + strlen(f->path) + 1; (slash = strchr(slash, '/'));
		slash++) {
		*slash = '\0';
		mkdir(whole, 0700);
		*slash = '/';
	}
	folder_store(whole, text, strlen(text));
}

static void setup(struct folder *f, const char *cgroup)
{
	folder_make(f);
	put(f, "proc/meminfo",
		"MemTotal: 8388608 kB\nMemFree: 100 kB\nMemAvailable:    4194304 kB\n");
	put(f, "proc/7/cgroup", cgroup);
}

static void look(const struct folder *f, struct room *out)
{
	char proc[128], groups[128];
	struct err e;
	snprintf(proc, sizeof proc, "%s/proc", f->path);
	snprintf(groups, sizeof groups, "%s/cgroup", f->path);
	assert_true(room_read(proc, groups, 7, out, &e));
	assert_int_equal(out->available_bytes, 4096 * MIB);
}

static void without_limits_the_machine_decides(void **state)
{
	struct folder f;
	struct room r;
	(void)state;
	setup(&f, "0::/shop\n");
	put(&f, "cgroup/cgroup.controllers", "memory\n");
	put(&f, "cgroup/shop/memory.max", "max\n");
	put(&f, "cgroup/shop/memory.current", "1000\n");
	look(&f, &r);
	assert_int_equal(r.free_bytes, 4096 * MIB);
	assert_string_equal(r.where, "the machine has 4096 MiB available");
	folder_remove(&f);
}

/* The tightest is above the own group, and idle file pages count as free. */
static void version2_is_climbed(void **state)
{
	struct folder f;
	struct room r;
	(void)state;
	setup(&f, "0::/shop/cart\n");
	put(&f, "cgroup/cgroup.controllers", "memory\n");
	put(&f, "cgroup/shop/cart/memory.max", "1073741824\n");
	put(&f, "cgroup/shop/cart/memory.current", "104857600\n");
	put(&f, "cgroup/shop/memory.max", "max\n");
	put(&f, "cgroup/shop/memory.high", "536870912\n");
	put(&f, "cgroup/shop/memory.current", "104857600\n");
	put(&f, "cgroup/shop/memory.stat", "anon 5\ninactive_file 20971520\nx 1\n");
	look(&f, &r);
	assert_int_equal(r.free_bytes, (512 - 80) * MIB);
	assert_string_equal(r.where, "control group /shop: limit 512 MiB, used 80 MiB");
	put(&f, "cgroup/shop/memory.current", "636870912\n");
	look(&f, &r);
	assert_int_equal(r.free_bytes, 0);
	folder_remove(&f);
}

static void version1_has_its_own_files(void **state)
{
	struct folder f;
	struct room r;
	(void)state;
	setup(&f, "4:memory:/box\n0::/\n");
	put(&f, "cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	put(&f, "cgroup/memory/box/memory.limit_in_bytes", "536870912\n");
	put(&f, "cgroup/memory/box/memory.usage_in_bytes", "96468992\n");
	put(&f, "cgroup/memory/box/memory.stat",
		"inactive_file 1\ntotal_inactive_file 10485760\n");
	look(&f, &r);
	assert_int_equal(r.free_bytes, 430 * MIB);
	assert_string_equal(r.where, "control group /box: limit 512 MiB, used 82 MiB");
	folder_remove(&f);
}

static void a_long_name_is_known_by_its_end(void **state)
{
	struct folder f;
	struct room r;
	char group[200], path[300], text[300];
	(void)state;
	memset(group, 'k', 150);
	strcpy(group + 150, "/pod.scope");
	snprintf(text, sizeof text, "0::/%s\n", group);
	setup(&f, text);
	put(&f, "cgroup/cgroup.controllers", "memory\n");
	snprintf(path, sizeof path, "cgroup/%s/memory.max", group);
	put(&f, path, "536870912\n");
	snprintf(path, sizeof path, "cgroup/%s/memory.current", group);
	put(&f, path, "1048576\n");
	look(&f, &r);
	assert_true(strlen(r.where) < 160);
	assert_non_null(strstr(r.where, "control group ...kkk"));
	assert_non_null(strstr(r.where, "/pod.scope: limit 512 MiB, used 1.0 MiB"));
	folder_remove(&f);
}

static void a_machine_that_says_nothing_is_an_error(void **state)
{
	struct folder f;
	struct room r;
	struct err e;
	(void)state;
	folder_make(&f);
	assert_false(room_read(f.path, f.path, 7, &r, &e));
	assert_int_equal(e.kind, ERR_IO);
	folder_remove(&f);
}

static void sizes_are_read_easily(void **state)
{
	char text[32];
	(void)state;
	room_format(12 * 1024, text);
	assert_string_equal(text, "12 KiB");
	room_format(5 * MIB / 2, text);
	assert_string_equal(text, "2.5 MiB");
	room_format(612 * MIB, text);
	assert_string_equal(text, "612 MiB");
	room_format(24 * 1024 * MIB, text);
	assert_string_equal(text, "24.0 GiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_limits_the_machine_decides),
		cmocka_unit_test(version2_is_climbed),
		cmocka_unit_test(version1_has_its_own_files),
		cmocka_unit_test(a_long_name_is_known_by_its_end),
		cmocka_unit_test(a_machine_that_says_nothing_is_an_error),
		cmocka_unit_test(sizes_are_read_easily),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
