/*
 * Wire snapshot: heaps, events, orders and parts of raw files, between plain structs
 * and messages.
 *
 * The rules for what is in them stand once, in wire_snapshot_check.c, and hold for both
 * directions: what breaks one is neither sent nor taken.  Pure; memory is the arena's.
 * For schema/wire*.c.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_SNAPSHOT_H
#define TIDEMARK_SCHEMA_WIRE_SNAPSHOT_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/tidemark.pb-c.h"
#include "schema/wire.h"

/* Counts, kinds, ranges; not the texts, which encoding cleans and decoding checks. */
bool wire_snapshot_check(const struct snapshot *s, struct err *e);
bool wire_snapshot_check_event(
	const struct wire_snapshot_event *event, size_t process_count, struct err *e);
bool wire_snapshot_check_order(const struct snapshot_order *order, struct err *e);
bool wire_snapshot_check_part(const struct snapshot_raw_part *part, struct err *e);
bool wire_snapshot_check_size(const Tidemark__Snapshot *m, struct err *e);

/* What keeps the rules cannot fail. */
Tidemark__Snapshot *wire_snapshot_encode(
	const struct wire_snapshot *snapshot, struct arena *a);
Tidemark__SnapshotEvent *wire_snapshot_encode_event(
	const struct wire_snapshot_event *event, struct arena *a);
Tidemark__SnapshotOrder *wire_snapshot_encode_order(
	const struct snapshot_order *order, struct arena *a);
Tidemark__RawPart *wire_snapshot_encode_part(
	const struct snapshot_raw_part *part, struct arena *a);

/* The process and the time's upper bound are the caller's to check. */
bool wire_snapshot_decode(const Tidemark__Snapshot *m, struct arena *a,
	struct snapshot *out, struct err *e);
bool wire_snapshot_decode_event(const Tidemark__SnapshotEvent *m, size_t process_count,
	struct arena *a, struct wire_snapshot_event *out, struct err *e);
/* The kind must be one that we know. */
bool wire_snapshot_decode_order(const Tidemark__SnapshotOrder *m, struct arena *a,
	struct snapshot_order *out, struct err *e);
bool wire_snapshot_knows_order(const Tidemark__SnapshotOrder *m);
bool wire_snapshot_decode_part(const Tidemark__RawPart *m, struct arena *a,
	struct snapshot_raw_part *out, struct err *e);

#endif
