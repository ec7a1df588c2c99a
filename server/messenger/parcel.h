/*
 * Parcel: news made ready for the way of a kind of target: where it goes, what is in
 * it, and how its receipt is known.
 *
 * A new way is a function and a line in the table of parcel.c.  Texts live in the
 * arena, the body until parcel_finish.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_PARCEL_H
#define TIDEMARK_SERVER_MESSENGER_PARCEL_H

#include "common/arena.h"
#include "common/buf.h"
#include "server/messenger/news.h"

#include <stdbool.h>
#include <stddef.h>

enum { PARCEL_URLS = 8, PARCEL_HEADERS = 4, PARCEL_RECIPIENTS = 50 };

struct parcel {
	const char *urls[PARCEL_URLS]; /* to each; one receipt is enough */
	size_t url_count;
	struct buf body;
	const char *headers[PARCEL_HEADERS]; /* "Name: value", of HTTP */
	size_t header_count;
	const char *username,
		*password; /* "" none; a password alone is a bearer token */
	bool has_errcode;  /* a receipt is 2xx and no error number in the answer */
	/* Of mail. */
	bool is_mail, starttls;
	const char *sender, *recipients[PARCEL_RECIPIENTS];
	size_t recipient_count;
};

/* A kind that is not known is a bug. */
void parcel_make(const struct news *n, struct arena *a, struct parcel *out);

/* For an Alertmanager of which `due` says where it is; the body is the caller's. */
void parcel_push(const struct messages_due *due, struct arena *a, struct parcel *out);

void parcel_finish(struct parcel *p);

#endif
