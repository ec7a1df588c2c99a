/*
 * Fingerprint: the hash of what a process runs, and the order that a hash needs.
 *
 * The hash is the first half of a digest of the content alone, so that any host that
 * runs the same says the same: BLAKE2b-128 (libsodium's generichash) over the lines
 *
 *     tidemark fingerprint 1
 *     app TEXT                and so on for each text, in the order of struct
 *     is_cut 0                fingerprint
 *     environment COUNT       then one line each
 *     packages COUNT          then one line each
 *
 * Texts hold no control bytes, so that no two contents have the same lines.  Remarks
 * are not part of it: who could not read something runs the same.
 *
 * Pure, thread-safe.
 */
#ifndef TIDEMARK_SCHEMA_FINGERPRINT_H
#define TIDEMARK_SCHEMA_FINGERPRINT_H

#include "common/arena.h"
#include "schema/insight.h"

void fingerprint_hash(
	const struct fingerprint *f, char out[FINGERPRINT_HASH_DIGITS + 1]);

/* Makes what was read from foreign files into what the wire takes: texts without bad
 * bytes, within their lengths, lists sorted, each item once, within their counts and
 * FINGERPRINT_PACKAGES_BYTES_MAX (else is_cut), and the hash of that.  NULL texts
 * become
 * "".  Lists are replaced; memory is the arena's. */
void fingerprint_tidy(struct fingerprint *f, struct arena *a);

#endif
