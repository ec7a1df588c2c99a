/*
 * News: one thing that a target is to be told, with all that is known of it, and how
 * people say it.
 *
 * Lives in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_NEWS_H
#define TIDEMARK_SERVER_MESSENGER_NEWS_H

#include "common/buf.h"
#include "server/store/alerts.h"
#include "server/store/messages.h"

enum { NEWS_ALERTS = 50 }; /* of a digest, told in full */

struct news {
	const struct messages_due *due;
	const char *console; /* address of the console; "" none */
	int64_t now_ms;
	/* Of one event: its alert.  Of a digest: those of its items, each once, at most
	 * NEWS_ALERTS.  None in a trial, or when there is none any more. */
	struct alerts_row **alerts;
	size_t alert_count;
	/* Of a digest. */
	struct messages_item *items;
	size_t item_count, more_alerts;
	int64_t total;
};

bool news_read(struct db *db, const struct messages_due *due, const char *console,
	struct arena *a, struct news *out, struct err *e);

/* Whether nobody needs to deal with an alert, and since when. */
bool news_is_over(const struct alerts_row *alert, int64_t *since_ms);

/* The console's page of an alert; "" when the console's address is not known. */
void news_link(const struct news *n, int64_t alert_id, struct buf *out);

/* One line without control characters: "New alert: checkout 1.1.0". */
void news_title(const struct news *n, struct buf *out);

/* Some lines, the title not among them. */
void news_text(const struct news *n, struct buf *out);

#endif
