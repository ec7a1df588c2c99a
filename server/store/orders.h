/*
 * Orders: what agents are asked for, as their receipts carry it.
 *
 * Results live in the caller's arena.  For ingest, inside its transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_ORDERS_H
#define TIDEMARK_SERVER_STORE_ORDERS_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/wire.h"
#include "server/store/db.h"

#include <stddef.h>
#include <stdint.h>

/* The orders of one host; WIRE_ORDERS_MAX at most, the oldest captures first. */
struct orders_host {
	int32_t host_id; /* asked for */
	struct snapshot_order *orders;
	size_t count;
};

/* `hosts`: each once. */
bool orders_pending(struct db *db, struct orders_host *hosts, size_t count,
	int64_t now_ms, struct arena *a, struct err *e);

#endif
