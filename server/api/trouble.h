/*
 * Trouble: what keeps the server from storing, in words for people.
 *
 * While it lasts, reads go on, nothing is acknowledged and agents keep what they have.
 * Works without the database.  Any thread.
 */
#ifndef TIDEMARK_SERVER_API_TROUBLE_H
#define TIDEMARK_SERVER_API_TROUBLE_H

#include "common/arena.h"
#include "server/api/shared.h"

#include <stdbool.h>
#include <stdint.h>

/* The least that PostgreSQL needs to go on: two files of its log. */
#define TROUBLE_FULL_BYTES (INT64_C(32) << 20)

struct trouble_disk {
	bool known; /* the database is ours */
	int64_t free_bytes, total_bytes;
	bool full; /* less than TROUBLE_FULL_BYTES free */
	bool low;  /* less than a tenth is free, or less than PostgreSQL's log may take
		    */
};

void trouble_disk(const struct api_shared *shared, struct trouble_disk *out);

/* NULL when there is none. */
const char *trouble_words(const struct api_shared *shared, struct arena *a);

#endif
