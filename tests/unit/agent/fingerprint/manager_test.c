/* pm2: by its title, and where it stands. */
#include "agent/fingerprint/manager.h"

#include "tests/unit/agent/fixture.h"

#include <fcntl.h>

static struct look daemon_of(const struct fixture *f)
{
	struct look l = {.procfs = "/nowhere", .pid = 7};
	l.tree.root = open(f->root, O_PATH | O_DIRECTORY);
	l.tree.until_mono_ms = INT64_MAX;
	strcpy(l.program, "/usr/bin/node");
	return l;
}

static void install(const struct fixture *f, const char *folder, const char *version)
{
	char path[256], text[64];
	snprintf(path, sizeof path, "%s/package.json", folder);
	snprintf(text, sizeof text, "{\"name\":\"pm2\",\"version\":\"%s\"}", version);
	fixture_write(f, path, text);
	snprintf(path, sizeof path, "%s/bin/pm2", folder);
	fixture_write(f, path, "");
}

static const char *find(const struct fixture *f, const struct look *daemon,
	const struct manager_hints *hints, struct remarks *remarks)
{
	static struct manager m;
	static const char title[] = "PM2 v3.5.1: God Daemon (/home/shop/.pm2)";
	(void)f;
	assert_true(manager_parse_title(title, sizeof title, &m));
	manager_find(daemon, hints, &m, remarks);
	return m.folder;
}

static void knows_the_daemon_by_its_title(void **state)
{
	(void)state;
	static const char good[] = "PM2 v3.5.1: God Daemon (/home/shop/.pm2)\0\0\0";
	static const char *const bad[] = {"PM2 v3.5.1", "node /srv/app.js", "",
		"PM2 v: God Daemon (/x)", "xPM2 v1: God Daemon (/x)"};
	struct manager m;
	assert_true(manager_parse_title(good, sizeof good, &m));
	assert_string_equal(m.version, "3.5.1");
	assert_string_equal(m.home, "/home/shop/.pm2");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(manager_parse_title(bad[i], strlen(bad[i]) + 1, &m));
	assert_true(manager_is_container("/x/pm2/lib/ProcessContainerFork.js"));
	assert_true(manager_is_container("/x/pm2/lib/ProcessContainer.js"));
	assert_false(manager_is_container("/srv/app.js"));
}

static void takes_the_one_of_the_daemons_version(void **state)
{
	(void)state;
	struct fixture f;
	struct arena a;
	arena_init(&a);
	fixture_init(&f);
	struct remarks remarks = {.arena = &a};
	struct look daemon = daemon_of(&f);
	const struct manager_hints none = {"", "", ""};
	assert_string_equal(find(&f, &daemon, &none, &remarks), "");
	assert_non_null(strstr(remarks.items[0], "its files were not found"));
	remarks.count = 0;
	install(&f, "usr/lib/node_modules/pm2", "3.4.1");
	assert_string_equal(find(&f, &daemon, &none, &remarks), "");
	remarks.count = 0;
	install(&f, "opt/npm/lib/node_modules/pm2", "3.5.1");
	fixture_write(&f, "home/shop/.npmrc", "registry=x\nprefix=/opt/npm\n");
	assert_string_equal(
		find(&f, &daemon, &none, &remarks), "/opt/npm/lib/node_modules/pm2");
	assert_int_equal(remarks.count, 0);
	install(&f, "usr/local/lib/node_modules/pm2", "3.5.1");
	fixture_link(&f, "usr/local/bin/pm2", "../lib/node_modules/pm2/bin/pm2");
	assert_string_equal(
		find(&f, &daemon, &none, &remarks), "/usr/local/lib/node_modules/pm2");
	assert_int_equal(remarks.count, 1);
	assert_non_null(strstr(remarks.items[0], "stands in two places"));
	close(daemon.tree.root);
	arena_finish(&a);
	fixture_finish(&f);
}

static void believes_settings_units_and_scripts_first(void **state)
{
	(void)state;
	struct fixture f;
	struct arena a;
	arena_init(&a);
	fixture_init(&f);
	struct remarks remarks = {.arena = &a};
	struct look daemon = daemon_of(&f);
	install(&f, "usr/lib/node_modules/pm2", "3.5.1");
	install(&f, "opt/a/node_modules/pm2", "3.5.1");
	install(&f, "opt/b/node_modules/pm2", "3.5.1");
	install(&f, "opt/c/node_modules/pm2", "3.5.1");
	fixture_write(&f, "etc/systemd/system/pm2-shop.service",
		"[Service]\nExecStart=/opt/a/node_modules/pm2/bin/pm2 resurrect\n");
	strcpy(daemon.unit.name, "pm2-shop");
	const struct manager_hints none = {"", "", ""};
	assert_string_equal(
		find(&f, &daemon, &none, &remarks), "/opt/a/node_modules/pm2");
	const struct manager_hints set = {
		"/opt/wrong, /opt/b/node_modules/pm2", "", ""};
	assert_string_equal(
		find(&f, &daemon, &set, &remarks), "/opt/b/node_modules/pm2");
	const struct manager_hints script = {
		"", "/srv/app", "/opt/c/node_modules/pm2/lib/ProcessContainer.js"};
	assert_string_equal(
		find(&f, &daemon, &script, &remarks), "/opt/c/node_modules/pm2");
	assert_int_equal(remarks.count, 0);
	close(daemon.tree.root);
	arena_finish(&a);
	fixture_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_daemon_by_its_title),
		cmocka_unit_test(takes_the_one_of_the_daemons_version),
		cmocka_unit_test(believes_settings_units_and_scripts_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
