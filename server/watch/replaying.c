#include "server/watch/replaying.h"

#include "common/json.h"
#include "server/replay/alarms.h"
#include "server/replay/replay.h"
#include "server/store/replay_work.h"
#include "server/watch/contents.h"
#include "server/watch/feed.h"
#include "server/watch/marks.h"
#include "server/watch/recall.h"

#include <stdlib.h>

enum {
	MINUTE_MS = 60 * 1000,
	FINE_MS = 2 * 3600 * 1000,
	STEP_MS = 10 * MINUTE_MS,
	SLICE_MS = 6 * 3600 * 1000, /* the longest */
	ROWS_AT_ONCE = 100000,
	ALARMS_MAX = 1000,
	TRIES = 3,
};

/* Read before the time that was asked for, so that the service is known by then as the
 * watch knew it. */
#define AHEAD_MS (INT64_C(48) * 3600 * 1000)

/* A seat in the replay. */
struct place {
	int64_t id; /* of the slot */
	const char *host, *version;
	int64_t ordinal, read_ms;
	int64_t queue_ms; /* its service's queues were fed up to here; 0: never */
	struct alarms alarms;
	struct alarms_alarm now; /* in the step that is being noted */
	UT_hash_handle hh;
};

struct version {
	int64_t id;
	const char *name;
	bool collects_late;
	UT_hash_handle hh;
};

struct life {
	int64_t id;
	struct readings_life is;
	struct feed_life known;
	struct place *place;
	struct version *version;
	UT_hash_handle hh;
};

/* The items of the tables stand in the arena. */
struct replaying {
	struct replay_work work; /* id 0: none */
	struct arena arena;
	struct fleet *fleet;
	struct place *places;
	struct version *versions;
	struct life *lives;
	struct history_subject *lives_in; /* of the slice that is being fed */
	int64_t at_ms;                    /* read up to here */
	int64_t step_ms;                  /* the last one */
	struct flows flows;               /* of the slice that is being fed */
	int64_t readings;
	int64_t tried_id; /* the replay that failed last, and how often it has */
	int tries;
};

struct replaying *replaying_create(void)
{
	struct replaying *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	arena_init(&r->arena);
	return r;
}

void replaying_forget(struct replaying *r)
{
	HASH_CLEAR(hh, r->places);
	HASH_CLEAR(hh, r->versions);
	HASH_CLEAR(hh, r->lives);
	fleet_destroy(r->fleet);
	arena_finish(&r->arena);
	*r = (struct replaying){.tried_id = r->tried_id, .tries = r->tries};
	arena_init(&r->arena);
}

void replaying_destroy(struct replaying *r)
{
	if (!r)
		return;
	replaying_forget(r);
	arena_finish(&r->arena);
	free(r);
}

static struct place *place_of(struct replaying *r, const struct replay_work_life *row)
{
	struct place *place;
	HASH_FIND(hh, r->places, &row->is.slot_id, sizeof row->is.slot_id, place);
	if (place)
		return place;
	place = arena_alloc(&r->arena, sizeof *place);
	place->id = row->is.slot_id;
	place->host = row->host;
	place->ordinal = row->ordinal;
	place->read_ms = r->work.from_ms - AHEAD_MS;
	HASH_ADD(hh, r->places, id, sizeof place->id, place);
	return place;
}

static struct version *version_of(struct replaying *r, int64_t id)
{
	struct version *version;
	HASH_FIND(hh, r->versions, &id, sizeof id, version);
	if (version)
		return version;
	version = arena_alloc(&r->arena, sizeof *version);
	version->id = id;
	version->name = "";
	HASH_ADD(hh, r->versions, id, sizeof version->id, version);
	return version;
}

static bool tell_versions(struct replaying *r, struct db *db, struct err *e)
{
	int64_t *ids = arena_array(&r->arena, HASH_COUNT(r->versions), sizeof *ids);
	size_t count = 0;
	for (const struct version *v = r->versions; v; v = v->hh.next)
		ids[count++] = v->id;
	struct readings_version *rows;
	if (!contents_tell(r->fleet, db, (struct figures_ids){ids, count}, &r->arena,
		    &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct version *v = version_of(r, rows[i].id);
		v->name = rows[i].label;
		v->collects_late = replay_collects_late(rows[i].runtime);
		if (rows[i].has_former &&
			rows[i].first_ms >= r->work.from_ms - AHEAD_MS)
			fleet_tell_event(r->fleet, rows[i].service_id,
				FLEET_EVENT_DEPLOY, rows[i].first_ms,
				arena_printf(&r->arena, "version %s was deployed",
					rows[i].label));
	}
	return true;
}

static bool tell_deploys(struct replaying *r, struct db *db, struct err *e)
{
	struct told_deploy *rows;
	size_t count = 0;
	int64_t after_id = 0;
	do {
		if (!told_deploys(db, after_id, r->work.from_ms - AHEAD_MS, &r->arena,
			    &rows, &count, e))
			return false;
		for (size_t i = 0; i < count; i++) {
			after_id = rows[i].id;
			if (rows[i].service_id == r->work.service_id &&
				rows[i].at_ms < r->work.to_ms)
				marks_tell_one(r->fleet, &rows[i]);
		}
	} while (count > 0);
	return true;
}

static int by_id(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static int by_host(const void *key, const void *row)
{
	return by_id(key, &((const struct readings_memory *)row)->host_id);
}

/* Memory does not change while a machine runs, so any hour does. */
static bool read_memory(struct replaying *r, struct db *db, struct err *e)
{
	struct readings_memory *rows;
	size_t count, host_count = 0, lives = HASH_COUNT(r->lives);
	int64_t *ids = arena_array(&r->arena, lives, sizeof *ids);
	for (const struct life *life = r->lives; life; life = life->hh.next)
		ids[host_count++] = life->is.host_id;
	if (host_count == 0)
		return true;
	qsort(ids, host_count, sizeof *ids, by_id);
	size_t kept = 1;
	for (size_t i = 1; i < host_count; i++)
		if (ids[i] != ids[kept - 1])
			ids[kept++] = ids[i];
	if (!recall_memory(db, (struct recall_hosts){ids, kept},
		    r->work.to_ms - FINE_MS, r->work.to_ms, &r->arena, &rows, &count,
		    e))
		return false;
	for (struct life *life = r->lives; life; life = life->hh.next) {
		const struct readings_memory *row = count ? bsearch(&life->is.host_id,
								    rows, count,
								    sizeof *rows,
								    by_host)
							  : NULL;
		life->known.host_kb = row ? (double)row->total_kb : 0;
	}
	return true;
}

static bool begin(struct replaying *r, struct db *db, struct err *e)
{
	struct replay_work_life *rows;
	size_t count;
	const struct replay_work *work = &r->work;
	struct replay_work known = *work;
	known.from_ms -= AHEAD_MS;
	r->fleet = fleet_create();
	fleet_set_sensitivity(
		r->fleet, work->service_id, book_sensitivity(work->sensitivity));
	if (!replay_work_lives(db, &known, &r->arena, &rows, &count, e))
		return false;
	r->lives_in = arena_array(&r->arena, count, sizeof *r->lives_in);
	for (size_t i = 0; i < count; i++) {
		struct life *life = arena_alloc(&r->arena, sizeof *life);
		life->id = rows[i].is.id;
		life->is = rows[i].is;
		life->place = place_of(r, &rows[i]);
		life->version = version_of(r, life->is.fingerprint_id);
		HASH_ADD(hh, r->lives, id, sizeof life->id, life);
	}
	r->at_ms = work->from_ms - AHEAD_MS;
	r->step_ms = r->at_ms;
	return read_memory(r, db, e) && tell_versions(r, db, e) &&
	       tell_deploys(r, db, e);
}

static void note_finding(struct replaying *r, const struct fleet_finding *f)
{
	for (size_t i = 0; i < f->slot_count; i++) {
		struct place *place;
		HASH_FIND(hh, r->places, &f->slot_ids[i], sizeof f->slot_ids[i], place);
		if (place && f->level > place->now.level)
			place->now = (struct alarms_alarm){
				.level = f->level,
				.kind = f->kind,
				.rate = f->slot_rates[i],
			};
	}
}

static void step(struct replaying *r, int64_t at_ms, struct arena *scratch)
{
	struct fleet_report report;
	arena_reset(scratch);
	fleet_step(r->fleet, at_ms, scratch, &report);
	r->step_ms = at_ms;
	if (at_ms < r->work.from_ms)
		return;
	struct place *place;
	for (place = r->places; place; place = place->hh.next)
		place->now = (struct alarms_alarm){.level = ANALYSE_QUIET};
	for (size_t i = 0; i < report.finding_count; i++)
		note_finding(r, &report.findings[i]);
	for (place = r->places; place; place = place->hh.next)
		alarms_note(&place->alarms, at_ms, &place->now, &r->arena);
}

static void put(struct replaying *r, const struct readings_row *row)
{
	struct life *life;
	struct reading reading;
	HASH_FIND(hh, r->lives, &row->life_id, sizeof row->life_id, life);
	if (!life || !feed_reading(row, &life->known, &reading))
		return;
	struct place *place = life->place;
	feed_queues(&r->flows, life->is.service_id, place->read_ms, &place->queue_ms,
		&reading);
	place->read_ms = row->at_ms;
	life->place->version = life->version->name;
	bool is_used = fleet_put(r->fleet,
		&(struct fleet_seat){
			life->place->id, life->is.service_id, life->is.host_id},
		&(struct reading_life){.id = life->id,
			.fingerprint_id = life->version->id,
			.started_ms = life->is.started_ms,
			.limit_kb = feed_limit(&life->known),
			.is_private = life->known.is_private,
			.collects_late = life->version->collects_late},
		&reading);
	r->readings += is_used && row->at_ms >= r->work.from_ms;
}

static int64_t slice_end(const struct replaying *r, int64_t now_ms, bool *thin)
{
	int64_t fine_ms = (now_ms - FINE_MS) / MINUTE_MS * MINUTE_MS;
	*thin = r->at_ms < fine_ms;
	int64_t rows = (int64_t)HASH_COUNT(r->places) + 1;
	int64_t length_ms = ROWS_AT_ONCE / rows * (*thin ? MINUTE_MS : MINUTE_MS / 6);
	length_ms = length_ms < MINUTE_MS  ? MINUTE_MS
		    : length_ms > SLICE_MS ? SLICE_MS
					   : length_ms;
	int64_t to_ms = r->at_ms + length_ms;
	if (*thin) {
		to_ms = to_ms > fine_ms ? fine_ms : to_ms / MINUTE_MS * MINUTE_MS;
		if (to_ms <= r->at_ms)
			to_ms = (r->at_ms / MINUTE_MS + 1) * MINUTE_MS;
	}
	return to_ms > r->work.to_ms ? r->work.to_ms : to_ms;
}

/* The lives that were read in a slice. */
static void find_lives(struct replaying *r, struct recall_wanted *wanted)
{
	wanted->lives = r->lives_in;
	for (const struct life *life = r->lives; life; life = life->hh.next)
		if (life->is.started_ms < wanted->to_ms + MINUTE_MS &&
			life->is.stored_ms >= wanted->from_ms - MINUTE_MS)
			r->lives_in[wanted->life_count++] = (struct history_subject){
				.id = life->id,
				.service_id = life->is.service_id,
				.host_id = life->is.host_id,
				.from_ms = life->is.started_ms - MINUTE_MS,
				.to_ms = life->is.stored_ms + 2 * MINUTE_MS,
			};
}

static bool go_on(struct replaying *r, struct db *db, int64_t now_ms, struct err *e)
{
	struct arena rows_arena, scratch;
	struct readings_row *rows;
	size_t count = 0;
	struct recall_wanted wanted = {.from_ms = r->at_ms};
	wanted.to_ms = slice_end(r, now_ms, &wanted.thin);
	find_lives(r, &wanted);
	arena_init(&rows_arena);
	arena_init(&scratch);
	bool ok = flows_read(db, wanted.from_ms, wanted.to_ms, &rows_arena, &r->flows,
			  e) &&
		  recall_readings(db, &wanted, &rows_arena, &rows, &count, e);
	for (size_t i = 0; ok && i < count; i++) {
		while (r->step_ms + STEP_MS <= rows[i].at_ms)
			step(r, r->step_ms + STEP_MS, &scratch);
		put(r, &rows[i]);
	}
	if (ok) {
		r->at_ms = wanted.to_ms;
		if (r->at_ms >= r->work.to_ms)
			step(r, r->work.to_ms, &scratch);
	}
	arena_finish(&scratch);
	arena_finish(&rows_arena);
	return ok;
}

struct listed {
	const struct place *place;
	const struct alarms_alarm *alarm;
};

static int by_time(const void *a, const void *b)
{
	int64_t x = ((const struct listed *)a)->alarm->from_ms;
	int64_t y = ((const struct listed *)b)->alarm->from_ms;
	return (x > y) - (x < y);
}

static void put_alarm(struct json *j, const struct listed *l)
{
	json_object(j);
	json_put_string(j, "host", l->place->host);
	json_put_int(j, "ordinal", l->place->ordinal);
	json_put_string(j, "version", l->place->version);
	json_put_string(j, "level", analyse_level_name(l->alarm->level));
	json_put_string(j, "kind", analyse_kind_name(l->alarm->kind));
	json_put_int(j, "from_ms", l->alarm->from_ms);
	if (l->alarm->to_ms)
		json_put_int(j, "to_ms", l->alarm->to_ms);
	else
		json_put_null(j, "to_ms");
	if (l->alarm->rate.known)
		json_put_double(j, "rate_kb_h", l->alarm->rate.kb_h);
	else
		json_put_null(j, "rate_kb_h");
	json_end(j);
}

static const char *alarms_json(struct replaying *r)
{
	size_t count = 0;
	for (const struct place *p = r->places; p; p = p->hh.next)
		count += p->alarms.count;
	struct listed *list = arena_array(&r->arena, count + 1, sizeof *list);
	count = 0;
	for (const struct place *p = r->places; p; p = p->hh.next)
		for (size_t i = 0; i < p->alarms.count; i++)
			list[count++] = (struct listed){p, &p->alarms.items[i]};
	qsort(list, count, sizeof *list, by_time);
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	json_array(&j);
	for (size_t i = 0; i < count && i < ALARMS_MAX; i++)
		put_alarm(&j, &list[i]);
	json_end(&j);
	const char *copy = arena_strdup(&r->arena, text.data);
	buf_finish(&text);
	return copy;
}

static bool end(struct replaying *r, struct db *db, int64_t now_ms, const char *failure,
	struct err *e)
{
	struct replay_work_end row = {
		.id = r->work.id,
		.ended_ms = now_ms,
		.readings = r->readings,
		.state = failure ? "failed" : "done",
		.alarms = failure ? "[]" : alarms_json(r),
		.text = failure ? failure : "",
	};
	bool ok = replay_work_end(db, &row, &r->arena, e) &&
		  db_notify(db, "tidemark", "replays", e);
	replaying_forget(r);
	return ok;
}

static bool take(struct replaying *r, struct db *db, struct err *e)
{
	if (!replay_work_take(db, &r->arena, &r->work, e))
		return false;
	if (!r->work.id) {
		arena_reset(&r->arena);
		return true;
	}
	return db_notify(db, "tidemark", "replays", e) && begin(r, db, e);
}

bool replaying_work(
	struct replaying *r, struct db *db, int64_t now_ms, bool *more, struct err *e)
{
	*more = false;
	bool ok = r->work.id || take(r, db, e);
	if (ok && !r->work.id)
		return true;
	ok = ok && go_on(r, db, now_ms, e);
	if (ok && r->at_ms >= r->work.to_ms)
		ok = end(r, db, now_ms, NULL, e);
	if (ok) {
		*more = true; /* or a next one waits */
		return true;
	}
	/* The database may be away; but what fails again and again keeps others from
	 * being answered. */
	if (r->work.id && r->work.id == r->tried_id)
		r->tries++;
	else
		r->tries = 1;
	r->tried_id = r->work.id;
	if (r->work.id && (e->kind == ERR_INPUT || r->tries >= TRIES)) {
		const char *text = arena_strdup(&r->arena, e->text);
		*more = true;
		return end(r, db, now_ms, text, e);
	}
	replaying_forget(r); /* the database is away: again from the beginning */
	return false;
}
