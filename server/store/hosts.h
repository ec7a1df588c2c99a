/*
 * Hosts: what a machine says of itself, and what it has lost.
 *
 * The cache of what is stored already belongs to one thread; forget it after a
 * rollback.  Calls are inside the caller's transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_HOSTS_H
#define TIDEMARK_SERVER_STORE_HOSTS_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/wire.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is the same is told again after a while: meanwhile another server may have had
 * the host, and written what is no longer true. */
enum { HOSTS_TELL_MS = 10 * 60 * 1000 };

struct hosts;

struct hosts *hosts_create(void);
void hosts_destroy(struct hosts *h);
void hosts_forget(struct hosts *h);

/* One batch's word on its host: hostname, kernel, cpus, interval. */
struct hosts_word {
	int32_t host_id;
	const struct wire_batch *batch;
};

/* Writes what is new; of several words on one host the last counts. */
bool hosts_put(struct hosts *h, struct db *db, const struct hosts_word *words,
	size_t count, struct arena *a, struct err *e);

/* Adds the gaps that the batches report. */
bool hosts_put_gaps(struct db *db, const struct hosts_word *words, size_t count,
	struct arena *a, struct err *e);

#endif
