#include "server/api/handlers.h"
#include "server/api/series_ask.h"

#include <math.h>

/* What is read, and what it becomes: parts that add up to RSS. */
enum {
	MEMORY_RSS,
	MEMORY_FILE,
	MEMORY_SHM,
	MEMORY_USED,
	MEMORY_TOTAL,
	MEMORY_EXTERNAL,
	MEMORY_BUFFERS,
	MEMORY_READ,
};
static const int memory_route_metrics[MEMORY_READ] = {PROCESS_rss_kb,
	PROCESS_rss_file_kb, PROCESS_rss_shmem_kb, PROCESS_heap_used_kb,
	PROCESS_heap_total_kb, PROCESS_external_kb, PROCESS_array_buffers_kb};

enum {
	KIND_HEAP_USED,
	KIND_HEAP_FREE,
	KIND_BUFFERS,
	KIND_EXTERNAL,
	KIND_NATIVE,
	KIND_FILE,
	KIND_SHM,
	KIND_COUNT
};
static const char *const memory_route_kinds[KIND_COUNT] = {
	"heap_used", "heap_free", "array_buffers", "external", "native", "file", "shm"};

/* For each metric: lines times steps, and readings; of more instances some are read,
 * evenly spread. */
enum { MEMORY_VALUES_MAX = 100000, MEMORY_READINGS_MAX = 3000000 };

struct memory {
	struct series_ask ask;
	struct steps steps;
	struct series_ask_lives lives;
	struct lines lines;
	size_t all, taken;          /* instances */
	double **read[MEMORY_READ]; /* of each line */
	double *kinds[KIND_COUNT], *rss, *n;
};

/* One after the other, each in memory of its own: the steps of a chart are large. */
static bool memory_route_read_one(struct call *c, struct memory *m, int what,
	const struct chart_life *lives, struct err *e)
{
	struct arena *arena = c->arena, scratch;
	struct chart chart;
	arena_init(&scratch);
	c->arena = &scratch;
	bool ok = series_ask_chart(c,
		&(struct chart_ask){
			.lives = lives,
			.count = m->lives.count,
			.line_count = m->lines.count,
			.metric = memory_route_metrics[what],
			.over = -1,
			.kind = METRIC_GAUGE,
			.aggregate = DOWNSAMPLE_MEAN,
			.from_ms = m->steps.from_ms,
			.step_ms = m->steps.step_ms,
			.steps = m->steps.count,
			.interval_ms = m->lines.interval_ms,
			.raw = true, /* of most kinds no hours are kept */
		},
		&chart, e);
	c->arena = arena;
	m->read[what] = arena_array(arena, m->lines.count, sizeof *m->read[what]);
	for (size_t i = 0; ok && i < m->lines.count; i++) {
		m->read[what][i] = arena_array(
			arena, m->steps.count, sizeof *m->read[what][i]);
		for (size_t k = 0; k < m->steps.count; k++)
			m->read[what][i][k] = downsample_value(
				&chart.lines[i], k, DOWNSAMPLE_MEAN);
	}
	arena_finish(&scratch);
	return ok;
}

/* Takes up to `value` from what is left. */
static double memory_route_take(double *left, double value)
{
	double taken = isnan(value) || value < 0 ? 0 : value < *left ? value : *left;
	*left -= taken;
	return taken;
}

/* Adds one instance's step.  What a runtime has committed need not be in RAM: parts are
 * cut where they are more than there is, so that all of them are RSS. */
static void memory_route_add(struct memory *m, size_t line, size_t k)
{
	double v[MEMORY_READ];
	for (int i = 0; i < MEMORY_READ; i++)
		v[i] = m->read[i][line][k];
	if (isnan(v[MEMORY_RSS]))
		return;
	double left = v[MEMORY_RSS];
	m->n[k] += 1;
	m->rss[k] += left;
	m->kinds[KIND_FILE][k] += memory_route_take(&left, v[MEMORY_FILE]);
	m->kinds[KIND_SHM][k] += memory_route_take(&left, v[MEMORY_SHM]);
	m->kinds[KIND_HEAP_USED][k] += memory_route_take(&left, v[MEMORY_USED]);
	double buffers = memory_route_take(&left, v[MEMORY_BUFFERS]);
	m->kinds[KIND_BUFFERS][k] += buffers;
	m->kinds[KIND_EXTERNAL][k] += memory_route_take(
		&left, v[MEMORY_EXTERNAL] - buffers);
	m->kinds[KIND_HEAP_FREE][k] += memory_route_take(
		&left, v[MEMORY_TOTAL] - v[MEMORY_USED]);
	m->kinds[KIND_NATIVE][k] += left;
}

static void memory_route_put_list(struct json *j, const char *key, const double *values,
	const double *n, size_t count)
{
	json_key(j, key);
	json_array(j);
	for (size_t k = 0; k < count; k++)
		json_double(j, n[k] > 0 ? round(values[k] / n[k]) : NAN);
	json_end(j);
}

/* Kinds of which nothing was read are left out. */
static void memory_route_put(struct json *j, const struct memory *m)
{
	size_t count = m->steps.count;
	memory_route_put_list(j, "rss", m->rss, m->n, count);
	json_key(j, "n");
	json_array(j);
	for (size_t k = 0; k < count; k++)
		json_double(j, m->n[k]);
	json_end(j);
	json_key(j, "kinds");
	json_array(j);
	for (int i = 0; i < KIND_COUNT; i++) {
		double sum = 0;
		for (size_t k = 0; k < count; k++)
			sum += m->kinds[i][k];
		if (sum <= 0)
			continue;
		json_object(j);
		json_put_string(j, "kind", memory_route_kinds[i]);
		memory_route_put_list(j, "values", m->kinds[i], m->n, count);
		json_end(j);
	}
	json_end(j);
}

static bool memory_route_answer(struct call *c, struct memory *m, struct err *e)
{
	size_t count = m->steps.count;
	m->rss = arena_array(c->arena, count, sizeof *m->rss);
	m->n = arena_array(c->arena, count, sizeof *m->n);
	for (int i = 0; i < KIND_COUNT; i++)
		m->kinds[i] = arena_array(c->arena, count, sizeof *m->kinds[i]);
	const struct chart_life *lives = series_ask_chart_lives(
		&m->lives, &m->lines, c->arena);
	for (int i = 0; i < MEMORY_READ; i++)
		if (!memory_route_read_one(c, m, i, lives, e))
			return false;
	for (size_t line = 0; line < m->lines.count; line++)
		for (size_t k = 0; k < count; k++)
			memory_route_add(m, line, k);
	struct json *j = &c->json;
	json_object(j);
	json_put_string(j, "unit", "KiB");
	json_put_int(j, "from_ms", m->steps.from_ms);
	json_put_int(j, "to_ms", m->steps.to_ms);
	json_put_int(j, "step_ms", m->steps.step_ms);
	json_key(j, "instances");
	json_object(j);
	json_put_int(j, "all", (int64_t)m->all);
	json_put_int(j, "read", (int64_t)m->taken);
	json_end(j);
	memory_route_put(j, m);
	struct chart none = {0};
	struct series_scope window = {
		.from_ms = m->steps.from_ms, .to_ms = m->steps.to_ms};
	if (!series_ask_put_marks(c, &m->lives, &none, &m->steps, true, e) ||
		!series_ask_put_gaps(c, &window,
			(struct figures_ids){m->lines.hosts, m->lines.host_count}, e))
		return false;
	json_end(j);
	return true;
}

/* As many steps as lines leave room for. */
static struct steps memory_route_steps(const struct memory *m)
{
	int64_t room = m->lines.count ? MEMORY_VALUES_MAX / (int64_t)m->lines.count
				      : STEPS_MAX;
	int64_t points = m->ask.points < room ? m->ask.points : room;
	return steps_choose(m->ask.from_ms, m->ask.to_ms,
		points > STEPS_MIN ? points : STEPS_MIN, m->lines.interval_ms);
}

static size_t memory_route_seats(const struct series_ask_lives *lives)
{
	size_t count = 0;
	for (size_t i = 0; i < lives->count; i++)
		count += i == 0 || lives->rows[i].slot_id != lives->rows[i - 1].slot_id;
	return count;
}

/* Keeps the lives of every so many seats, that not too much is read. */
static void memory_route_thin(struct memory *m)
{
	struct series_life *rows = m->lives.rows;
	int64_t interval_ms = m->lives.count ? rows[0].interval_ms : 0;
	int64_t each = (m->ask.to_ms - m->ask.from_ms) /
			       (interval_ms > 0 ? interval_ms : 10000) +
		       1;
	size_t room = (size_t)(MEMORY_READINGS_MAX / each), seat = 0, kept = 0;
	m->all = memory_route_seats(&m->lives);
	size_t stride = room ? (m->all + room - 1) / room : m->all;
	int64_t slot_id = 0;
	for (size_t i = 0; i < m->lives.count; i++) {
		seat += rows[i].slot_id != slot_id;
		slot_id = rows[i].slot_id;
		if (stride < 2 || (seat - 1) % stride == 0)
			rows[kept++] = rows[i];
	}
	m->lives.count = kept;
	m->taken = memory_route_seats(&m->lives);
}

bool memory_route_get(struct call *c, struct err *e)
{
	struct memory m = {0};
	struct series_scope scope = {.limit = LINES_LIVES_MAX + 1};
	if (!call_service(c, &scope.service_id, e) ||
		!query_ids(&c->query, "instance", &scope.slots, &scope.slot_count, e) ||
		!series_ask_span(c, &m.ask, e) || !query_finish(&c->query, e) ||
		!call_take_turn(c, e) || !call_db(c, e))
		return false;
	scope.from_ms = m.ask.from_ms;
	scope.to_ms = m.ask.to_ms;
	int64_t service_id = scope.service_id;
	if (scope.slot_count)
		scope.service_id = 0;
	if (!series_lives(c->db, &scope, c->arena, &m.lives.rows, &m.lives.count, e))
		return false;
	for (size_t i = 0; i < m.lives.count; i++)
		if (m.lives.rows[i].service_id != service_id)
			return err_set(e, ERR_INPUT,
				"instance: %lld is not one of this service",
				(long long)m.lives.rows[i].slot_id);
	memory_route_thin(&m);
	m.lines = lines_make(m.lives.rows, m.lives.count, c->arena);
	m.steps = memory_route_steps(&m);
	return series_ask_check_size(&m.lives, &m.lines, &m.steps, e) &&
	       memory_route_answer(c, &m, e);
}
