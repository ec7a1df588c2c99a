/*
 * Fetch: one document over HTTP, for a source that may be slow, endless or hostile.
 *
 * Only http and https; a redirect stays within its scheme (three at most); proxies of
 * the environment are not used.  The body is at most `most_bytes`, and the whole takes
 * no longer than the deadline.  The certificate is checked by ca_file, or by whom the
 * system trusts.
 *
 * One thread each; fetch_start once before there are threads.
 */
#ifndef TIDEMARK_AGENT_QUEUE_FETCH_H
#define TIDEMARK_AGENT_QUEUE_FETCH_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fetch;

struct fetch_options {
	const char *ca_file; /* "": the system's */
	const char *user;    /* "" */
	const char
		*password_file; /* ""; read each time.  Without user: a bearer token */
	size_t most_bytes;
	int stop_fd; /* -1: none */
};

void fetch_start(void);

/* The options' strings are borrowed. */
struct fetch *fetch_create(const struct fetch_options *options);
void fetch_destroy(struct fetch *f);

/* ERR_IO: no answer, not status 200, too long or too late.  *body is then undefined;
 * the caller owns it. */
bool fetch_get(struct fetch *f, const char *url, int64_t deadline_mono_ms,
	struct buf *body, struct err *e);

#endif
