/*
 * Live node: a real Node.js process to capture, in a network of its own where the
 * machine permits it, so that tests side by side do not meet on port 9229.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_CAPTURE_LIVE_NODE_H
#define TIDEMARK_TESTS_UNIT_AGENT_CAPTURE_LIVE_NODE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct live_node {
	pid_t pid;
	int port;
};

/* Once, before anything is started. */
static inline void live_node_own_network(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	if (unshare(CLONE_NEWNET) != 0)
		return;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
		perror("lo");
	close(fd);
}

/* `flag` (NULL: none) stands before the program; `handle`: with its own SIGUSR1. */
static inline bool live_node_start(
	struct live_node *n, const char *flag, int count, bool handle)
{
	int out[2];
	char number[16];
	static const char program[] = TIDEMARK_SOURCE_DIR
		"/tests/support/programs/cache.js";
	snprintf(number, sizeof number, "%d", count);
	if (pipe2(out, O_CLOEXEC) != 0)
		return false;
	n->pid = fork();
	if (n->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], STDOUT_FILENO);
		/* It tells of each inspector on stderr. */
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
		setenv("COUNT", number, 1);
		if (handle)
			setenv("HANDLE_USR1", "1", 1);
		if (flag)
			execlp("node", "node", flag, program, (char *)NULL);
		else
			execlp("node", "node", program, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	char line[32] = "";
	size_t at = 0;
	struct pollfd p = {.fd = out[0], .events = POLLIN};
	while (at < sizeof line - 1 && !strchr(line, '\n') && poll(&p, 1, 60000) > 0) {
		ssize_t got = read(out[0], line + at, sizeof line - 1 - at);
		if (got <= 0)
			break;
		at += (size_t)got;
	}
	close(out[0]);
	n->port = atoi(line);
	return n->port > 0;
}

static inline int live_node_connect(int port)
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

/* The number that the program answers; -1: it does not, within the time. */
static inline long live_node_get(const struct live_node *n, const char *path, int ms)
{
	char text[1024];
	size_t at = 0;
	int fd = live_node_connect(n->port);
	if (fd < 0)
		return -1;
	snprintf(text, sizeof text,
		"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		path);
	if (write(fd, text, strlen(text)) < 0)
		perror("write");
	struct pollfd p = {.fd = fd, .events = POLLIN};
	while (at < sizeof text - 1 && poll(&p, 1, ms) > 0) {
		ssize_t got = read(fd, text + at, sizeof text - 1 - at);
		if (got <= 0)
			break;
		at += (size_t)got;
	}
	text[at] = '\0';
	close(fd);
	const char *body = strstr(text, "\r\n\r\n");
	/* The answer comes in one piece or in chunks: its number is the last line. */
	if (!body)
		return -1;
	const char *chunk = strstr(text, "Transfer-Encoding: chunked")
				    ? strchr(body + 4, '\n')
				    : body + 3;
	return chunk ? atol(chunk + 1) : -1;
}

static inline bool live_node_refuses_inspector(void)
{
	int fd = live_node_connect(9229);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == ECONNREFUSED;
}

static inline bool live_node_is_alive(const struct live_node *n)
{
	return waitpid(n->pid, NULL, WNOHANG) == 0;
}

static inline void live_node_stop(struct live_node *n)
{
	kill(n->pid, SIGKILL);
	waitpid(n->pid, NULL, 0);
}

#endif
