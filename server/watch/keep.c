#include "server/watch/keep.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/store/states.h"

enum {
	SLOTS_AT_ONCE = 200, /* in one statement */
	SLOTS_A_TURN = 500,  /* after these, no further service */
	TIDY_EVERY_MS = 3600 * 1000,
};

static bool load_services(struct book *b, struct db *db, struct err *e)
{
	struct arena a;
	arena_init(&a);
	int64_t behind_id = 0;
	size_t count = 0;
	bool ok = true;
	do {
		struct states_service *rows;
		arena_reset(&a);
		ok = states_load_services(db, behind_id, &a, &rows, &count, e);
		for (size_t i = 0; ok && i < count; i++) {
			struct book_service *service;
			HASH_FIND(hh, b->services, &rows[i].service_id,
				sizeof rows[i].service_id, service);
			behind_id = rows[i].service_id;
			if (!service)
				continue;
			service->saved_ms = service->known_ms = rows[i].at_ms;
			if (!fleet_load_service(
				    b->fleet, service->id, rows[i].bytes, rows[i].size))
				log_debug("watch: what service %lld has taught cannot "
					  "be read",
					(long long)service->id);
		}
	} while (ok && count == STATES_PAGE);
	arena_finish(&a);
	return ok;
}

static void load_slot(struct book *b, const struct states_slot *row, size_t *damaged)
{
	struct book_seat *seat = book_seat(b, row->slot_id);
	if (!seat)
		return;
	if (!fleet_load_slot(b->fleet, &seat->is, row->bytes, row->size)) {
		(*damaged)++;
		return;
	}
	seat->read_ms = seat->saved_ms = fleet_slot_at_ms(b->fleet, seat->id);
	if (seat->read_ms > seat->host->read_ms)
		seat->host->read_ms = seat->read_ms;
	if (!b->step_from_ms || seat->read_ms < b->step_from_ms)
		b->step_from_ms = seat->read_ms;
}

static bool load_slots(struct book *b, struct db *db, struct err *e)
{
	struct arena a;
	arena_init(&a);
	int64_t behind_id = 0;
	size_t count = 0, damaged = 0;
	bool ok = true;
	do {
		struct states_slot *rows;
		arena_reset(&a);
		ok = states_load_slots(db, behind_id, &a, &rows, &count, e);
		for (size_t i = 0; ok && i < count; i++) {
			behind_id = rows[i].slot_id;
			load_slot(b, &rows[i], &damaged);
		}
	} while (ok && count == STATES_PAGE);
	arena_finish(&a);
	if (ok && damaged)
		log_info("watch: what is remembered of %zu instances cannot be read; "
			 "it is built anew from their readings",
			damaged);
	return ok;
}

bool keep_load(struct book *b, struct db *db, int64_t now_ms, struct err *e)
{
	/* So that not all of them are kept in the same turn. */
	struct book_service *service, *next;
	HASH_ITER(hh, b->services, service, next)
	service->saved_ms = now_ms - service->id * 7919000 % KEEP_EVERY_MS;
	return load_services(b, db, e) && load_slots(b, db, e);
}

static bool save_slots(struct book *b, struct db *db, struct book_seat **seats,
	size_t count, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct states_slot *rows = arena_array(&a, count, sizeof *rows);
	for (size_t i = 0; i < count; i++) {
		rows[i] = (struct states_slot){.slot_id = seats[i]->id,
			.at_ms = fleet_slot_at_ms(b->fleet, seats[i]->id)};
		rows[i].bytes = fleet_save_slot(
			b->fleet, seats[i]->id, &a, &rows[i].size);
	}
	bool ok = states_save_slots(db, rows, count, &a, e);
	for (size_t i = 0; ok && i < count; i++)
		seats[i]->saved_ms = rows[i].at_ms;
	arena_finish(&a);
	return ok;
}

static bool save_service(struct book *b, struct db *db, struct book_service *service,
	int64_t now_ms, size_t *saved, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct states_service row = {.service_id = service->id, .at_ms = now_ms};
	row.bytes = fleet_save_service(b->fleet, service->id, &a, &row.size);
	bool ok = !row.bytes || states_save_service(db, &row, &a, e);
	arena_finish(&a);
	struct book_seat *chosen[SLOTS_AT_ONCE], *seat, *next;
	size_t count = 0;
	HASH_ITER(hh, b->seats, seat, next)
	{
		if (!ok || seat->service != service ||
			fleet_slot_at_ms(b->fleet, seat->id) <= seat->saved_ms)
			continue;
		chosen[count++] = seat;
		(*saved)++;
		if (count == SLOTS_AT_ONCE) {
			ok = save_slots(b, db, chosen, count, e);
			count = 0;
		}
	}
	ok = ok && save_slots(b, db, chosen, count, e);
	service->saved_ms = now_ms;
	return ok;
}

static bool tidy(
	struct book *b, struct db *db, int64_t now_ms, struct arena *a, struct err *e)
{
	if (now_ms - b->tidied_ms < TIDY_EVERY_MS)
		return true;
	b->tidied_ms = now_ms;
	size_t count;
	int64_t *gone = book_tidy(b, now_ms, a, &count);
	return states_drop_slots(db, gone, count, a, e);
}

/* The service whose hour has been over for longest, so that all have their turn where
 * there are too many for an hour.  NULL: none is due. */
static struct book_service *longest_due(struct book *b, int64_t now_ms)
{
	struct book_service *service, *next, *best = NULL;
	HASH_ITER(hh, b->services, service, next)
	{
		if (!service->saved_ms) /* new */
			service->saved_ms = now_ms -
					    service->id * 7919000 % KEEP_EVERY_MS;
		if (now_ms - service->saved_ms >= KEEP_EVERY_MS &&
			(!best || service->saved_ms < best->saved_ms))
			best = service;
	}
	return best;
}

bool keep_save_due(
	struct book *b, struct db *db, int64_t now_ms, struct arena *a, struct err *e)
{
	size_t saved = 0;
	struct book_service *service;
	while (saved < SLOTS_A_TURN && (service = longest_due(b, now_ms)))
		if (!save_service(b, db, service, now_ms, &saved, e))
			return false;
	return tidy(b, db, now_ms, a, e);
}

bool keep_save_all(struct book *b, struct db *db, int64_t now_ms,
	int64_t deadline_mono_ms, struct err *e)
{
	size_t saved = 0;
	struct book_service *service, *next;
	HASH_ITER(hh, b->services, service, next)
	{
		if (clock_mono_ms() >= deadline_mono_ms)
			break;
		if (!db_begin(db, e))
			return false;
		if (!save_service(b, db, service, now_ms, &saved, e)) {
			db_rollback(db);
			return false;
		}
		if (!db_commit(db, e))
			return false;
	}
	return true;
}
