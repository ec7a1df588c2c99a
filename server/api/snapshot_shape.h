/*
 * Snapshot shape: answers about heap snapshots and their captures that several routes
 * share, as web/src/api/heap.ts gives them.  Pure: writes into the caller's writer.
 */
#ifndef TIDEMARK_SERVER_API_SNAPSHOT_SHAPE_H
#define TIDEMARK_SERVER_API_SNAPSHOT_SHAPE_H

#include "common/json.h"
#include "server/store/captures.h"
#include "server/store/snapshots.h"

/* SnapshotRow */
void snapshot_shape_row(struct json *j, const struct snapshots_row *r);

/* Snapshot */
void snapshot_shape_one(struct json *j, const struct snapshots_one *s);

/* HeapName's members, inside an object that the caller opened; location "" is null. */
void snapshot_shape_name(struct json *j, const char *name, const char *location);

/* Capture */
void snapshot_shape_capture(struct json *j, const struct captures_row *r);

#endif
