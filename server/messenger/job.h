/*
 * Job: one message, or one renewal, on its way to all addresses of its target.
 *
 * Made from the database, then taken by libcurl while others are, then settled in the
 * database.  Belongs to the messenger's thread.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_JOB_H
#define TIDEMARK_SERVER_MESSENGER_JOB_H

#include "server/messenger/post.h"
#include "server/store/renewals.h"

#include <stdbool.h>
#include <stddef.h>

struct job {
	struct arena arena;          /* of all that follows */
	struct messages_due due;     /* of a renewal: where its target is */
	struct renewals_end renewal; /* target_id 0: it is a message */
	struct news news;
	struct parcel parcel;
	struct post *posts[PARCEL_URLS];
	size_t left; /* posts that are not done */
	bool ended;  /* one is: `result` is the best so far */
	struct post_result result;
};

struct job_rules {
	const char *console;
	struct post_rules post;
};

/* A message that was claimed.  *job is NULL and false when the database fails. */
bool job_create(struct db *db, const struct messages_due *due,
	const struct job_rules *rules, struct job **job, struct err *e);

/* All alerts that an Alertmanager is to know; *job is NULL when there is none. */
bool job_renew(struct db *db, const struct renewals_target *target,
	const struct job_rules *rules, struct job **job, struct err *e);

void job_destroy(struct job *j); /* NULL is accepted */

/* Notes how one of its posts ended, and destroys it.  True: it was the last. */
bool job_note(struct job *j, const void *handle, int code);

/* Writes the end down.  `retry_ms`: after which it is tried again if need be. */
bool job_settle(struct db *db, const struct job *j, int64_t retry_ms, struct err *e);

/* After a day nothing is tried any more. */
bool job_is_over(const struct job *j, int64_t now_ms);

#endif
