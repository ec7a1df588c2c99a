#include "server/analyse/discovery.h"
#include "server/analyse/fleet_inside.h"
#include "server/analyse/robust.h"

#include <math.h>
#include <string.h>

enum {
	SILENT_MS = 15 * 60 * 1000,
	AGAIN_MS = 10 * 60 * 1000, /* what did not change is told again so often */
	TESTS_EACH = 4, /* windows of one slot, as far as they are independent */
};

static const double FALSE_SHARE = 0.01; /* of what is confirmed, at most */

/* Seats that fell silent, or speak again, are told of. */
static void note_silence(struct fleet *f)
{
	struct fleet_seat_state *s, *next;
	HASH_ITER(hh, f->seats, s, next)
	{
		int64_t at_ms = trace_now(slot_trace(s->slot)).at_ms;
		double patience = fmax(SILENT_MS, 3 * s->distance_ms);
		bool silent = at_ms && (double)(f->now_ms - at_ms) > patience;
		if (silent != s->silent)
			s->due = true;
		s->silent = silent;
	}
}

/* Of all that is confirmed in the whole fleet, what cannot be chance.  A backlog is
 * counted, not fitted; its z needs no correction. */
static void control_discoveries(struct fleet *f, struct arena *a)
{
	size_t count = 0, known = HASH_COUNT(f->seats);
	struct fleet_seat_state *s, *next;
	struct fleet_seat_state **seats = arena_array(a, known, sizeof(void *));
	double *p = arena_array(a, known, sizeof *p);
	bool *holds = arena_array(a, known, sizeof *holds);
	HASH_ITER(hh, f->seats, s, next)
	{
		struct slot_state state = slot_state(s->slot);
		if (state.level != ANALYSE_CONFIRMED)
			continue;
		seats[count] = s;
		p[count++] = state.backlog ? 0 : robust_normal_tail(state.surest);
	}
	struct discovery d = {
		p, count, TESTS_EACH * known, FALSE_SHARE, DISCOVERY_ALIKE};
	if (count)
		discovery_hold(&d, holds, a);
	for (size_t i = 0; i < count; i++) {
		if (seats[i]->doubtful == holds[i])
			seats[i]->due = true;
		seats[i]->doubtful = !holds[i];
	}
}

static void note_change(struct fleet_seat_state *s)
{
	if (s->version)
		s->version->changed = true;
}

static void remember(
	struct fleet_seat_state *s, const struct fleet_slot *said, int64_t now_ms)
{
	struct fleet_told *t = &s->told;
	if (t->level != said->level || t->kind != said->kind ||
		t->verdict != said->verdict)
		note_change(s);
	*t = (struct fleet_told){said->verdict, said->level, said->kind, now_ms,
		said->wait_s, NAN, NAN, NAN, said->onset, said->exhaust};
	if (said->rate.known) {
		t->kb_h = (float)said->rate.kb_h;
		t->low_kb_h = (float)said->rate.low_kb_h;
		t->high_kb_h = (float)said->rate.high_kb_h;
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
		s->judged = false;
		out->slots_known++;
	}
	struct fleet_slot *slots = arena_array(a, due, sizeof *slots);
	HASH_ITER(hh, f->seats, s, next)
	{
		if (!s->due)
			continue;
		struct fleet_slot *said = &slots[out->slot_count++];
		fleet_explain(f, s, a, said);
		remember(s, said, f->now_ms);
		s->due = false;
	}
	out->slots = slots;
}

static void tell_versions(struct fleet *f, struct arena *a, struct fleet_report *out)
{
	struct fleet_version_state *v, *next;
	size_t count = HASH_COUNT(f->versions);
	struct fleet_version_result *versions = arena_array(a, count, sizeof *versions);
	HASH_ITER(hh, f->versions, v, next)
	{
		if (v->judged && fleet_version_judge(f, v, f->now_ms))
			v->changed = true;
		bool again = v->judged && f->now_ms - v->told_ms >= AGAIN_MS;
		if (!v->changed && !again)
			continue;
		v->service->changed = v->service->changed || v->changed;
		v->changed = v->judged = false;
		v->told_ms = f->now_ms;
		if (v->seat_count)
			fleet_version_tell(f, v, a, &versions[out->version_count++]);
	}
	out->versions = versions;
}

/* Found anew when something changed, and now and then for its figures. */
static void find_service(struct fleet *f, struct fleet_service_state *o)
{
	bool again = o->finding_count && f->now_ms - o->found_ms >= AGAIN_MS;
	if (!o->changed && !again)
		return;
	o->changed = false;
	o->found_ms = f->now_ms;
	arena_reset(&o->kept);
	o->findings = arena_array(&o->kept, FLEET_CAUSES, sizeof *o->findings);
	o->finding_count = fleet_find(f, o, &o->kept, o->findings);
}

static void find_causes(struct fleet *f, struct arena *a, struct fleet_report *out)
{
	struct fleet_service_state *o, *next;
	size_t count = 0;
	HASH_ITER(hh, f->services, o, next)
	{
		find_service(f, o);
		count += o->finding_count;
	}
	struct fleet_finding *findings = arena_array(a, count, sizeof *findings);
	HASH_ITER(hh, f->services, o, next)
	for (size_t i = 0; i < o->finding_count; i++)
		findings[out->finding_count++] = o->findings[i];
	out->findings = findings;
}

void fleet_step(
	struct fleet *f, int64_t now_ms, struct arena *a, struct fleet_report *out)
{
	*out = (struct fleet_report){0};
	if (now_ms > f->now_ms)
		f->now_ms = now_ms;
	note_silence(f);
	control_discoveries(f, a);
	tell_slots(f, a, out);
	tell_versions(f, a, out);
	find_causes(f, a, out);
}
