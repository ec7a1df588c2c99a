/* Which of the ways to name a process wins, and what rules match. */
#include "agent/target.h"

#include "tests/unit/agent/fixture.h"

struct world {
	struct fixture f;
	struct probes *probes;
	const char *comm; /* of the process that was added last */
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	fixture_init(&w->f);
	char path[PATH_MAX];
	fixture_make_folders(fixture_path(&w->f, path, "proc/x"));
	fixture_path(&w->f, path, "proc");
	struct err e;
	assert_true(probes_open(path, &w->probes, &e));
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	probes_close(w->probes);
	fixture_finish(&w->f);
	free(w);
	return 0;
}

/* A process whose root is the fixture's "root" folder. */
static void add(struct world *w, const char *comm, const char *cmdline,
	const char *cgroup, const char *cwd)
{
	const struct fixture_process p = {
		.pid = 7, .comm = comm, .cmdline = cmdline, .cgroup = cgroup};
	fixture_add(&w->f, &p);
	w->comm = comm;
	char root[PATH_MAX];
	fixture_link(&w->f, "proc/7/root", fixture_path(&w->f, root, "root"));
	if (cwd)
		fixture_link(&w->f, "proc/7/cwd", cwd);
}

static struct target name_by(
	const struct world *w, const struct target_rule *rules, size_t count)
{
	struct target_facts facts;
	struct target t;
	assert_true(target_look(w->probes, 7, w->comm, &facts));
	target_name(w->probes, &facts, rules, count, &t);
	return t;
}

static struct target name(const struct world *w)
{
	return name_by(w, NULL, 0);
}

#define UNIT_CGROUP "0::/system.slice/shop@1.service\n"
#define ID          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_configured_rule_beats_everything(void **state)
{
	struct world *w = *state;
	fixture_write(
		&w->f, "root/srv/package.json", "{\"name\":\"a\",\"version\":\"1\"}");
	add(w, "node", "node|/srv/app.js", UNIT_CGROUP, NULL);
	const struct target_rule rule = {
		.service = "checkout", .command = "node */app.js"};
	struct target t = name_by(w, &rule, 1);
	assert_string_equal(t.service, "checkout");
	assert_string_equal(t.version, "1"); /* still the package's */
	assert_string_equal(t.rule, "configured");
	assert_string_equal(t.command, "node /srv/app.js");
	assert_string_equal(t.role, "node app.js");
	assert_string_equal(t.runtime, "node");
}

static void a_package_beats_the_unit(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "root/srv/package.json",
		"{\"name\":\"a\",\"version\":\"1.2.3\"}");
	add(w, "node", "node|/srv/src/app.js", UNIT_CGROUP, NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "a");
	assert_string_equal(t.version, "1.2.3");
	assert_string_equal(t.rule, "package.json");
}

static void a_server_and_a_worker_of_one_package_are_two_services(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "root/srv/package.json",
		"{\"name\":\"shop\",\"scripts\":{\"start\":\"node shop.js\"}}");
	add(w, "node", "node|/srv/shop.js", NULL, NULL);
	assert_string_equal(name(w).service, "shop");
	add(w, "node", "node|/srv/worker.js", NULL, NULL);
	assert_string_equal(name(w).service, "shop/worker");
	add(w, "node", "node|worker.js", NULL, "/srv");
	assert_string_equal(name(w).service, "shop/worker");
}

/* The parent of every process of a fixture is 1. */
static void add_pm2(struct world *w)
{
	const struct fixture_process daemon = {.pid = 1,
		.comm = "PM2 v7.0.4: God",
		.cmdline = "PM2 v7.0.4: God Daemon (/home/.pm2)||||"};
	fixture_add(&w->f, &daemon);
	char root[PATH_MAX];
	fixture_link(&w->f, "proc/1/root", fixture_path(&w->f, root, "root"));
	fixture_write(&w->f, "root/home/.pm2/pids/web-0.pid", "7");
	fixture_write(&w->f, "root/srv/package.json",
		"{\"name\":\"shop\",\"version\":\"1.2\"}");
}

static void pm2_names_its_processes_and_is_none_of_them(void **state)
{
	struct world *w = *state;
	add_pm2(w);
	add(w, "node /srv/serve", "node /srv/server.js||||", UNIT_CGROUP, NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "web");
	assert_string_equal(t.rule, "pm2");
	assert_string_equal(t.version, "1.2"); /* the package's */
	add(w, "PM2 v7.0.4: God", "PM2 v7.0.4: God Daemon (/home/.pm2)||", UNIT_CGROUP,
		NULL);
	t = name(w);
	assert_string_equal(t.service, "pm2");
	assert_string_equal(t.version, "7.0.4");
	assert_string_equal(t.runtime, "node");
	assert_string_equal(t.command, "pm2");
}

/* The kernel's line of a process with another parent than 1. */
static void set_parent(struct world *w, int pid, const char *comm, int parent)
{
	char file[32], text[256];
	snprintf(file, sizeof file, "proc/%d/stat", pid);
	snprintf(text, sizeof text,
		"%d (%s) S %d 1 1 0 -1 0 100 0 1 0 200 100 0 0 20 0 3 0 5 0 100\n", pid,
		comm, parent);
	fixture_write(&w->f, file, text);
}

static void what_npm_starts_for_pm2_has_the_name(void **state)
{
	struct world *w = *state;
	const struct fixture_process npm = {
		.pid = 5, .comm = "npm start", .cmdline = "npm start||||"};
	const struct fixture_process sh = {
		.pid = 6, .comm = "sh", .cmdline = "sh|-c|node server.js"};
	add_pm2(w);
	fixture_write(&w->f, "root/home/.pm2/pids/web-0.pid", "5");
	fixture_add(&w->f, &npm);
	fixture_add(&w->f, &sh);
	set_parent(w, 6, "sh", 5);
	add(w, "node", "node|/srv/server.js", NULL, NULL);
	set_parent(w, 7, "node", 6);
	assert_string_equal(name(w).service, "web");
	/* npm itself, which is not what leaks. */
	add(w, "npm start", "npm start||||", NULL, NULL);
	fixture_write(&w->f, "root/home/.pm2/pids/web-0.pid", "7");
	assert_string_equal(name(w).service, "npm");
	/* A child of a program that is no launcher is its own. */
	const struct fixture_process other = {
		.pid = 6, .comm = "node", .cmdline = "node|/srv/other.js"};
	fixture_add(&w->f, &other);
	add(w, "node", "node|/srv/server.js", NULL, NULL);
	set_parent(w, 7, "node", 6);
	fixture_write(&w->f, "root/home/.pm2/pids/web-0.pid", "6");
	assert_string_equal(name(w).service, "shop");
}

static void without_pm2s_word_the_package_names_it(void **state)
{
	struct world *w = *state;
	add_pm2(w);
	fixture_write(&w->f, "root/home/.pm2/pids/web-0.pid", "8");
	add(w, "node /srv/worke", "node /srv/worker.js||||", NULL, NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "shop/worker");
	assert_string_equal(t.rule, "package.json");
	assert_true(t.is_early); /* it may come yet */
	fixture_write(&w->f, "root/home/.pm2/pids/web-0.pid", "7");
	assert_false(name(w).is_early);
}

/* A title has only the room that the arguments had. */
static void a_title_that_may_be_cut_names_no_script(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "root/srv/package.json", "{\"name\":\"shop\"}");
	add(w, "node /srv/work", "node /srv/work", NULL, NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "shop");
	assert_string_equal(t.role, "node ");
	add(w, "node /opt/work", "node /opt/work", UNIT_CGROUP, NULL);
	assert_string_equal(name(w).rule, "unit");
	add(w, "node /opt/work", "node /opt/work", NULL, NULL);
	assert_string_equal(name(w).service, "node");
	/* All of the script is there when something stands behind it. */
	add(w, "node /srv/worke", "node /srv/worker.js --po", NULL, NULL);
	assert_string_equal(name(w).service, "shop/worker");
}

static void in_a_container_pm2_wrote_the_pid_of_its_namespace(void **state)
{
	struct world *w = *state;
	add_pm2(w);
	fixture_write(&w->f, "root/home/.pm2/pids/web-0.pid", "18");
	add(w, "node /srv/serve", "node /srv/server.js||||", "0::/docker/" ID "\n",
		NULL);
	fixture_write(
		&w->f, "proc/7/status", "Name:\tx\nNSpid:\t7\t18\nVmSwap:\t1 kB\n");
	assert_string_equal(name(w).service, "web");
}

static void rules_rename_merge_and_ignore_what_was_found(void **state)
{
	struct world *w = *state;
	const struct target_rule rules[] = {
		{.service = "no", .ignore = true, .found = "backup-*, cron"},
		{.service = "no", .command = "redis-server", .found = "shop*"},
		{.service = "shop", .found = "shop*"},
	};
	fixture_write(&w->f, "root/srv/package.json", "{\"name\":\"shop\"}");
	add(w, "node", "node|/srv/worker.js", NULL, NULL);
	struct target t = name_by(w, rules, 3);
	assert_string_equal(t.service, "shop");
	assert_string_equal(t.rule, "configured");
	assert_false(t.is_ignored);
	add(w, "backup-db", "/opt/backup-db|shop", NULL, NULL);
	assert_true(name_by(w, rules, 3).is_ignored);
	add(w, "backup", "/opt/backup", NULL, NULL);
	t = name_by(w, rules, 3);
	assert_string_equal(t.service, "backup");
	assert_false(t.is_ignored);
}

static void a_relative_script_is_found_by_the_working_directory(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "root/srv/shop/package.json", "{\"name\":\"shop\"}");
	fixture_write(&w->f, "root/srv/package.json", "{\"name\":\"wrong\"}");
	add(w, "node", "node|./src/../app.js", NULL, "/srv/shop");
	assert_string_equal(name(w).service, "shop");
	add(w, "node", "node|.", NULL, "/srv/shop");
	assert_string_equal(name(w).service, "shop");
	add(w, "node", "node|../shop/app.js", NULL, "/srv/other");
	assert_string_equal(name(w).service, "shop");
	add(w, "node", "node|../../../../../app.js", NULL, "/srv/shop");
	assert_string_equal(name(w).service, "app.js");
}

static void without_a_package_a_node_script_names_itself(void **state)
{
	struct world *w = *state;
	add(w, "node", "node|app.js", NULL, NULL); /* nor is its folder readable */
	struct target t = name(w);
	assert_string_equal(t.service, "app.js");
	assert_string_equal(t.rule, "script");
	assert_string_equal(t.version, "");
}

static void packages_name_scripts_of_node_only(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "root/srv/package.json", "{\"name\":\"a\"}");
	add(w, "python3", "python3|/srv/app.py", NULL, NULL);
	assert_string_equal(name(w).service, "app.py");
}

static void the_unit_beats_script_and_program(void **state)
{
	struct world *w = *state;
	add(w, "python3", "python3|/srv/app.py", UNIT_CGROUP, NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "shop"); /* instances are seats */
	assert_string_equal(t.rule, "unit");
	add(w, "mysqld", "/usr/sbin/mysqld",
		"1:name=systemd:/system.slice/mariadb.service\n4:memory:/x\n", NULL);
	assert_string_equal(name(w).service, "mariadb");
}

static void the_servers_own_postgresql_is_a_service_of_its_own(void **state)
{
	struct world *w = *state;
	const char *unit = "0::/system.slice/tidemark-server.service\n";
	add(w, "postgres", "/usr/lib/postgresql/15/bin/postgres|-D|/x", unit, NULL);
	assert_string_equal(name(w).service, "tidemark-postgres");
	add(w, "tidemark-server", "/usr/bin/tidemark-server|run", unit, NULL);
	assert_string_equal(name(w).service, "tidemark-server");
}

static void units_that_start_others_and_sessions_name_nothing(void **state)
{
	struct world *w = *state;
	add(w, "backup", "/usr/bin/backup", "0::/system.slice/cron.service\n", NULL);
	assert_string_equal(name(w).service, "backup");
	add(w, "vim", "vim|notes.txt", "0::/user.slice/user-1.slice/session-3.scope\n",
		NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "vim");
	assert_string_equal(t.command, "vim");
	assert_string_equal(t.rule, "program");
}

static void in_containers_programs_name_themselves(void **state)
{
	struct world *w = *state;
	add(w, "nginx", "nginx: master process nginx -g daemon off;",
		"0::/system.slice/docker-" ID ".scope\n", NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "nginx");
	assert_string_equal(t.rule, "program in container");
	add(w, "java", "java|-jar|/app/shop-1.4.jar",
		"0::/system.slice/containerd.service/pod:cri-containerd:" ID "\n",
		NULL);
	t = name(w);
	assert_string_equal(t.service, "shop");
	assert_string_equal(t.version, "1.4");
	assert_string_equal(t.rule, "script in container");
	add(w, "redis-server", "redis-server *:6379",
		"0::/system.slice/k3s.service/kubepods/pod1/" ID "\n", NULL);
	t = name(w);
	assert_string_equal(t.service, "redis-server"); /* not its engine */
}

/* /proc/PID/cgroup as engines write it, by version of the hierarchy. */
static void containers_are_known_in_every_hierarchy(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *cgroup, *memory;
		bool version1;
	} rows[] = {
		/* docker: version 1, 2 by both drivers, hybrid */
		{"12:memory:/docker/" ID "\n11:pids:/docker/" ID
		 "\n1:name=systemd:/docker/" ID "\n",
			"/docker/" ID, true},
		{"0::/docker/" ID "\n", "/docker/" ID, false},
		{"0::/system.slice/docker-" ID ".scope\n",
			"/system.slice/docker-" ID ".scope", false},
		{"9:memory:/system.slice/docker-" ID
		 ".scope\n1:name=systemd:/system.slice/docker-" ID
		 ".scope\n0::/system.slice/docker-" ID ".scope\n",
			"/system.slice/docker-" ID ".scope", true},
		/* podman, as root and as a user */
		{"0::/machine.slice/libpod-" ID ".scope/container\n",
			"/machine.slice/libpod-" ID ".scope/container", false},
		{"0::/user.slice/user-1000.slice/user@1000.service/user.slice/"
		 "libpod-" ID ".scope/container\n",
			"/user.slice/user-1000.slice/user@1000.service/user.slice/"
			"libpod-" ID ".scope/container",
			false},
		{"8:memory:/machine.slice/libpod-" ID
		 ".scope\n1:name=systemd:/machine.slice/libpod-" ID ".scope\n0::/\n",
			"/machine.slice/libpod-" ID ".scope", true},
		/* kubernetes with containerd and cri-o */
		{"10:memory:/kubepods/burstable/pod2f-11/" ID
		 "\n1:name=systemd:/kubepods/burstable/pod2f-11/" ID
		 "\n0::/system.slice/containerd.service\n",
			"/kubepods/burstable/pod2f-11/" ID, true},
		{"0::/kubepods.slice/kubepods-burstable.slice/"
		 "kubepods-burstable-pod2f_11.slice/cri-containerd-" ID ".scope\n",
			"/kubepods.slice/kubepods-burstable.slice/"
			"kubepods-burstable-pod2f_11.slice/cri-containerd-" ID ".scope",
			false},
		{"0::/kubepods.slice/kubepods-pod2f_11.slice/crio-" ID ".scope\n",
			"/kubepods.slice/kubepods-pod2f_11.slice/crio-" ID ".scope",
			false},
		/* an init inside the container */
		{"4:memory:/docker/" ID "/system.slice/shop.service\n1:name=systemd:"
		 "/docker/" ID "/system.slice/shop.service\n",
			"/docker/" ID "/system.slice/shop.service", true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct target_facts facts;
		add(w, "redis-server", "redis-server *:6379", rows[i].cgroup, NULL);
		assert_true(target_look(w->probes, 7, w->comm, &facts));
		assert_string_equal(facts.unit.container, "0123456789ab");
		assert_string_equal(facts.place.memory, rows[i].memory);
		assert_int_equal(facts.place.version1, rows[i].version1);
		struct target t = name(w);
		if (strcmp(t.service, "redis-server") != 0 ||
			strcmp(t.rule, "program in container") != 0)
			fail_msg("row %zu: %s by %s", i, t.service, t.rule);
	}
}

static void a_unit_that_is_one_container_names_it(void **state)
{
	struct world *w = *state;
	add(w, "redis-server", "redis-server *:6379",
		"0::/system.slice/carts.service/libpod-payload-" ID "\n", NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "carts");
	assert_string_equal(t.rule, "unit");
}

/* What the parts of a process say is read one after the other: it may end in between.
 */
static void what_is_gone_when_it_is_read_is_not_guessed(void **state)
{
	struct world *w = *state;
	char path[PATH_MAX];
	add_pm2(w);
	add(w, "node /srv/serve", "node /srv/server.js||", UNIT_CGROUP, NULL);
	fixture_delete(fixture_path(&w->f, path, "proc/1/root"));
	fixture_delete(fixture_path(&w->f, path, "proc/1/cmdline"));
	assert_string_equal(name(w).service, "shop");
	fixture_delete(fixture_path(&w->f, path, "proc/7/stat"));
	fixture_delete(fixture_path(&w->f, path, "proc/7/root"));
	assert_string_equal(name(w).rule, "unit");
	fixture_delete(fixture_path(&w->f, path, "proc/7/cgroup"));
	assert_string_equal(name(w).rule, "script");
	fixture_delete(fixture_path(&w->f, path, "proc/7/cmdline"));
	struct target_facts facts;
	assert_false(target_look(w->probes, 7, w->comm, &facts));
}

static void names_of_packages_and_units_are_clean_text_too(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "root/srv/package.json",
		"{\"name\":\"a\xff\xc3\",\"version\":\"1\xfe\"}");
	add(w, "node", "node|/srv/mail\xe2\x82.js", NULL, NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "a?"
				       "?/mail?"
				       "?");
	assert_string_equal(t.version, "1?");
	add(w, "x", "x", "0::/system.slice/sh\xffop.service\n", NULL);
	assert_string_equal(name(w).service, "sh?op");
}

static void rules_match_only_when_all_their_conditions_hold(void **state)
{
	struct world *w = *state;
	add(w, "worker", "/opt/worker|--queue|a", UNIT_CGROUP, NULL);
	uid_t me = getuid();
	const struct {
		struct target_rule rule;
		bool matches;
	} rows[] = {
		{{.command = "worker"}, true}, {{.command = "work*"}, true},
		{{.command = "*queue*"}, false}, /* arguments do not count */
		{{.unit = "shop@*"}, true}, {{.unit = "shop@1.service"}, true},
		{{.unit = "shop"}, false}, {{.cgroup = "/system.slice/*"}, true},
		{{.cgroup = "/user.slice/*"}, false},
		{{.has_user = true, .user = me}, true},
		{{.has_user = true, .user = me + 1}, false},
		{{.command = "worker",
			 .unit = "shop@*",
			 .cgroup = "*",
			 .has_user = true,
			 .user = me},
			true},
		{{.command = "worker", .unit = "mail@*"}, false},
		{{.dumps = "/var/dumps"}, false}, /* no condition */
	};
	struct target_facts facts;
	assert_true(target_look(w->probes, 7, "worker", &facts));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool matches = target_match(&rows[i].rule, 1, &facts, NULL) != NULL;
		if (matches != rows[i].matches)
			fail_msg("row %zu", i);
	}
	const struct target_rule two[] = {{.service = "no", .command = "x"},
		{.service = "a", .command = "*"}, {.service = "b", .command = "*"}};
	assert_string_equal(target_match(two, 3, &facts, NULL)->service, "a");
}

static void names_are_clean_text_whatever_the_process_says(void **state)
{
	struct world *w = *state;
	add(w, "x", "/bin/\xff\xfe<b>\n\x1b[31m", NULL, NULL);
	struct target t = name(w);
	assert_string_equal(t.service, "?"
				       "?<b>?"
				       "?[31m");
	char line[900];
	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	memcpy(line, "python3|/", 9);
	add(w, "python3", line, NULL, NULL);
	t = name(w);
	assert_true(strlen(t.command) == sizeof t.command - 1);
	assert_true(strlen(t.service) > 100);
}

static void a_process_that_is_gone_is_no_target(void **state)
{
	struct world *w = *state;
	struct target_facts facts;
	assert_false(target_look(w->probes, 4711, "gone", &facts));
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_WORLD(a_configured_rule_beats_everything),
		IN_WORLD(a_package_beats_the_unit),
		IN_WORLD(a_server_and_a_worker_of_one_package_are_two_services),
		IN_WORLD(pm2_names_its_processes_and_is_none_of_them),
		IN_WORLD(what_npm_starts_for_pm2_has_the_name),
		IN_WORLD(without_pm2s_word_the_package_names_it),
		IN_WORLD(a_title_that_may_be_cut_names_no_script),
		IN_WORLD(in_a_container_pm2_wrote_the_pid_of_its_namespace),
		IN_WORLD(rules_rename_merge_and_ignore_what_was_found),
		IN_WORLD(a_relative_script_is_found_by_the_working_directory),
		IN_WORLD(without_a_package_a_node_script_names_itself),
		IN_WORLD(packages_name_scripts_of_node_only),
		IN_WORLD(the_unit_beats_script_and_program),
		IN_WORLD(the_servers_own_postgresql_is_a_service_of_its_own),
		IN_WORLD(units_that_start_others_and_sessions_name_nothing),
		IN_WORLD(in_containers_programs_name_themselves),
		IN_WORLD(containers_are_known_in_every_hierarchy),
		IN_WORLD(a_unit_that_is_one_container_names_it),
		IN_WORLD(what_is_gone_when_it_is_read_is_not_guessed),
		IN_WORLD(names_of_packages_and_units_are_clean_text_too),
		IN_WORLD(rules_match_only_when_all_their_conditions_hold),
		IN_WORLD(names_are_clean_text_whatever_the_process_says),
		IN_WORLD(a_process_that_is_gone_is_no_target),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
