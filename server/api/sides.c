#include "server/api/sides.h"

#include "server/history/chart.h"
#include "server/history/rollup.h"
#include "server/store/series.h"

#include <string.h>

/* Readings of a life may be newer than what is known of it, and older by a clock that
 * was set. */
#define SIDES_LIFE_SLACK_MS (INT64_C(300) * 1000)
#define SIDES_HOUR_MS       (INT64_C(3600) * 1000)

/* The processes of one selection: all of its instances, those of other versions too,
 * because the hours of a seat tell of all of them. */
struct sides_lives {
	struct series_life *rows;
	size_t count, instances, read;
};

static bool sides_chosen(const struct selection *s, const struct series_life *life)
{
	return (!s->version || life->fingerprint_id == s->version) &&
	       (!s->host || life->host_id == s->host) &&
	       (!s->instance || life->slot_id == s->instance);
}

static size_t sides_seat_end(const struct sides_lives *l, size_t from)
{
	size_t to = from;
	while (to < l->count && l->rows[to].slot_id == l->rows[from].slot_id)
		to++;
	return to;
}

static bool sides_has_chosen(
	const struct sides_lives *l, const struct selection *s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (sides_chosen(s, &l->rows[i]))
			return true;
	return false;
}

/* Keeps the seats that the selection is about, of every `n` of them `take`. */
static size_t sides_keep(struct sides_lives *l, const struct selection *s, size_t take,
	size_t n, struct series_life *out, size_t *seats)
{
	size_t kept = 0, seat = 0;
	*seats = 0;
	for (size_t from = 0, to; from < l->count; from = to) {
		to = sides_seat_end(l, from);
		if (!sides_has_chosen(l, s, from, to))
			continue;
		bool is_taken = (seat + 1) * take / n > seat * take / n;
		seat++;
		if (!is_taken)
			continue;
		memcpy(out + kept, l->rows + from, (to - from) * sizeof *out);
		kept += to - from;
		++*seats;
	}
	return kept;
}

static bool sides_find(struct db *db, const struct selection *s,
	const struct sides_ask *ask, struct arena *a, struct sides_lives *out,
	struct err *e)
{
	struct series_scope scope = {.from_ms = ask->from_ms - s->offset_ms,
		.to_ms = ask->to_ms - s->offset_ms,
		.service_id = s->instance ? 0 : s->service,
		.slots = s->instance ? &s->instance : NULL,
		.slot_count = s->instance ? 1 : 0,
		.limit = LINES_LIVES_MAX + 1};
	if (!series_lives(db, &scope, a, &out->rows, &out->count, e))
		return false;
	if (out->count > LINES_LIVES_MAX)
		return err_set(e, ERR_INPUT,
			"from, to: more than %d process lives; ask for a shorter span",
			LINES_LIVES_MAX);
	return true;
}

/* As many instances as can be read, evenly over all. */
static void sides_sample(
	struct sides_lives *l, const struct selection *s, size_t steps, struct arena *a)
{
	struct series_life *kept = arena_array(a, l->count, sizeof *kept);
	size_t all, count = sides_keep(l, s, 1, 1, kept, &all);
	size_t take = all < SIDES_INSTANCES_MAX ? all : SIDES_INSTANCES_MAX;
	l->instances = l->read = all;
	for (; take < all || count * steps > SIDES_VALUES_MAX; take = take * 3 / 4) {
		count = sides_keep(l, s, take ? take : 1, all, kept, &l->read);
		if (count * steps <= SIDES_VALUES_MAX || take <= 1)
			break;
	}
	l->rows = kept;
	l->count = count;
}

static struct chart_life *sides_chart_lives(
	const struct sides_lives *l, struct arena *a)
{
	struct chart_life *out = arena_array(a, l->count, sizeof *out);
	for (size_t i = 0; i < l->count; i++)
		out[i] = (struct chart_life){
			.id = l->rows[i].id,
			.slot_id = l->rows[i].slot_id,
			.service_id = l->rows[i].service_id,
			.host_id = l->rows[i].host_id,
			.line = i,
			.from_ms = l->rows[i].started_ms - SIDES_LIFE_SLACK_MS,
			.to_ms = l->rows[i].last_ms + SIDES_LIFE_SLACK_MS,
		};
	return out;
}

/* What is read of one selection. */
struct sides_reader {
	struct db *db;
	struct arena *arena;
	struct sides *out;
	const struct sides_lives *lives;
	const struct chart_life *chart_lives;
	int64_t from_ms, interval_ms;
};

/* A line of each life. */
static bool sides_lines(struct sides_reader *r, const struct lines_metric *metric,
	const double **values, struct err *e)
{
	struct chart chart;
	bool is_counter = metric->kind == METRIC_COUNTER;
	struct chart_ask ask = {
		.lives = r->chart_lives,
		.count = r->lives->count,
		.line_count = r->lives->count,
		.metric = metric->number,
		.over = metric->over,
		.kind = metric->kind,
		.aggregate = is_counter ? DOWNSAMPLE_RATE : DOWNSAMPLE_MEAN,
		.from_ms = r->from_ms,
		.step_ms = r->out->steps.step_ms,
		.steps = r->out->steps.count,
		.interval_ms = r->interval_ms,
	};
	if (!chart_read(r->db, &ask, r->arena, &chart, e)) {
		r->out->damaged = chart.sources.damaged;
		return false;
	}
	r->out->missing |= chart.sources.missing;
	for (size_t i = 0; i < r->lives->count; i++)
		values[i] = lines_values(
			&chart.lines[i], ask.aggregate, metric, r->arena);
	return true;
}

static bool sides_read_one(struct sides_reader *r, const struct selection *s,
	const struct lines_metric *metric, struct compare_side *side, struct err *e)
{
	struct lines_metric load;
	size_t count = r->lives->count;
	const double **values = arena_array(r->arena, count, sizeof *values);
	const double **loads = arena_array(r->arena, count, sizeof *loads);
	lines_find_metric(
		"requests", metric_process, METRIC_PROCESS_COUNT, r->arena, &load);
	if (count && (!sides_lines(r, metric, values, e) ||
			     (load.number != metric->number &&
				     !sides_lines(r, &load, loads, e))))
		return false;
	struct compare_life *lives = arena_array(r->arena, count, sizeof *lives);
	*side = (struct compare_side){.lives = lives, .from_ms = r->from_ms};
	for (size_t i = 0; i < count; i++)
		if (sides_chosen(s, &r->lives->rows[i]))
			lives[side->count++] = (struct compare_life){
				.slot_id = r->lives->rows[i].slot_id,
				.host_id = r->lives->rows[i].host_id,
				.started_ms = r->lives->rows[i].started_ms,
				.value = values[i],
				.load = loads[i],
			};
	return true;
}

static struct steps sides_steps(const struct sides_ask *ask, int64_t interval_ms)
{
	bool is_far = ask->from_ms < ask->kept_ms && rollup_has(ask->metric.number);
	if (is_far || ask->to_ms - ask->from_ms >= SIDES_LONG_MS)
		return steps_choose_whole(
			ask->from_ms, ask->to_ms, ask->points, SIDES_HOUR_MS);
	return steps_choose(ask->from_ms, ask->to_ms, ask->points, interval_ms);
}

static int64_t sides_interval_ms(const struct sides_lives *lives, size_t count)
{
	int64_t longest_ms = 0;
	for (size_t s = 0; s < count; s++)
		for (size_t i = 0; i < lives[s].count; i++)
			if (lives[s].rows[i].interval_ms > longest_ms)
				longest_ms = lives[s].rows[i].interval_ms;
	return longest_ms;
}

bool sides_read(struct db *db, const struct sides_ask *ask, struct arena *a,
	struct sides *out, struct err *e)
{
	struct sides_lives lives[COMPARE_SIDES_MAX];
	*out = (struct sides){0};
	for (size_t i = 0; i < ask->count; i++)
		if (!sides_find(db, &ask->selections[i], ask, a, &lives[i], e))
			return false;
	int64_t interval_ms = sides_interval_ms(lives, ask->count);
	out->steps = sides_steps(ask, interval_ms);
	for (size_t i = 0; i < ask->count; i++) {
		const struct selection *s = &ask->selections[i];
		int64_t step_ms = out->steps.step_ms;
		int64_t offset_ms = (s->offset_ms + step_ms / 2) / step_ms * step_ms;
		sides_sample(&lives[i], s, out->steps.count, a);
		out->instances[i] = lives[i].instances;
		out->read[i] = lives[i].read;
		out->from_ms[i] = out->steps.from_ms - offset_ms;
		struct sides_reader r = {.db = db,
			.arena = a,
			.out = out,
			.lives = &lives[i],
			.chart_lives = sides_chart_lives(&lives[i], a),
			.from_ms = out->from_ms[i],
			.interval_ms = interval_ms};
		if (!sides_read_one(&r, s, &ask->metric, &out->side[i], e))
			return false;
	}
	return true;
}
