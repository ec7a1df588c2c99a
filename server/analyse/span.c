#include "server/analyse/span.h"

#include "server/analyse/robust.h"

#include <math.h>

enum { BLOCKS_MAX = 12, TWO_HOURS_TIER = 2, DAY_TIER = 4 };

static const double HOUR_MS = 3600e3;
static const double LEAD_LEAST = 12; /* of growing over settling shapes, by BIC */
static const double BLUR_MOST_H = 366 * 24; /* of an onset: nothing is known of it */
/* Small processes: what a runtime takes for itself says nothing about leaks. */
static const double SCALE_LEAST_KB = 256 * 1024;
static const double BASE_LEAST_KB = 48 * 1024;
/* Of what runs away, where every life did so, and for "watch". */
static const double AWAY_REPEATED = 0.6, AWAY_EARLY = 0.8;

double span_scale_kb(double limit_kb, double base_kb)
{
	double scale = fmax(4 * base_kb, SCALE_LEAST_KB);
	return limit_kb > 0 ? fmin(scale, fmax(limit_kb, base_kb)) : scale;
}

/* How much of its starting memory a process must gain before growth counts: four
 * fifths at three minutes, an eighth at a day. */
static double growth_wanted_ratio(double age_h)
{
	static const struct {
		double age_h, ratio;
	} line[] = {{.05, .8}, {.25, .6}, {1, .42}, {4, .3}, {12, .18}, {24, .12}};
	enum { LAST = sizeof line / sizeof *line - 1 };
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

/* What the lives begin with. */
static double base_of(const struct window *w)
{
	double begins[SHAPE_SEGMENTS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < w->points.count; i++)
		if (i == 0 || w->segment[i] != w->segment[i - 1])
			begins[n++] = w->value_kb[i];
	return robust_median(begins, n);
}

/* Memory without what load, queue and profile explain. */
static void adjust(const struct window *w, const struct shape_result *r, double *out)
{
	for (size_t i = 0; i < w->points.count; i++) {
		out[i] = w->value_kb[i];
		if (r->has_load)
			out[i] -= r->load_kb * (w->load[i] - w->load[0]);
		if (r->has_queue)
			out[i] -= r->queue_kb * (w->queue[i] - w->queue[0]);
	}
}

/* The two largest rises of the blocks against the net rise. */
static bool rises_in_steps(const struct window *w, const double *value, double at_most)
{
	size_t n = w->points.count;
	if (w->points.segments > 1)
		return false;
	size_t blocks = n / 2 < BLOCKS_MAX ? n / 2 : BLOCKS_MAX;
	double medians[BLOCKS_MAX], scratch[TRACE_BINS];
	for (size_t b = 0; b < blocks; b++) {
		size_t from = b * n / blocks, to = (b + 1) * n / blocks;
		for (size_t i = from; i < to; i++)
			scratch[i - from] = value[i];
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
	/* Even growth over few blocks has large parts, too. */
	size_t growing = 0;
	double net = medians[blocks - 1] - medians[0];
	for (size_t b = 1; b < blocks; b++)
		growing += medians[b] > medians[0] + 0.1 * net;
	double even = growing ? fmin(0.95, 2.6 / (double)growing) : 0;
	return largest + second > fmax(at_most, even) * net;
}

/* Each of at least two lives, seen for most of their time, grew between half and double
 * the common rate.  The last tooth of an old one says nothing. */
static bool grew_alike(const struct window *w, double slope)
{
	size_t lives = 0;
	for (size_t from = 0, to; from < w->points.count; from = to) {
		double x = 0, y = 0, xx = 0, xy = 0;
		for (to = from;
			to < w->points.count && w->segment[to] == w->segment[from];
			to++) {
			double age = w->age[to] - w->age[from];
			double rise = w->value_kb[to] - w->value_kb[from];
			x += age;
			y += rise;
			xx += age * age;
			xy += age * rise;
		}
		double n = (double)(to - from);
		double own = (n * xy - x * y) / (n * xx - x * x);
		bool whole = w->age[from] <= 0.5 * w->age[to - 1];
		if (!whole || !(own >= 0.5 * slope && own <= 2 * slope))
			return false;
		lives++;
	}
	return lives >= 2;
}

/* Above all that was before; where neither load nor season is known, by much of what it
 * grew, for no two days are alike. */
static bool is_novel(const struct window *w, const struct span *s, double scale_kb)
{
	double last[4];
	size_t n = w->points.count;
	for (size_t i = 0; i < 4; i++)
		last[i] = w->value_kb[n - 4 + i];
	double by = fmax(0.006 * scale_kb, 2 * s->shapes.noise_kb);
	if (s->strict && w->tier <= DAY_TIER)
		by = fmax(by, 0.3 * s->growth_kb);
	return robust_median(last, 4) > s->past_kb + by;
}

/* When the curve left its low for good: from the last moment in the lowest tenth of its
 * rise back along the line from there to its end. */
static void find_leaving(const struct window *w, const double *value, struct span *s)
{
	size_t n = w->points.count, at = 0;
	double low = INFINITY;
	s->left_rest_ms = s->first_ms;
	if (w->points.segments > 1)
		return;
	for (size_t i = 0; i < n; i++)
		low = fmin(low, value[i]);
	double end = (value[n - 1] + value[n - 2]) / 2;
	for (size_t i = 0; i < n; i++)
		if (value[i] <= low + 0.1 * (end - low))
			at = i;
	int64_t left_ms = w->at_ms[at] - (w->at_ms[n - 1] - w->at_ms[at]) / 9;
	s->left_rest_ms = left_ms > s->first_ms ? left_ms : s->first_ms;
}

/* What of the growth came in the last third of the points: a third, when it is even. */
static double late_share_of(
	const struct window *w, const double *value, double growth_kb)
{
	size_t n = w->points.count, from = n - n / 3;
	double before[3], last[3];
	for (size_t i = 0; i < 3; i++) {
		before[i] = value[from - 2 + i];
		last[i] = value[n - 3 + i];
	}
	return (robust_median(last, 3) - robust_median(before, 3)) / growth_kb;
}

/* When growth began, and how well that is known: the grid of the late line, and the
 * time that the slope takes to leave the noise. */
static void find_onset(const struct window *w, struct span *s)
{
	const struct shape_model *g = &s->shapes.growing;
	double from_h = g->kind == SHAPE_LATE_LINE ? g->parameter_h : 0;
	double blur_h = w->points.span_h / 11;
	if (g->slope_kb_h > 0)
		blur_h += fmin(2 * s->shapes.noise_kb / g->slope_kb_h, BLUR_MOST_H);
	bool rested = s->left_rest_ms - s->first_ms > (s->last_ms - s->first_ms) / 8;
	if (w->points.segments > 1 || (g->kind != SHAPE_LATE_LINE && !rested)) {
		s->onset_ms = s->first_ms;
		s->onset_low_ms = s->first_ms - (int64_t)(s->age_h * HOUR_MS);
		s->onset_high_ms = s->first_ms + (int64_t)(blur_h * HOUR_MS);
		return;
	}
	if (g->kind != SHAPE_LATE_LINE)
		from_h = (double)(s->left_rest_ms - s->first_ms) / HOUR_MS;
	s->onset_ms = s->first_ms + (int64_t)(from_h * HOUR_MS);
	s->onset_low_ms = s->onset_ms - (int64_t)(blur_h * HOUR_MS);
	s->onset_high_ms = s->onset_ms + (int64_t)(blur_h * HOUR_MS);
}

/* How long growth has gone on, and whether the process rested before it began. */
static double grown_h(const struct span *s)
{
	return (double)(s->last_ms - s->left_rest_ms) / HOUR_MS;
}

/* A warm-up begins at once: an hour of rest before is enough to tell. */
static bool rested_before(const struct span *s)
{
	return s->rested_h >= 1 && s->rested_h >= 0.12 * s->age_h;
}

/* From its start until the curve left its low, when that low is where it started. */
static void find_rest(const struct trace *t, const struct window *w, struct span *s)
{
	double start = window_start(t, s->channel);
	double from_h = s->age_h - (double)(s->last_ms - s->left_rest_ms) / HOUR_MS;
	bool alike = fabs(start - w->value_kb[0]) <=
		     fmax(0.2 * s->growth_kb, 2 * s->shapes.noise_kb);
	if (w->points.segments == 1 && alike)
		s->rested_h = fmax(0, from_h);
}

/* Straight beyond doubt, and for so long: a warm-up bends, and a cache that fills
 * evenly is full within half a day; what rested first does neither. */
static bool is_sustained(const struct span *s, const struct span_context *c, bool early)
{
	const struct shape_result *r = &s->shapes;
	if (r->lead < (early ? 14 : 18) || r->lead_slow < (early ? 4 : 6) ||
		s->sureness < 8)
		return false;
	bool is_news = rested_before(s) || c->beyond_usual;
	double wanted_h = is_news ? (early ? 3 : 5) : (early ? 5 : 10);
	/* A load that comes with the day rises for less than half of it. */
	if (s->strict)
		wanted_h = is_news ? (early ? 5 : 8) : (early ? 8 : 12);
	return grown_h(s) >= wanted_h;
}

/* Rules for a process that has no past of its own to be compared with. */
static bool young_enough_shown(
	const struct span *s, const struct span_context *c, double scale_kb, bool early)
{
	double part = 100 * s->growth_kb / scale_kb, lead = s->shapes.lead;
	double span_h = (double)s->covered_ms / HOUR_MS;
	if (lead < (early ? 14 : 18) || part < (early ? 2.5 : 3) ||
		s->growth_kb < 5 * s->shapes.noise_kb)
		return false;
	if (span_h >= 22 || is_sustained(s, c, early))
		return true;
	/* A fourth of the time that is left may be waited for (watch: a thirtieth). */
	double wait_h = s->hours_left / (early ? 30 : 4);
	if (s->repeated)
		wait_h /= 2; /* every life said so */
	if (s->hours_left <= (early ? 300 : 48) &&
		span_h >= fmin(fmax(wait_h, early ? 3 : 3.5), 8))
		return true;
	return s->hours_left < 2.5 && part > 10;
}

/* Less than two hours of readings: only what runs away counts.  In the shortest window
 * there are a dozen points, and a lead grows with their number: what is asked for there
 * is most of what the process began with. */
static bool runs_away(const struct span *s, const struct span_context *c, bool early)
{
	double seen_h = fmin(s->age_h, (double)s->covered_ms / HOUR_MS);
	double wanted = growth_wanted_ratio(seen_h) * fmax(s->base_kb, BASE_LEAST_KB);
	double room = c->limit_kb - s->base_kb;
	if (room > 0)
		wanted = fmin(wanted, room / 2);
	if (s->repeated)
		wanted *= AWAY_REPEATED;
	if (early)
		wanted *= AWAY_EARLY;
	/* A heap of set size is filled before it is first collected. */
	if (c->collects_late)
		wanted = room > 0 ? fmax(wanted, 0.3 * c->limit_kb) : INFINITY;
	double lead = s->tier == 0 ? LEAD_LEAST : early ? 16 : 20;
	return s->shapes.lead >= lead && s->growth_kb >= wanted &&
	       s->growth_kb >= 5 * s->shapes.noise_kb && s->hours_left < 10;
}

static bool passes(
	const struct span *s, const struct span_context *c, double scale_kb, bool early)
{
	const struct shape_result *r = &s->shapes;
	double part = 100 * s->growth_kb / scale_kb;
	bool is_short = s->tier <= TWO_HOURS_TIER;
	if (s->sureness < 4 ||
		s->slope_kb_h - 2.58 * s->error_kb_h < 0.00012 * scale_kb)
		return false;
	if (r->lead < LEAD_LEAST || r->lead_slow < 0 || s->in_steps || !s->novel)
		return false;
	/* What only the last few points show may be a burst. */
	if (s->tier >= TWO_HOURS_TIER &&
		grown_h(s) < 0.2 * (double)s->covered_ms / HOUR_MS)
		return false;
	if (part < (is_short ? 3 : 1.5) || s->growth_kb < 3 * r->noise_kb)
		return false;
	/* It must still be going on. */
	if (s->tier <= TWO_HOURS_TIER && s->late_share < 0.15)
		return false;
	if (s->tier < TWO_HOURS_TIER && !runs_away(s, c, early))
		return false;
	/* Work that comes in a batch is done in an hour or so: a process that has lived
	 * for hours may be waited for until then, or until it comes close to its limit.
	 */
	bool is_close = s->level_kb >= 0.85 * span_scale_kb(c->limit_kb, s->base_kb);
	bool settled = !early && s->age_h >= 6 && !is_close;
	if (s->tier < TWO_HOURS_TIER && settled)
		return false;
	if (s->tier == TWO_HOURS_TIER &&
		grown_h(s) < (settled ? 1.5 : fmin(1.5, s->hours_left)))
		return false;
	/* With much time left, a longer window can speak in time. */
	double window_h = (double)trace_window_ms(s->tier) / HOUR_MS;
	if (s->tier < DAY_TIER && s->hours_left > (early ? 36 : 12) * window_h)
		return false;
	return true;
}

/* What a process must show beside, that is young or whose load may have risen. */
static bool is_beyond_doubt(
	const struct span *s, const struct span_context *c, double scale_kb, bool early)
{
	const struct shape_result *r = &s->shapes;
	double part = 100 * s->growth_kb / scale_kb;
	if (s->young && s->tier >= TWO_HOURS_TIER &&
		!young_enough_shown(s, c, scale_kb, early))
		return false;
	if (s->strict && s->tier > 0 && !is_sustained(s, c, early)) {
		if (part < (early ? 4 : 5) || r->lead < (early ? 16 : 20))
			return false;
		if (s->age_h < 24 && s->hours_left > (early ? 100 : 10))
			return false;
	}
	/* A runtime that collects late fills a heap of set size first. */
	if (c->collects_late && s->age_h < 24 && s->growth_kb < 0.3 * c->limit_kb)
		return false;
	return !c->as_usual || !s->young;
}

static void judge_growth(const struct trace *t, const struct window *w,
	const struct span_context *c, struct span *s)
{
	const struct shape_model *g = &s->shapes.growing;
	double scale_kb = span_scale_kb(c->limit_kb, s->base_kb);
	if (!g->known || g->slope_kb_h <= 0)
		return;
	const struct shape_model *rest = &s->shapes.settling;
	if (s->shapes.slowing.known && s->shapes.slowing.bic < rest->bic)
		rest = &s->shapes.slowing;
	s->curved = rest->kind == SHAPE_SATURATION || rest->kind == SHAPE_LOGARITHM;
	double adjusted[TRACE_BINS];
	adjust(w, &s->shapes, adjusted);
	s->slope_kb_h = g->slope_kb_h;
	s->error_kb_h = g->slope_error;
	s->sureness = g->slope_error > 0 ? g->slope_kb_h / g->slope_error : 0;
	double from_h = g->kind == SHAPE_LATE_LINE ? g->parameter_h : 0;
	s->growth_kb = g->slope_kb_h * (w->points.span_h - from_h);
	s->in_steps = rises_in_steps(w, adjusted, w->tier <= DAY_TIER ? 0.75 : 1.2);
	s->past_kb = w->points.segments == 1 ? window_past(t, w, s->channel) : NAN;
	/* Load that was offered but hardly varied cannot explain anything either. */
	s->strict = !w->points.load && !s->shapes.has_profile && !s->shapes.seasons;
	s->novel = isnan(s->past_kb) || is_novel(w, s, scale_kb);
	s->young = isnan(s->past_kb) || s->age_h < 12;
	s->repeated = w->points.segments >= 2 && grew_alike(w, g->slope_kb_h);
	s->late_share = late_share_of(w, adjusted, s->growth_kb);
	double low = s->slope_kb_h - 2.58 * s->error_kb_h;
	s->hours_left = low > 0 ? fmax(0, scale_kb - s->level_kb) / low : INFINITY;
	find_leaving(w, adjusted, s);
	find_rest(t, w, s);
	find_onset(w, s);
	if (passes(s, c, scale_kb, true))
		s->grown_up = s->level = ANALYSE_EARLY;
	if (passes(s, c, scale_kb, false))
		s->grown_up = s->level = ANALYSE_CONFIRMED;
	if (s->level == ANALYSE_CONFIRMED && !is_beyond_doubt(s, c, scale_kb, false))
		s->level = ANALYSE_EARLY;
	if (s->level == ANALYSE_EARLY && !is_beyond_doubt(s, c, scale_kb, true))
		s->level = ANALYSE_QUIET;
}

/* Takes off `v` what goes along with `x`; all of it when `x` is constant. */
static void take_off(double *v, const double *x, size_t n)
{
	double xx = 0, xv = 0;
	for (size_t i = 0; i < n; i++) {
		xx += x[i] * x[i];
		xv += x[i] * v[i];
	}
	for (size_t i = 0; i < n && xx > 0; i++)
		v[i] -= xv / xx * x[i];
}

/* How far a straight line rises beside load and queue, by least squares: INFINITY where
 * they go along with time, and only the shapes can tell. */
static double risen_beside_kb(const struct window *w)
{
	enum { LEVEL, LOAD, QUEUE, CLOCK, COLUMNS };
	size_t n = w->points.count;
	const double *from[COLUMNS] = {
		NULL, w->points.load, w->points.queue, w->clock_h};
	double column[COLUMNS][TRACE_BINS], rest = 0, slope = 0;
	for (int c = LEVEL; c < COLUMNS; c++) {
		for (size_t i = 0; i < n; i++)
			column[c][i] = c == LEVEL ? 1 : from[c] ? from[c][i] : 0;
		for (int k = LEVEL; k < c; k++)
			take_off(column[c], column[k], n);
	}
	for (size_t i = 0; i < n; i++) {
		rest += column[CLOCK][i] * column[CLOCK][i];
		slope += column[CLOCK][i] * w->value_kb[i];
	}
	/* Its even spread alone would leave a twelfth. */
	double span_h = w->points.span_h;
	if (!(rest > 0.05 / 12 * (double)n * span_h * span_h))
		return INFINITY;
	return slope / rest * span_h;
}

/* What must stand above what was before, that any rule could be met: in the shortest
 * windows half of the least that runs_away() wants. */
static double least_rise_kb(
	const struct window *w, const struct span_context *c, double base_kb)
{
	double limit_kb = c->limit_kb, scale_kb = span_scale_kb(limit_kb, base_kb);
	double least_kb = (w->tier <= TWO_HOURS_TIER ? 0.02 : 0.01) * scale_kb;
	if (!c->only_growth || w->tier >= TWO_HOURS_TIER)
		return least_kb;
	double window_h = (double)trace_window_ms(w->tier) / HOUR_MS;
	double wanted = growth_wanted_ratio(window_h) * fmax(base_kb, BASE_LEAST_KB);
	double room = limit_kb - w->high_kb;
	if (limit_kb > 0)
		wanted = fmin(wanted, fmax(room, 0) / 2);
	return fmax(least_kb, AWAY_REPEATED * AWAY_EARLY * wanted / 2);
}

/* Most slots rest most of the time, and need not be compared with anything.  Load or
 * queue that fell may have hidden a rise. */
static bool could_grow(
	const struct window *w, const struct span_context *c, double base_kb)
{
	size_t n = w->points.count, tail = n < 8 ? 2 : 4;
	double last[4], low = INFINITY;
	double least = least_rise_kb(w, c, base_kb);
	if (w->points.segments > 1)
		return true;
	for (size_t i = 0; i + tail < n; i++)
		low = fmin(low, w->value_kb[i]);
	for (size_t i = 0; i < tail; i++)
		last[i] = w->value_kb[n - tail + i];
	return robust_median(last, tail) - low >= least ||
	       ((w->points.load || w->points.queue) && risen_beside_kb(w) >= least / 2);
}

/* The same from the bins alone, where that is sure: whatever their lower edge is, it
 * moves by no more than they do. */
static bool cannot_grow(
	const struct trace *t, const struct window *w, const struct span_context *c)
{
	double least = least_rise_kb(w, c, w->low_kb);
	return w->lives == 1 && w->high_kb - w->low_kb < least &&
	       !trace_knows(t, TRACE_LOAD) && !trace_knows(t, TRACE_QUEUE);
}

void span_judge(const struct trace *t, size_t tier, enum trace_channel channel,
	const struct span_context *c, struct span *out)
{
	struct window w;
	window_look(t, tier, channel, &w);
	*out = (struct span){.tier = tier,
		.channel = channel,
		.lives = w.lives,
		.age_h = w.longest_age_h,
		.life_share = w.life_share,
		.covered_ms = w.covered_ms,
		.past_kb = NAN,
		.hours_left = INFINITY};
	if (c->only_growth && cannot_grow(t, &w, c)) {
		out->resting = w.enough;
		return;
	}
	window_fill(t, &w);
	out->usable = w.usable;
	out->resting = w.resting;
	if (!w.points.count)
		return;
	out->first_ms = w.first_ms;
	out->last_ms = w.last_ms;
	out->base_kb = base_of(&w);
	out->level_kb = w.value_kb[w.points.count - 1];
	if (!w.usable)
		return;
	if (!could_grow(&w, c, out->base_kb)) {
		out->resting = true;
		return;
	}
	w.points.noise_floor_kb = 1e-5 * span_scale_kb(c->limit_kb, out->base_kb);
	out->usable = shape_compare(&w.points, &out->shapes);
	if (out->usable)
		judge_growth(t, &w, c, out);
}
