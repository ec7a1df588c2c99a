/*
 * Outbox: batches about snapshots, from others and until the server has them.
 *
 * A folder of the state directory, with one file per batch.  Two kinds:
 *
 *     NAME.batch           left by `tidemark-agent snapshot take` (outbox_leave), to be
 *                          sent: checked, appended to the spool, and from then on
 *     held-EPOCH-SEQUENCE  a copy of a batch that is in the spool under that sequence
 *
 * The spool is full of readings when a server was away for long, and gives up its
 * oldest segments with all that is in them.  A summary or the word on what became of a
 * capture must not be lost in that way: what the spool has given up without a receipt
 * is appended again from its copy, at the next tick.  (The spool has then counted it
 * among the batches that it gave up, which is one too many.)  The copy is removed when
 * the server says that it has the batch, before the spool forgets it, so that no
 * moment of a crash makes the agent send it under a second number.
 *
 * At most OUTBOX_HELD_MAX copies and a quarter of the spool's size: of more the oldest
 * copies go, and their batches are as safe as readings are.
 *
 * Damaged files are set aside as NAME.damaged, at most OUTBOX_DAMAGED_MAX of them.
 *
 * Borrows the spool.  One thread, but for outbox_leave: any process.
 */
#ifndef TIDEMARK_AGENT_OUTBOX_H
#define TIDEMARK_AGENT_OUTBOX_H

#include "agent/spool.h"
#include "common/err.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OUTBOX_HELD_MAX = 64,
	OUTBOX_DAMAGED_MAX = 16,
	OUTBOX_AT_ONCE_MAX = 16, /* files that one tick sends */
};

struct outbox;

struct outbox_options {
	const char *state_dir;
	struct spool *spool;
	int64_t spool_max_bytes;
	/* A file was sent or set aside (then `batch` is NULL and `e` says why). */
	void (*found)(void *context, const char *name, const struct wire_batch *batch,
		const struct err *e);
	void *context;
};

bool outbox_open(
	const struct outbox_options *options, struct outbox **out, struct err *e);
void outbox_close(struct outbox *o);

/* Appends a batch to the spool and keeps a copy.  ERR_IO: of the spool, the batch is
 * lost.  Without a copy (a full disk) the batch is only as safe as readings are. */
bool outbox_send(struct outbox *o, const void *bytes, size_t length,
	int64_t now_unix_ms, struct err *e);

/* The server has it, or will never take it: before the spool forgets it. */
void outbox_settle(struct outbox *o, uint64_t sequence);

/* Each tick: appends again what the spool gave up, and sends what others have left.
 * ERR_IO: of the spool; the next tick goes on. */
bool outbox_tend(struct outbox *o, struct err *e);

size_t outbox_held(const struct outbox *o);

/* Leaves a batch for the agent to send; in order of the calls. */
bool outbox_leave(
	const char *state_dir, const void *bytes, size_t length, struct err *e);

#endif
