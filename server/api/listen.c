#include "server/api/listen.h"

#include "common/scoped.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

enum { LISTEN_BACKLOG = 511 };

static void listen_free_addresses(struct addrinfo **list)
{
	if (*list)
		freeaddrinfo(*list);
}

static uint16_t listen_port(const struct sockaddr_storage *address)
{
	return ntohs(address->ss_family == AF_INET6
			     ? ((const struct sockaddr_in6 *)address)->sin6_port
			     : ((const struct sockaddr_in *)address)->sin_port);
}

int listen_open(
	const char *host, uint16_t port, uint16_t *bound, bool *is_ipv6, struct err *e)
{
	char service[8];
	snprintf(service, sizeof service, "%u", port);
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	__attribute__((cleanup(listen_free_addresses))) struct addrinfo *found = NULL;
	if (getaddrinfo(host, service, &hints, &found) != 0) {
		err_set(e, ERR_INPUT, "http: '%s' is no IP address", host);
		return -1;
	}
	scoped_fd int fd = socket(
		found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;
	struct sockaddr_storage address;
	socklen_t length = sizeof address;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
		bind(fd, found->ai_addr, found->ai_addrlen) ||
		listen(fd, LISTEN_BACKLOG) ||
		getsockname(fd, (struct sockaddr *)&address, &length)) {
		err_errno(e, "http: listen on %s port %u", host, port);
		return -1;
	}
	*bound = listen_port(&address);
	*is_ipv6 = found->ai_family == AF_INET6;
	int taken = fd;
	fd = -1;
	return taken;
}
