/*
 * Places: whose heap, read from rows of capture_named and snapshot_named in one place.
 * For server/store only.
 */
#ifndef TIDEMARK_SERVER_STORE_PLACES_H
#define TIDEMARK_SERVER_STORE_PLACES_H

#include "server/store/snapshots.h"

struct snapshots_place places_read(
	const struct db_rows *rows, int row, struct arena *a);

#endif
