/* fuzzes: server_analyse */
/*
 * A fleet of four slots, told and asked by instructions of eight bytes: single
 * readings of hostile numbers, runs of many, restarts, clocks that jump, states
 * that are saved, damaged and loaded.  Whatever comes, what is said is a
 * verdict with a name, its numbers are finite and in order, and a slot that was
 * saved and loaded says what it said before.  When the first byte is 255, the
 * rest is a slot's state and then a service's.
 */
#include "common/err.h"
#include "server/analyse/fleet.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { SLOTS = 4, STEP = 8, READINGS_MAX = 400, SPACINGS = 8, VALUES = 16 };

static const int64_t MONTH_MS = INT64_C(30) * 86400 * 1000;
static const int64_t EPOCH_MS = INT64_C(1790000000000);

static const double values[VALUES] = {0, 1, 1e9, -1, NAN, INFINITY, -INFINITY, 1e300,
	-1e300, 5e-324, 1e15, 0.1, 65535, 4294967296, 1e-9, 300e3};

static const int64_t spacings_ms[SPACINGS] = {
	0, 1, 1000, 10000, 60000, 300000, 3600000, 86400000};

static struct {
	struct fleet *fleet;
	struct arena arena;
	int64_t at_ms[SLOTS], now_ms;
	struct reading_life life[SLOTS];
	int left; /* readings that may still come */
} fuzz;

static struct fleet_seat seat_of(size_t slot)
{
	return (struct fleet_seat){
		(int64_t)slot + 1, 1 + (int64_t)slot / 2, 1 + (int64_t)slot};
}

static void check_rate(const struct analyse_rate *r)
{
	if (!r->known)
		return;
	BUG_ON(!isfinite(r->kb_h) || !isfinite(r->low_kb_h) || !isfinite(r->high_kb_h));
	BUG_ON(r->low_kb_h > r->kb_h || r->kb_h > r->high_kb_h);
}

static void check_moment(const struct analyse_moment *m)
{
	if (m->at_ms == 0)
		return;
	BUG_ON(m->at_ms < 0 || m->low_ms > m->at_ms);
	BUG_ON(m->high_ms != 0 && m->high_ms < m->at_ms);
}

static void check_reasons(const char *summary, const struct analyse_reasons *reasons)
{
	BUG_ON(!summary);
	for (size_t i = 0; i < reasons->count; i++) {
		const char *text = reasons->items[i].text;
		BUG_ON(!text || !*text || strlen(text) > 4096);
		BUG_ON(strstr(text, "nan") || strstr(text, "inf "));
	}
}

static void check_slot(const struct fleet_slot *s)
{
	BUG_ON(s->verdict > ANALYSE_LEAK || !*analyse_verdict_name(s->verdict));
	BUG_ON(s->level > ANALYSE_CONFIRMED || s->kind > ANALYSE_KIND_VERSION);
	BUG_ON(s->level != ANALYSE_QUIET && !*analyse_kind_name(s->kind));
	BUG_ON(s->series > ANALYSE_HEAP_FLOOR || s->wait_s < 0 || s->seen_ms < 0);
	BUG_ON(isinf(s->value_kb) || isinf(s->limit_kb) || isinf(s->scale_kb));
	BUG_ON(isinf(s->p_value) || s->p_value < 0 || s->p_value > 1);
	check_rate(&s->rate);
	check_moment(&s->onset);
	check_moment(&s->exhaust);
	check_reasons(s->summary, &s->reasons);
}

static void check_report(const struct fleet_report *r)
{
	for (size_t i = 0; i < r->slot_count; i++)
		check_slot(&r->slots[i]);
	for (size_t i = 0; i < r->version_count; i++) {
		const struct fleet_version_result *v = &r->versions[i];
		BUG_ON(v->verdict > ANALYSE_LEAK || v->level > ANALYSE_CONFIRMED);
		BUG_ON(v->slots_leaking > v->slots || v->hosts_leaking > v->hosts);
		BUG_ON(v->wait_s < 0);
		check_rate(&v->rate);
		check_moment(&v->onset);
		check_moment(&v->exhaust);
		check_reasons(v->summary, &v->reasons);
	}
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct fleet_finding *f = &r->findings[i];
		BUG_ON(f->level == ANALYSE_QUIET || f->level > ANALYSE_CONFIRMED);
		BUG_ON(!*analyse_kind_name(f->kind) || !f->cause);
		BUG_ON(f->hosts_leaking > f->hosts || f->slot_count > f->slots);
		for (size_t k = 0; k < f->slot_count; k++)
			check_rate(&f->slot_rates[k]);
		check_rate(&f->rate);
		check_moment(&f->onset);
		check_moment(&f->exhaust);
		check_reasons(f->summary, &f->reasons);
	}
}

static void put(size_t slot, const struct reading *r)
{
	const struct fleet_seat seat = seat_of(slot);
	if (fuzz.left-- > 0)
		fleet_put(fuzz.fleet, &seat, &fuzz.life[slot], r);
}

/* A number from the table, or one of a byte; a NAN is as usual as it is in
 * life. */
static double number(uint8_t byte)
{
	return byte < VALUES ? values[byte] : byte < 64 ? NAN : ldexp(byte, byte % 24);
}

static void put_one(size_t slot, const uint8_t *b)
{
	fuzz.at_ms[slot] += spacings_ms[b[7] % SPACINGS] * (b[7] & 128 ? -1 : 1);
	put(slot, &(struct reading){
			  .at_ms = fuzz.at_ms[slot],
			  .memory_kb = number(b[2]),
			  .heap_kb = number(b[3]),
			  .heap_used_kb = number(b[3] ^ b[4]),
			  .live_kb = number(b[4]),
			  .collections = number(b[4] ^ b[5]),
			  .load = number(b[5]),
			  .arrivals = number(b[5] ^ b[6]),
			  .completions = number(b[6]),
			  .depth = number(b[6] ^ b[7]),
		  });
}

/* Many readings of one slope, with noise and, where asked for, heap, load and
 * queue. */
static void put_run(size_t slot, const uint8_t *b)
{
	uint32_t state = b[5] * 2654435761u + b[6];
	int64_t spacing_ms = spacings_ms[1 + b[3] % (SPACINGS - 1)];
	double slope = ldexp((int8_t)b[4], b[7] % 16 - 4),
	       from = ldexp(1, 4 + b[7] / 16);
	for (int i = 0; i <= b[2]; i++) {
		state = state * 1664525u + 1013904223u;
		double noise = (double)(state >> 8) / (1 << 24) * b[5];
		double kb = fmax(0, from + slope * i + noise);
		fuzz.at_ms[slot] += spacing_ms;
		put(slot, &(struct reading){
				  .at_ms = fuzz.at_ms[slot],
				  .memory_kb = kb,
				  .heap_kb = b[6] & 1 ? kb * 0.8 : NAN,
				  .heap_used_kb = b[6] & 1 ? kb * 0.6 : NAN,
				  .live_kb = b[6] & 2 ? kb * 0.4 : NAN,
				  .collections = b[6] & 2 ? (double)(i / 8) : NAN,
				  .load = b[6] & 4 ? noise : NAN,
				  .arrivals = b[6] & 8 ? 10 + noise : NAN,
				  .completions = b[6] & 8 ? 10 + slope : NAN,
				  .depth = b[6] & 8 ? fmax(0, slope * i) : NAN,
			  });
	}
}

static void restart(size_t slot, const uint8_t *b)
{
	struct reading_life *life = &fuzz.life[slot];
	life->id = b[2] & 1 ? life->id + SLOTS : life->id;
	life->fingerprint_id = 1 + (int64_t)(slot / 2) * 4 + b[3] % 4;
	life->started_ms = fuzz.at_ms[slot] + (int64_t)(int8_t)b[4] * 3600 * 1000;
	life->limit_kb = number(b[5]);
	life->is_private = b[6] & 1;
	life->collects_late = b[6] & 2;
}

static void step(const uint8_t *b)
{
	struct fleet_report report;
	for (size_t i = 0; i < SLOTS; i++)
		if (fuzz.at_ms[i] > fuzz.now_ms)
			fuzz.now_ms = fuzz.at_ms[i];
	fuzz.now_ms += b[2] * INT64_C(60000);
	fleet_step(fuzz.fleet, fuzz.now_ms, &fuzz.arena, &report);
	check_report(&report);
	arena_reset(&fuzz.arena);
}

static void check_same(const struct fleet_slot *a, const struct fleet_slot *b)
{
	BUG_ON(a->verdict != b->verdict || a->level != b->level || a->kind != b->kind);
	BUG_ON(a->at_ms != b->at_ms || a->wait_s != b->wait_s);
	BUG_ON(a->rate.known != b->rate.known);
	BUG_ON(a->rate.known && a->rate.kb_h != b->rate.kb_h);
	BUG_ON(strcmp(a->summary, b->summary) != 0);
}

/* Saves and loads; byte 2 says how many of its bytes are spoilt on the way. */
static void reload(size_t slot, const uint8_t *b)
{
	const struct fleet_seat seat = seat_of(slot);
	struct fleet_slot before, after;
	size_t count;
	bool known = fleet_look(fuzz.fleet, seat.slot_id, &fuzz.arena, &before);
	const uint8_t *saved = fleet_save_slot(
		fuzz.fleet, seat.slot_id, &fuzz.arena, &count);
	BUG_ON(known != (saved && count > 0));
	if (!known)
		return;
	uint8_t *bytes = arena_alloc(&fuzz.arena, count);
	memcpy(bytes, saved, count);
	for (uint32_t i = 0; i < b[2] % 8u; i++)
		bytes[(b[3] + (uint32_t)b[4] * 256 + i * (uint32_t)b[6] * 97) %
			count] ^= (uint8_t)(b[5] + i);
	if (b[2] & 128)
		count = count * b[7] / 256;
	bool loaded = fleet_load_slot(fuzz.fleet, &seat, bytes, count);
	bool whole = b[2] == 0;
	BUG_ON(whole && !loaded);
	BUG_ON(!fleet_look(fuzz.fleet, seat.slot_id, &fuzz.arena, &after));
	check_slot(&after);
	if (whole)
		check_same(&before, &after);
	arena_reset(&fuzz.arena);
}

static void reload_service(const uint8_t *b)
{
	size_t count;
	int64_t service_id = 1 + b[1] % 2;
	const uint8_t *saved = fleet_save_service(
		fuzz.fleet, service_id, &fuzz.arena, &count);
	if (!saved || count == 0)
		return;
	uint8_t *bytes = arena_alloc(&fuzz.arena, count);
	memcpy(bytes, saved, count);
	for (uint32_t i = 0; i < b[2] % 4u; i++)
		bytes[(b[3] + (uint32_t)b[4] * 256 + i * 97) % count] ^= b[5];
	bool loaded = fleet_load_service(fuzz.fleet, service_id, bytes, count);
	BUG_ON(!loaded && b[2] % 4u == 0);
	arena_reset(&fuzz.arena);
}

static void tell(size_t slot, const uint8_t *b)
{
	const struct fleet_part parts[] = {{"a", b[3] & 1 ? "1" : "2"}, {"b", "x"}};
	int64_t service_id = seat_of(slot).service_id;
	fleet_tell_version(fuzz.fleet,
		&(struct fleet_version){
			.service_id = service_id,
			.fingerprint_id = 1 + (int64_t)(slot / 2) * 4 + b[2] % 4,
			.service = "s",
			.version = "v",
			.parts = parts,
			.part_count = b[4] % 3,
		});
	fleet_tell_event(fuzz.fleet, service_id, (enum fleet_event_kind)(b[5] % 4),
		fuzz.at_ms[slot], "something");
	fleet_set_sensitivity(
		fuzz.fleet, service_id, (enum analyse_sensitivity)(b[6] % 3));
	if (b[7] == 1)
		fleet_forget_slot(fuzz.fleet, seat_of(slot).slot_id);
}

static void obey(const uint8_t *b)
{
	size_t slot = b[1] % SLOTS;
	switch (b[0] % 8) {
	case 0:
		put_one(slot, b);
		break;
	case 1:
	case 2:
		put_run(slot, b);
		break;
	case 3:
		restart(slot, b);
		break;
	case 4:
		step(b);
		break;
	case 5:
		reload(slot, b);
		break;
	case 6:
		reload_service(b);
		break;
	case 7:
		tell(slot, b);
		break;
	}
}

static void load_raw(const uint8_t *bytes, size_t length)
{
	const struct fleet_seat seat = seat_of(0);
	struct fleet_slot s;
	if (fleet_load_slot(fuzz.fleet, &seat, bytes, length)) {
		BUG_ON(!fleet_look(fuzz.fleet, seat.slot_id, &fuzz.arena, &s));
		check_slot(&s);
	}
	fleet_load_service(fuzz.fleet, 1, bytes, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz.fleet = fleet_create();
	fuzz.left = READINGS_MAX;
	fuzz.now_ms = EPOCH_MS;
	arena_init(&fuzz.arena);
	for (size_t i = 0; i < SLOTS; i++) {
		fuzz.at_ms[i] = EPOCH_MS;
		fuzz.life[i] = (struct reading_life){.id = (int64_t)i + 1,
			.fingerprint_id = 1 + (int64_t)(i / 2) * 4,
			.started_ms = EPOCH_MS,
			.limit_kb = 1 << 20};
	}
	if (length > 0 && bytes[0] == 255)
		load_raw(bytes + 1, length - 1);
	else
		for (; length >= STEP && fuzz.now_ms < EPOCH_MS + 200 * MONTH_MS;
			bytes += STEP, length -= STEP)
			obey(bytes);
	step((const uint8_t[STEP]){0});
	arena_finish(&fuzz.arena);
	fleet_destroy(fuzz.fleet);
	return 0;
}
