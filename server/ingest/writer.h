/*
 * Writer: the thread that puts rounds into the database.
 *
 * Takes a round's address from its PAIR socket, settles every item in one transaction
 * and sends the address back.  When the database refuses a batch's data, or answers and
 * fails several times, the round is halved until that batch stands alone; it is refused
 * or held, and the others are stored.  When the database is away, the round is tried
 * again until it works, or until the ingest stops: then it goes back unsettled.  The
 * same while the disk of our own database is full (room.h): it is not even tried.
 */
#ifndef TIDEMARK_SERVER_INGEST_WRITER_H
#define TIDEMARK_SERVER_INGEST_WRITER_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct writer;

struct writer_options {
	void *zmq;
	const char *database;
	const uint8_t *raw_key; /* seals raw heap files; 32 bytes, copied */
	const char *disk;       /* of our own database, copied; NULL: not ours */
	int stop_fd;            /* readable: no more retries */
};

/* Starts the thread.  `socket` is the other end: send a `struct round *`, receive it
 * back; NULL ends the thread.  The caller closes it. */
struct writer *writer_start(
	const struct writer_options *options, void **socket, struct err *e);

/* For the end, from another thread: cuts off a database that does not answer.  What is
 * not committed goes back unsettled.  NULL is accepted. */
void writer_shut(struct writer *writer);

/* After NULL was sent: waits for the thread.  NULL is accepted. */
void writer_stop(struct writer *writer);

#endif
