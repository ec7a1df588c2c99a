#include "server/analyse/compare.h"

#include "server/analyse/pool.h"
#include "server/analyse/robust.h"
#include "server/analyse/shape.h"

#include <math.h>

static const double HOUR_MS = 3600e3;
static const double NO_FREEDOM = 1e6; /* Student's t is normal */
static const double Z_95 = 1.96;
/* Load must be known of so much of an instance to stand beside its line. */
static const double LOAD_SHARE = 0.8;

enum {
	LIFE_POINTS_MIN = 4, /* fewer say nothing of a slope */
	START_UP_STEPS = 2,
	REACH_MIN = 10, /* steps of age; what is younger has no slope to compare */
	START_UP_MS = 2 * 3600 * 1000, /* at most */
};

/* What the lives of a side are compared by. */
struct view {
	const struct compare_input *in;
	const struct compare_side *side;
	size_t ages; /* by age: steps of age that every side reached */
};

/* The middle of a step. */
static int64_t moment(const struct view *v, size_t step)
{
	return v->side->from_ms + (int64_t)step * v->in->step_ms + v->in->step_ms / 2;
}

static int64_t age_ms(const struct view *v, const struct compare_life *l, size_t step)
{
	int64_t age = moment(v, step) - l->started_ms;
	return age > 0 ? age : 0;
}

static bool began_within(const struct view *v, const struct compare_life *l)
{
	return l->started_ms >= v->side->from_ms;
}

/* Where a reading stands in the bands; in->steps: nowhere. */
static size_t place(const struct view *v, const struct compare_life *l, size_t step)
{
	if (!v->in->by_age)
		return step;
	int64_t age = age_ms(v, l, step) / v->in->step_ms;
	return began_within(v, l) && age < (int64_t)v->in->steps ? (size_t)age
								 : v->in->steps;
}

/* The greatest age of any life that is seen from its start, in steps. */
static size_t reached(const struct view *v)
{
	size_t most = 0;
	for (size_t i = 0; i < v->side->count; i++)
		for (size_t k = 0; k < v->in->steps; k++) {
			size_t at = place(v, &v->side->lives[i], k);
			bool is_there = isfinite(v->side->lives[i].value[k]);
			if (is_there && at < v->in->steps && at >= most)
				most = at + 1;
		}
	return most;
}

static size_t common_age(const struct compare_input *in)
{
	size_t least = in->steps;
	for (size_t s = 0; s < in->count; s++) {
		size_t most = reached(&(struct view){in, &in->sides[s], 0});
		if (most >= REACH_MIN && most < least)
			least = most;
	}
	return least;
}

/* Counts for growth. */
static bool counts(const struct view *v, const struct compare_life *l, size_t step)
{
	int64_t age = age_ms(v, l, step);
	int64_t start_up = START_UP_STEPS * v->in->step_ms;
	if (!isfinite(l->value[step]) ||
		age < (start_up < START_UP_MS ? start_up : START_UP_MS))
		return false;
	return !v->in->by_age ||
	       (began_within(v, l) && age / v->in->step_ms < (int64_t)v->ages);
}

static void put_band(struct compare_band *band, double *values, size_t n)
{
	*band = (struct compare_band){.n = n};
	if (n == 0)
		return;
	band->median = robust_median(values, n);
	band->low = robust_quantile(values, n, 0.1);
	band->high = robust_quantile(values, n, 0.9);
}

/* Of one place; a restart within a step makes no second instance there. */
static size_t gather_band(
	const struct view *v, const double *const *at, size_t where, double *values)
{
	size_t n = 0;
	int64_t before = -1;
	for (size_t i = 0; i < v->side->count; i++) {
		const struct compare_life *l = &v->side->lives[i];
		double value = at[i][where];
		if (!isfinite(value))
			continue;
		if (!v->in->by_age && n && l->slot_id == before)
			n--;
		before = l->slot_id;
		values[n++] = value;
	}
	return n;
}

static const double **placed(const struct view *v, struct arena *a)
{
	const double **at = arena_array(a, v->side->count, sizeof *at);
	for (size_t i = 0; i < v->side->count; i++) {
		const struct compare_life *l = &v->side->lives[i];
		at[i] = l->value;
		if (!v->in->by_age)
			continue;
		double *moved = arena_array(a, v->in->steps, sizeof *moved);
		for (size_t k = 0; k < v->in->steps; k++)
			moved[k] = NAN;
		for (size_t k = 0; k < v->in->steps; k++)
			if (isfinite(l->value[k]) && place(v, l, k) < v->in->steps)
				moved[place(v, l, k)] = l->value[k];
		at[i] = moved;
	}
	return at;
}

static void find_bands(
	const struct view *v, struct arena *a, struct compare_found *found)
{
	const double **at = placed(v, a);
	double *values = arena_array(a, v->side->count, sizeof *values);
	found->bands = arena_array(a, v->in->steps, sizeof *found->bands);
	for (size_t k = 0; k < v->in->steps; k++)
		put_band(&found->bands[k], values, gather_band(v, at, k, values));
}

/* The lives of one instance that are fitted together. */
struct group {
	double clock_h[SHAPE_POINTS_MAX], age_h[SHAPE_POINTS_MAX];
	double day_h[SHAPE_POINTS_MAX], value[SHAPE_POINTS_MAX];
	double load[SHAPE_POINTS_MAX];
	uint8_t segment[SHAPE_POINTS_MAX];
	size_t count, segments, with_load;
	double span_h;
};

static size_t points_of(const struct view *v, const struct compare_life *l)
{
	size_t n = 0;
	for (size_t k = 0; k < v->in->steps; k++)
		n += counts(v, l, k);
	return n;
}

static void add_life(
	const struct view *v, const struct compare_life *l, struct group *g)
{
	int64_t first_ms = -1;
	for (size_t k = 0; k < v->in->steps && g->count < SHAPE_POINTS_MAX; k++) {
		if (!counts(v, l, k))
			continue;
		size_t n = g->count++;
		if (first_ms < 0)
			first_ms = moment(v, k);
		g->clock_h[n] = (double)(moment(v, k) - first_ms) / HOUR_MS;
		g->age_h[n] = (double)age_ms(v, l, k) / HOUR_MS;
		g->day_h[n] = (double)moment(v, k) / HOUR_MS;
		g->value[n] = l->value[k];
		g->load[n] = l->load ? l->load[k] : NAN;
		g->segment[n] = (uint8_t)g->segments;
		g->with_load += isfinite(g->load[n]);
		g->span_h = fmax(g->span_h, g->clock_h[n]);
	}
	g->segments++;
}

/* Where load is known of most, the rest is left out. */
static bool keep_load(struct group *g)
{
	size_t kept = 0, segments = 0;
	uint8_t before = 0;
	if ((double)g->with_load < LOAD_SHARE * (double)g->count)
		return false;
	for (size_t i = 0; i < g->count; i++) {
		if (!isfinite(g->load[i]))
			continue;
		g->clock_h[kept] = g->clock_h[i];
		g->age_h[kept] = g->age_h[i];
		g->day_h[kept] = g->day_h[i];
		g->value[kept] = g->value[i];
		g->load[kept] = g->load[i];
		/* A life of which nothing is kept leaves no number unused. */
		segments += kept == 0 || g->segment[i] != before;
		before = g->segment[i];
		g->segment[kept++] = (uint8_t)(segments - 1);
	}
	g->count = kept;
	g->segments = segments;
	return true;
}

static double mean_of(const double *v, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return n ? sum / (double)n : 0;
}

/* What is counted in other units than memory may be small: shapes know no value finer
 * than a thousandth. */
static double scale_of(const struct view *v, const struct group *g)
{
	double size = 0;
	for (size_t i = 0; i < g->count && v->in->floor <= 0; i++)
		size += fabs(g->value[i]) / (double)g->count;
	return size > 0 ? 1000 / size : 1;
}

/* The lines of a side. */
struct lines {
	struct pool_slope *growth, *per_load;
	size_t count, per_load_count;
	int64_t last_slot;
};

static void fit(const struct view *v, const struct compare_life *l, struct group *g,
	struct lines *lines, struct compare_found *found)
{
	struct shape_result shape;
	bool has_load = keep_load(g);
	double scale = scale_of(v, g);
	for (size_t i = 0; i < g->count; i++)
		g->value[i] *= scale;
	struct shape_points points = {.clock_h = g->clock_h,
		.age_h = g->age_h,
		.day_h = g->day_h,
		.value_kb = g->value,
		.load = has_load ? g->load : NULL,
		.segment = g->segment,
		.count = g->count,
		.segments = g->segments,
		.span_h = g->span_h,
		.bin_h = (double)v->in->step_ms / HOUR_MS,
		.noise_floor_kb = v->in->floor > 0 ? v->in->floor : 1e-3};
	if (!shape_compare(&points, &shape) || !shape.line.known ||
		!(shape.line.slope_error > 0))
		return;
	struct pool_slope slope = {l->host_id, shape.line.slope_kb_h / scale,
		shape.line.slope_error / scale};
	lines->growth[lines->count++] = slope;
	found->growth_instances += l->slot_id != lines->last_slot;
	lines->last_slot = l->slot_id;
	found->load_used |= shape.has_load;
	double thousands_h = has_load ? mean_of(g->load, g->count) * 3.6 : 0;
	if (thousands_h > 1e-6)
		lines->per_load[lines->per_load_count++] = (struct pool_slope){
			l->host_id, slope.kb_h / thousands_h,
			slope.error_kb_h / thousands_h};
}

static struct compare_rate rate_of(const struct pool_slope *slopes, size_t count,
	struct pool_result *pooled, struct arena *a)
{
	pool_slopes(slopes, count, a, pooled);
	if (pooled->known)
		return (struct compare_rate){true, pooled->rate.kb_h,
			pooled->rate.low_kb_h, pooled->rate.high_kb_h,
			pooled->error_kb_h, pooled->freedom};
	if (count == 0)
		return (struct compare_rate){0};
	pooled->hosts = 1;
	pooled->hosts_rising = slopes->kb_h > 0;
	double reach = Z_95 * slopes->error_kb_h;
	return (struct compare_rate){true, slopes->kb_h, slopes->kb_h - reach,
		slopes->kb_h + reach, slopes->error_kb_h, NO_FREEDOM};
}

static void find_growth(
	const struct view *v, struct arena *a, struct compare_found *found)
{
	const struct compare_life *lives = v->side->lives;
	struct lines lines = {
		.growth = arena_array(a, v->side->count + 1, sizeof *lines.growth),
		.per_load = arena_array(a, v->side->count + 1, sizeof *lines.per_load),
		.last_slot = -1};
	struct group *g = arena_alloc(a, sizeof *g);
	for (size_t i = 0, next; i < v->side->count; i = next) {
		g->count = g->segments = g->with_load = 0;
		g->span_h = 0;
		for (next = i; next < v->side->count &&
			       lives[next].slot_id == lives[i].slot_id &&
			       g->segments < SHAPE_SEGMENTS_MAX;
			next++)
			if (points_of(v, &lives[next]) >= LIFE_POINTS_MIN)
				add_life(v, &lives[next], g);
		if (g->segments)
			fit(v, &lives[i], g, &lines, found);
	}
	struct pool_result pooled;
	found->per_load = rate_of(lines.per_load, lines.per_load_count, &pooled, a);
	found->growth = rate_of(lines.growth, lines.count, &pooled, a);
	found->growth_hosts = pooled.hosts;
	found->hosts_rising = pooled.hosts_rising;
	found->between = pooled.between_kb_h;
}

/* What is known of one life, added to what is known of its side. */
struct extent {
	size_t read, first, last, loads;
	double load;
};

static struct extent extent_of(const struct view *v, const struct compare_life *l)
{
	struct extent x = {.first = v->in->steps};
	for (size_t k = 0; k < v->in->steps; k++) {
		if (!isfinite(l->value[k]) || place(v, l, k) >= v->in->steps)
			continue;
		x.first = x.first < k ? x.first : k;
		x.last = k;
		x.read++;
		if (!l->load || !isfinite(l->load[k]))
			continue;
		x.load += l->load[k];
		x.loads++;
	}
	return x;
}

/* Lives of an instance stand together, and those of a host do not always. */
static bool is_new_host(const struct compare_life *lives, const bool *read, size_t i)
{
	for (size_t k = i; k > 0; k--)
		if (read[k - 1] && lives[k - 1].host_id == lives[i].host_id)
			return false;
	return true;
}

static void find_extent(
	const struct view *v, struct arena *a, struct compare_found *found)
{
	double *ages = arena_array(a, v->side->count, sizeof *ages), loads = 0;
	bool *read = arena_array(a, v->side->count, sizeof *read);
	size_t first = v->in->steps, last = 0, with_load = 0;
	int64_t slot = -1;
	for (size_t i = 0; i < v->side->count; i++) {
		const struct compare_life *l = &v->side->lives[i];
		struct extent x = extent_of(v, l);
		read[i] = x.read > 0;
		if (!x.read)
			continue;
		ages[found->lives++] = (double)age_ms(v, l, x.last) / HOUR_MS;
		found->hosts += is_new_host(v->side->lives, read, i);
		found->instances += l->slot_id != slot;
		slot = l->slot_id;
		found->hours += (double)x.read * (double)v->in->step_ms / HOUR_MS;
		first = x.first < first ? x.first : first;
		last = x.last > last ? x.last : last;
		loads += x.loads ? x.load / (double)x.loads : 0;
		with_load += x.loads > 0;
	}
	found->load = with_load && 2 * with_load >= found->lives
			      ? loads / (double)with_load
			      : NAN;
	if (!found->lives)
		return;
	found->span_h = (double)(last - first + 1) * (double)v->in->step_ms / HOUR_MS;
	found->age_h = robust_median(ages, found->lives);
}

void compare_sides(
	const struct compare_input *in, struct arena *a, struct compare_found *found)
{
	size_t ages = in->by_age ? common_age(in) : in->steps;
	for (size_t s = 0; s < in->count; s++) {
		struct view v = {in, &in->sides[s], ages};
		found[s] = (struct compare_found){.load = NAN};
		find_extent(&v, a, &found[s]);
		find_bands(&v, a, &found[s]);
		find_growth(&v, a, &found[s]);
	}
}
