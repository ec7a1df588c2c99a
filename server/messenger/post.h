/*
 * Post: takes a parcel to one address, by HTTP or SMTP.
 *
 * The only user of libcurl, through which many go at once without a thread each: the
 * owner gives post_handle to a multi handle and calls post_end when it is done.  No
 * redirects, no proxy, no reused connections, and no address that networks.h refuses:
 * it is judged when the socket is opened, so a name cannot mean another one afterwards.
 * Ten seconds in all, thirty for mail.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_POST_H
#define TIDEMARK_SERVER_MESSENGER_POST_H

#include "server/messenger/networks.h"
#include "server/messenger/parcel.h"

#include <stdint.h>

enum { POST_PROBLEM = 256 };

/* Once in a process, before threads start. */
void post_init(void);

struct post_rules {
	const struct networks *networks;
	const char *ca_file; /* trusted besides the system's; "" none */
};

/* The parcel and the rules outlive it. */
struct post;
struct post *post_create(
	const struct parcel *p, const char *url, const struct post_rules *rules);
void post_destroy(struct post *p); /* NULL is accepted */

void *post_handle(struct post *p); /* CURL */

enum post_end {
	POST_TAKEN,
	POST_DOWN,     /* the receiver does not answer, or asks for rest: all wait */
	POST_REJECTED, /* it does not want this one */
	POST_REFUSED,  /* we do not: its address is one that is never reached */
};
struct post_result {
	enum post_end end;
	int64_t rest_ms; /* for which it asks (Retry-After); 0: it does not */
	char problem[POST_PROBLEM]; /* of what was taken: who did not get it; "" */
};
/* `code` is the CURLcode with which the transfer ended. */
struct post_result post_end(struct post *p, int code);

#endif
