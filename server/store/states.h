/*
 * States: what the detector remembers, kept between two starts of the watch.
 *
 * The bytes are the detector's own (server/analyse/fleet.h).  Only the watch calls
 * this, on its own connection and inside the transaction of its turn.  Times are Unix
 * ms.
 */
#ifndef TIDEMARK_SERVER_STORE_STATES_H
#define TIDEMARK_SERVER_STORE_STATES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATES_PAGE = 1000 }; /* rows at a time */

struct states_slot {
	int64_t slot_id, service_id, host_id;
	int64_t at_ms; /* the newest reading in it */
	const uint8_t *bytes;
	size_t size;
};

/* Those behind a seat, in order, STATES_PAGE at most: fewer are the last.  service_id
 * and host_id are filled in. */
bool states_load_slots(struct db *db, int64_t behind_id, struct arena *a,
	struct states_slot **rows, size_t *count, struct err *e);

bool states_save_slots(struct db *db, const struct states_slot *rows, size_t count,
	struct arena *a, struct err *e);

bool states_drop_slots(struct db *db, const int64_t *slot_ids, size_t count,
	struct arena *a, struct err *e);

struct states_service {
	int64_t service_id, at_ms;
	const uint8_t *bytes;
	size_t size;
};

bool states_load_services(struct db *db, int64_t behind_id, struct arena *a,
	struct states_service **rows, size_t *count, struct err *e);

bool states_save_service(struct db *db, const struct states_service *row,
	struct arena *a, struct err *e);

#endif
