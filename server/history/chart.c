#include "server/history/chart.h"

#include "server/store/partitions.h"
#include "server/store/past.h"
#include "server/store/shards.h"

#include <stdlib.h>
#include <string.h>

/* A day of a seat that ran two versions: its hours tell of both together. */
struct chart_mixed {
	const struct past_hours *hours;
	size_t life; /* the first of its seat */
	size_t line; /* of the longest, if there are no readings any more */
	bool read;
};

struct chart_reader {
	const struct chart_ask *ask;
	struct chart *chart;
	struct db *db;
	struct arena *arena;
	int64_t to_ms;
	size_t kill_room;

	/* Of the ask in hand. */
	const size_t *life;     /* of each subject */
	int value, over, kills; /* places among its metrics; < 0: not asked */

	/* Of the subject in hand, of which more may come. */
	size_t subject;
	struct downsample_last last;
	bool kills_known;
	int64_t kills_before;
	struct chart_mixed *mixed;
	size_t mixed_count;
};

int64_t chart_hours_to(const struct chart_ask *ask, int64_t sealed_ms)
{
	int64_t to_ms = ask->from_ms + (int64_t)ask->steps * ask->step_ms;
	bool is_host = ask->count && ask->lives[0].service_id == 0;
	if (ask->raw || is_host || ask->over >= 0 ||
		ask->step_ms % PARTITIONS_HOUR_MS != 0 || !rollup_has(ask->metric) ||
		sealed_ms < ask->from_ms)
		return ask->from_ms;
	return sealed_ms < to_ms ? sealed_ms : to_ms;
}

static int64_t chart_day(int64_t at_ms)
{
	int64_t rest = at_ms % PARTITIONS_DAY_MS;
	return at_ms - (rest < 0 ? rest + PARTITIONS_DAY_MS : rest);
}

/* How long the life was there in the span. */
static int64_t chart_overlap(const struct chart_life *l, int64_t from_ms, int64_t to_ms)
{
	int64_t begin_ms = l->from_ms > from_ms ? l->from_ms : from_ms;
	int64_t end_ms = l->to_ms && l->to_ms < to_ms ? l->to_ms : to_ms;
	return end_ms - begin_ms;
}

bool chart_owner(const struct chart_ask *ask, size_t life, int64_t day_ms, size_t *line)
{
	int64_t slot_id = ask->lives[life].slot_id, longest_ms = -1;
	bool found = false, alone = true;
	size_t first = 0;
	for (size_t i = life; i < ask->count && ask->lives[i].slot_id == slot_id; i++) {
		const struct chart_life *l = &ask->lives[i];
		int64_t ms = chart_overlap(l, day_ms, day_ms + PARTITIONS_DAY_MS);
		if (ms < 0)
			continue;
		if (!found)
			first = l->line;
		alone &= l->line == first;
		found = true;
		if (ms > longest_ms) {
			longest_ms = ms;
			*line = l->line;
		}
	}
	return found && alone;
}

static void chart_add_kill(struct chart_reader *r, const struct chart_kills *kill)
{
	struct chart *c = r->chart;
	if (c->kill_count == r->kill_room) {
		r->kill_room = r->kill_room ? 2 * r->kill_room : 16;
		struct chart_kills *more = arena_array(
			r->arena, r->kill_room, sizeof *more);
		if (c->kill_count)
			memcpy(more, c->kills, c->kill_count * sizeof *more);
		c->kills = more;
	}
	c->kills[c->kill_count++] = *kill;
}

static void chart_take_kills(struct chart_reader *r, const struct chart_life *life,
	const struct history_columns *c)
{
	const int64_t *values = c->values[r->kills];
	for (size_t i = 0; i < c->rows; i++) {
		if (!c->has[r->kills][i] ||
			(r->kills_known && values[i] == r->kills_before))
			continue;
		chart_add_kill(
			r, &(struct chart_kills){life->id, values[i], c->at_ms[i]});
		r->kills_known = true;
		r->kills_before = values[i];
	}
}

static void chart_take_mixed(struct chart_reader *r, int64_t slot_id)
{
	for (size_t i = 0; i < r->mixed_count; i++)
		if (r->mixed[i].hours->slot_id == slot_id)
			r->mixed[i].read = true;
}

/* The parts that the values are of what they are told by. */
static void chart_take_parts(struct chart_reader *r, struct downsample *line,
	const struct history_columns *c)
{
	struct arena scratch;
	arena_init(&scratch);
	int64_t *parts = arena_array(&scratch, c->rows, sizeof *parts);
	bool *has = arena_array(&scratch, c->rows, sizeof *has);
	for (size_t i = 0; i < c->rows; i++) {
		int64_t whole = c->values[r->over][i];
		has[i] = c->has[r->value][i] && c->has[r->over][i] && whole > 0;
		if (has[i])
			parts[i] = (int64_t)((double)c->values[r->value][i] /
					     (double)whole * CHART_WHOLE);
	}
	downsample_gauge(line, c->at_ms, parts, has, c->rows);
	arena_finish(&scratch);
}

static bool chart_take(void *context, const struct history_columns *c, struct err *e)
{
	struct chart_reader *r = context;
	const struct chart_life *life = &r->ask->lives[r->life[c->subject]];
	struct downsample *line = &r->chart->lines[life->line];
	(void)e;
	if (c->subject != r->subject) {
		r->subject = c->subject;
		r->last.known = r->kills_known = false;
	}
	if (r->kills >= 0)
		chart_take_kills(r, life, c);
	chart_take_mixed(r, life->slot_id);
	if (r->value < 0)
		return true;
	if (r->ask->kind == METRIC_COUNTER)
		downsample_counter(line,
			&(struct downsample_counter){
				.at_ms = c->at_ms,
				.values = c->values[r->value],
				.has = c->has[r->value],
				.over = r->over < 0 ? NULL : c->values[r->over],
				.over_has = r->over < 0 ? NULL : c->has[r->over],
				.rows = c->rows,
			},
			&r->last);
	else if (r->over >= 0)
		chart_take_parts(r, line, c);
	else
		downsample_gauge(
			line, c->at_ms, c->values[r->value], c->has[r->value], c->rows);
	return true;
}

/* Where only kills were looked for does not count as a source of the values. */
static void chart_add_sources(
	struct chart *c, const struct history_sources *s, bool values)
{
	c->sources.hot |= values && s->hot;
	c->sources.late |= values && s->late;
	c->sources.segments |= values && s->segments;
	c->sources.chunks |= values && s->chunks;
	c->sources.damaged |= s->damaged;
	c->sources.values += s->values;
	c->sources.missing |= s->missing;
}

/* The place of `metric` among those of the ask. */
static int chart_want(int *metrics, size_t *count, int metric)
{
	for (size_t i = 0; i < *count; i++)
		if (metrics[i] == metric)
			return (int)i;
	metrics[*count] = metric;
	return (int)(*count)++;
}

/* Reads of the lives lives[0..count) what is wanted: values, kills or both. */
enum chart_what { CHART_VALUES = 1, CHART_KILLS = 2 };

static bool chart_read_span(struct chart_reader *r, const size_t *lives, size_t count,
	int64_t from_ms, int64_t to_ms, int what, struct err *e)
{
	int metrics[3];
	struct history_sources sources = {0};
	struct history_subject *subjects = arena_array(
		r->arena, count, sizeof *subjects);
	struct history_ask ask = {.subjects = subjects,
		.count = count,
		.metrics = metrics,
		.from_ms = from_ms,
		.to_ms = to_ms,
		.interval_ms = r->ask->interval_ms,
		.piecewise = true};
	for (size_t i = 0; i < count; i++) {
		const struct chart_life *l = &r->ask->lives[lives[i]];
		subjects[i] = (struct history_subject){
			l->id, l->service_id, l->host_id, l->from_ms, l->to_ms};
	}
	r->life = lives;
	r->subject = SIZE_MAX;
	r->value = r->over = r->kills = -1;
	if (what & CHART_VALUES)
		r->value = chart_want(metrics, &ask.metric_count, r->ask->metric);
	if (what & CHART_VALUES && r->ask->over >= 0)
		r->over = chart_want(metrics, &ask.metric_count, r->ask->over);
	if (what & CHART_KILLS)
		r->kills = chart_want(
			metrics, &ask.metric_count, PROCESS_cgroup_oom_kills);
	bool ok = history_read(r->db, &ask, chart_take, r, &sources, e);
	chart_add_sources(r->chart, &sources, what & CHART_VALUES);
	return ok;
}

/* The lives from `first` on that were there in the span; all, or those of one seat. */
static size_t chart_lives(const struct chart_ask *ask, size_t first, bool all,
	int64_t from_ms, int64_t to_ms, size_t *out)
{
	size_t count = 0;
	for (size_t i = first; i < ask->count; i++) {
		if (!all && ask->lives[i].slot_id != ask->lives[first].slot_id)
			break;
		if (chart_overlap(&ask->lives[i], from_ms, to_ms) > 0)
			out[count++] = i;
	}
	return count;
}

static void chart_add_hours(
	struct chart_reader *r, const struct past_hours *hours, size_t line)
{
	bool is_counter = r->ask->kind == METRIC_COUNTER;
	for (int i = 0; i < PAST_HOURS; i++) {
		int64_t at_ms = hours->at_ms + i * PARTITIONS_HOUR_MS,
			s = hours->state[i];
		struct rollup hour = {hours->n[i], s, s, s, s};
		downsample_hour(&r->chart->lines[line], is_counter, at_ms, &hour);
	}
	r->chart->rollups = true;
}

static int chart_compare_mixed(const void *a, const void *b)
{
	const struct chart_mixed *x = a, *y = b;
	if (x->hours->at_ms != y->hours->at_ms)
		return x->hours->at_ms < y->hours->at_ms ? -1 : 1;
	return (x->life > y->life) - (x->life < y->life);
}

/* Days of which the readings must tell what was of which version. */
static bool chart_read_mixed(struct chart_reader *r, struct chart_mixed *mixed,
	size_t count, int64_t to_ms, struct err *e)
{
	if (count)
		qsort(mixed, count, sizeof *mixed, chart_compare_mixed);
	size_t *lives = arena_array(r->arena, r->ask->count, sizeof *lives);
	for (size_t i = 0, same; i < count; i += same) {
		int64_t day_ms = mixed[i].hours->at_ms,
			end_ms = day_ms + PARTITIONS_DAY_MS;
		size_t wanted = 0;
		for (same = 0; i + same < count; same++) {
			if (mixed[i + same].hours->at_ms != day_ms)
				break;
			wanted += chart_lives(r->ask, mixed[i + same].life, false,
				day_ms, end_ms, lives + wanted);
		}
		r->mixed = mixed + i;
		r->mixed_count = same;
		if (!chart_read_span(r, lives, wanted,
			    day_ms > r->ask->from_ms ? day_ms : r->ask->from_ms,
			    end_ms < to_ms ? end_ms : to_ms, CHART_VALUES, e))
			return false;
		r->mixed_count = 0;
	}
	for (size_t i = 0; i < count; i++)
		if (!mixed[i].read)
			chart_add_hours(r, mixed[i].hours, mixed[i].line);
	return true;
}

static enum past_state chart_state(enum downsample_aggregate aggregate)
{
	switch (aggregate) {
	case DOWNSAMPLE_MAX:
		return PAST_HIGH;
	case DOWNSAMPLE_MIN:
		return PAST_LOW;
	case DOWNSAMPLE_LAST:
		return PAST_LAST;
	case DOWNSAMPLE_MEAN:
	case DOWNSAMPLE_RATE:
		break;
	}
	return PAST_SUM;
}

struct chart_seat {
	int64_t slot_id;
	size_t life; /* its first */
};

static int chart_compare_seats(const void *a, const void *b)
{
	const struct chart_seat *x = a, *y = b;
	return (x->slot_id > y->slot_id) - (x->slot_id < y->slot_id);
}

static struct chart_seat *chart_seats(
	const struct chart_ask *ask, struct arena *a, size_t *count)
{
	struct chart_seat *seats = arena_array(a, ask->count, sizeof *seats);
	*count = 0;
	for (size_t i = 0; i < ask->count; i++)
		if (i == 0 || ask->lives[i].slot_id != ask->lives[i - 1].slot_id)
			seats[(*count)++] = (struct chart_seat){
				ask->lives[i].slot_id, i};
	qsort(seats, *count, sizeof *seats, chart_compare_seats);
	return seats;
}

static bool chart_is_asked(
	const struct chart_reader *r, const struct shards *shards, size_t database)
{
	for (size_t i = 0; i < r->ask->count; i++)
		if (shards_may_have(shards, database, r->ask->lives[i].host_id))
			return true;
	return false;
}

/* A shard that failed, or was not asked because it has; the main database must answer.
 */
static bool chart_miss(
	struct chart_reader *r, struct shards *shards, size_t database, bool asked)
{
	if (database == 0)
		return false;
	if (asked)
		shards_failed(shards, database);
	r->chart->sources.missing |= UINT64_C(1) << database;
	return true;
}

/* Of all databases that may have them. */
static bool chart_past_hours(struct chart_reader *r, const struct past_hours_ask *ask,
	struct past_hours **hours, size_t *count, struct err *e)
{
	struct shards *shards;
	*hours = NULL;
	*count = 0;
	if (!shards_get(r->db, &shards, e))
		return false;
	for (size_t i = 0; i < shards_count(shards); i++) {
		struct db *db = shards_db(shards, i);
		struct past_hours *more, *all;
		size_t more_count;
		if (!chart_is_asked(r, shards, i))
			continue;
		if (!db || !past_hours(db, ask, r->arena, &more, &more_count, e)) {
			if (!chart_miss(r, shards, i, db))
				return false;
			continue;
		}
		all = arena_array(r->arena, *count + more_count, sizeof *all);
		if (*count)
			memcpy(all, *hours, *count * sizeof *all);
		if (more_count)
			memcpy(all + *count, more, more_count * sizeof *all);
		*hours = all;
		*count += more_count;
	}
	return true;
}

/* Until when all databases that may have readings have sealed their days. */
static bool chart_sealed(struct chart_reader *r, int64_t *sealed_ms, struct err *e)
{
	struct shards *shards;
	bool any = false;
	*sealed_ms = INT64_MIN;
	if (!shards_get(r->db, &shards, e))
		return false;
	for (size_t i = 0; i < shards_count(shards); i++) {
		struct past_bounds bounds;
		struct db *db = shards_db(shards, i);
		if (!chart_is_asked(r, shards, i))
			continue;
		if (!db || !past_bounds(db, &bounds, e)) {
			if (!chart_miss(r, shards, i, db))
				return false;
			continue;
		}
		if (!any || bounds.sealed_ms < *sealed_ms)
			*sealed_ms = bounds.sealed_ms;
		any = true;
	}
	return true;
}

static bool chart_read_hours(struct chart_reader *r, int64_t to_ms, struct err *e)
{
	size_t seat_count, count, mixed_count = 0;
	struct past_hours *hours;
	struct chart_seat *seats = chart_seats(r->ask, r->arena, &seat_count);
	int64_t *slots = arena_array(r->arena, seat_count, sizeof *slots);
	for (size_t i = 0; i < seat_count; i++)
		slots[i] = seats[i].slot_id;
	struct past_hours_ask ask = {slots, seat_count, r->ask->metric,
		chart_state(r->ask->aggregate), chart_day(r->ask->from_ms), to_ms};
	if (!chart_past_hours(r, &ask, &hours, &count, e))
		return false;
	struct chart_mixed *mixed = arena_array(r->arena, count, sizeof *mixed);
	for (size_t i = 0; i < count; i++) {
		struct chart_seat key = {.slot_id = hours[i].slot_id}, *seat;
		size_t line = 0;
		seat = bsearch(
			&key, seats, seat_count, sizeof *seats, chart_compare_seats);
		BUG_ON(!seat);
		if (chart_owner(r->ask, seat->life, hours[i].at_ms, &line))
			chart_add_hours(r, &hours[i], line);
		else
			mixed[mixed_count++] = (struct chart_mixed){
				&hours[i], seat->life, line, false};
	}
	return chart_read_mixed(r, mixed, mixed_count, to_ms, e);
}

/* Kills in the span that hours were read for, if that is not too much. */
static bool chart_read_kills(
	struct chart_reader *r, size_t *lives, int64_t to_ms, struct err *e)
{
	int64_t days = 0;
	size_t count = chart_lives(r->ask, 0, true, r->ask->from_ms, to_ms, lives);
	for (size_t i = 0; i < count; i++)
		days += chart_overlap(
				&r->ask->lives[lives[i]], r->ask->from_ms, to_ms) /
				PARTITIONS_DAY_MS +
			1;
	if (!r->ask->kills || days > CHART_KILL_DAYS) {
		r->chart->kills_from_ms = to_ms;
		return true;
	}
	return chart_read_span(r, lives, count, r->ask->from_ms, to_ms, CHART_KILLS, e);
}

static int chart_compare_kills(const void *a, const void *b)
{
	const struct chart_kills *x = a, *y = b;
	if (x->generation_id != y->generation_id)
		return x->generation_id < y->generation_id ? -1 : 1;
	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

bool chart_read(struct db *db, const struct chart_ask *ask, struct arena *a,
	struct chart *out, struct err *e)
{
	int64_t sealed_ms;
	*out = (struct chart){
		.lines = arena_array(a, ask->line_count, sizeof *out->lines),
		.resolution_ms = ask->interval_ms,
		.kills_from_ms = ask->from_ms,
	};
	for (size_t i = 0; i < ask->line_count; i++)
		out->lines[i] = downsample_make(
			ask->origins ? ask->origins[i] : ask->from_ms, ask->step_ms,
			ask->steps, a);
	struct chart_reader r = {.ask = ask, .chart = out, .db = db, .arena = a};
	if (ask->count == 0)
		return true;
	r.to_ms = ask->origins ? ask->to_ms
			       : ask->from_ms + (int64_t)ask->steps * ask->step_ms;
	if (!chart_sealed(&r, &sealed_ms, e))
		return false;
	int64_t hours_to_ms = chart_hours_to(ask, sealed_ms);
	size_t *lives = arena_array(a, ask->count, sizeof *lives);
	if (hours_to_ms > ask->from_ms &&
		(!chart_read_hours(&r, hours_to_ms, e) ||
			!chart_read_kills(&r, lives, hours_to_ms, e)))
		return false;
	size_t count = chart_lives(ask, 0, true, hours_to_ms, r.to_ms, lives);
	int what = CHART_VALUES | (ask->kills ? CHART_KILLS : 0);
	if (!chart_read_span(&r, lives, count, hours_to_ms, r.to_ms, what, e))
		return false;
	if (out->kill_count)
		qsort(out->kills, out->kill_count, sizeof *out->kills,
			chart_compare_kills);
	if (out->rollups)
		out->resolution_ms = PARTITIONS_HOUR_MS;
	return true;
}
