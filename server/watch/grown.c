#include "server/watch/grown.h"

#include "server/watch/recall.h"

enum { FIVE_MS = 5 * 60 * 1000, WARM_MS = 10 * 60 * 1000 };

static bool read_seat(struct db *db, const struct evidence_seat *seat,
	const struct grown_span *span, struct grown_seat *out, bool *found,
	struct err *e)
{
	struct history_subject life = {.id = seat->life_id,
		.service_id = seat->service_id,
		.host_id = seat->host_id};
	int64_t from_ms = seat->started_ms + WARM_MS;
	struct recall_low early, late;
	if (from_ms < span->since_ms)
		from_ms = span->since_ms;
	if (!recall_low(db, &life, from_ms, from_ms + FIVE_MS, &early, e) ||
		!recall_low(db, &life, span->now_ms - FIVE_MS + 1, span->now_ms + 1,
			&late, e))
		return false;
	*found = early.low_kb >= 0 && late.low_kb >= 0;
	*out = (struct grown_seat){
		.slot_id = seat->slot_id,
		.early_kb = (double)early.low_kb,
		.late_kb = (double)late.low_kb,
		.span_ms = late.last_ms - early.first_ms,
	};
	return true;
}

bool grown_read(struct db *db, const struct grown_span *span, struct arena *a,
	struct grown_seat **rows, size_t *count, struct err *e)
{
	struct evidence_seat *seats;
	size_t seat_count;
	if (!evidence_seats(db, span->slots, a, &seats, &seat_count, e))
		return false;
	*rows = arena_array(a, seat_count, sizeof **rows);
	*count = 0;
	for (size_t i = 0; i < seat_count; i++) {
		bool found;
		if (!read_seat(db, &seats[i], span, &(*rows)[*count], &found, e))
			return err_wrap(e, "reading what instances did since");
		*count += found;
	}
	return true;
}
