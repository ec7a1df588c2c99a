#include "server/analyse/pool.h"

#include "server/analyse/chance.h"
#include "server/analyse/robust.h"
#include "server/analyse/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOSTS_MIN = 4, /* from here on the spread between hosts is an estimate */
	POINTS_MIN = 16,
};

static const double DETECT_P = 0.001;
static const double POWER_Z = 0.8416; /* of 0.8 */
/* Shorter curves show no season: half a day of rise may be one (see shape.h). */
static const double SEASON_H = 34;
static const double NO_FREEDOM = 1e6; /* Student's t is normal */

/* One unit of evidence. */
struct unit {
	int64_t host_id;
	double slope, error;
};

static int by_host(const void *left, const void *right)
{
	const struct unit *a = left, *b = right;
	return (a->host_id > b->host_id) - (a->host_id < b->host_id);
}

/* The slots of each host as one: their weighted mean.  `shared`: errors do not average
 * out within a host.  Sorted by host; in place. */
static size_t join_hosts(struct unit *units, size_t count, bool shared)
{
	size_t hosts = 0;
	for (size_t from = 0, to; from < count; from = to) {
		double weights = 0, sum = 0, errors = 0;
		for (to = from; to < count && units[to].host_id == units[from].host_id;
			to++) {
			double weight = 1 / (units[to].error * units[to].error);
			weights += weight;
			sum += weight * units[to].slope;
			errors += weight * units[to].error;
		}
		double error = shared ? errors / weights : 1 / sqrt(weights);
		units[hosts++] = (struct unit){
			units[from].host_id, sum / weights, error};
	}
	return hosts;
}

struct moments {
	double mean, weights, spread; /* spread: weighted square sum around the mean */
};

static struct moments weigh(const struct unit *u, size_t count, double variance)
{
	struct moments m = {0};
	for (size_t i = 0; i < count; i++) {
		double weight = 1 / (u[i].error * u[i].error + variance);
		m.weights += weight;
		m.mean += weight * u[i].slope;
	}
	m.mean /= m.weights;
	for (size_t i = 0; i < count; i++) {
		double off = u[i].slope - m.mean;
		m.spread += off * off / (u[i].error * u[i].error + variance);
	}
	return m;
}

static void combine(const struct unit *u, size_t hosts, struct pool_result *out)
{
	double squares = 0, k = (double)hosts;
	for (size_t i = 0; i < hosts; i++)
		squares += pow(u[i].error, -4);
	struct moments fixed = weigh(u, hosts, 0);
	double surplus = fixed.spread - (k - 1);
	double base = fixed.weights - squares / fixed.weights;
	double variance = hosts > 1 && surplus > 0 ? surplus / base : 0;
	struct moments m = weigh(u, hosts, variance);
	bool many = hosts >= HOSTS_MIN;
	double ratio = many ? fmax(1, m.spread / (k - 1)) : 1;
	out->freedom = many ? k - 1 : NO_FREEDOM;
	out->error_kb_h = sqrt(ratio / m.weights);
	out->between_kb_h = sqrt(variance);
	out->variation = variance > 0 ? surplus / fixed.spread : 0;
	out->too_alike = many && chance_chi_below(fixed.spread, k - 1) < 0.01;
	double reach = robust_t_quantile(0.975, out->freedom) * out->error_kb_h;
	out->rate = (struct analyse_rate){true, m.mean, m.mean - reach, m.mean + reach};
	out->p_value = chance_t_above(m.mean / out->error_kb_h, out->freedom);
	out->detectable_kb_h = (robust_t_quantile(1 - DETECT_P, out->freedom) +
				       POWER_Z) *
			       out->error_kb_h;
}

void pool_slopes(const struct pool_slope *slopes, size_t count, struct arena *a,
	struct pool_result *out)
{
	*out = (struct pool_result){.p_value = 1, .p_sign = 1};
	struct unit *u = arena_array(a, count ? count : 1, sizeof *u);
	for (size_t i = 0; i < count; i++)
		if (isfinite(slopes[i].kb_h) && slopes[i].error_kb_h > 0 &&
			isfinite(slopes[i].error_kb_h))
			u[out->slots++] = (struct unit){slopes[i].host_id,
				slopes[i].kb_h, slopes[i].error_kb_h};
	if (out->slots == 0)
		return;
	qsort(u, out->slots, sizeof *u, by_host);
	struct unit *joined = arena_array(a, out->slots, sizeof *joined);
	memcpy(joined, u, out->slots * sizeof *joined);
	out->hosts = join_hosts(joined, out->slots, false);
	if (out->hosts < HOSTS_MIN) {
		memcpy(joined, u, out->slots * sizeof *joined);
		join_hosts(joined, out->slots, true);
	}
	if (out->slots < 2)
		return;
	out->known = true;
	for (size_t i = 0; i < out->hosts; i++)
		out->hosts_rising += joined[i].slope > 0;
	out->p_sign = chance_binomial(out->hosts_rising, out->hosts, 0.5);
	combine(joined, out->hosts, out);
}

static struct curve fit(
	const struct pool_member *members, size_t count, bool of_load, struct arena *a)
{
	struct curve_life *lives = arena_array(a, count ? count : 1, sizeof *lives);
	for (size_t m = 0; m < count; m++)
		lives[m] = (struct curve_life){members[m].place,
			of_load ? members[m].load : members[m].value_kb,
			members[m].count};
	struct curve c;
	curve_fit(lives, count, a, &c);
	return c;
}

static double *column(struct arena *a, size_t count)
{
	return arena_array(a, count, sizeof(double));
}

static double mean_level(const struct curve *c, size_t lives)
{
	double sum = 0, n = 0;
	for (size_t l = 0; l < lives; l++)
		if (!isnan(c->level[l])) {
			sum += c->level[l];
			n++;
		}
	return n ? sum / n : 0;
}

/* Places at which at least half as many lives are seen as at the best one: the ends of
 * a curve must not rest on a few. */
static size_t choose(const struct curve *c, int64_t *place)
{
	unsigned most = 0;
	size_t count = 0;
	for (size_t t = 0; t < c->count; t++)
		most = c->lives[t] > most ? c->lives[t] : most;
	for (size_t t = 0; t < c->count; t++)
		if (c->lives[t] && 2 * c->lives[t] >= most)
			place[count++] = c->first + (int64_t)t;
	return count;
}

void pool_mean_curve(const struct pool_member *members, size_t count, double bin_h,
	bool by_age, struct arena *a, struct pool_curve *out)
{
	*out = (struct pool_curve){0};
	bool has_load = count > 0;
	for (size_t m = 0; m < count; m++)
		has_load = has_load && (members[m].load || !members[m].count);
	struct curve c = fit(members, count, false, a), load_curve = {0};
	if (has_load)
		load_curve = fit(members, count, true, a);
	int64_t *place = arena_array(a, c.count + 1, sizeof *place);
	size_t places = choose(&c, place);
	if (places < POINTS_MIN)
		return;
	size_t join = (places + SHAPE_POINTS_MAX - 1) / SHAPE_POINTS_MAX;
	size_t n = places / join;
	double *clock = column(a, n), *at_h = column(a, n), *value = column(a, n);
	double *load = column(a, n),
	       usual = has_load ? mean_level(&load_curve, count) : 0;
	for (size_t i = 0; i < n; i++) {
		double share = 1 / (double)join;
		for (size_t k = i * join; k < (i + 1) * join; k++) {
			clock[i] += share * (double)(place[k] - place[0]) * bin_h;
			at_h[i] += share * ((double)place[k] + 0.5) * bin_h;
			value[i] += share * curve_at(&c, place[k]);
			if (has_load)
				load[i] += share *
					   (usual + curve_at(&load_curve, place[k]));
			out->lives += (double)c.lives[place[k] - c.first] /
				      (double)(n * join);
		}
		has_load = has_load && isfinite(load[i]);
	}
	out->points = (struct shape_points){.clock_h = clock,
		.age_h = by_age ? at_h : clock,
		.day_h = at_h,
		.value_kb = value,
		.load = has_load ? load : NULL,
		.segment = arena_array(a, n, sizeof(uint8_t)),
		.count = n,
		.segments = 1,
		.span_h = clock[n - 1],
		.bin_h = bin_h * (double)join,
		.noise_floor_kb = 16};
}

/* Slopes agree that there is growth. */
static bool slopes_agree(const struct pool_result *r, enum analyse_level level)
{
	static const double p_most[] = {1, 0.01, 0.001}, sign_most[] = {1, 0.2, 0.05};
	if (!r->known || r->p_value > p_most[level])
		return false;
	/* Of three hosts, the best that signs can say is one in eight. */
	return r->hosts < HOSTS_MIN ? r->hosts_rising == r->hosts
				    : r->p_sign <= fmax(sign_most[level],
							   pow(0.5, (double)r->hosts));
}

static const char *summary_of(
	const struct pool_input *in, const struct pool_verdict *v, struct arena *a)
{
	const struct pool_result *r = &v->slopes;
	if (!r->known)
		return "Too few instances to take together";
	const char *slots = words_count(a, r->slots, "instance");
	const char *hosts = words_count(a, r->hosts, "host");
	if (v->level == ANALYSE_QUIET)
		return arena_printf(a,
			"Taken together, %s on %s do not surely grow; %s/h or more "
			"would show",
			slots, hosts, words_memory(a, v->detectable_kb_h));
	return arena_printf(a,
		"Taken together, %s on %s grow by %s each; %zu of %s rise, by %s in %s",
		slots, hosts, words_rate(a, &v->rate), r->hosts_rising, hosts,
		words_memory(a, v->curve.grown_kb),
		words_span(a, (int64_t)(in->curve->points.span_h * 3600e3)));
}

static double reach_of(const struct analyse_rate *rate)
{
	return rate->known ? (rate->high_kb_h - rate->low_kb_h) / 2 : 0;
}

void pool_judge(const struct pool_input *in, struct arena *a, struct pool_verdict *out)
{
	*out = (struct pool_verdict){0};
	pool_slopes(in->slopes, in->slope_count, a, &out->slopes);
	if (in->curve && in->curve->points.count) {
		const struct shape_points *p = &in->curve->points;
		bool season_unknown = !p->load && p->span_h < SEASON_H;
		curve_judge(p, in->scale_kb, in->young || season_unknown, &out->curve);
	}
	out->level = out->curve.level;
	while (out->level && !slopes_agree(&out->slopes, out->level))
		out->level--;
	double reach = fmax(reach_of(&out->slopes.rate), 1.96 * out->curve.error_kb_h);
	double rate = out->level ? out->curve.rate_kb_h : out->slopes.rate.kb_h;
	out->rate = (struct analyse_rate){
		out->slopes.known, rate, rate - reach, rate + reach};
	out->detectable_kb_h = fmax(
		out->slopes.detectable_kb_h, out->curve.detectable_kb_h);
	out->summary = summary_of(in, out, a);
}
