/*
 * Intake: the thread that owns the data socket.
 *
 * Receives and decodes, collects a round, hands it to the writer, and sends the
 * receipts of the round that comes back.  Two rounds go round: one is filled while
 * the other is stored.  A full round stops the reading, and then TCP stops the
 * agents, whose spools are the queue.  When the writer is stuck, because the database
 * is away, what comes is dropped and counted; agents send it again.
 *
 * What comes over a connection whose agent was revoked is not read: it is answered as
 * held, so that the agent knows, and nothing of it goes any further.  What was received
 * before that is the writer's to judge, inside its transaction.
 */
#ifndef TIDEMARK_SERVER_INGEST_INTAKE_H
#define TIDEMARK_SERVER_INGEST_INTAKE_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct intake;

struct intake_options {
	void *zmq;
	void *writer;          /* the intake's end; it becomes the owner */
	struct roster *roster; /* who may send; borrowed */
	const char *host;
	uint16_t port;
	const uint8_t *secret_key;
	int64_t raw_retention_ms;
	int64_t gather_ms; /* as in ingest.h */
	int stop_fd;       /* readable: settle what was received, then end */
};

struct intake *intake_start(const struct intake_options *options, struct err *e);

/* After stop_fd became readable: whether the thread ends within the time. */
bool intake_wait(struct intake *intake, int64_t timeout_ms);

/* After stop_fd became readable: waits for the thread, which ends the writer.  NULL
 * is accepted. */
void intake_stop(struct intake *intake);

#endif
