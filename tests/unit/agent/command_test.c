/* Which program and script a command line means, and what it must never give away. */
#include "agent/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* `line` has its arguments separated by '|'. */
static struct command parse(const char *line, const char *comm)
{
	char text[2048];
	size_t length = (size_t)snprintf(text, sizeof text, "%s", line);
	for (size_t i = 0; i < length; i++)
		text[i] = text[i] == '|' ? '\0' : text[i];
	struct command c;
	command_parse(text, length ? length + 1 : 0, comm, &c);
	return c;
}

struct expected {
	const char *line, *comm, *program, *script, *runtime;
};

static void check(const struct expected *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct command c = parse(rows[i].line, rows[i].comm);
		if (strcmp(c.program, rows[i].program) != 0 ||
			strcmp(c.script, rows[i].script) != 0 ||
			strcmp(c.runtime, rows[i].runtime) != 0)
			fail_msg("%s: program '%s' script '%s' runtime '%s'",
				rows[i].line, c.program, c.script, c.runtime);
	}
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof(rows)[0])

static void finds_scripts_behind_options(void **state)
{
	(void)state;
	static const struct expected rows[] = {
		{"node|app.js", "node", "node", "app.js", "node"},
		{"/usr/bin/node|--max-old-space-size=512|--expose-gc|/srv/"
		 "app.js|--port|1",
			"node", "node", "/srv/app.js", "node"},
		{"node|-r|dotenv/config|--import|./x.mjs|server.mjs", "node", "node",
			"server.mjs", "node"},
		{"nodejs|.|x", "nodejs", "nodejs", ".", "node"},
		{"node-18|a.js", "MainThread", "node-18", "a.js", "node"},
		{"node|inspect|a.js", "node", "node", "a.js", "node"},
		{"node|--|-odd.js", "node", "node", "-odd.js", "node"},
		{"java|-Xmx1g|-cp|/a.jar:/b.jar|-Dx=y|com.shop.Main|arg", "java",
			"java", "com.shop.Main", "java"},
		{"/usr/bin/java|-jar|/srv/shop-1.4.2.jar|--spring", "java", "java",
			"/srv/shop-1.4.2.jar", "java"},
		{"python3.11|-u|-W|ignore|/srv/main.py", "python3.11", "python3.11",
			"/srv/main.py", "python"},
		{"python3|-m|http.server|8000", "python3", "python3", "http.server",
			"python"},
		{"ruby3.1|-I|lib|/srv/worker.rb", "ruby3.1", "ruby3.1",
			"/srv/worker.rb", "ruby"},
		{"php8.2|-d|memory_limit=1G|-f|/srv/cron.php", "php8.2", "php8.2",
			"/srv/cron.php", "php"},
		{"/bin/bash|-e|-o|pipefail|/opt/backup.sh|--all", "bash", "bash",
			"/opt/backup.sh", "shell"},
		{"perl|-MPOSIX::e|/srv/a.pl", "perl", "perl", "/srv/a.pl", "perl"},
		{"perl|/usr/bin/spamd|--pid", "spamd", "perl", "/usr/bin/spamd",
			"perl"},
	};
	CHECK(rows);
}

static void knows_programs_that_interpret_nothing(void **state)
{
	(void)state;
	static const struct expected rows[] = {
		{"/usr/sbin/mysqld|--secret=1", "mysqld", "mysqld", "", "native"},
		{"-bash", "bash", "bash", "", "shell"},
		{"bash|/dev/fd/3", "bash", "bash", "", "shell"},
		{"", "kthread", "kthread", "", "native"},
		{"nodetool|a.js", "nodetool", "nodetool", "", "native"},
		{"phpfoo|a.php", "phpfoo", "phpfoo", "", "native"},
		{"/very/long/name-of-a-program-beyond-15|x", "name-of-a-progr",
			"name-of-a-program-beyond-15", "", "native"},
	};
	CHECK(rows);
}

static void takes_no_program_text_for_a_script(void **state)
{
	(void)state;
	static const struct expected rows[] = {
		{"node|-e|connect('postgres://u:hunter2@db')", "node", "node", "",
			"node"},
		{"node|-pe|'hunter2'", "node", "node", "", "node"},
		{"sh|-c|mysql -phunter2", "sh", "sh", "", "shell"},
		{"bash|-lc|export TOKEN=hunter2", "bash", "bash", "", "shell"},
		{"bash|-euxc|curl -H hunter2", "bash", "bash", "", "shell"},
		{"perl|-ne|print hunter2", "perl", "perl", "", "perl"},
		{"python3|-Bc|import hunter2", "python3", "python3", "", "python"},
		{"ruby|-e|hunter2", "ruby", "ruby", "", "ruby"},
		{"php|-r|hunter2;", "php", "php", "", "php"},
	};
	CHECK(rows);
}

static void never_keeps_arguments(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"node|/srv/app.js|--password|hunter2",
		"java|-Dpassword=hunter2|-jar|/srv/a.jar|hunter2",
		"python3|-X|hunter2|/srv/a.py|hunter2",
		"/usr/bin/redis-server|--requirepass|hunter2",
		"postgres: hunter2 shop 10.0.0.1(4711) SELECT",
		"sshd: hunter2@pts/0",
		"node /srv/app.js --password hunter2",
	};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct command c = parse(lines[i], "comm");
		assert_null(strstr(c.program, "hunter2"));
		assert_null(strstr(c.script, "hunter2"));
	}
}

static void reads_titles_as_the_programs_meant_them(void **state)
{
	(void)state;
	static const struct expected rows[] = {
		{"postgres: checkpointer ", "postgres", "postgres", "", "native"},
		{"nginx: worker process", "nginx", "nginx", "", "native"},
		{"tmux: server", "tmux: server", "tmux", "", "native"},
		{"gunicorn: master [shop:app]", "gunicorn: maste", "gunicorn", "",
			"native"},
		{"npm start", "npm start", "npm", "", "node"},
		{"npm exec vitest", "npm exec vitest", "npm", "", "node"},
		{"PM2 v7.0.4: God Daemon (/root/.pm2)|||", "PM2 v7.0.4: God", "pm2", "",
			"node"},
		{"next-server (v15.1.0)", "next-server (v1", "next-server", "", "node"},
		/* As pm2 writes it, padded with NULs. */
		{"node /srv/shop/app.js||||", "node /srv/shop/", "node",
			"/srv/shop/app.js", "node"},
		{"/usr/bin/node /srv/shop/app.js", "node", "node", "/srv/shop/app.js",
			"node"},
	};
	CHECK(rows);
}

static void survives_hostile_lines(void **state)
{
	(void)state;
	static char long_path[4096];
	memset(long_path, 'a', sizeof long_path - 1);
	memcpy(long_path, "node\0/", 6);
	struct command c;
	command_parse(long_path, sizeof long_path, "node", &c);
	assert_string_equal(c.program, "node");
	assert_string_equal(c.script, ""); /* half a path names another file */

	static const char *const lines[] = {"|", "||||", "/", "/|/", "-", "node|",
		"node|-r", "java|-jar", "node|--", "- - -", ":", " ", "node ",
		"node| |"};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		c = parse(lines[i], "comm");
		assert_true(strlen(c.program) > 0);
		assert_non_null(c.runtime);
	}
	/* Without a NUL at the end. */
	command_parse("node\0app.js", 11, "node", &c);
	assert_string_equal(c.script, "app.js");
}

static void names_scripts(void **state)
{
	(void)state;
	static const struct {
		const char *line, *name, *version;
	} rows[] = {
		{"java|-jar|/srv/shop-1.4.2.jar", "shop", "1.4.2"},
		{"java|-jar|shop-api-2.0.0-SNAPSHOT.jar", "shop-api", "2.0.0-SNAPSHOT"},
		{"java|-jar|/srv/shop.jar", "shop", ""},
		{"java|-jar|.jar", "jar", ""},
		{"java|com.shop.Main", "shop.Main", ""},
		{"java|-m|shop/com.shop.Main", "shop.Main", ""},
		{"java|Main", "Main", ""},
		{"java|-Xmx1g|/srv/Carts.java|8080", "Carts.java", ""},
		{"java|com.shop.Checkout", "Checkout", ""},
		{"java|-cp|x.jar|org.apache.catalina.startup.Bootstrap|start", "tomcat",
			""},
		{"python3|/usr/bin/gunicorn|-w|4|shop.wsgi:app", "gunicorn/shop", ""},
		{"python3|-m|uvicorn|--host=0.0.0.0|main:app", "uvicorn/main", ""},
		{"python3|/venv/bin/celery|-A|shop|worker", "celery/shop", ""},
		{"python3|/venv/bin/celery|--app=shop.jobs|beat", "celery/shop", ""},
		{"python3|/usr/bin/gunicorn|--basic-auth|hunter2:x", "gunicorn", ""},
		{"python3|/srv/other.py|hunter2:app", "other.py", ""},
		{"python3|/srv/worker.py", "worker.py", ""},
		{"python3|-m|celery.bin", "celery.bin", ""},
		{"node|/srv/app/", "app", ""},
		{"mysqld", "", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct command c = parse(rows[i].line, "comm");
		struct command_name name;
		command_name_script(&c, &name);
		assert_string_equal(name.name, rows[i].name);
		assert_string_equal(name.version, rows[i].version);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_scripts_behind_options),
		cmocka_unit_test(knows_programs_that_interpret_nothing),
		cmocka_unit_test(takes_no_program_text_for_a_script),
		cmocka_unit_test(never_keeps_arguments),
		cmocka_unit_test(reads_titles_as_the_programs_meant_them),
		cmocka_unit_test(survives_hostile_lines),
		cmocka_unit_test(names_scripts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
