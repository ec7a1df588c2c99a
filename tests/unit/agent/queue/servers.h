/*
 * Servers for tests of queues: a real Redis, and ones that lie.
 *
 * All are children, listen on loopback only, and end with servers_finish.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_QUEUE_SERVERS_H
#define TIDEMARK_TESTS_UNIT_AGENT_QUEUE_SERVERS_H

#include "tests/unit/agent/fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { SERVERS_MAX = 16 };

struct servers {
	struct fixture files;
	pid_t pids[SERVERS_MAX];
	int count;
};

static inline void servers_init(struct servers *s)
{
	memset(s, 0, sizeof *s);
	fixture_init(&s->files);
	assert_int_equal(chmod(s->files.root, 0777), 0);
}

static inline void servers_finish(struct servers *s)
{
	for (int i = 0; i < s->count; i++) {
		kill(s->pids[i], SIGKILL);
		waitpid(s->pids[i], NULL, 0);
	}
	fixture_finish(&s->files);
}

/* A listening socket on a port that nobody has. */
static inline int servers_listen(int *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static inline pid_t servers_fork(struct servers *s)
{
	assert_true(s->count < SERVERS_MAX);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	else
		s->pids[s->count++] = pid;
	return pid;
}

static inline void servers_drop_root(void)
{
	const struct passwd *nobody = getpwnam("nobody");
	if (getuid() == 0 && nobody &&
		(setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0))
		_exit(1);
}

/* Waits until something answers there. */
static inline void servers_await(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (int tries = 0; tries < 1000; tries++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int failure = connect(fd, (struct sockaddr *)&address, sizeof address);
		close(fd);
		if (!failure)
			return;
		poll(NULL, 0, 10);
	}
	fail_msg("nothing listens on port %d", port);
}

/* A Redis with these options more, up to NULL; `--port N` or `--tls-port N` is the
 * caller's. */
static inline void servers_redis(struct servers *s, int port, const char **options)
{
	const char *words[40] = {"redis-server", "--bind", "127.0.0.1", "--save", "",
		"--dir", s->files.root, "--logfile", "redis.log"};
	int count = 9;
	while (*options)
		words[count++] = *options++;
	if (servers_fork(s) == 0) {
		servers_drop_root();
		execvp(words[0], (char **)words);
		_exit(1);
	}
	servers_await(port);
}

enum servers_lie {
	SERVERS_SILENT,   /* takes the connection and says nothing */
	SERVERS_GARBAGE,  /* endless bytes of no meaning */
	SERVERS_DRIP,     /* a byte now and then */
	SERVERS_ENDLESS,  /* a proper beginning of HTTP, and then no end */
	SERVERS_REDIRECT, /* to another scheme */
	SERVERS_HUGE,     /* Redis: an answer of two thousand million values */
	SERVERS_SHUT,     /* closes at once */
	SERVERS_ECHO,     /* Redis that does not know AUTH, and repeats it */
	SERVERS_PAGE,     /* HTTP, and a page with a secret */
	SERVERS_LARGE,    /* Redis: nothing but the largest of numbers */
};

static inline void servers_tell_lies(int fd, enum servers_lie lie)
{
	static const char *const begin[] = {
		[SERVERS_SILENT] = "",
		[SERVERS_GARBAGE] = "\x01\x02",
		[SERVERS_DRIP] = "",
		[SERVERS_ENDLESS] = "HTTP/1.1 200 OK\r\n\r\n",
		[SERVERS_REDIRECT] =
			"HTTP/1.1 302 Found\r\nLocation: "
			"https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		[SERVERS_HUGE] = "*2000000000\r\n",
		[SERVERS_SHUT] = "",
		[SERVERS_ECHO] = "-ERR unknown command `AUTH`, with args beginning "
				 "with: `geheim`, \r\n",
		[SERVERS_PAGE] = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n"
				 "geheim {\"a\":1}\n",
		[SERVERS_LARGE] = "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n",
	};
	char bytes[4096];
	send(fd, begin[lie], strlen(begin[lie]), MSG_NOSIGNAL);
	if (lie == SERVERS_SHUT)
		return;
	for (int i = 0; lie == SERVERS_LARGE && i < 500; i++)
		send(fd, ":9223372036854775807\r\n", 22, MSG_NOSIGNAL);
	memset(bytes, lie == SERVERS_GARBAGE ? '\xff' : '1', sizeof bytes);
	for (;;) {
		bool drips = lie == SERVERS_DRIP;
		bool floods = lie == SERVERS_GARBAGE || lie == SERVERS_ENDLESS;
		if (drips || floods) {
			size_t length = drips ? 1 : sizeof bytes;
			if (send(fd, drips ? "$" : bytes, length, MSG_NOSIGNAL) < 0)
				return;
		}
		if (!floods) {
			struct pollfd gone = {.fd = fd, .events = POLLRDHUP};
			if (poll(&gone, 1, 50) > 0 && (gone.revents & POLLRDHUP))
				return;
		}
	}
}

/* Its port. */
static inline int servers_liar(struct servers *s, enum servers_lie lie)
{
	int port, fd = servers_listen(&port);
	if (servers_fork(s) == 0) {
		for (;;) {
			int peer = accept(fd, NULL, NULL);
			if (peer < 0)
				_exit(0);
			servers_tell_lies(peer, lie);
			close(peer);
		}
	}
	close(fd);
	return port;
}

/* Runs a shell command in the servers' directory. */
static inline void servers_shell(struct servers *s, const char *command)
{
	char line[4096];
	snprintf(line, sizeof line, "cd '%s' && (%s) >shell.log 2>&1", s->files.root,
		command);
	if (system(line) != 0)
		fail_msg("%s", line);
}

#endif
