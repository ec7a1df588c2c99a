#include "server/analyse/window.h"

#include "server/analyse/robust.h"

#include <math.h>
#include <string.h>

enum {
	COLLECTIONS_MIN = 9,
	POINTS_MIN = 8,
	SEGMENT_MIN = 4, /* points of a life that is joined */
	PAST_MIN = 12,
	WEEK_TIER = 6,
};

/* Part of a window that must be seen: each window is three times the one before, so
 * that the whole life of a process always fits one. */
static const double COVERED = 0.35;
static const double HOUR_MS = 3600e3;
static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

static int64_t start_up_ms(int64_t bin_ms)
{
	return 2 * bin_ms > 30000 ? 2 * bin_ms : 30000;
}

static void gather(const struct trace *t, size_t tier, enum trace_channel channel,
	struct window_bins *g)
{
	g->window_ms = trace_window_ms(tier);
	g->bin_ms = trace_bin_ms(tier);
	g->channel = channel;
	g->trail = tier ? WINDOW_TRAIL : WINDOW_TRAIL_SHORTEST;
	g->life_count = trace_lives(t, g->lives);
	g->count = trace_bins(t, tier, g->bins);
	int64_t from_ms = trace_now(t).at_ms - g->window_ms - g->bin_ms;
	for (size_t i = 0; i < g->count; i++) {
		const struct trace_bin *b = &g->bins[i];
		g->counts[i] = b->life != TRACE_LIFE_FORGOTTEN && b->at_ms >= from_ms &&
			       !isnan(b->value[channel]);
		if (!g->counts[i])
			continue;
		const struct trace_life *l = &g->lives[b->life];
		/* Where a life was met late, its start-up lies behind it. */
		if (b->at_ms - l->started_ms < start_up_ms(g->bin_ms))
			g->counts[i] = false;
	}
}

/* What the lives hold of the window. */
struct extent {
	size_t bins;
	int64_t first_ms, last_ms;
};

static void measure(const struct window_bins *g, struct extent *lives)
{
	memset(lives, 0, TRACE_LIVES * sizeof *lives);
	for (size_t i = 0; i < g->count; i++) {
		if (!g->counts[i])
			continue;
		struct extent *l = &lives[g->bins[i].life];
		if (l->bins++ == 0)
			l->first_ms = g->bins[i].at_ms;
		l->last_ms = g->bins[i].at_ms;
	}
}

/* Leaves only the newest life, or the newest ones of its version. */
static void choose_lives(struct window_bins *g, struct extent *extents, bool live)
{
	size_t newest = g->life_count - 1, kept = 0;
	const struct extent *e = &extents[newest];
	bool alone = (double)(e->last_ms - e->first_ms) >=
		     WINDOW_ALONE * (double)g->window_ms;
	for (size_t l = g->life_count; l-- > 0;) {
		bool same = g->lives[l].fingerprint_id ==
			    g->lives[newest].fingerprint_id;
		bool enough = extents[l].bins >= (live ? 3 : SEGMENT_MIN);
		bool keep = alone ? l == newest
				  : same && enough && kept < SHAPE_SEGMENTS_MAX;
		if (keep) {
			kept++;
			continue;
		}
		extents[l] = (struct extent){0};
		for (size_t i = 0; i < g->count; i++)
			if (g->bins[i].life == l)
				g->counts[i] = false;
	}
}

/* Index of the lowest bin among the trailing ones of the same life. */
static size_t lowest_behind(const struct window_bins *g, size_t i)
{
	size_t low = i, seen = 1;
	for (size_t k = i; k-- > 0 && seen < g->trail;) {
		if (g->bins[k].life != g->bins[i].life)
			break;
		/* A gap ends the trail as bins would. */
		if (g->bins[i].at_ms - g->bins[k].at_ms > (int64_t)g->trail * g->bin_ms)
			break;
		if (!g->counts[k])
			continue;
		seen++;
		if (g->bins[k].value[g->channel] < g->bins[low].value[g->channel])
			low = k;
	}
	return low;
}

static void add_point(const struct window_bins *g, size_t i, struct window *w)
{
	const struct trace_bin *b = &g->bins[i];
	size_t n = w->points.count++;
	int64_t started = g->lives[b->life].started_ms;
	w->at_ms[n] = b->at_ms;
	w->age[n] = (double)(b->at_ms - started) / HOUR_MS;
	w->day_h[n] = (double)b->at_ms / HOUR_MS;
	w->value_kb[n] = b->value[g->channel];
	w->load[n] = b->value[TRACE_LOAD];
	w->queue[n] = b->value[TRACE_QUEUE];
	w->segment[n] = b->life; /* numbered later */
}

static void take_points(const struct window_bins *g, bool edge, struct window *w)
{
	size_t before = SIZE_MAX;
	for (size_t i = 0; i < g->count; i++) {
		if (!g->counts[i])
			continue;
		size_t low = edge ? lowest_behind(g, i) : i;
		if (low != before)
			add_point(g, low, w);
		before = low;
	}
}

/* Clock and segments: life after life from 0, or one life from its first point. */
static void number_segments(struct window *w)
{
	struct shape_points *p = &w->points;
	size_t segments = 0;
	uint8_t life = TRACE_LIFE_FORGOTTEN;
	for (size_t i = 0; i < p->count; i++) {
		if (w->segment[i] != life) {
			life = w->segment[i];
			segments++;
		}
		w->segment[i] = (uint8_t)(segments - 1);
	}
	p->segments = segments;
	double least = w->age[0], most = 0;
	for (size_t i = 0; i < p->count; i++)
		least = fmin(least, w->age[i]);
	for (size_t i = 0; i < p->count; i++) {
		w->clock_h[i] = w->age[i] - least;
		most = fmax(most, w->clock_h[i]);
	}
	p->span_h = most;
}

/* What the process had at the same time on the days before, from the bins of three
 * days; without what it gained from day to day, for that is what is looked for. */
static bool take_profile(
	const struct trace *t, const struct window_bins *g, struct window *w)
{
	enum { DAYS = 3, THREE_DAYS_TIER = 5 };
	struct window_bins past;
	gather(t, THREE_DAYS_TIER, g->channel, &past);
	size_t newest = g->life_count - 1, known = 0;
	int64_t reach = past.bin_ms;
	for (size_t n = 0; n < w->points.count; n++) {
		double sum = 0, weight = 0, day_sum[DAYS] = {0};
		for (size_t i = 0; i < past.count; i++) {
			const struct trace_bin *b = &past.bins[i];
			if (!past.counts[i] || b->life != newest)
				continue;
			int64_t behind = w->at_ms[n] - b->at_ms;
			int64_t day = (behind + DAY_MS / 2) / DAY_MS;
			int64_t off = behind - day * DAY_MS;
			if (day < 1 || day > DAYS || off > reach || off < -reach)
				continue;
			double near = 1 - fabs((double)off) / (double)(reach + 1);
			sum += near * b->value[g->channel];
			weight += near;
			day_sum[day - 1] += near;
		}
		if (weight <= 0)
			return false;
		w->profile[n] = sum / weight;
		known++;
	}
	return known > 0;
}

/* Three tenths of what fills the window: agents miss some. */
static size_t bins_min(const struct window_bins *g)
{
	return (size_t)(g->window_ms / g->bin_ms) * 3 / 10;
}

static void describe(
	const struct window_bins *g, const struct extent *extents, struct window *w)
{
	size_t newest = g->life_count - 1;
	const struct trace_life *l = &g->lives[newest];
	w->age_h = (double)(l->last_ms - l->started_ms) / HOUR_MS;
	for (size_t i = 0; i < g->life_count; i++) {
		if (!extents[i].bins)
			continue;
		w->covered_ms += extents[i].last_ms - extents[i].first_ms;
		w->bins += extents[i].bins;
		w->lives++;
		double age = (double)(extents[i].last_ms - g->lives[i].started_ms);
		w->longest_age_h = fmax(w->longest_age_h, age / HOUR_MS);
	}
	int64_t seen = extents[newest].last_ms - extents[newest].first_ms;
	w->life_share = w->age_h > 0 ? (double)seen / HOUR_MS / w->age_h : 0;
	for (size_t i = 0; i < g->count; i++) {
		if (!g->counts[i])
			continue;
		w->low_kb = fmin(w->low_kb, g->bins[i].value[g->channel]);
		w->high_kb = fmax(w->high_kb, g->bins[i].value[g->channel]);
	}
}

static bool has_all(const double *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (isnan(values[i]))
			return false;
	return true;
}

static void attach(const struct trace *t, const struct window_bins *g, struct window *w)
{
	struct shape_points *p = &w->points;
	p->clock_h = w->clock_h;
	p->age_h = w->age;
	p->day_h = w->day_h;
	p->value_kb = w->value_kb;
	p->segment = w->segment;
	p->bin_h = (double)g->bin_ms / HOUR_MS;
	p->load = has_all(w->load, p->count) ? w->load : NULL;
	p->queue = has_all(w->queue, p->count) ? w->queue : NULL;
	bool days = w->age_h >= 22 + (double)g->window_ms / HOUR_MS;
	bool wanted = days && g->window_ms <= DAY_MS && g->window_ms >= DAY_MS / 12 &&
		      p->segments == 1;
	p->profile = wanted && take_profile(t, g, w) ? w->profile : NULL;
}

static bool has_edge(const struct trace *t, enum trace_channel channel)
{
	return channel != TRACE_LIVE || trace_live_is_used(t);
}

void window_look(const struct trace *t, size_t tier, enum trace_channel channel,
	struct window *out)
{
	struct window_bins *g = &out->from;
	struct extent extents[TRACE_LIVES];
	bool edge = has_edge(t, channel);
	out->enough = out->usable = out->resting = false;
	out->tier = tier;
	out->bins = out->lives = 0;
	out->low_kb = INFINITY;
	out->high_kb = 0;
	out->covered_ms = 0;
	out->age_h = out->longest_age_h = out->life_share = 0;
	out->points = (struct shape_points){0};
	gather(t, tier, channel, g);
	if (!g->life_count)
		return;
	measure(g, extents);
	choose_lives(g, extents, !edge);
	describe(g, extents, out);
	bool covered = (double)out->covered_ms >= COVERED * (double)g->window_ms;
	out->enough = covered && out->bins >= (edge ? bins_min(g) : COLLECTIONS_MIN);
}

void window_fill(const struct trace *t, struct window *w)
{
	const struct window_bins *g = &w->from;
	struct shape_points *p = &w->points;
	take_points(g, has_edge(t, g->channel), w);
	if (!p->count)
		return;
	w->first_ms = w->at_ms[0];
	w->last_ms = w->at_ms[p->count - 1];
	number_segments(w);
	w->usable = w->enough && p->count >= POINTS_MIN + p->segments - 1;
	w->resting = w->enough && !w->usable;
	if (w->usable)
		attach(t, g, w);
}

void window_take(const struct trace *t, size_t tier, enum trace_channel channel,
	struct window *out)
{
	window_look(t, tier, channel, out);
	window_fill(t, out);
}

double window_start(const struct trace *t, enum trace_channel channel)
{
	struct trace_life lives[TRACE_LIVES];
	size_t count = trace_lives(t, lives);
	if (!count)
		return NAN;
	const struct trace_life *l = &lives[count - 1];
	size_t tier = 3;
	while (tier + 1 < TRACE_TIERS &&
		trace_window_ms(tier) < l->last_ms - l->started_ms)
		tier++;
	struct window_bins g;
	gather(t, tier, channel, &g);
	int64_t near_ms = l->started_ms + 5 * g.bin_ms;
	for (size_t i = 0; i < g.count; i++)
		if (g.counts[i] && g.bins[i].life == count - 1)
			return g.bins[i].at_ms <= near_ms ? g.bins[i].value[channel]
							  : NAN;
	return NAN;
}

double window_past(
	const struct trace *t, const struct window *w, enum trace_channel channel)
{
	double highest = NAN;
	/* The longer windows remember more coarsely what the shorter have forgotten. */
	for (size_t tier = w->tier; tier <= WEEK_TIER || tier <= w->tier + 1; tier++) {
		if (tier >= TRACE_TIERS)
			break;
		struct window_bins g;
		gather(t, tier, channel, &g);
		double past[TRACE_BINS];
		size_t count = 0;
		for (size_t i = 0; i < g.count; i++)
			if (g.counts[i] && g.bins[i].life == g.life_count - 1 &&
				g.bins[i].at_ms < w->first_ms)
				past[count++] = g.bins[i].value[channel];
		if (count >= PAST_MIN)
			highest = fmax(highest, robust_quantile(past, count, 0.97));
	}
	return highest;
}
