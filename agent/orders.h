/*
 * Orders: which captures the server has asked for, and what became of them.
 *
 * The server repeats an order until it knows what became of it, and an agent may be
 * restarted in the middle: each order is begun at most once.  The newest
 * ORDERS_KNOWN_MAX are remembered, as text that the caller keeps in the state
 * directory.  An order is told by its capture, its kind (a card, then the snapshot),
 * the process life, and a deadline that is not ORDERS_ANOTHER_MS later than the one
 * known, so that another server that counts anew is not mistaken for the one before.
 *
 * Owns its entries.  No I/O.  One thread.
 */
#ifndef TIDEMARK_AGENT_ORDERS_H
#define TIDEMARK_AGENT_ORDERS_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ORDERS_KNOWN_MAX = 128,
	ORDERS_ANOTHER_MS = 3600 * 1000, /* no repeat comes so late */
	ORDERS_SERVICE_BYTES = 208,
	ORDERS_TEXT_BYTES = 208,
};

enum orders_stage {
	ORDERS_WAITS, /* for its turn; forgotten by a restart, and then begun */
	ORDERS_BEGUN, /* the work runs, or ran when the agent was ended */
	ORDERS_ENDED,
};

struct orders_entry {
	uint64_t capture; /* 0: asked for by somebody here, for people to see */
	enum snapshot_order_kind kind;
	uint32_t pid;
	uint64_t start_ticks;
	int64_t deadline_unix_ms;
	enum orders_stage stage;
	enum snapshot_state state; /* the last one reported; 0: none */
	int64_t changed_unix_ms;
	char service[ORDERS_SERVICE_BYTES]; /* cut */
	char text[ORDERS_TEXT_BYTES];       /* why; cut */
};

struct orders;

struct orders *orders_create(void);
void orders_destroy(struct orders *o);

/* Reads what orders_format wrote.  On failure (ERR_INPUT with the line) what stood
 * before that line is known, and everything works. */
bool orders_parse(struct orders *o, const char *text, struct err *e);

/* Appends what has begun or ended. */
void orders_format(const struct orders *o, struct buf *out);

/* NULL: it is new. */
struct orders_entry *orders_find(struct orders *o, const struct snapshot_order *order);

/* A new one, in the place of the oldest that has ended, if need be; valid until the
 * next one is added. */
struct orders_entry *orders_add(
	struct orders *o, const struct snapshot_order *order, int64_t now_unix_ms);

/* Forgets one that waits. */
void orders_remove(struct orders *o, struct orders_entry *entry);

void orders_report(struct orders_entry *entry, const struct snapshot_event *event);

/* "running", "cost card made"; for people. */
const char *orders_state_name(const struct orders_entry *entry);

/* The newest few as lines for people, newest first. */
void orders_show(const struct orders *o, struct buf *out);

/* The entries, oldest first. */
struct orders_entry *orders_all(struct orders *o, size_t *count);

#endif
