/*
 * Ports: free TCP ports of the loopback, for servers that a test starts.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_PORTS_H
#define TIDEMARK_TESTS_SUPPORT_PORTS_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static inline struct sockaddr_in ports_address(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline bool ports_is_free(uint16_t port)
{
	struct sockaddr_in at = ports_address(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
	close(fd);
	return ok;
}

/* The first of `count` free ports in a row; below those that the kernel gives out. */
static inline uint16_t ports_free(int count)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	unsigned seed = (unsigned)getpid() * 2654435761U + (unsigned)now.tv_nsec;
	for (;;) {
		uint16_t first = (uint16_t)(10000 + rand_r(&seed) % 22000);
		int i = 0;
		while (i < count && ports_is_free((uint16_t)(first + i)))
			i++;
		if (i == count)
			return first;
	}
}

/* Whether someone listens there. */
static inline bool ports_answers(uint16_t port)
{
	struct sockaddr_in at = ports_address(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
	close(fd);
	return ok;
}

#endif
