/*
 * Ingest: takes batches from agents and puts them into the database.
 *
 * Three threads that share nothing but messages and counters:
 *   door    answers ZAP (who may connect) and enrol requests; own connection
 *   intake  owns the data socket: receives, decodes, collects a round of batches,
 *           and sends the receipts of the round before
 *   writer  stores one round in one transaction; own connection
 * Nothing is acknowledged before its commit.  While PostgreSQL is away the writer
 * keeps its round and tries again, the intake drops what it has no room for (agents
 * send again what is not acknowledged), and the door goes on.
 */
#ifndef TIDEMARK_SERVER_INGEST_INGEST_H
#define TIDEMARK_SERVER_INGEST_INGEST_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/endpoints.h"

#include <stdbool.h>
#include <stdint.h>

struct ingest;

struct ingest_options {
	const char *database; /* connection string of a migrated database */
	const char *listen_host;
	uint16_t data_port, enrol_port;
	struct endpoints servers; /* told to agents that enrol; none: data_port */
	const char *disk; /* a folder on the disk of our own database; NULL: yours */
	const uint8_t *secret_key; /* 32 bytes: of the server's CURVE pair */
	const uint8_t *raw_key;    /* 32 bytes: with which raw heap files are sealed */
	int64_t raw_retention_ms;
	int64_t gather_ms; /* longest that a calm round waits for company; 0: 2 s */
};

/* Binds both sockets and loads the known keys before it returns, so that a bad
 * address and a missing database are seen at start.  Copies what it needs. */
struct ingest *ingest_start(const struct ingest_options *options, struct err *e);

/* Stores and acknowledges what was received, then ends.  When the database is away it
 * does not wait for it: what was not acknowledged is sent again.  NULL is accepted. */
void ingest_stop(struct ingest *ingest);

/* Totals since the process started; zero when no ingest runs.  Any thread. */
struct ingest_counters {
	uint64_t frames, frame_bytes, frames_dropped, frames_revoked;
	uint64_t batches_stored, batches_repeated, batches_refused, batches_held;
	uint64_t process_samples, host_samples, values_refused;
	uint64_t commits, commit_failures;
	uint64_t handshakes_accepted, handshakes_refused;
	uint64_t enrolled, enrol_refused;
	uint64_t snapshots_stored, snapshots_foreign;
	uint64_t events_taken, events_ignored;
	uint64_t parts_taken, parts_refused;
	uint64_t known_keys;     /* a level, not a total */
	int64_t last_commit_ms;  /* Unix time, 0: none yet */
	int64_t commit_us_total; /* time in transactions */
};

void ingest_counters(struct ingest_counters *out);

/* The same as Prometheus text 0.0.4, one family after the other.  `context` is not
 * used.  Any thread. */
void ingest_metrics(void *context, struct buf *out);

/* Appends why batches wait, nothing when they do not.  Any thread. */
void ingest_trouble(struct buf *out);

#endif
