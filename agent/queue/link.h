/*
 * Link: one stream to a server, over TCP, TLS or a socket of this machine, that never
 * waits longer than it is told.
 *
 * TLS is 1.2 or 1.3; the server's certificate must be signed by ca_file (or, without
 * one, by whom the system trusts) and name the host that was asked for.  Only looking
 * up a name cannot be cut short: that is the C library's own time.
 *
 * One thread.  ERR_IO with a text for people: refused, late, not trusted, at its end.
 * ERR_BUSY: stop_fd became readable.
 */
#ifndef TIDEMARK_AGENT_QUEUE_LINK_H
#define TIDEMARK_AGENT_QUEUE_LINK_H

#include "agent/queue_spec.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link;

struct link_options {
	const struct queue_url *at;
	bool is_tls;
	const char *ca_file; /* "": the system's */
	int stop_fd;         /* -1: none */
};

/* NULL on failure. */
struct link *link_open(
	const struct link_options *options, int64_t deadline_mono_ms, struct err *e);
void link_close(struct link *l);

/* All of it. */
bool link_write(struct link *l, const void *bytes, size_t length,
	int64_t deadline_mono_ms, struct err *e);

/* At least one byte. */
bool link_read(struct link *l, void *bytes, size_t size, size_t *length,
	int64_t deadline_mono_ms, struct err *e);

#endif
