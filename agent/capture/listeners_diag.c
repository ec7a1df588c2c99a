#include "agent/capture/listeners_diag.h"

#include "common/scoped.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

enum {
	DIAG_TCP_LISTEN = 10, /* TCP_LISTEN of the kernel */
	DIAG_BYTES = 16 << 10,
	DIAG_WAIT_S = 1,
};

struct diag_request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 body;
};

static bool diag_ask(int fd, bool is_v6)
{
	struct diag_request r = {
		.header = {.nlmsg_len = sizeof r,
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.body = {.sdiag_family = is_v6 ? AF_INET6 : AF_INET,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = 1U << DIAG_TCP_LISTEN},
	};
	return send(fd, &r, sizeof r, 0) == (ssize_t)sizeof r;
}

static void diag_add(struct listeners *out, const struct inet_diag_msg *m, bool is_v6)
{
	if (out->count == LISTENERS_MAX) {
		out->is_cut = true;
		return;
	}
	out->at[out->count++] = (struct listener){
		.port = ntohs(m->id.idiag_sport),
		.is_v6 = is_v6,
		.reach = listeners_reach(m->id.idiag_src, is_v6),
		.uid = m->idiag_uid,
		.backlog = m->idiag_rqueue,
		.inode = m->idiag_inode,
	};
}

/* One datagram of the answer.  -1: an error; 1: there is more; 0: it was the last. */
static int diag_take(
	struct listeners *out, const void *bytes, size_t length, bool is_v6)
{
	const struct nlmsghdr *h = bytes;
	size_t left = length;
	while (left >= sizeof *h && h->nlmsg_len >= sizeof *h && h->nlmsg_len <= left) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
			h->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
			return -1;
		diag_add(out, NLMSG_DATA(h), is_v6);
		size_t step = NLMSG_ALIGN(h->nlmsg_len);
		if (step >= left)
			break;
		left -= step;
		h = (const void *)((const char *)h + step);
	}
	return 1;
}

static bool diag_family(int fd, struct listeners *out, bool is_v6)
{
	union {
		struct nlmsghdr align;
		char bytes[DIAG_BYTES];
	} answer;
	int more = diag_ask(fd, is_v6) ? 1 : -1;
	while (more > 0) {
		ssize_t got = recv(fd, answer.bytes, sizeof answer.bytes, 0);
		more = got > 0 ? diag_take(out, answer.bytes, (size_t)got, is_v6) : -1;
	}
	return more == 0;
}

bool listeners_diag_read(struct listeners *out)
{
	const struct timeval patience = {.tv_sec = DIAG_WAIT_S};
	size_t count = out->count;
	bool is_cut = out->is_cut;
	scoped_fd int fd = socket(
		AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd >= 0 &&
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ==
			0 &&
		diag_family(fd, out, false) && diag_family(fd, out, true))
		return true;
	out->count = count;
	out->is_cut = is_cut;
	return false;
}
