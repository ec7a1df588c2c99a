#include "server/analyse/span.h"

#include "server/analyse/lives.h"

#include <math.h>

enum {
	POINTS_MIN = 10,
	READINGS_MIN = 16, /* that show rest, when they leave few points */
	BLOCKS_MAX = 12,
	PAST_MIN = 12,
	PAST_LEAST_MS = 26 * 3600 * 1000,
};

static const double HOUR_MS = LIVES_HOUR_MS;
/* Small processes: what a runtime takes for itself says nothing about leaks. */
static const double SCALE_LEAST_KB = 128 * 1024;
static const double BASE_LEAST_KB = 48 * 1024;

int64_t span_grown_up_ms(const struct analyse_slot *slot)
{
	return (int64_t)((slot->collects_late ? 24 : 12) * HOUR_MS);
}

double span_growth_wanted_ratio(int64_t age_ms)
{
	static const struct {
		double age_h, ratio;
	} line[] = {{.05, .8}, {.25, .6}, {1, .42}, {4, .3}, {12, .18}, {24, .12}};
	enum { LAST = sizeof line / sizeof *line - 1 };
	double age_h = (double)age_ms / HOUR_MS;
	if (age_h <= line[0].age_h)
		return line[0].ratio;
	for (size_t i = 0; i < LAST; i++) {
		if (age_h > line[i + 1].age_h)
			continue;
		double at = log(age_h / line[i].age_h) /
			    log(line[i + 1].age_h / line[i].age_h);
		return line[i].ratio + at * (line[i + 1].ratio - line[i].ratio);
	}
	return line[LAST].ratio;
}

/* What the lives begin and end with, and how old they grew. */
static void measure(
	const struct lives *m, struct span *out, double limit_kb, struct arena *a)
{
	double *begins = arena_array(a, m->segments, sizeof *begins);
	const size_t *segment = m->shapes.segment;
	size_t life_from = 0;
	for (size_t i = 0; i < m->count; i++) {
		if (i == 0 || segment[i] != segment[i - 1]) {
			life_from = i;
			begins[segment[i]] = m->value_kb[i];
		}
		int64_t seen = m->edge[i].at_ms - m->edge[life_from].at_ms;
		int64_t age = (int64_t)(m->age_h[i] * HOUR_MS);
		if (age > out->age_ms)
			out->age_ms = age;
		out->life_share = age > 0 ? (double)seen / (double)age : 0;
	}
	out->lives = m->segments;
	out->first_ms = m->edge[0].at_ms;
	out->base_kb = robust_median(begins, m->segments);
	out->level_kb = m->value_kb[m->count - 1];
	out->scale_kb = fmax(4 * out->base_kb, SCALE_LEAST_KB);
	if (limit_kb > 0)
		out->scale_kb = fmin(out->scale_kb, fmax(limit_kb, out->base_kb));
}

/* The two largest rises of the blocks against the net rise. */
static bool rises_in_steps(const struct lives *m, struct arena *a, double at_most)
{
	if (m->segments > 1)
		return false;
	size_t blocks = m->count / 2 < BLOCKS_MAX ? m->count / 2 : BLOCKS_MAX;
	double medians[BLOCKS_MAX];
	double *scratch = arena_array(a, m->count, sizeof *scratch);
	for (size_t b = 0; b < blocks; b++) {
		size_t from = b * m->count / blocks, to = (b + 1) * m->count / blocks;
		for (size_t i = from; i < to; i++)
			scratch[i - from] = m->value_kb[i];
		medians[b] = robust_median(scratch, to - from);
	}
	double largest = 0, second = 0;
	for (size_t b = 1; b < blocks; b++) {
		double rise = medians[b] - medians[b - 1];
		if (rise > largest) {
			second = largest;
			largest = rise;
		} else if (rise > second) {
			second = rise;
		}
	}
	return largest + second > at_most * (medians[blocks - 1] - medians[0]);
}

/* Above what this life reached before the span, but for half a percent: over a day at
 * least, so that what comes back each hour and each morning has been seen before. */
static bool is_novel(const struct lives *m, const struct span *s, int64_t end_ms,
	struct arena *a, bool *has_past)
{
	const struct analyse_generation *life = m->newest;
	int64_t back_ms = 4 * s->window_ms;
	if (back_ms < PAST_LEAST_MS)
		back_ms = PAST_LEAST_MS;
	size_t from, to;
	lives_between(
		life, m->bin_ms, end_ms - back_ms, end_ms - s->window_ms, &from, &to);
	*has_past = m->segments == 1 && to >= from + PAST_MIN;
	if (!*has_past)
		return true;
	double *past = arena_array(a, to - from, sizeof *past);
	for (size_t i = from; i < to; i++)
		past[i - from] = life->points[i].value_kb;
	double high = robust_quantile(past, to - from, 0.995);
	double now[4];
	for (size_t i = 0; i < 4; i++)
		now[i] = m->value_kb[m->count - 4 + i];
	double by = fmax(0.006 * s->scale_kb, 2 * s->shapes.noise_kb);
	return robust_median(now, 4) > high + by;
}

/* Each of at least two lives grew between half and double the common rate. */
static bool grew_alike(const struct lives *m, double slope)
{
	size_t lives = 0;
	for (size_t from = 0, to; from < m->count; from = to) {
		double x = 0, y = 0, xx = 0, xy = 0;
		for (to = from; to < m->count &&
				m->shapes.segment[to] == m->shapes.segment[from];
			to++) {
			double age = m->age_h[to] - m->age_h[from];
			double rise = m->value_kb[to] - m->value_kb[from];
			x += age;
			y += rise;
			xx += age * age;
			xy += age * rise;
		}
		double n = (double)(to - from);
		double own = (n * xy - x * y) / (n * xx - x * x);
		if (!(own >= 0.5 * slope && own <= 2 * slope))
			return false;
		lives++;
	}
	return lives >= 2;
}

/* Rate from the part of the span in which the line speaks alone. */
static void take_rate(const struct lives *m, struct span *s, struct arena *a)
{
	const struct shape_model *g = &s->shapes.growing;
	double span_h = m->longest_h, from_h = 0;
	if (g->kind == SHAPE_LATE_LINE)
		from_h = g->parameter_h;
	else if (g->kind == SHAPE_SATURATION)
		from_h = fmin(2 * g->parameter_h, span_h / 2);
	else if (g->with_line && g->parameter_h <= 0.6 * span_h)
		from_h = g->parameter_h;
	double *x = arena_array(a, m->count, sizeof *x);
	double *y = arena_array(a, m->count, sizeof *y);
	size_t *group = arena_array(a, m->count, sizeof *group);
	struct robust_points p = {x, y, group, 0};
	for (size_t i = 0; i < m->count; i++) {
		if (m->shapes.clock_h[i] < from_h)
			continue;
		x[p.count] = m->age_h[i];
		y[p.count] = m->value_kb[i];
		group[p.count++] = m->shapes.segment[i];
	}
	struct robust_slope slope = robust_theil_sen(&p, s->shapes.correlation, a);
	if (!slope.known)
		return;
	/* Measured on recorded leaks: the nominal interval is too narrow. */
	double least = 0.25 * fabs(slope.value);
	s->rate.known = true;
	s->rate.kb_h = slope.value;
	s->rate.low_kb_h = fmin(slope.low, slope.value - least);
	s->rate.high_kb_h = fmax(slope.high, slope.value + least);
}

static int64_t oldest_ms(const struct analyse_slot *slot, int64_t end_ms)
{
	for (size_t g = 0; g < slot->count; g++)
		if (slot->generations[g].count)
			return slot->generations[g].points[0].at_ms;
	return end_ms;
}

/* A load that rises for hours looks the same: wait for a day of history, unless little
 * time is left, the span itself is long, or every life repeats it. */
static bool may_be_load(const struct span *s, int64_t history_ms)
{
	bool long_span = (double)s->covered_ms >= 16 * HOUR_MS && s->shapes.lead >= 40;
	return (double)history_ms < 24 * HOUR_MS && s->hours_left > 10 && !long_span &&
	       !(s->repeated && s->lives >= 3);
}

/* What a process must have gained before it counts. */
static void want_growth(struct span *s, const struct analyse_slot *slot)
{
	double room = slot->limit_kb - s->base_kb;
	s->wanted_kb = span_growth_wanted_ratio(s->age_ms) *
		       fmax(s->base_kb, BASE_LEAST_KB);
	if (room > 0)
		s->wanted_kb = fmin(s->wanted_kb, room / 2);
	if (s->repeated)
		s->wanted_kb *= 0.6;
	/* By default Java takes a quarter of the memory for its heap. */
	if (slot->collects_late && s->age_ms < span_grown_up_ms(slot))
		s->wanted_kb = fmax(
			s->wanted_kb, room > 0 ? 0.3 * slot->limit_kb : INFINITY);
}

/* What the shape beside the line adds over the newest life. */
static double shape_rise_kb(const struct lives *m, const struct shape_model *g)
{
	size_t last = m->count - 1, first = last;
	while (first > 0 && m->shapes.segment[first - 1] == m->shapes.segment[last])
		first--;
	return shape_kb_at(g, m->shapes.clock_h[last], m->age_h[last]) -
	       shape_kb_at(g, m->shapes.clock_h[first], m->age_h[first]);
}

static void judge_growth(const struct lives *m, struct span *s,
	const struct analyse_slot *slot, int64_t end_ms, struct arena *a)
{
	const struct shape_model *g = &s->shapes.growing;
	if (!g->known)
		return;
	bool late = g->kind == SHAPE_LATE_LINE && m->segments == 1;
	double onset_h = late ? g->parameter_h : 0;
	double low = g->slope_kb_h - 2.58 * g->slope_error;
	bool has_past;
	s->sureness = g->slope_kb_h / g->slope_error;
	s->growth_kb = g->slope_kb_h * (m->longest_h - onset_h);
	if (g->with_line) /* a falling shape takes from what the line gives */
		s->growth_kb += fmin(0, shape_rise_kb(m, g));
	s->onset_ms = s->first_ms + (int64_t)(onset_h * HOUR_MS);
	s->repeated = m->segments > 1 && grew_alike(m, g->slope_kb_h);
	s->novel = is_novel(m, s, end_ms, a, &has_past);
	s->in_steps = rises_in_steps(
		m, a, (double)s->window_ms <= 24 * HOUR_MS ? 0.75 : 0.9);
	s->hours_left = low > 0 ? fmax(0, s->scale_kb - s->level_kb) / low : INFINITY;

	s->young = !has_past || s->age_ms < span_grown_up_ms(slot);
	if (s->young)
		want_growth(s, slot);
	s->may_be_load = may_be_load(s, end_ms - oldest_ms(slot, end_ms));
	double noise = s->shapes.noise_kb, part = s->growth_kb / s->scale_kb;
	bool shaped = s->sureness >= 4 && low > 0.00012 * s->scale_kb &&
		      s->shapes.lead_slow >= 0 && !s->in_steps && s->novel;
	bool grows = s->rate.known && s->rate.low_kb_h > 0; /* what is shown says so */
	if (shaped && grows && !s->may_be_load && s->shapes.lead >= 20 &&
		part >= 0.05 && s->growth_kb >= (s->young ? 5 : 3) * noise &&
		s->growth_kb >= s->wanted_kb)
		s->level = SPAN_GROWTH;
	else if (shaped && s->shapes.lead >= 16 && part >= 0.04 &&
		 s->growth_kb >= 3 * noise && s->growth_kb >= 0.6 * s->wanted_kb)
		s->level = SPAN_WATCH;
	else if (shaped && s->shapes.lead >= 4 && part >= 0.04 && s->young)
		s->level = SPAN_YOUNG;
}

void span_judge(const struct analyse_slot *slot, int64_t window_ms, int64_t end_ms,
	struct arena *a, struct span *out)
{
	*out = (struct span){.window_ms = window_ms};
	struct lives lives;
	lives_gather(slot, window_ms, end_ms, a, &lives);
	double share = lives.segments > 1 ? 0.4 : 0.55;
	out->covered_ms = lives.covered_ms;
	if ((double)lives.covered_ms < share * (double)window_ms || lives.count == 0)
		return;
	measure(&lives, out, slot->limit_kb, a);
	if (lives.count >= POINTS_MIN &&
		shape_compare(&lives.shapes, a, &out->shapes)) {
		out->usable = true;
		take_rate(&lives, out, a);
		judge_growth(&lives, out, slot, end_ms, a);
	} else if (lives.readings >= READINGS_MIN) {
		out->usable = true;
		out->shapes.noise_kb = robust_spread(lives.value_kb, lives.count, a);
	}
}
