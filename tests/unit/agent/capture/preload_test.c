/*
 * The preload socket of real processes, and what is put in its place.
 */
#include "tests/unit/agent/capture/service.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/un.h>

#define PRELOAD                                                                        \
	"NODE_OPTIONS=--require " TIDEMARK_SOURCE_DIR                                  \
	"/deploy/preload/tidemark-preload.js"
#define KEEP "globalThis.tidemarkPlantedName = [1, 2, 3];"
#define LISTENERS                                                                      \
	"const E = require('events'); class MonitorQueue extends E {};"                \
	"const q = new MonitorQueue(); for (let i = 0; i < 12; i++) "                  \
	"q.on('error', () => {});"

struct preload {
	struct service service;
	char folder[64], variable[128];
	struct facts facts;
	struct door_options options;
};

static bool start(struct preload *p, const char *script)
{
	strcpy(p->folder, "/tmp/tidemark-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->variable, sizeof p->variable, "TIDEMARK_PRELOAD_DIR=%s", p->folder);
	const struct service_options o = {
		.script = script, .variables = {PRELOAD, p->variable}};
	if (!service_start(&p->service, &o))
		return false;
	p->options = service_door(&p->service, DOOR_PRELOAD, &p->facts);
	return true;
}

static int sockets(const struct preload *p, char *path, size_t room)
{
	DIR *directory = opendir(p->folder);
	int count = 0;
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		if (path)
			snprintf(path, room, "%s/%s", p->folder, entry->d_name);
	}
	closedir(directory);
	return count;
}

static void stop(struct preload *p)
{
	char path[512];
	service_stop(&p->service);
	while (sockets(p, path, sizeof path) > 0)
		unlink(path);
	rmdir(p->folder);
}

static void a_process_tells_and_gives_by_its_socket(void **state)
{
	(void)state;
	struct preload p;
	if (!start(&p, KEEP LISTENERS SERVICE_SERVER)) {
		stop(&p);
		skip();
	}
	char path[512];
	struct stat st;
	assert_int_equal(sockets(&p, path, sizeof path), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	for (int i = 0; i < 3; i++)
		assert_true(service_answers(&p.service));
	usleep(300000); /* for the loop to be measured */

	struct door *d = door_create(&p.options);
	struct door_statistics s;
	struct err e = {0};
	service_assert_open(d);
	if (!door_statistics(d, &s, &e))
		fail_msg("statistics: %s", e.text);
	assert_int_equal(s.pid, p.service.pid);
	assert_true(s.heap_used_bytes > 1 << 20);
	assert_true(s.loop_delay_max_ms > 0);
	assert_true(s.gc_count >= 0);
	if (atoi(s.version) >= 18)
		assert_int_equal(s.requests, 3);
	assert_int_equal(s.warning_count, 1);
	assert_string_equal(s.warnings[0].emitter, "MonitorQueue");
	assert_string_equal(s.warnings[0].event, "error");
	assert_int_equal(s.warnings[0].count, atoi(s.version) >= 16 ? 12 : 11);
	assert_int_equal(s.warnings[0].times, 1);
	assert_true(s.space_old_bytes > 1 << 20);
	assert_int_equal(s.longest_reading_us, 0);
	service_assert_take(d);
	service_assert_close(d);
	door_destroy(d);
	assert_true(service_answers(&p.service));
	stop(&p);
}

static void nothing_is_kept_alive_and_nothing_stays(void **state)
{
	(void)state;
	struct preload p;
	bool started = start(&p, "console.log(1);"); /* and ends */
	if (!started) {
		stop(&p);
		skip();
	}
	int status;
	for (int i = 0; i < 100 && waitpid(p.service.pid, &status, WNOHANG) == 0; i++)
		usleep(100000);
	p.service.pid = 0;
	assert_int_equal(status, 0);
	assert_int_equal(sockets(&p, NULL, 0), 0);
	stop(&p);
}

static void sockets_of_the_dead_are_swept(void **state)
{
	(void)state;
	struct preload p;
	if (!start(&p, NULL)) {
		stop(&p);
		skip();
	}
	kill(p.service.pid, SIGKILL);
	waitpid(p.service.pid, NULL, 0);
	char stale[512];
	assert_int_equal(sockets(&p, stale, sizeof stale), 1);
	/* The time of its inode cannot be set back: wait until it is old enough. */
	sleep(11);
	struct service next;
	const struct service_options o = {.variables = {PRELOAD, p.variable}};
	assert_true(service_start(&next, &o));
	for (int i = 0; i < 50 && access(stale, F_OK) == 0; i++)
		usleep(100000);
	assert_int_equal(access(stale, F_OK), -1);
	assert_int_equal(sockets(&p, NULL, 0), 1);
	service_stop(&next);
	p.service.pid = 0;
	stop(&p);
}

static void an_application_never_suffers(void **state)
{
	(void)state;
	static const char *const folders[] = {"TIDEMARK_PRELOAD_DIR=/proc/nowhere",
		"TIDEMARK_PRELOAD_DIR=/dev/null",
		"TIDEMARK_PRELOAD_DIR=relative/and/deep"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct service s;
		const struct service_options o = {.variables = {PRELOAD, folders[i]}};
		if (!service_start(&s, &o)) {
			service_stop(&s);
			skip();
		}
		struct facts facts;
		struct door_options options = service_door(&s, DOOR_PRELOAD, &facts);
		struct door *d = door_create(&options);
		struct err e = {0};
		assert_false(door_open(d, &e));
		assert_int_equal(door_refusal(d), DOOR_NO_ROUTE);
		door_destroy(d);
		assert_true(service_answers(&s));
		service_stop(&s);
	}
}

static void workers_and_clusters_have_sockets_of_their_own(void **state)
{
	(void)state;
	struct preload p;
	if (!start(&p, "const c = require('cluster');"
		       "const { Worker } = require('worker_threads');"
		       "if (c.isMaster) { new Worker('setInterval(() => {}, 1e6)', "
		       "{ eval: true }); const w = c.fork();"
		       "w.on('online', () => setTimeout(() => "
		       "console.log(w.process.pid), 500)); }"
		       "else { globalThis.tidemarkPlantedName = {};"
		       "require('http').createServer(() => {}).listen(0); }")) {
		stop(&p);
		skip();
	}
	assert_int_equal(sockets(&p, NULL, 0), 2); /* none of the thread */
	struct service worker = {.pid = p.service.port};
	struct facts facts;
	struct door_options o = service_door(&worker, DOOR_PRELOAD, &facts);
	struct door *d = door_create(&o);
	struct door_statistics s;
	struct err e = {0};
	service_assert_open(d);
	assert_true(door_statistics(d, &s, &e));
	assert_int_equal(s.pid, worker.pid);
	service_assert_take(d);
	door_destroy(d);
	stop(&p);
}

static void another_process_behind_the_socket_is_told_nothing(void **state)
{
	(void)state;
	struct preload p;
	if (!start(&p, NULL)) {
		stop(&p);
		skip();
	}
	char path[512];
	assert_int_equal(sockets(&p, path, sizeof path), 1);
	unlink(path);
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	snprintf(a.sun_path, sizeof a.sun_path, "%.50s/%d-00ff.sock", p.folder,
		p.service.pid);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 5), 0);
	struct door *d = door_create(&p.options);
	struct err e = {0};
	assert_false(door_open(d, &e));
	assert_int_equal(door_refusal(d), DOOR_WRONG_PROCESS);
	door_destroy(d);
	close(fd);
	stop(&p);
}

static void without_the_preload_there_is_no_such_door(void **state)
{
	(void)state;
	struct service s;
	const struct service_options o = {0};
	if (!service_start(&s, &o)) {
		service_stop(&s);
		skip();
	}
	struct facts facts;
	struct door_options options = service_door(&s, DOOR_PRELOAD, &facts);
	struct door *d = door_create(&options);
	struct err e = {0};
	assert_false(door_open(d, &e));
	assert_int_equal(door_refusal(d), DOOR_NO_ROUTE);
	assert_non_null(strstr(e.text, "tidemark-preload.js"));
	door_destroy(d);
	service_stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_tells_and_gives_by_its_socket),
		cmocka_unit_test(nothing_is_kept_alive_and_nothing_stays),
		cmocka_unit_test(sockets_of_the_dead_are_swept),
		cmocka_unit_test(an_application_never_suffers),
		cmocka_unit_test(workers_and_clusters_have_sockets_of_their_own),
		cmocka_unit_test(another_process_behind_the_socket_is_told_nothing),
		cmocka_unit_test(without_the_preload_there_is_no_such_door),
	};
	return cmocka_run_group_tests(tests, service_setup, NULL);
}
