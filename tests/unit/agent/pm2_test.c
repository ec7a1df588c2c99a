/* What pm2's daemon says of itself and of its processes, and how little it is believed.
 */
#include "agent/pm2.h"

#include "tests/unit/agent/fixture.h"

#include <fcntl.h>

static struct pm2 title(const char *text)
{
	struct pm2 daemon;
	assert_true(pm2_read_title(text, strlen(text), &daemon));
	return daemon;
}

static void reads_the_title_of_the_daemon(void **state)
{
	(void)state;
	struct pm2 d = title("PM2 v7.0.4: God Daemon (/home/shop/.pm2)");
	assert_string_equal(d.version, "7.0.4");
	assert_string_equal(d.home, "/home/shop/.pm2");
	d = title("PM2 v5.3.0: God Daemon (/srv/our apps (2)/.pm2)");
	assert_string_equal(d.home, "/srv/our apps (2)/.pm2");
	/* Cut by the room it had: the folder is not known. */
	d = title("PM2 v7.0.4: God Daemon (/home/shop/.p");
	assert_string_equal(d.home, "");
	d = title("PM2 v7.0.4: God Daemon");
	assert_string_equal(d.home, "");
	/* As the kernel gives it, padded with NULs. */
	static const char padded[] = "PM2 v7.0.4: God Daemon (/a)\0\0\0";
	struct pm2 p;
	assert_true(pm2_read_title(padded, sizeof padded, &p));
	assert_string_equal(p.home, "/a");
}

static void other_titles_are_no_daemon(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "PM2", "PM2 v", "PM2 v7",
		"PM2 v:", "PM2 v: God Daemon (/a)", "PM2 v7.0.4: Cod Daemon (/a)",
		"xPM2 v7.0.4: God Daemon (/a)",
		"PM2 v7777777777777777777777777777777777777777: God Daemon (/a)"};
	struct pm2 d;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(pm2_read_title(texts[i], strlen(texts[i]), &d));
	char longest[PM2_HOME_MAX + 100];
	memset(longest, 'a', sizeof longest);
	memcpy(longest, "PM2 v7.0.4: God Daemon (/", 25);
	longest[sizeof longest - 1] = ')';
	assert_true(pm2_read_title(longest, sizeof longest, &d));
	assert_string_equal(d.home, "");
}

static bool find(const struct fixture *f, uid_t user, int pid, struct pm2_process *out)
{
	char path[PATH_MAX];
	const struct pm2 daemon = {.home = "/home/.pm2"};
	fixture_make_folders(fixture_path(f, path, "root/x"));
	int root = open(fixture_path(f, path, "root"), O_PATH | O_DIRECTORY);
	assert_true(root >= 0);
	bool found = pm2_find(root, &daemon, user, pid, out);
	close(root);
	return found;
}

static void finds_a_process_by_its_pid_file(void **state)
{
	(void)state;
	struct fixture f;
	struct pm2_process got;
	fixture_init(&f);
	assert_false(find(&f, getuid(), 71, &got)); /* no folder */
	fixture_write(&f, "root/home/.pm2/pids/web-0.pid", "70");
	fixture_write(&f, "root/home/.pm2/pids/web-12.pid", "71\n");
	fixture_write(&f, "root/home/.pm2/pids/mail-worker-3.pid", "72");
	assert_true(find(&f, getuid(), 71, &got));
	assert_string_equal(got.name, "web");
	assert_int_equal(got.number, 12);
	assert_true(find(&f, getuid(), 72, &got));
	assert_string_equal(got.name, "mail-worker");
	assert_false(find(&f, getuid(), 7, &got));
	assert_false(find(&f, getuid() + 1, 71, &got)); /* not the daemon's folder */
	fixture_finish(&f);
}

static void takes_nothing_from_odd_files(void **state)
{
	(void)state;
	struct fixture f;
	struct pm2_process got;
	fixture_init(&f);
	fixture_write(&f, "secret", "71");
	char secret[PATH_MAX];
	fixture_path(&f, secret, "secret");
	fixture_link(&f, "root/home/.pm2/pids/link-0.pid", secret);
	fixture_write(&f, "root/home/.pm2/pids/web.pid", "71");
	fixture_write(&f, "root/home/.pm2/pids/-1.pid", "71");
	fixture_write(&f, "root/home/.pm2/pids/7.pid", "71");
	fixture_write(&f, "root/home/.pm2/pids/web-1.txt", "71");
	fixture_write(&f, "root/home/.pm2/pids/empty-1.pid", "");
	fixture_write(&f, "root/home/.pm2/pids/long-1.pid", "00000000000000000071");
	fixture_write(&f, "root/home/.pm2/pids/words-1.pid", "71 and more");
	char folder[PATH_MAX];
	fixture_make_folders(
		fixture_path(&f, folder, "root/home/.pm2/pids/folder-1.pid/x"));
	fixture_path(&f, folder, "root/home/.pm2/pids/pipe-1.pid");
	assert_int_equal(mkfifo(folder, 0600), 0);
	assert_false(find(&f, getuid(), 71, &got));
	/* A folder that leads out of the root. */
	fixture_write(&f, "outside/pids/web-0.pid", "71");
	fixture_path(&f, folder, "root/home/.pm2/pids");
	fixture_delete(folder);
	fixture_path(&f, folder, "outside/pids");
	fixture_link(&f, "root/home/.pm2/pids", folder);
	assert_false(find(&f, getuid(), 71, &got));
	fixture_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_title_of_the_daemon),
		cmocka_unit_test(other_titles_are_no_daemon),
		cmocka_unit_test(finds_a_process_by_its_pid_file),
		cmocka_unit_test(takes_nothing_from_odd_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
