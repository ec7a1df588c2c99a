/* Which of a package's programs a script is called. */
#include "agent/entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *package, *main, *start, *script, *name;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct package package = {0};
		char name[201];
		snprintf(package.name, sizeof package.name, "%s", rows[i].package);
		snprintf(package.main, sizeof package.main, "%s", rows[i].main);
		snprintf(package.start, sizeof package.start, "%s", rows[i].start);
		snprintf(package.script, sizeof package.script, "%s", rows[i].script);
		entry_name(&package, name, sizeof name);
		if (strcmp(name, rows[i].name) != 0)
			fail_msg("row %zu: %s", i, name);
	}
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof(rows)[0])

static void a_worker_is_told_from_its_server(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"shop", "", "", "server.js", "shop"},
		{"shop", "", "", "worker.js", "shop/worker"},
		{"shop", "", "", "dist/src/index.mjs", "shop"},
		{"shop", "", "", "bin/www", "shop"},
		{"shop", "", "", "", "shop"},
		{"shop", "", "", "src/jobs/mail.ts", "shop/jobs/mail"},
		{"shop", "", "", "dist/apps/worker/main.js", "shop/worker"},
		{"shop", "", "", ".output/server/index.mjs", "shop"},
		{"@shop/api", "", "", "worker.js", "@shop/api/worker"},
		/* The package's name says it already. */
		{"mail-worker", "", "", "worker.js", "mail-worker"},
		{"@shop/worker", "", "", "worker.js", "@shop/worker"},
		{"shop", "", "", "bin/shop", "shop"},
		{"coworker", "", "", "worker.js", "coworker/worker"},
	};
	CHECK(rows);
}

static void what_the_package_is_for_has_its_name(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"shop", "checkout.js", "", "checkout.js", "shop"},
		{"shop", "lib/checkout", "", "lib/checkout.js", "shop"},
		{"shop", "./checkout.js", "", "checkout.js", "shop"},
		{"shop", "checkout.js", "", "worker.js", "shop/worker"},
		{"shop", "", "node --inspect ./src/jobs.js --all", "src/jobs.js",
			"shop"},
		{"shop", "", "NODE_ENV=x node src/jobs", "src/jobs.js", "shop"},
		{"shop", "", "node src/jobs.json", "src/jobs.js", "shop/jobs"},
		{"shop", "", "node other/src/jobs.js", "src/jobs.js", "shop/jobs"},
		{"shop", "", "next start", "node_modules/.bin/next", "shop"},
		{"shop", "", "nextstart", "node_modules/.bin/next", "shop/next"},
	};
	CHECK(rows);
}

static void a_tool_of_the_package_has_its_own_name(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"shop", "", "", "node_modules/.bin/vitest", "shop/vitest"},
		{"shop", "", "", "node_modules/next/dist/bin/next", "shop/next"},
		{"shop", "", "", "node_modules/@nestjs/cli/bin/nest.js",
			"shop/@nestjs/cli"},
		{"shop", "", "", "node_modules/", "shop"},
	};
	CHECK(rows);
}

static void a_name_that_says_nothing_gets_its_folder(void **state)
{
	(void)state;
	static const struct {
		const char *path, *name, *expected;
	} rows[] = {
		{"/srv/checkout/app.py", "app.py", "checkout/app.py"},
		{"/srv/app.py", "app.py", "app.py"},
		{"/var/www/shop/releases/20240102T1200/current/manage.py", "manage.py",
			"shop/manage.py"},
		{"/srv/checkout/worker.py", "worker.py", "worker.py"},
		{"/opt/checkout/app.jar", "app", "checkout/app"},
		{"/srv/shop/org.springframework.boot.loader.JarLauncher", "JarLauncher",
			"shop/JarLauncher"},
		{"", "app.js", "app.js"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char name[201];
		entry_name_alone(rows[i].path, rows[i].name, name, sizeof name);
		assert_string_equal(name, rows[i].expected);
	}
}

static void what_does_not_fit_is_left_out(void **state)
{
	(void)state;
	struct package package = {.name = "shop"};
	memset(package.script, 'x', sizeof package.script - 1);
	char name[201];
	entry_name(&package, name, sizeof name);
	assert_string_equal(name, "shop");
	memset(package.name, 'y', sizeof package.name - 1);
	entry_name(&package, name, sizeof name);
	assert_int_equal(strlen(name), sizeof name - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_is_told_from_its_server),
		cmocka_unit_test(what_the_package_is_for_has_its_name),
		cmocka_unit_test(a_tool_of_the_package_has_its_own_name),
		cmocka_unit_test(a_name_that_says_nothing_gets_its_folder),
		cmocka_unit_test(what_does_not_fit_is_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
