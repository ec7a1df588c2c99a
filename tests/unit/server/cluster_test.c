/* The embedded PostgreSQL: made, adopted, mended, and ended by the last to leave. */
#include "server/cluster.h"
#include "server/store/db.h"
#include "tests/support/plain_user.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

static char data_dir[64];
static struct arena arena;
static const char *uri;

static void shell(const char *format)
{
	char command[300];
	snprintf(command, sizeof command, format, data_dir);
	assert_int_equal(system(command), 0);
}

static int start(void **state)
{
	(void)state;
	struct err e;
	arena_init(&arena);
	snprintf(data_dir, sizeof data_dir, "/tmp/tidemark-cluster-XXXXXX");
	return !mkdtemp(data_dir) || !cluster_uri(data_dir, &arena, &uri, &e);
}

static int stop(void **state)
{
	(void)state;
	shell("rm -rf %s");
	arena_finish(&arena);
	return 0;
}

static struct cluster *started(void)
{
	struct err e;
	struct cluster *c = cluster_start(data_dir, NULL, &e);
	if (!c)
		fail_msg("%s", e.text);
	return c;
}

static bool answers(void)
{
	struct err e;
	struct db *db = db_create(
		&(struct db_options){.uri = uri, .application_name = "cluster test"});
	bool ok = db_ready(db, &e);
	db_destroy(db);
	return ok;
}

static void run(const char *script)
{
	struct err e;
	struct db *db = db_create(
		&(struct db_options){.uri = uri, .application_name = "cluster test"});
	if (!db_script(db, script, "test", &e))
		fail_msg("%s", e.text);
	db_destroy(db);
}

static pid_t postmaster(void)
{
	char path[96];
	int pid = 0;
	snprintf(path, sizeof path, "%s/postgres/postmaster.pid", data_dir);
	FILE *file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid;
}

static void it_is_made_once_and_ends_with_its_user(void **state)
{
	(void)state;
	struct stat info;
	char path[96];
	/* What an interrupted attempt may have left. */
	shell("mkdir -p %s/postgres.new/base");
	struct cluster *c = started();
	assert_false(cluster_was_adopted(c));
	assert_true(answers());
	run("CREATE TABLE kept (n int)");
	snprintf(path, sizeof path, "%s/run", data_dir);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	pid_t pid = postmaster();
	cluster_stop(c);
	assert_false(answers());
	assert_int_equal(kill(pid, 0), -1);
	c = started();
	run("INSERT INTO kept VALUES (1)");
	cluster_stop(c);
}

/* As kill -9 leaves it: no goodbye, only the kernel lets go of the locks. */
static void the_next_server_adopts_what_a_killed_one_left(void **state)
{
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		struct err e;
		_exit(cluster_start(data_dir, NULL, &e) ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	pid_t pid = postmaster();
	assert_true(answers());
	struct cluster *c = started();
	assert_true(cluster_was_adopted(c));
	assert_int_equal(postmaster(), pid);
	bool restarted;
	struct err e;
	assert_true(cluster_keep(c, &restarted, &e));
	assert_false(restarted);
	cluster_stop(c);
	assert_false(answers());
}

static void the_last_user_ends_it(void **state)
{
	(void)state;
	struct cluster *server = started(), *command = started();
	assert_true(cluster_was_adopted(command));
	cluster_stop(server);
	assert_true(answers());
	cluster_stop(command);
	assert_false(answers());
}

static void it_is_brought_up_again_when_it_ends(void **state)
{
	(void)state;
	struct err e;
	bool restarted;
	struct cluster *c = started();
	for (int i = 0; i < 2; i++) {
		pid_t pid = postmaster();
		kill(pid, i ? SIGKILL : SIGQUIT);
		restarted = false;
		for (int n = 0; n < 100 && !restarted; n++) {
			if (!cluster_keep(c, &restarted, &e))
				fail_msg("%s", e.text);
			usleep(50000);
		}
		assert_true(restarted);
		assert_true(answers());
		assert_int_not_equal(postmaster(), pid);
	}
	cluster_stop(c);
	assert_false(answers());
}

/* Somebody uses pg_ctl on it, as one does to try things. */
static void it_ends_even_when_restarted_by_hand(void **state)
{
	(void)state;
	struct cluster *c = started();
	shell("$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)/pg_ctl -s -w restart "
	      "-m immediate -D %s/postgres -o \"-k %1$s/run\" >/dev/null 2>&1");
	assert_true(answers());
	cluster_stop(c);
	assert_false(answers());
}

/* Recovery can take minutes. */
static void nobody_has_to_wait_for_it(void **state)
{
	(void)state;
	struct err e;
	bool restarted;
	struct cluster *c = started();
	kill(postmaster(), SIGKILL);
	usleep(100000);
	/* Looking after it takes no time, even while it starts. */
	time_t start_s = time(NULL);
	for (int i = 0; i < 10; i++) {
		assert_true(cluster_keep(c, &restarted, &e));
		usleep(10000);
	}
	assert_in_range(time(NULL) - start_s, 0, 3);
	/* And it can be given up meanwhile. */
	cluster_stop(c);
	assert_false(answers());
}

static void it_ends_although_a_session_is_frozen(void **state)
{
	(void)state;
	struct err e;
	struct cluster *c = started();
	struct db *db = db_create(
		&(struct db_options){.uri = uri, .application_name = "cluster test"});
	assert_true(db_ready(db, &e));
	shell("kill -STOP $(psql -h %s/run -U tidemark -d postgres -Atc \"SELECT pid "
	      "FROM "
	      "pg_stat_activity WHERE application_name = 'cluster test'\")");
	time_t start_s = time(NULL);
	cluster_stop(c);
	assert_in_range(time(NULL) - start_s, 0, 10);
	assert_false(answers());
	db_destroy(db);
}

/* After a crash of the machine the number may be another program's: ours, say. */
static void a_stale_pid_file_is_no_obstacle(void **state)
{
	(void)state;
	char path[96];
	snprintf(path, sizeof path, "%s/postgres/postmaster.pid", data_dir);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%d\n%s/postgres\n1\n5432\n%s/run\n\n0 0\nready\n", (int)getpid(),
		data_dir, data_dir);
	fclose(file);
	struct cluster *c = started();
	assert_false(cluster_was_adopted(c));
	cluster_stop(c);
}

static void a_cluster_of_another_version_is_named(void **state)
{
	(void)state;
	struct err e;
	char *path = strdup(getenv("PATH"));
	shell("cp %s/postgres/PG_VERSION %1$s/version && echo 9 > "
	      "%1$s/postgres/PG_VERSION");
	setenv("PATH", "/nonexistent", 1);
	assert_null(cluster_start(data_dir, NULL, &e));
	setenv("PATH", path, 1);
	free(path);
	assert_non_null(strstr(e.text, "PostgreSQL 9"));
	shell("mv %s/version %1$s/postgres/PG_VERSION");
}

static void what_postgresql_says_is_passed_on(void **state)
{
	(void)state;
	struct err e;
	shell("echo 'shared_buffers = nonsense' > %s/postgres/local.conf");
	assert_null(cluster_start(data_dir, NULL, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_non_null(strstr(e.text, "postgres failed: "));
	assert_non_null(strstr(e.text, "configuration file"));
	shell("rm %s/postgres/local.conf");
	cluster_stop(started());
}

static void a_path_too_long_for_a_socket_is_refused(void **state)
{
	(void)state;
	struct err e;
	const char *unused;
	char path[200];
	memset(path, 'x', sizeof path - 1);
	path[0] = '/';
	path[sizeof path - 1] = 0;
	assert_false(cluster_uri(path, &arena, &unused, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, "data_dir"));
	/* One less than the socket needs fits. */
	path[107 - strlen("/run/.s.PGSQL.5432")] = 0;
	assert_true(cluster_uri(path, &arena, &unused, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_made_once_and_ends_with_its_user),
		cmocka_unit_test(the_next_server_adopts_what_a_killed_one_left),
		cmocka_unit_test(the_last_user_ends_it),
		cmocka_unit_test(it_is_brought_up_again_when_it_ends),
		cmocka_unit_test(it_ends_even_when_restarted_by_hand),
		cmocka_unit_test(nobody_has_to_wait_for_it),
		cmocka_unit_test(it_ends_although_a_session_is_frozen),
		cmocka_unit_test(a_stale_pid_file_is_no_obstacle),
		cmocka_unit_test(a_cluster_of_another_version_is_named),
		cmocka_unit_test(what_postgresql_says_is_passed_on),
		cmocka_unit_test(a_path_too_long_for_a_socket_is_refused),
	};
	plain_user_become();
	return cmocka_run_group_tests(tests, start, stop);
}
