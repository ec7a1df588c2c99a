#include "server/analyse/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROUNDS_MAX = 200,
	SEAM = 3, /* places on either side of a gap that say how high the curve is there
		   */
};

/* What changes less in a round, as a share of the curve's height, is at rest. */
static const double AT_REST = 1e-5;
static const double POWER_Z = 0.8416; /* of 0.8 */
static const double LINE_REST = 0.00136;

/* Places come from outside: their difference may not fit. */
static bool within(const struct curve *c, int64_t place)
{
	return place >= c->first && (uint64_t)place - (uint64_t)c->first < c->count;
}

static bool usable(const struct curve *c, const struct curve_life *l, size_t i)
{
	return isfinite(l->value[i]) && within(c, l->place[i]) &&
	       (i == 0 || l->place[i] > l->place[i - 1]);
}

static void find_range(const struct curve_life *lives, size_t count, struct curve *c)
{
	int64_t first = INT64_MAX, last = INT64_MIN;
	for (size_t l = 0; l < count; l++)
		for (size_t i = 0; i < lives[l].count; i++) {
			if (!isfinite(lives[l].value[i]))
				continue;
			int64_t place = lives[l].place[i];
			first = place < first ? place : first;
			last = place > last ? place : last;
		}
	if (last < first)
		return;
	if ((uint64_t)last - (uint64_t)first >= CURVE_PLACES_MAX)
		first = last - CURVE_PLACES_MAX + 1;
	c->first = first;
	c->count = (size_t)(last - first) + 1;
}

static int64_t first_place(const struct curve *c, const struct curve_life *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (usable(c, l, i))
			return l->place[i];
	return INT64_MAX;
}

struct entrant {
	int64_t place;
	size_t life;
};

static int by_place(const void *left, const void *right)
{
	const struct entrant *a = left, *b = right;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (a->life > b->life) - (a->life < b->life);
}

/* The level at which a life meets the curve of those before it: on the average where
 * they overlap, else so that the curve stands still between. */
static double entry_level(const struct curve *c, const struct curve_life *l)
{
	double sum = 0, n = 0, first = 0, firsts = 0, last = 0, lasts = 0;
	for (size_t i = 0; i < l->count; i++) {
		if (!usable(c, l, i))
			continue;
		size_t t = (size_t)(l->place[i] - c->first);
		if (c->lives[t]) {
			sum += l->value[i] - c->value[t] / c->lives[t];
			n++;
		}
		if (firsts < SEAM) {
			first += l->value[i];
			firsts++;
		}
	}
	if (n)
		return sum / n;
	for (size_t t = (size_t)(first_place(c, l) - c->first);
		t-- > 0 && lasts < SEAM;)
		if (c->lives[t]) {
			last += c->value[t] / c->lives[t];
			lasts++;
		}
	return first / firsts - (lasts ? last / lasts : 0);
}

/* Lives enter one after the other, in the order in which they begin. */
static void enter(
	const struct curve_life *lives, size_t count, struct arena *a, struct curve *c)
{
	struct entrant *order = arena_array(a, count, sizeof *order);
	for (size_t l = 0; l < count; l++)
		order[l] = (struct entrant){first_place(c, &lives[l]), l};
	qsort(order, count, sizeof *order, by_place);
	for (size_t k = 0; k < count; k++) {
		const struct curve_life *l = &lives[order[k].life];
		double level = NAN;
		if (order[k].place < INT64_MAX)
			level = entry_level(c, l);
		c->level[order[k].life] = level;
		for (size_t i = 0; i < l->count; i++) {
			if (!usable(c, l, i))
				continue;
			c->value[l->place[i] - c->first] += l->value[i] - level;
			c->lives[l->place[i] - c->first]++;
		}
	}
}

static void fit_curve(const struct curve_life *lives, size_t count, struct curve *c)
{
	memset(c->value, 0, c->count * sizeof *c->value);
	memset(c->lives, 0, c->count * sizeof *c->lives);
	for (size_t l = 0; l < count; l++)
		for (size_t i = 0; i < lives[l].count; i++) {
			if (!usable(c, &lives[l], i))
				continue;
			size_t t = (size_t)(lives[l].place[i] - c->first);
			c->value[t] += lives[l].value[i] - c->level[l];
			c->lives[t]++;
		}
	for (size_t t = 0; t < c->count; t++)
		c->value[t] = c->lives[t] ? c->value[t] / c->lives[t] : NAN;
}

/* Returns by how much the levels moved at most. */
static double fit_levels(const struct curve_life *lives, size_t count, struct curve *c)
{
	double moved = 0;
	for (size_t l = 0; l < count; l++) {
		double sum = 0, n = 0;
		for (size_t i = 0; i < lives[l].count; i++)
			if (usable(c, &lives[l], i)) {
				sum += lives[l].value[i] -
				       c->value[lives[l].place[i] - c->first];
				n++;
			}
		if (n == 0)
			continue;
		moved = fmax(moved, fabs(sum / n - c->level[l]));
		c->level[l] = sum / n;
	}
	return moved;
}

static double height_of(const struct curve *c)
{
	double low = INFINITY, high = -INFINITY;
	for (size_t t = 0; t < c->count; t++) {
		low = fmin(low, c->value[t]);
		high = fmax(high, c->value[t]);
	}
	return high - low;
}

/* To a mean of 0. */
static void centre(const struct curve_life *lives, size_t count, struct curve *c)
{
	double sum = 0, n = 0;
	for (size_t t = 0; t < c->count; t++)
		if (c->lives[t]) {
			sum += c->value[t];
			n++;
		}
	for (size_t t = 0; t < c->count; t++)
		c->value[t] -= sum / n;
	fit_levels(lives, count, c);
}

void curve_fit(const struct curve_life *lives, size_t count, struct arena *a,
	struct curve *out)
{
	*out = (struct curve){0};
	out->level = arena_array(a, count ? count : 1, sizeof *out->level);
	find_range(lives, count, out);
	if (!out->count)
		return;
	out->value = arena_array(a, out->count, sizeof *out->value);
	out->lives = arena_array(a, out->count, sizeof *out->lives);
	enter(lives, count, a, out);
	for (int round = 0; round < ROUNDS_MAX; round++) {
		fit_curve(lives, count, out);
		if (fit_levels(lives, count, out) <= AT_REST * height_of(out))
			break;
	}
	fit_curve(lives, count, out);
	centre(lives, count, out);
}

double curve_at(const struct curve *c, int64_t place)
{
	return within(c, place) ? c->value[place - c->first] : NAN;
}

struct curve_rules curve_rules(enum analyse_level level, bool young)
{
	/* Young ones wait until a bend would have shown. */
	static const struct curve_rules rules[2][2] = {
		{{3, 0.00006, 6, 0.006, 2, 0}, {4, 0.00012, 12, 0.012, 3, 12}},
		{{4, 0.00012, 12, 0.008, 3, 0}, {4, 0.00012, 20, 0.02, 5, 16}}};
	return rules[level == ANALYSE_CONFIRMED][young];
}

static bool meets(const struct curve_verdict *v, const struct curve_rules *r,
	double scale_kb, double span_h)
{
	return v->sureness >= r->sureness &&
	       v->rate_kb_h - 2.58 * v->error_kb_h >= r->least_rate * scale_kb &&
	       v->lead >= r->lead && v->lead_slow >= 0 &&
	       v->grown_kb >= fmax(r->growth * scale_kb, r->growth_sd * v->noise_kb) &&
	       span_h >= r->span_h;
}

/* By each of the rules for confirmed ones, the hardest.  It mostly is the lead: a line
 * that grows by g leaves a share of LINE_REST g^2 to the settling shape that comes
 * closest, a ramp that rests at last, which has one parameter more. */
static double detectable(const struct curve_verdict *v, const struct shape_points *p,
	double scale_kb, bool young)
{
	struct curve_rules rules = curve_rules(ANALYSE_CONFIRMED, young);
	double n = (double)p->count, r = v->shape.correlation;
	double independent = n * (1 - r) / (1 + r);
	double error = v->noise_kb * sqrt(12 / independent) / p->span_h;
	double lead = rules.lead - log(n) + POWER_Z * sqrt(rules.lead);
	double grown = v->noise_kb *
		       sqrt(expm1(fmax(0, lead) / independent) / LINE_REST);
	grown = fmax(
		grown, fmax(rules.growth * scale_kb, rules.growth_sd * v->noise_kb));
	double rate = rules.least_rate * scale_kb + (2.58 + POWER_Z) * error;
	rate = fmax(rate, (rules.sureness + POWER_Z) * error);
	return fmax(rate, grown / p->span_h);
}

void curve_judge(const struct shape_points *p, double scale_kb, bool young,
	struct curve_verdict *out)
{
	*out = (struct curve_verdict){0};
	out->usable = p->count > 1 && shape_compare(p, &out->shape);
	const struct shape_model *m = &out->shape.growing;
	if (!out->usable)
		return;
	out->noise_kb = out->shape.noise_kb;
	out->detectable_kb_h = detectable(out, p, scale_kb, young);
	if (!m->known)
		return;
	out->rate_kb_h = m->slope_kb_h;
	out->error_kb_h = m->slope_error;
	out->sureness = m->slope_error > 0 ? m->slope_kb_h / m->slope_error : 0;
	out->lead = out->shape.lead;
	out->lead_slow = out->shape.lead_slow;
	out->began_h = m->kind == SHAPE_LATE_LINE ? m->parameter_h : p->clock_h[0];
	out->grown_kb = m->slope_kb_h * (p->clock_h[p->count - 1] - out->began_h);
	for (int l = ANALYSE_CONFIRMED; l > ANALYSE_QUIET && !out->level; l--) {
		struct curve_rules rules = curve_rules((enum analyse_level)l, young);
		if (meets(out, &rules, scale_kb, p->span_h))
			out->level = (enum analyse_level)l;
	}
}
