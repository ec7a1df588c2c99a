/*
 * Cluster: the embedded PostgreSQL, for those who bring no database.
 *
 * A private cluster under data_dir/postgres, reached only through a unix socket in
 * data_dir/run, a folder that only this user may enter; that folder is the whole
 * access control (`trust` inside).  `postgres` runs as a child in a session of its
 * own.  A server that was killed leaves it running, and the next one adopts it: data
 * stays warm and there is nothing to recover.
 *
 * Several processes of one data_dir may use it at once (the server, and
 * `tidemark-server token create` beside it).  Each holds a shared lock on
 * data_dir/cluster.users; the last one to leave stops PostgreSQL, whoever started
 * it.  So a clean stop of the server also ends a cluster that it adopted.
 *
 * Must not be used as root: PostgreSQL refuses that.  One thread.
 */
#ifndef TIDEMARK_SERVER_CLUSTER_H
#define TIDEMARK_SERVER_CLUSTER_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>

struct cluster;

/* The connection string of the cluster of this data_dir, running or not.  ERR_INPUT
 * when the path is too long for a unix socket. */
bool cluster_uri(
	const char *data_dir, struct arena *a, const char **uri, struct err *e);

/* Makes the cluster if there is none, starts or adopts it, and waits until it takes
 * connections (after a crash: until it has recovered, which can take many minutes).
 * While it waits it asks `patient` many times a second; false gives up (ERR_BUSY), NULL
 * never does.  NULL on failure, with the last line that PostgreSQL said. */
struct cluster *cluster_start(
	const char *data_dir, bool (*patient)(void), struct err *e);

/* Looks after it, about once a second, and never waits: starts or adopts it again when
 * PostgreSQL has ended, and says in *restarted when it takes connections again.  While
 * its disk is full it waits for room.  False when that has failed many times in a row.
 */
bool cluster_keep(struct cluster *c, bool *restarted, struct err *e);

/* Whether it was running already when cluster_start came. */
bool cluster_was_adopted(const struct cluster *c);

/* Leaves, and stops PostgreSQL (fast: sessions are ended, data is flushed) if nobody
 * else uses it.  NULL is accepted. */
void cluster_stop(struct cluster *c);

#endif
