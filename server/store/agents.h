/*
 * Agents: who may send, and how each one fares.
 *
 * An agent's CURVE public key is its identity.  Functions work on the caller's
 * connection, inside its transaction if one is open; memory is the caller's arena.
 */
#ifndef TIDEMARK_SERVER_STORE_AGENTS_H
#define TIDEMARK_SERVER_STORE_AGENTS_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/setting.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AGENTS_KEY_BYTES = 32 };

struct agents_key {
	int32_t agent_id;
	uint8_t public_key[AGENTS_KEY_BYTES];
};

/* All keys that may connect. */
bool agents_keys(struct db *db, struct arena *a, struct agents_key **keys,
	size_t *count, struct err *e);

struct agents_agent {
	int32_t id; /* 0: there is none */
	bool revoked;
	const char *machine_id; /* of its host */
	const char *token_id;   /* that it enrolled with; "" when unknown */
};

/* The agent of this key. */
bool agents_find(struct db *db, const uint8_t *public_key, struct arena *a,
	struct agents_agent *out, struct err *e);

/* Whether the host has an agent of another key that was heard in the last ten minutes.
 */
bool agents_has_rival(struct db *db, const char *machine_id, const uint8_t *public_key,
	struct arena *a, bool *has, struct err *e);

struct agents_enrolment {
	const uint8_t *public_key;
	const char *machine_id, *hostname, *version, *token_id;
};

/* Adds an agent, and its host when it is a new one; a revoked agent of this key is
 * taken in again.  Tells every server (channels "keys" and "tidemark"), and the audit
 * ("agent.enrol"). */
bool agents_enrol(struct db *db, const struct agents_enrolment *enrolment,
	int32_t *agent_id, struct err *e);

/* What a round of batches adds to an agent's row. */
struct agents_report {
	int32_t agent_id;
	const char *version;    /* NULL: unchanged */
	int64_t last_sample_ms; /* 0: unchanged */
	bool has_skew;
	int64_t skew_ms;
	bool has_spool;
	int64_t spool_bytes, spool_batches;
	int64_t stored, repeated, refused; /* batches; added to the totals */
	int64_t refused_values;
	const char *refusal; /* the last reason, NULL: none */
	bool has_settings;   /* it has said, or not said, what it runs */
	const struct setting_state *settings; /* NULL: of a version that does not */
	const char *exceptions; /* "interval overridden,…"; NULL: none */
};

bool agents_put_reports(struct db *db, const struct agents_report *reports,
	size_t count, struct arena *a, struct err *e);

#endif
