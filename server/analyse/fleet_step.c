#include "server/analyse/fleet_inside.h"

#include <math.h>
#include <string.h>

enum { SILENT_MS = 15 * 60 * 1000 };

/* Seats that fell silent, or speak again, are told of. */
static void note_silence(struct fleet *f, int64_t now_ms)
{
	struct fleet_seat_state *s, *next;
	HASH_ITER(hh, f->seats, s, next)
	{
		int64_t at_ms = trace_now(slot_trace(s->slot)).at_ms;
		double patience = fmax(SILENT_MS, 3 * s->distance_ms);
		bool silent = at_ms && (double)(now_ms - at_ms) > patience;
		if (silent != s->silent)
			s->due = true;
		s->silent = silent;
	}
}

static void tell_slots(struct fleet *f, struct arena *a, struct fleet_report *out)
{
	size_t due = 0;
	struct fleet_seat_state *s, *next;
	HASH_ITER(hh, f->seats, s, next)
	{
		due += s->due;
		out->slots_judged += s->judged;
		out->slots_known++;
	}
	struct fleet_slot *slots = arena_array(a, due, sizeof *slots);
	HASH_ITER(hh, f->seats, s, next)
	{
		s->judged = false;
		if (!s->due)
			continue;
		fleet_explain(s, a, &slots[out->slot_count++]);
		s->told = slots[out->slot_count - 1].verdict;
		s->told_ms = f->now_ms;
		s->due = false;
	}
	out->slots = slots;
}

void fleet_step(
	struct fleet *f, int64_t now_ms, struct arena *a, struct fleet_report *out)
{
	*out = (struct fleet_report){0};
	if (now_ms > f->now_ms)
		f->now_ms = now_ms;
	note_silence(f, f->now_ms);
	tell_slots(f, a, out);
}
