#include "schema/fingerprint.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fingerprint shop(void)
{
	static const char *environment[] = {"APP_VERSION=7"};
	static const char *packages[] = {"@pm2/io@4.2.1", "express@4.18.2"};
	return (struct fingerprint){.app = "shop",
		.app_version = "1.4.0",
		.git_head = "",
		.build_id = "",
		.image = "",
		.runtime = "node",
		.runtime_version = "18.19.0",
		.source = "package-lock.json",
		.environment = environment,
		.environment_count = 1,
		.packages = packages,
		.package_count = 2};
}

/* Other builds of the agent and the server must come to the same.  The number was
 * computed apart: b2sum -l 128 over the lines of the header. */
static void the_hash_is_frozen(void **state)
{
	(void)state;
	char hash[FINGERPRINT_HASH_DIGITS + 1];
	struct fingerprint f = shop();
	fingerprint_hash(&f, hash);
	assert_string_equal(hash, "55616eff4e1d9cc5e4b7144df15bdf5f");
}

static void every_part_but_remarks_counts(void **state)
{
	(void)state;
	char first[FINGERPRINT_HASH_DIGITS + 1], other[sizeof first];
	static const char *remarks[] = {"package.json: permission denied"};
	struct fingerprint f = shop();
	fingerprint_hash(&f, first);
	f.remarks = remarks;
	f.remark_count = 1;
	fingerprint_hash(&f, other);
	assert_string_equal(first, other);
	struct fingerprint changed[] = {shop(), shop(), shop(), shop(), shop(), shop(),
		shop(), shop(), shop(), shop(), shop()};
	changed[0].app = "shops";
	changed[1].app_version = "";
	changed[2].git_head = "c0ffee";
	changed[3].build_id = "c0ffee";
	changed[4].image = "shop:1";
	changed[5].runtime = "";
	changed[6].runtime_version = "18.19.1";
	changed[7].source = "node_modules";
	changed[8].is_cut = true;
	changed[9].environment_count = 0;
	changed[10].package_count = 1;
	for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
		fingerprint_hash(&changed[i], other);
		assert_string_not_equal(first, other);
	}
}

/* What stands in one field must not stand for what is in another. */
static void fields_do_not_run_together(void **state)
{
	(void)state;
	char first[FINGERPRINT_HASH_DIGITS + 1], other[sizeof first];
	static const char *one[] = {"a@1"};
	struct fingerprint f = shop();
	f.environment_count = 1;
	f.environment = one;
	f.package_count = 0;
	fingerprint_hash(&f, first);
	f.packages = one;
	f.package_count = 1;
	f.environment_count = 0;
	fingerprint_hash(&f, other);
	assert_string_not_equal(first, other);
}

static void what_is_read_is_tidied(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	char first[FINGERPRINT_HASH_DIGITS + 1];
	static const char *packages[] = {
		"express@4.18.2", "", "@pm2/io@4.2.1", "express@4.18.2"};
	struct fingerprint f = shop();
	fingerprint_hash(&f, first);
	f.packages = packages;
	f.package_count = 4;
	f.image = NULL;
	fingerprint_tidy(&f, &a);
	assert_string_equal(f.hash, first);
	assert_int_equal(f.package_count, 2);
	assert_string_equal(f.packages[0], "@pm2/io@4.2.1");
	assert_string_equal(packages[0], "express@4.18.2"); /* the caller's stays */
	static const char *bad[] = {"\xff@1\n"};
	f.packages = bad;
	f.package_count = 1;
	fingerprint_tidy(&f, &a);
	assert_string_equal(f.packages[0], "?@1?");
	arena_finish(&a);
}

static void too_much_is_cut_and_said(void **state)
{
	(void)state;
	enum { MANY = FINGERPRINT_PACKAGES_MAX + 1 };
	struct arena a;
	arena_init(&a);
	const char **packages = arena_array(&a, MANY, sizeof *packages);
	for (int i = 0; i < MANY; i++)
		packages[i] = arena_printf(&a, "p%05d@1.0.0", i);
	struct fingerprint f = shop();
	f.packages = packages;
	f.package_count = MANY - 1;
	fingerprint_tidy(&f, &a);
	assert_int_equal(f.package_count, FINGERPRINT_PACKAGES_MAX);
	assert_false(f.is_cut);
	f.packages = packages;
	f.package_count = MANY;
	fingerprint_tidy(&f, &a);
	assert_int_equal(f.package_count, FINGERPRINT_PACKAGES_MAX);
	assert_true(f.is_cut);
	f.is_cut = false;
	for (int i = 0; i < MANY; i++)
		packages[i] = arena_printf(&a, "%0600d", i + 100000);
	f.packages = packages;
	f.package_count = 2000;
	fingerprint_tidy(&f, &a);
	assert_int_equal(f.package_count, 1); /* equal in their first 512 bytes */
	for (int i = 0; i < MANY; i++)
		packages[i] = arena_printf(&a, "%05d%0507d", i, 0);
	f.packages = packages;
	f.package_count = 2000;
	fingerprint_tidy(&f, &a);
	assert_int_equal(f.package_count, FINGERPRINT_PACKAGES_BYTES_MAX / 513);
	assert_true(f.is_cut);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_frozen),
		cmocka_unit_test(every_part_but_remarks_counts),
		cmocka_unit_test(fields_do_not_run_together),
		cmocka_unit_test(what_is_read_is_tidied),
		cmocka_unit_test(too_much_is_cut_and_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
