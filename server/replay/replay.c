#include "server/replay/replay.h"

#include "server/analyse/fleet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	REPLAY_STEP_MS = 60 * 1000,
	REPLAY_VERSION_BITS = 20, /* of a fingerprint's id; the rest is its service */
	REPLAY_LIFE_BITS = 32,    /* likewise of a life's, and its slot */
};

/* One series on its way. */
struct replay_cursor {
	size_t next; /* row */
	struct fleet_seat seat;
	struct reading_life life; /* of the newest row that was fed; id 0: none yet */
};

struct replay {
	const struct replay_input *in;
	struct replay_result *out;
	struct arena *arena;
	struct fleet *fleet;
	struct replay_cursor *cursors;
};

static size_t replay_find(const char **names, size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	names[*count] = name;
	return (*count)++;
}

bool replay_collects_late(const char *runtime)
{
	static const char *const names[] = {"java", "jvm", "dotnet"};
	size_t word = strcspn(runtime, " 0123456789");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (word == strlen(names[i]) && strncmp(runtime, names[i], word) == 0)
			return true;
	return false;
}

static void replay_seat(struct replay *r)
{
	const struct replay_input *in = r->in;
	size_t services = 0, hosts = 0;
	const char **names = arena_array(r->arena, in->count * 2, sizeof *names);
	r->cursors = arena_array(r->arena, in->count, sizeof *r->cursors);
	for (size_t i = 0; i < in->count; i++) {
		const struct labels_series *s = &in->series[i];
		size_t service = replay_find(names, &services, s->service);
		size_t host = replay_find(names + in->count, &hosts, s->host);
		r->cursors[i].seat = (struct fleet_seat){
			.slot_id = (int64_t)i + 1,
			.service_id = (int64_t)service + 1,
			.host_id = (int64_t)host + 1,
		};
		r->cursors[i].life.limit_kb = in->records[i].limit_kb;
		r->cursors[i].life.collects_late = replay_collects_late(s->runtime);
		fleet_set_sensitivity(r->fleet, (int64_t)service + 1, in->sensitivity);
	}
	r->out->services = arena_array(r->arena, services, sizeof *r->out->services);
	r->out->service_count = services;
	for (size_t i = 0; i < services; i++)
		r->out->services[i].name = names[i];
}

static const char *replay_version_name(
	const struct labels_series *s, const struct record_life *life, struct arena *a)
{
	return isnan(life->version) ? s->version
				    : arena_printf(a, "%.15g", life->version);
}

/* A version that the service had not before is told, and that it was deployed unless it
 * is the first. */
static int64_t replay_add_version(
	struct replay *r, int64_t service_id, const char *name, int64_t at_ms)
{
	struct replay_service *service = &r->out->services[service_id - 1];
	size_t room = service->count;
	if ((room & (room - 1)) == 0) {
		struct replay_version *more = arena_array(
			r->arena, room ? room * 2 : 1, sizeof *more);
		if (room)
			memcpy(more, service->versions, room * sizeof *more);
		service->versions = more;
	}
	service->versions[service->count++] = (struct replay_version){.name = name};
	int64_t id = service_id << REPLAY_VERSION_BITS | (int64_t)service->count;
	const struct fleet_part part = {"version", name};
	fleet_tell_version(r->fleet, &(struct fleet_version){
					     .service_id = service_id,
					     .fingerprint_id = id,
					     .service = service->name,
					     .version = name,
					     .parts = &part,
					     .part_count = *name ? 1 : 0,
				     });
	if (service->count > 1)
		fleet_tell_event(r->fleet, service_id, FLEET_EVENT_DEPLOY, at_ms,
			arena_printf(r->arena, "version %s", name));
	return id;
}

static int64_t replay_version(
	struct replay *r, int64_t service_id, const char *name, int64_t at_ms)
{
	const struct replay_service *service = &r->out->services[service_id - 1];
	for (size_t i = 0; i < service->count; i++)
		if (strcmp(service->versions[i].name, name) == 0)
			return service_id << REPLAY_VERSION_BITS | ((int64_t)i + 1);
	return replay_add_version(r, service_id, name, at_ms);
}

static struct replay_version *replay_find_version(
	struct replay *r, int64_t fingerprint_id)
{
	size_t service = (size_t)(fingerprint_id >> REPLAY_VERSION_BITS) - 1;
	size_t version = (size_t)(fingerprint_id & ((1 << REPLAY_VERSION_BITS) - 1)) -
			 1;
	BUG_ON(service >= r->out->service_count ||
		version >= r->out->services[service].count);
	return &r->out->services[service].versions[version];
}

static void replay_feed_row(struct replay *r, size_t series)
{
	struct replay_cursor *c = &r->cursors[series];
	const struct record *record = &r->in->records[series];
	const struct record_row *row = &record->rows[c->next++];
	const struct record_life *life = &record->lives[row->life];
	int64_t id = c->seat.slot_id << REPLAY_LIFE_BITS | ((int64_t)row->life + 1);
	if (c->life.id != id) {
		c->life.id = id;
		c->life.started_ms = life->started_ms;
		c->life.fingerprint_id = replay_version(r, c->seat.service_id,
			replay_version_name(&r->in->series[series], life, r->arena),
			row->reading.at_ms);
	}
	if (!fleet_put(r->fleet, &c->seat, &c->life, &row->reading))
		r->out->refused++;
}

static void replay_feed_until(struct replay *r, int64_t end_ms)
{
	for (size_t i = 0; i < r->in->count; i++) {
		const struct record *record = &r->in->records[i];
		while (r->cursors[i].next < record->count &&
			record->rows[r->cursors[i].next].reading.at_ms < end_ms)
			replay_feed_row(r, i);
	}
}

static void replay_note(
	struct replay *r, int64_t now_ms, const struct fleet_report *report)
{
	for (size_t i = 0; i < report->slot_count; i++) {
		const struct fleet_slot *s = &report->slots[i];
		alarms_note(&r->out->series[s->seat.slot_id - 1].alarms, now_ms,
			&(struct alarms_alarm){
				.level = s->level,
				.kind = s->kind,
				.rate = s->rate,
				.onset = s->onset,
				.exhaust = s->exhaust,
			},
			r->arena);
	}
	for (size_t i = 0; i < report->version_count; i++) {
		const struct fleet_version_result *v = &report->versions[i];
		alarms_note(&replay_find_version(r, v->fingerprint_id)->alarms, now_ms,
			&(struct alarms_alarm){
				/* What one slot says, its own line says. */
				.level = v->slots >= 2 ? v->level : ANALYSE_QUIET,
				.kind = v->kind,
				.rate = v->rate,
				.onset = v->onset,
				.exhaust = v->exhaust,
			},
			r->arena);
	}
}

/* The end of the minute of the next reading; false: there is none. */
static bool replay_next_step(const struct replay *r, int64_t *end_ms)
{
	int64_t first_ms = INT64_MAX;
	for (size_t i = 0; i < r->in->count; i++) {
		const struct record *record = &r->in->records[i];
		if (r->cursors[i].next == record->count)
			continue;
		int64_t at_ms = record->rows[r->cursors[i].next].reading.at_ms;
		first_ms = at_ms < first_ms ? at_ms : first_ms;
	}
	if (first_ms == INT64_MAX)
		return false;
	*end_ms = first_ms - first_ms % REPLAY_STEP_MS + REPLAY_STEP_MS;
	return true;
}

static void replay_look(struct replay *r)
{
	for (size_t i = 0; i < r->in->count; i++) {
		struct fleet_slot s;
		struct replay_series *out = &r->out->series[i];
		out->summary = "";
		if (!fleet_look(r->fleet, (int64_t)i + 1, r->arena, &s))
			continue;
		out->verdict = s.verdict;
		out->wait_s = s.wait_s;
		out->summary = s.summary ? s.summary : "";
	}
}

void replay_run(
	const struct replay_input *in, struct arena *a, struct replay_result *out)
{
	struct arena scratch;
	*out = (struct replay_result){.count = in->count};
	out->series = arena_array(a, in->count, sizeof *out->series);
	struct replay r = {.in = in, .out = out, .arena = a, .fleet = fleet_create()};
	arena_init(&scratch);
	replay_seat(&r);
	for (int64_t now_ms; replay_next_step(&r, &now_ms); out->steps++) {
		struct fleet_report report;
		replay_feed_until(&r, now_ms);
		fleet_step(r.fleet, now_ms, &scratch, &report);
		replay_note(&r, now_ms, &report);
		arena_reset(&scratch);
	}
	replay_look(&r);
	arena_finish(&scratch);
	fleet_destroy(r.fleet);
}
