#include "server/analyse/queue.h"

#include "server/analyse/robust.h"

#include <math.h>
#include <string.h>

enum { MIN_POINTS = 8, SMOOTH_S = 600, DAY_S = 86400 };
enum { FRESH_S = 14 * 86400, FADE_S = 28 * 86400 };

static const double most = 1e12;      /* no count or depth is more */
static const double low_share = 0.05; /* of now */
static const double min_z = 8;
static const double min_ratio = 1.02;
static const double near_highest = 0.95;
static const double above_peak = 1.5;
static const double chance = 3.17e-5; /* one-sided, as of 4 standard errors */
static const double burst_h = 3;
static const double min_correlation = 0.6, min_share = 0.5;
static const double least_rise = 0.002; /* of the scale */

static double usable(double v)
{
	return v >= 0 && v <= most ? v : NAN; /* NAN compares false */
}

static double bound(size_t level)
{
	return level ? ldexp(1, (int)level - 1) : 0;
}

static float faded(float peak, uint32_t at_s, uint32_t now_s)
{
	if (now_s <= at_s)
		return peak;
	return peak * (float)exp2(-(double)(now_s - at_s) / FADE_S);
}

static void step_back(struct queue_levels *q, uint32_t at_s)
{
	if (q->peak_s > at_s)
		q->peak_s = at_s;
	for (size_t k = 0; k < QUEUE_LEVELS; k++)
		if (q->level[k].at_s > at_s)
			q->level[k].at_s = at_s;
	q->at_s = at_s;
}

static void smooth(struct queue_levels *q, uint32_t at_s, double depth)
{
	double weight = 1;
	if (q->at_s)
		weight = -expm1(-((double)(at_s - q->at_s) + 1) / SMOOTH_S);
	q->depth += (float)(weight * (depth - (double)q->depth));
	if (q->depth >= faded(q->peak, q->peak_s, at_s)) {
		q->peak = q->depth;
		q->peak_s = at_s;
	}
}

static void put_flow(
	struct queue_levels *q, uint32_t at_s, double in, double out, bool is_purge)
{
	double jump = in - out - (double)q->before;
	double kept = exp(-(double)(at_s - q->at_s) / DAY_S);
	if (q->at_s && !is_purge) {
		q->jumps = (float)(kept * (double)q->jumps + jump * jump / 2);
		q->flow = (float)(kept * (double)q->flow + in + out);
	}
	if (!is_purge)
		q->before = (float)(in - out);
	q->moved += in + out;
	q->left += in - out;
}

void queue_put(struct queue_levels *q, int64_t at_ms, double arrivals,
	double completions, double depth)
{
	if (at_ms < 1000 || at_ms / 1000 > UINT32_MAX)
		return;
	uint32_t at_s = (uint32_t)(at_ms / 1000);
	if (at_s < q->at_s)
		step_back(q, at_s);
	double in = usable(arrivals), out = usable(completions);
	in = isnan(in) ? 0 : in;
	out = isnan(out) ? 0 : out;
	put_flow(q, at_s, in, out, out - in > depth);
	if (isnan(usable(depth)))
		return;
	smooth(q, at_s, depth);
	float peak = faded(q->peak, q->peak_s, at_s);
	for (size_t k = QUEUE_LEVELS; k-- > 0 && depth <= bound(k);)
		q->level[k] = (struct queue_level){
			at_s, (float)q->moved, (float)q->left, peak};
	q->at_s = at_s;
}

static bool is_fresh(const struct queue_levels *q, size_t k)
{
	uint32_t at_s = q->level[k].at_s;
	return at_s && at_s <= q->at_s && q->at_s - at_s <= FRESH_S;
}

/* The level that is "low"; QUEUE_LEVELS: none. */
static size_t find_low(const struct queue_levels *q)
{
	double depth = usable((double)q->depth);
	size_t low = QUEUE_LEVELS;
	if (isnan(depth))
		return low;
	for (size_t k = 0; k < QUEUE_LEVELS && bound(k) <= low_share * depth; k++)
		if (is_fresh(q, k))
			low = k;
	for (size_t k = 0; k < QUEUE_LEVELS && low == QUEUE_LEVELS; k++) {
		if (bound(k) > depth / above_peak)
			break;
		if (is_fresh(q, k))
			low = k;
	}
	return low;
}

int64_t queue_low_ms(const struct queue_levels *q)
{
	size_t k = find_low(q);
	return k < QUEUE_LEVELS ? (int64_t)q->level[k].at_s * 1000 : 0;
}

/* The points of a curve that can be used. */
struct points {
	int64_t *at_ms;
	double *depth, *memory;
	size_t count;
	size_t low; /* first one since the depth was low */
};

static struct points usable_points(
	const struct queue_curve *c, int64_t low_ms, struct arena *a)
{
	struct points p = {0};
	p.at_ms = arena_array(a, c->count + 1, sizeof *p.at_ms);
	p.depth = arena_array(a, c->count + 1, sizeof *p.depth);
	p.memory = arena_array(a, c->count + 1, sizeof *p.memory);
	for (size_t i = 0; i < c->count; i++) {
		if (isnan(usable(c->depth[i])))
			continue;
		if (p.count && c->at_ms[i] <= p.at_ms[p.count - 1])
			continue;
		p.at_ms[p.count] = c->at_ms[i];
		p.depth[p.count] = c->depth[i];
		p.memory[p.count++] = usable(c->memory_kb[i]);
		if (c->at_ms[i] < low_ms)
			p.low = p.count;
	}
	return p;
}

static double middle_of_three(double a, double b, double c)
{
	return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Highest of the medians of three neighbours: one wild reading does not count. */
static double highest(const double *v, size_t count)
{
	double high = 0;
	for (size_t i = 0; i + 2 < count; i++)
		high = fmax(high, middle_of_three(v[i], v[i + 1], v[i + 2]));
	return high;
}

/* Whether what never drained again rises from third to third. */
static bool floor_rises(const double *depth, size_t count, double now, struct arena *a)
{
	double *floor = arena_array(a, count, sizeof *floor);
	double low = now;
	for (size_t i = count; i-- > 0;)
		floor[i] = low = fmin(low, depth[i]);
	size_t third = count / 3; /* rises all along: its middle is its median */
	double first = floor[third / 2], second = floor[count / 2];
	double last = floor[count - 1 - third / 2];
	return first < second && second < last;
}

/* Mean step over its standard error, of a random walk read at odd times.  `freedom`:
 * of Student's t. */
static double drift(const struct points *p, double *freedom)
{
	size_t from = p->low;
	double hours = (double)(p->at_ms[p->count - 1] - p->at_ms[from]) / 3.6e6;
	double mean = (p->depth[p->count - 1] - p->depth[from]) / hours;
	double sum = 0;
	for (size_t i = from + 1; i < p->count; i++) {
		double h = (double)(p->at_ms[i] - p->at_ms[i - 1]) / 3.6e6;
		double off = p->depth[i] - p->depth[i - 1] - mean * h;
		sum += off * off / h;
	}
	*freedom = (double)(p->count - from) - 2;
	double variance = sum / *freedom;
	return mean * sqrt(hours / fmax(variance, 1e-9)); /* a ruler has no variance */
}

/* Arrivals and completions since low.  False when they do not add up. */
static bool count_flow(const struct queue_levels *q, size_t low, struct queue_result *r)
{
	const struct queue_level *l = &q->level[low];
	double moved = q->moved - (double)l->moved, left = q->left - (double)l->left;
	double rise = r->depth - bound(low);
	if (!(moved > 0) || !isfinite(moved) || !isfinite(left) || fabs(left) > moved)
		return false;
	if (fabs(left - rise) > 0.5 * rise + 4 * sqrt(moved))
		return false;
	r->counted = true;
	r->arrivals = (moved + left) / 2;
	r->completions = (moved - left) / 2;
	r->in_per_h = r->arrivals / r->lasted_h;
	r->out_per_h = r->completions / r->lasted_h;
	r->drain_h = r->out_per_h > 0 ? r->depth / r->out_per_h : INFINITY;
	double times = (double)q->jumps / (double)q->flow;
	r->sureness = left / sqrt(moved * (times > 1 ? times : 1) + 1);
	return true;
}

static bool outruns(const struct points *p, struct queue_result *r)
{
	if (r->counted && r->arrivals < min_ratio * r->completions)
		return false;
	if (r->counted && r->sureness >= min_z)
		return true;
	double freedom, t = drift(p, &freedom);
	bool is_sure = r->lasted_h >= burst_h &&
		       t >= -robust_t_quantile(chance, freedom);
	if (is_sure || !r->counted)
		r->sureness = t;
	return is_sure;
}

static double pearson(const double *x, const double *y, size_t n)
{
	double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
	for (size_t i = 0; i < n; i++) {
		mx += x[i] / (double)n;
		my += y[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		xx += (x[i] - mx) * (x[i] - mx);
		yy += (y[i] - my) * (y[i] - my);
		xy += (x[i] - mx) * (y[i] - my);
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

/* The middle of the first or last three. */
static double start_of(const double *v, size_t count)
{
	return count < 3 ? v[0] : middle_of_three(v[0], v[1], v[2]);
}

static double end_of(const double *v, size_t count)
{
	return count < 3 ? v[count - 1]
			 : middle_of_three(v[count - 3], v[count - 2], v[count - 1]);
}

/* Explains memory by `x`, the depth or the highest depth so far. */
static void explain(const struct points *p, const double *x, double scale_kb,
	struct arena *a, struct queue_result *r)
{
	size_t since = p->count - p->low;
	struct robust_points all = {.x = x, .y = p->memory, .count = p->count};
	struct robust_slope slope = robust_theil_sen(&all, 0, a);
	r->correlation = pearson(x, p->memory, p->count);
	r->rise_kb = r->explained_kb = r->share = 0;
	r->kb_each = slope.known ? slope.value : NAN;
	if (since == 0)
		return;
	r->rise_kb = end_of(p->memory + p->low, since) -
		     start_of(p->memory + p->low, since);
	double items = end_of(x + p->low, since) - start_of(x + p->low, since);
	double least = scale_kb > 0 ? least_rise * scale_kb : 0;
	if (!slope.known || isnan(r->correlation) || !(r->rise_kb > least))
		return;
	double expected_kb = fmax(slope.value * items, 0);
	if (expected_kb > r->rise_kb / min_share)
		return; /* the slope is of something else */
	r->explained_kb = fmin(expected_kb, r->rise_kb);
	r->share = r->explained_kb / r->rise_kb;
	double enough = fmax(min_correlation, 2.5 / sqrt((double)p->count));
	r->explains_memory = r->correlation >= enough && r->share >= min_share;
}

static void explain_memory(const struct points *all, double scale_kb, struct arena *a,
	struct queue_result *r)
{
	struct points p = *all; /* those where memory is known, not too many */
	size_t step = all->count / QUEUE_CURVE_MAX + 1;
	p.count = p.low = 0;
	for (size_t i = (all->count + step - 1) % step; i < all->count; i += step) {
		if (isnan(all->memory[i]))
			continue;
		p.depth[p.count] = all->depth[i];
		p.memory[p.count++] = all->memory[i];
		if (i < all->low)
			p.low = p.count;
	}
	if (p.count < 3)
		return;
	explain(&p, p.depth, scale_kb, a, r);
	double *so_far = arena_array(a, p.count, sizeof *so_far);
	for (size_t i = 0; i < p.count; i++)
		so_far[i] = i ? fmax(so_far[i - 1], p.depth[i]) : p.depth[i];
	struct queue_result other = *r;
	other.explains_memory = false;
	explain(&p, so_far, scale_kb, a, &other);
	other.memory_stays = true;
	if (other.correlation > r->correlation + 0.05)
		*r = other;
}

void queue_judge(const struct queue_levels *q, const struct queue_curve *curve,
	double scale_kb, struct arena *a, struct queue_result *out)
{
	struct queue_result r = {.arrivals = NAN,
		.completions = NAN,
		.in_per_h = NAN,
		.out_per_h = NAN,
		.drain_h = NAN,
		.kb_each = NAN,
		.correlation = NAN,
		.rise_kb = NAN};
	r.depth = isnan(usable((double)q->depth)) ? 0 : (double)q->depth;
	size_t low = find_low(q);
	struct points p = {0};
	if (low < QUEUE_LEVELS) {
		r.since_ms = (int64_t)q->level[low].at_s * 1000;
		r.lasted_h = ((double)(q->at_s - q->level[low].at_s) + 1) / 3600;
		r.grows_per_h = (r.depth - bound(low)) / r.lasted_h;
		count_flow(q, low, &r);
	}
	p = usable_points(curve, low < QUEUE_LEVELS ? r.since_ms : INT64_MAX, a);
	size_t since = p.count - p.low;
	if (since >= MIN_POINTS && outruns(&p, &r)) {
		const struct queue_level *l = &q->level[low];
		double peak = (double)faded(l->peak, l->at_s, q->at_s);
		const double *depth = p.depth + p.low;
		/* The smoothed depth lags behind one that grows fast. */
		double now = fmax(r.depth, end_of(depth, since));
		r.growing = floor_rises(depth, since, now, a) &&
			    now >= near_highest * highest(depth, since) &&
			    r.depth >= above_peak * peak;
	}
	explain_memory(&p, scale_kb, a, &r);
	*out = r;
}
