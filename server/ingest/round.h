/*
 * Round: the batches that go into the database in one transaction.
 *
 * The intake fills a round, the writer settles it, the intake sends its receipts and
 * empties it.  Whoever was handed the round last owns it.  All memory of its items is
 * in its arena.
 */
#ifndef TIDEMARK_SERVER_INGEST_ROUND_H
#define TIDEMARK_SERVER_INGEST_ROUND_H

#include "common/arena.h"
#include "schema/wire.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ROUND_ITEMS_MAX = 2048,
	ROUND_ITEMS_PER_AGENT_MAX = 256, /* an agent of ours has 16 under way */
	ROUND_ROWS_FULL = 40000,
	ROUND_BYTES_FULL = 48 << 20, /* of arena */
};

/* A batch without fate yet. */
#define ROUND_PENDING ((enum wire_fate)0)

struct round_item {
	const void *peer; /* ROUTER's name for the connection */
	size_t peer_length;
	int32_t agent_id; /* from the connection's key */
	int64_t arrived_ms;
	size_t frame_bytes;
	bool answerable; /* epoch and sequence are known */
	struct wire_upload upload;
	struct wire_batch batch; /* empty when refused at the door */
	int64_t newest_ms;       /* its last tick, 0: none */
	size_t rows;             /* processes and their samples */
	/* Metrics that some sample of it has a value of. */
	uint64_t process_present, host_present;
	bool has_skew; /* of a batch that its times refuse */
	int64_t skew_ms;

	enum wire_fate fate;           /* ROUND_PENDING until settled */
	const char *reason;            /* why it is refused or held */
	struct snapshot_order *orders; /* that its receipt carries */
	size_t order_count;
	const struct setting_orders *settings; /* the same; NULL: none */
};

struct round {
	struct arena arena;
	struct round_item *items[ROUND_ITEMS_MAX];
	size_t count;
	size_t rows;
	bool hurry;   /* an agent in it has a backlog */
	bool settled; /* by the writer; false: it gave up, nothing may be acknowledged
		       */
	atomic_uint handed; /* how often it has changed hands */
};

struct round *round_create(void);
void round_destroy(struct round *r);
void round_reset(struct round *r);

/* A new, zeroed item; the round must not be full. */
struct round_item *round_add(struct round *r);
bool round_is_full(const struct round *r);

/* Around the message that hands a round to another thread: who has taken it sees all
 * that was written before it was given.  libzmq orders that too, but by means that the
 * thread sanitizer does not see. */
void round_give(struct round *r);
void round_take(struct round *r);

#endif
