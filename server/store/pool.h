/*
 * Pool: a fixed number of connections that threads borrow.
 *
 * Safe from any thread.  pool_take waits for a free connection; what was taken must
 * be given back, by the same thread or another.  Connections are made on first use
 * and mend themselves (db.h).  A transaction left open is rolled back on return.
 */
#ifndef TIDEMARK_SERVER_STORE_POOL_H
#define TIDEMARK_SERVER_STORE_POOL_H

#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

struct pool;

struct pool *pool_create(const struct db_options *options, int connections);

/* All connections must have been given back. */
void pool_destroy(struct pool *pool);

/* NULL with ERR_BUSY when none becomes free within timeout_ms. */
struct db *pool_take(struct pool *pool, int64_t timeout_ms, struct err *e);

/* For the end: nothing more can be taken; what is not given back within the grace is
 * shut (db_shut), so that whoever has it ends soon. */
void pool_close(struct pool *pool, int64_t grace_ms);

/* NULL is accepted. */
void pool_give(struct pool *pool, struct db *db);

#endif
