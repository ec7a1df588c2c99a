#include "server/analyse/fleet.h"

#include "common/err.h"
#include "common/utf8.h"
#include "server/analyse/fleet_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEARN_TIER = 2, CLOSE_TIER = 1, QUIET_TIER = 3, CALM_MS = 24 * 3600 * 1000 };

static void *allocate(size_t size)
{
	void *p = calloc(1, size);
	BUG_ON(!p);
	return p;
}

static char *copy(const char *text)
{
	char *c = strdup(text ? text : "");
	BUG_ON(!c);
	return c;
}

struct fleet *fleet_create(void)
{
	struct fleet *f = allocate(sizeof *f);
	arena_init(&f->scratch);
	return f;
}

static void free_parts(struct fleet_version_state *v)
{
	for (size_t i = 0; i < v->part_count; i++) {
		free(v->parts[i].name);
		free(v->parts[i].value);
	}
	free(v->parts);
	v->parts = NULL;
	v->part_count = 0;
}

static void leave_version(struct fleet_seat_state *s)
{
	if (!s->version)
		return;
	*s->link_of_version = s->next_of_version;
	if (s->next_of_version)
		s->next_of_version->link_of_version = s->link_of_version;
	s->version->seat_count--;
	s->version->changed = true;
	s->version = NULL;
}

static void join_version(struct fleet_seat_state *s, struct fleet_version_state *v)
{
	leave_version(s);
	s->version = v;
	s->next_of_version = v->seats;
	s->link_of_version = &v->seats;
	if (v->seats)
		v->seats->link_of_version = &s->next_of_version;
	v->seats = s;
	v->seat_count++;
	v->changed = true;
}

static void forget_seat(struct fleet *f, struct fleet_seat_state *s)
{
	leave_version(s);
	HASH_DEL(f->seats, s);
	slot_destroy(s->slot);
	free(s);
}

void fleet_destroy(struct fleet *f)
{
	if (!f)
		return;
	struct fleet_seat_state *s, *next_s;
	HASH_ITER(hh, f->seats, s, next_s)
	forget_seat(f, s);
	struct fleet_version_state *v, *next_v;
	HASH_ITER(hh, f->versions, v, next_v)
	{
		HASH_DEL(f->versions, v);
		free_parts(v);
		free(v->name);
		free(v);
	}
	struct fleet_service_state *o, *next_o;
	HASH_ITER(hh, f->services, o, next_o)
	{
		HASH_DEL(f->services, o);
		arena_finish(&o->kept);
		free(o->name);
		free(o);
	}
	arena_finish(&f->scratch);
	free(f);
}

struct fleet_service_state *fleet_service(struct fleet *f, int64_t id)
{
	struct fleet_service_state *o;
	HASH_FIND(hh, f->services, &id, sizeof id, o);
	if (o)
		return o;
	o = allocate(sizeof *o);
	o->id = id;
	o->name = copy("");
	o->sensitivity = ANALYSE_NORMAL;
	arena_init(&o->kept);
	HASH_ADD(hh, f->services, id, sizeof o->id, o);
	return o;
}

struct fleet_version_state *fleet_version(
	struct fleet *f, int64_t service_id, int64_t fingerprint_id)
{
	struct fleet_version_state *v;
	HASH_FIND(hh, f->versions, &fingerprint_id, sizeof fingerprint_id, v);
	if (v)
		return v;
	v = allocate(sizeof *v);
	v->id = fingerprint_id;
	v->name = copy("");
	v->service = fleet_service(f, service_id);
	v->next = v->service->versions;
	v->service->versions = v;
	HASH_ADD(hh, f->versions, id, sizeof v->id, v);
	return v;
}

void fleet_tell_version(struct fleet *f, const struct fleet_version *told)
{
	struct fleet_version_state *v = fleet_version(
		f, told->service_id, told->fingerprint_id);
	free_parts(v);
	free(v->name);
	free(v->service->name);
	v->name = copy(told->version);
	v->service->name = copy(told->service);
	v->parts = allocate((told->part_count + 1) * sizeof *v->parts);
	v->part_count = told->part_count;
	v->lacks_parts = told->lacks_parts;
	for (size_t i = 0; i < told->part_count; i++)
		v->parts[i] = (struct fleet_part_text){
			copy(told->parts[i].name), copy(told->parts[i].value)};
	v->changed = true;
}

void fleet_set_sensitivity(
	struct fleet *f, int64_t service_id, enum analyse_sensitivity sensitivity)
{
	struct fleet_service_state *o = fleet_service(f, service_id);
	if (o->sensitivity == sensitivity)
		return;
	o->sensitivity = sensitivity;
	struct fleet_seat_state *s, *next;
	HASH_ITER(hh, f->seats, s, next)
	if (s->service == o)
		s->due = true;
}

/* As many whole characters as there is room for. */
static void copy_text(char *out, size_t size, const char *text)
{
	size_t length = 0;
	for (size_t step; (step = utf8_character(text + length)); length += step)
		if (length + step >= size)
			break;
	memcpy(out, text, length);
	out[length] = '\0';
}

void fleet_tell_event(struct fleet *f, int64_t service_id, enum fleet_event_kind kind,
	int64_t at_ms, const char *text)
{
	struct fleet_service_state *o = fleet_service(f, service_id);
	struct fleet_event_state *e = &o->events[o->event_count++ % FLEET_EVENTS];
	*e = (struct fleet_event_state){.kind = kind, .at_ms = at_ms};
	copy_text(e->text, sizeof e->text, text ? text : "");
}

static struct fleet_seat_state *find_seat(const struct fleet *f, int64_t slot_id)
{
	struct fleet_seat_state *s;
	HASH_FIND(hh, f->seats, &slot_id, sizeof slot_id, s);
	return s;
}

static struct fleet_seat_state *add_seat(
	struct fleet *f, const struct fleet_seat *seat, struct slot *slot)
{
	struct fleet_seat_state *s = allocate(sizeof *s);
	s->id = seat->slot_id;
	s->seat = *seat;
	s->slot = slot;
	s->service = fleet_service(f, seat->service_id);
	s->told.verdict = ANALYSE_UNUSABLE;
	HASH_ADD(hh, f->seats, id, sizeof s->id, s);
	return s;
}

void fleet_forget_slot(struct fleet *f, int64_t slot_id)
{
	struct fleet_seat_state *s = find_seat(f, slot_id);
	if (s)
		forget_seat(f, s);
}

struct slot_context fleet_context(struct fleet *f, const struct fleet_seat_state *s)
{
	arena_reset(&f->scratch);
	return (struct slot_context){
		&f->scratch, s->service->sensitivity, &s->service->learnt};
}

/* The service learns how it warms up from the bins of two hours. */
static void learn(struct fleet_seat_state *s, const struct reading_life *life)
{
	struct trace_bin bins[TRACE_BINS];
	size_t count = trace_bins(slot_trace(s->slot), LEARN_TIER, bins);
	if (!count)
		return;
	const struct trace_bin *b = &bins[count - 1];
	struct trace_life lives[TRACE_LIVES];
	size_t n = trace_lives(slot_trace(s->slot), lives);
	if (b->life >= n || lives[b->life].id != life->id)
		return;
	struct warmup_reading r = {life->id, life->fingerprint_id,
		lives[b->life].started_ms, b->at_ms, b->value[TRACE_MEMORY]};
	warmup_learn(&s->service->learnt, &r);
}

/* How often a slot is told of again: at once when its level changed, else one that
 * grows or is young at each bin, one that rests at each of the longer ones. */
static bool is_due(const struct fleet_seat_state *s, unsigned judged)
{
	struct slot_state state = slot_state(s->slot);
	int64_t at_ms = trace_now(slot_trace(s->slot)).at_ms;
	if (fleet_level(s, &state, at_ms) != s->told.level)
		return true;
	bool closely = state.level != ANALYSE_QUIET ||
		       s->told.verdict == ANALYSE_LEARNING ||
		       s->told.verdict == ANALYSE_UNUSABLE;
	return judged >> (closely ? CLOSE_TIER : QUIET_TIER) || !s->told.at_ms;
}

static void note_distance(struct fleet_seat_state *s, int64_t before_ms, int64_t at_ms)
{
	if (before_ms <= 0)
		return;
	double gap = fmin((double)(at_ms - before_ms), 3600e3);
	s->distance_ms += (gap - s->distance_ms) / (s->distance_ms > 0 ? 16 : 1);
}

bool fleet_put(struct fleet *f, const struct fleet_seat *seat,
	const struct reading_life *life, const struct reading *r)
{
	struct fleet_seat_state *s = find_seat(f, seat->slot_id);
	if (!s)
		s = add_seat(f, seat, slot_create());
	int64_t before_ms = trace_now(slot_trace(s->slot)).at_ms;
	struct slot_context context = fleet_context(f, s);
	unsigned judged;
	if (!slot_put(s->slot, life, r, &context, &judged)) {
		s->due = s->due || !before_ms;
		return false;
	}
	note_distance(s, before_ms, r->at_ms);
	if (s->life_id != life->id || s->version->id != life->fingerprint_id) {
		struct fleet_version_state *v = fleet_version(
			f, seat->service_id, life->fingerprint_id);
		if (!v->first_ms || life->started_ms < v->first_ms)
			v->first_ms = life->started_ms;
		s->life_id = life->id;
		if (s->version != v)
			join_version(s, v);
		s->due = true;
	}
	if (judged >> LEARN_TIER & 1)
		learn(s, life);
	if (judged) {
		s->judged = true;
		s->due = s->due || is_due(s, judged);
		s->version->judged = true;
	}
	if (s->silent)
		s->due = true;
	return true;
}

enum analyse_level fleet_level(const struct fleet_seat_state *s,
	const struct slot_state *state, int64_t now_ms)
{
	if (s->doubtful && state->level == ANALYSE_CONFIRMED)
		return ANALYSE_EARLY;
	if (s->service->sensitivity == ANALYSE_EAGER && state->level == ANALYSE_EARLY)
		return ANALYSE_CONFIRMED;
	if (s->service->sensitivity == ANALYSE_CALM &&
		state->level == ANALYSE_CONFIRMED &&
		now_ms - state->confirmed_ms < CALM_MS)
		return ANALYSE_EARLY;
	return state->level;
}

bool fleet_look(
	struct fleet *f, int64_t slot_id, struct arena *a, struct fleet_slot *out)
{
	struct fleet_seat_state *s = find_seat(f, slot_id);
	if (!s)
		return false;
	fleet_explain(f, s, a, out);
	return true;
}

/* What a seat needs beside its slot. */
struct saved_seat {
	uint32_t format, told;
	int64_t life_id;
	double distance_ms;
};

enum { SAVED_FORMAT = 3 };

const uint8_t *fleet_save_slot(
	struct fleet *f, int64_t slot_id, struct arena *a, size_t *count)
{
	struct fleet_seat_state *s = find_seat(f, slot_id);
	*count = 0;
	if (!s)
		return NULL;
	struct saved_seat own = {
		SAVED_FORMAT, (uint32_t)s->told.verdict, s->life_id, s->distance_ms};
	size_t room = slot_save(s->slot, NULL, 0);
	uint8_t *bytes = arena_array(a, room + sizeof own, 1);
	memcpy(bytes, &own, sizeof own);
	*count = sizeof own + slot_save(s->slot, bytes + sizeof own, room);
	return bytes;
}

bool fleet_load_slot(struct fleet *f, const struct fleet_seat *seat,
	const uint8_t *bytes, size_t count)
{
	struct saved_seat own;
	if (count < sizeof own)
		return false;
	memcpy(&own, bytes, sizeof own);
	if (own.format != SAVED_FORMAT || own.told > ANALYSE_LEAK ||
		!isfinite(own.distance_ms) || own.distance_ms < 0)
		return false;
	struct slot *slot = slot_load(bytes + sizeof own, count - sizeof own);
	if (!slot)
		return false;
	fleet_forget_slot(f, seat->slot_id);
	struct fleet_seat_state *s = add_seat(f, seat, slot);
	s->life_id = own.life_id;
	s->distance_ms = own.distance_ms;
	s->told.verdict = own.told;
	s->due = true;
	struct slot_state state = slot_state(slot);
	if (state.fingerprint_id)
		join_version(
			s, fleet_version(f, seat->service_id, state.fingerprint_id));
	return true;
}

int64_t fleet_slot_at_ms(const struct fleet *f, int64_t slot_id)
{
	const struct fleet_seat_state *s = find_seat(f, slot_id);
	return s ? trace_now(slot_trace(s->slot)).at_ms : 0;
}

size_t fleet_slot_size(const struct fleet *f, int64_t slot_id)
{
	const struct fleet_seat_state *s = find_seat(f, slot_id);
	return s ? sizeof *s + slot_size(s->slot) : 0;
}

/* What a service has learnt, and what its versions said together. */
struct saved_version {
	int64_t id, first_ms;
	struct fleet_hold cohort[TRACE_TIERS], pool[TRACE_TIERS];
	int64_t bins[TRACE_TIERS];
	uint32_t early_until_s, confirmed_until_s;
	struct analyse_rate rate;
	struct analyse_moment onset;
	double detectable_kb_h[TRACE_TIERS];
	uint8_t by_cohort, known, tier, level;
	char reason[256];
};

struct saved_service {
	uint32_t format, versions;
	struct warmup learnt;
	uint64_t event_count;
	struct fleet_event_state events[FLEET_EVENTS];
};

const uint8_t *fleet_save_service(
	struct fleet *f, int64_t service_id, struct arena *a, size_t *count)
{
	struct fleet_service_state *o = fleet_service(f, service_id);
	size_t versions = 0;
	for (struct fleet_version_state *v = o->versions; v; v = v->next)
		versions += v->seat_count > 0;
	*count = sizeof(struct saved_service) + versions * sizeof(struct saved_version);
	uint8_t *bytes = arena_array(a, *count, 1);
	struct saved_service *own = arena_alloc(a, sizeof *own);
	own->format = SAVED_FORMAT;
	own->versions = (uint32_t)versions;
	own->learnt = o->learnt;
	own->event_count = o->event_count;
	memcpy(own->events, o->events, sizeof own->events);
	memcpy(bytes, own, sizeof *own);
	uint8_t *at = bytes + sizeof *own;
	for (struct fleet_version_state *v = o->versions; v; v = v->next) {
		if (!v->seat_count)
			continue;
		struct saved_version *s = arena_alloc(a, sizeof *s);
		s->id = v->id;
		s->first_ms = v->first_ms;
		memcpy(s->cohort, v->cohort, sizeof s->cohort);
		memcpy(s->pool, v->pool, sizeof s->pool);
		memcpy(s->bins, v->bins, sizeof s->bins);
		s->early_until_s = v->early_until_s;
		s->confirmed_until_s = v->confirmed_until_s;
		s->rate = v->rate;
		s->rate.known = false; /* kept in a byte of its own */
		s->known = v->rate.known;
		s->onset = v->onset;
		memcpy(s->detectable_kb_h, v->detectable_kb_h,
			sizeof s->detectable_kb_h);
		s->by_cohort = v->by_cohort;
		s->level = (uint8_t)v->level;
		s->tier = (uint8_t)v->tier;
		memcpy(s->reason, v->reason, sizeof s->reason);
		memcpy(at, s, sizeof *s);
		at += sizeof *s;
	}
	return bytes;
}

static void load_version(
	struct fleet *f, int64_t service_id, const struct saved_version *s)
{
	struct fleet_version_state *v = fleet_version(f, service_id, s->id);
	v->first_ms = s->first_ms;
	memcpy(v->cohort, s->cohort, sizeof v->cohort);
	memcpy(v->pool, s->pool, sizeof v->pool);
	memcpy(v->bins, s->bins, sizeof v->bins);
	v->early_until_s = s->early_until_s;
	v->confirmed_until_s = s->confirmed_until_s;
	v->rate = s->rate;
	v->rate.known = s->known;
	v->onset = s->onset;
	memcpy(v->detectable_kb_h, s->detectable_kb_h, sizeof v->detectable_kb_h);
	v->by_cohort = s->by_cohort;
	v->level = s->level;
	v->tier = s->tier;
	memcpy(v->reason, s->reason, sizeof v->reason);
	v->reason[sizeof v->reason - 1] = '\0';
	v->changed = true;
}

bool fleet_load_service(
	struct fleet *f, int64_t service_id, const uint8_t *bytes, size_t count)
{
	struct saved_service own;
	struct saved_version version;
	if (count < sizeof own)
		return false;
	memcpy(&own, bytes, sizeof own);
	if (own.format != SAVED_FORMAT || own.versions > 4096 ||
		count != sizeof own + own.versions * sizeof version)
		return false;
	for (size_t i = 0; i < own.versions; i++) {
		const uint8_t *at = bytes + sizeof own + i * sizeof version;
		/* A damaged bool is no bool: look at the byte before using it. */
		if (at[offsetof(struct saved_version, rate) +
			    offsetof(struct analyse_rate, known)])
			return false;
		memcpy(&version, at, sizeof version);
		if (version.by_cohort > 1 || version.known > 1 ||
			version.level > ANALYSE_CONFIRMED ||
			version.tier >= TRACE_TIERS)
			return false;
	}
	struct fleet_service_state *o = fleet_service(f, service_id);
	o->learnt = own.learnt;
	o->event_count = (size_t)own.event_count;
	memcpy(o->events, own.events, sizeof o->events);
	for (size_t i = 0; i < FLEET_EVENTS; i++)
		o->events[i].text[sizeof o->events[i].text - 1] = '\0';
	for (size_t i = 0; i < own.versions; i++) {
		memcpy(&version, bytes + sizeof own + i * sizeof version,
			sizeof version);
		load_version(f, service_id, &version);
	}
	return true;
}
