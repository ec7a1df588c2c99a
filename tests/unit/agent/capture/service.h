/*
 * Service: a real Node.js process made from a few lines of script, for the tests of the
 * doors.  TIDEMARK_NODE names another node than that of the PATH.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_CAPTURE_SERVICE_H
#define TIDEMARK_TESTS_UNIT_AGENT_CAPTURE_SERVICE_H

#include "agent/capture/door.h"
#include "common/buf.h"
#include "tests/unit/cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Answers "ok" and says its port and that it is there. */
#define SERVICE_SERVER                                                                 \
	"require('http').createServer((q, r) => r.end('ok')).listen(0, '127.0.0.1',"   \
	" function () { console.log(this.address().port); });"

struct service_options {
	const char *script;
	const char *name;         /* NULL: "app.js" */
	const char *flags[6];     /* before the script */
	const char *variables[4]; /* "NAME=value" */
	bool own_network;
};

struct service {
	pid_t pid;
	int port;
	char folder[64];
	char name[32];
};

static inline bool service_own_network(void)
{
	struct ifreq lo = {.ifr_name = "lo"};
	if (unshare(CLONE_NEWNET) != 0)
		return false;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	lo.ifr_flags = IFF_UP | IFF_RUNNING;
	bool ok = ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
	close(fd);
	return ok;
}

/* Of a test program: tests that run side by side shall not meet on port 9229. */
static inline int service_setup(void **state)
{
	(void)state;
	service_own_network();
	return 0;
}

static inline const char *service_node(void)
{
	const char *node = getenv("TIDEMARK_NODE");
	return node ? node : "node";
}

static inline void service_exec(
	const struct service *s, const struct service_options *o, int out)
{
	const char *arguments[16] = {service_node()};
	int count = 1;
	dup2(out, STDOUT_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails stops nothing */
	int quiet = open("/dev/null", O_WRONLY);
	if (!getenv("TIDEMARK_LOUD"))
		dup2(quiet, STDERR_FILENO);
	if (chdir(s->folder) != 0 || (o->own_network && !service_own_network()))
		_exit(126);
	for (size_t i = 0; i < 6 && o->flags[i]; i++)
		arguments[count++] = o->flags[i];
	for (size_t i = 0; i < 4 && o->variables[i]; i++)
		putenv((char *)o->variables[i]);
	arguments[count] = s->name;
	execvp(arguments[0], (char **)arguments);
	_exit(127);
}

static inline int service_read_number(int fd)
{
	char line[32] = "";
	size_t at = 0;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	while (at < sizeof line - 1 && !strchr(line, '\n') && poll(&p, 1, 30000) > 0) {
		ssize_t got = read(fd, line + at, 1);
		if (got <= 0)
			break;
		at += (size_t)got;
	}
	return atoi(line);
}

/* False when it does not come up: no such node, or it refuses a flag. */
static inline bool service_start(struct service *s, const struct service_options *o)
{
	int ends[2];
	char path[128];
	strcpy(s->folder, "/tmp/tidemark-test-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->name, sizeof s->name, "%s", o->name ? o->name : "app.js");
	snprintf(path, sizeof path, "%s/%s", s->folder, s->name);
	FILE *file = fopen(path, "we");
	fputs(o->script ? o->script : SERVICE_SERVER, file);
	fclose(file);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	s->pid = fork();
	if (s->pid == 0)
		service_exec(s, o, ends[1]);
	close(ends[1]);
	s->port = service_read_number(ends[0]);
	close(ends[0]);
	return s->port > 0;
}

static inline bool service_is_alive(const struct service *s)
{
	return waitpid(s->pid, NULL, WNOHANG) == 0;
}

static inline void service_stop(struct service *s)
{
	char command[128];
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	snprintf(command, sizeof command, "rm -rf '%s'", s->folder);
	if (system(command) != 0)
		fprintf(stderr, "%s stays\n", s->folder);
}

static inline int service_connect(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

static inline bool service_refuses(int port)
{
	int fd = service_connect(port);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == ECONNREFUSED;
}

static inline bool service_answers(const struct service *s)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	char text[1024] = "";
	int fd = service_connect(s->port);
	if (fd < 0)
		return false;
	size_t at = 0;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	bool sent = write(fd, request, sizeof request - 1) > 0;
	while (sent && at < sizeof text - 1 && poll(&p, 1, 5000) > 0) {
		ssize_t got = read(fd, text + at, sizeof text - 1 - at);
		if (got <= 0)
			break;
		at += (size_t)got;
	}
	close(fd);
	return strstr(text, "\r\n\r\nok") != NULL;
}

/* What a snapshot gives, checked for being one. */
struct service_snapshot {
	struct buf text;
	int progress;
};

static inline bool service_bytes(
	void *context, const void *bytes, size_t length, struct err *e)
{
	(void)e;
	struct service_snapshot *s = context;
	buf_append(&s->text, bytes, length);
	return true;
}

static inline void service_progress(void *context, uint64_t done, uint64_t total)
{
	(void)done;
	(void)total;
	struct service_snapshot *s = context;
	s->progress++;
}

static inline void service_assert_take(struct door *d)
{
	struct service_snapshot s = {0};
	struct err e = {0};
	const struct door_sink sink = {service_bytes, service_progress, &s};
	if (!door_take(d, &sink, &e))
		fail_msg("take: %s", e.text);
	assert_true(s.text.length > 500000);
	assert_memory_equal(s.text.data, "{\"snapshot\":{\"meta\":", 20);
	assert_string_equal(s.text.data + s.text.length - 2, "]}");
	assert_non_null(strstr(s.text.data, "tidemarkPlantedName"));
	assert_true(s.progress > 0);
	buf_finish(&s.text);
}

static inline struct door_options service_door(
	const struct service *s, enum door_route route, struct facts *facts)
{
	struct err e = {0};
	if (!facts_read("/proc", s->pid, facts, &e))
		fail_msg("facts: %s", e.text);
	return (struct door_options){
		.route = route, .procfs = "/proc", .facts = facts, .stop_fd = -1};
}

static inline void service_assert_open(struct door *d)
{
	struct err e = {0};
	if (!door_open(d, &e))
		fail_msg("open (%s): %s", door_refusal_name(door_refusal(d)), e.text);
}

static inline void service_assert_close(struct door *d)
{
	struct err e = {0};
	if (!door_close(d, &e))
		fail_msg("close (%s): %s", door_refusal_name(door_refusal(d)), e.text);
}

#endif
