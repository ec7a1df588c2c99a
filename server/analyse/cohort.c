#include "server/analyse/cohort.h"

#include "server/analyse/cohort_life.h"
#include "server/analyse/contrast.h"
#include "server/analyse/curve.h"
#include "server/analyse/robust.h"
#include "server/analyse/words.h"

#include <math.h>

enum {
	POINTS_MIN = 16,
	OLD_MIN = 2,     /* members at a moment, for it to say what is usual */
	PREDICT_MIN = 4, /* old members, for a single new one to be convicted by them */
};

static const double DAY_H = 24;
static const double COVERED = 0.6;      /* of the ages, to speak of equal age */
static const double LEVERAGE_MIN = 0.1; /* of the best seen member, to have a slope */
static const double POWER_Z = 0.8416;   /* of 0.8 */

struct work {
	const struct cohort_input *in;
	struct arena *arena;
	double bin_h;
	struct cohort_lives lives;
	struct curve old, old_load; /* over the calendar */
	bool old_is_settled;
	struct curve rest, load_rest, load; /* of the new version, over age */
	struct curve start;                 /* of the old version, over age */
	bool starts_beside_peers;           /* it is cleaned of what moved all */
	size_t *present;                    /* new members at each place of `rest` */
	int64_t deploy_bin, first_bin;      /* the second: that is compared */
	int64_t *place;                     /* of the points */
	struct shape_points points;
};

static struct curve fit(const struct work *w, struct cohort_choice choice)
{
	return cohort_life_fit(&w->lives, choice, w->arena);
}

static bool has_peers(const struct curve *c, int64_t bin, unsigned least)
{
	return !isnan(curve_at(c, bin)) && c->lives[bin - c->first] >= least;
}

/* Readings of the new version beside which enough old members stood. */
static size_t overlap(const struct work *w, const struct curve *old)
{
	size_t count = 0;
	for (size_t i = 0; i < w->lives.count; i++)
		for (size_t k = 0;
			w->lives.items[i].is_new && k < w->lives.items[i].count; k++)
			count += has_peers(old, w->lives.items[i].bin[k], OLD_MIN);
	return count;
}

/* What the old version does over the calendar: by its settled members alone where
 * these are there. */
static bool fit_old(struct work *w)
{
	struct curve all = fit(w, (struct cohort_choice){.channel = COHORT_MEMORY});
	struct curve settled = fit(
		w, (struct cohort_choice){.channel = COHORT_SETTLED});
	size_t most = overlap(w, &all);
	w->old_is_settled = overlap(w, &settled) * 10 >= most * 9;
	w->old = w->old_is_settled ? settled : all;
	w->old_load = fit(w, (struct cohort_choice){.channel = COHORT_LOAD});
	return most > 0;
}

static void take_old_away(struct work *w)
{
	for (size_t i = 0; i < w->lives.count; i++) {
		struct cohort_life *l = &w->lives.items[i];
		bool elders = w->old_is_settled && l->from_start &&
			      has_peers(&w->old, l->bin[0], OLD_MIN);
		for (size_t k = 0; k < l->count; k++) {
			double rest = l->channel[COHORT_MEMORY][k] -
				      curve_at(&w->old, l->bin[k]);
			if (!has_peers(&w->old, l->bin[k], OLD_MIN))
				rest = NAN;
			l->channel[COHORT_REST][k] = rest;
			l->channel[COHORT_START_REST][k] = elders ? rest : NAN;
			l->channel[COHORT_LOAD_REST][k] = l->channel[COHORT_LOAD][k] -
							  curve_at(&w->old_load,
								  l->bin[k]);
		}
	}
}

static void count_present(struct work *w)
{
	w->first_bin = INT64_MAX;
	const struct curve *c = &w->rest;
	w->present = arena_array(w->arena, c->count ? c->count : 1, sizeof *w->present);
	size_t *seen = arena_array(w->arena, c->count ? c->count : 1, sizeof *seen);
	for (size_t i = 0; i < w->lives.count; i++) {
		const struct cohort_life *l = &w->lives.items[i];
		for (size_t k = 0; l->is_new && k < l->count; k++) {
			int64_t at = l->age_bin[k] - c->first;
			if (at < 0 || at >= (int64_t)c->count ||
				!isfinite(l->channel[COHORT_REST][k]) ||
				seen[at] == l->member + 1)
				continue;
			seen[at] = l->member + 1;
			if (l->bin[k] < w->first_bin)
				w->first_bin = l->bin[k];
			w->present[at]++;
		}
	}
}

/* Ages at which at least half as many new members are seen as at the best one: the
 * tail of a curve must not rest on the oldest alone. */
static size_t choose_places(struct work *w)
{
	size_t most = 0, count = 0;
	for (size_t t = 0; t < w->rest.count; t++)
		most = w->present[t] > most ? w->present[t] : most;
	w->place = arena_array(w->arena, w->rest.count + 1, sizeof *w->place);
	for (size_t t = 0; t < w->rest.count; t++)
		if (w->present[t] && 2 * w->present[t] >= most)
			w->place[count++] = w->rest.first + (int64_t)t;
	return count;
}

static void fit_new(struct work *w)
{
	w->rest = fit(
		w, (struct cohort_choice){
			   .is_new = true, .by_age = true, .channel = COHORT_REST});
	w->load_rest = fit(w,
		(struct cohort_choice){
			.is_new = true, .by_age = true, .channel = COHORT_LOAD_REST});
	w->load = fit(
		w, (struct cohort_choice){
			   .is_new = true, .by_age = true, .channel = COHORT_LOAD});
	count_present(w);
}

static size_t covered(const struct work *w, const struct curve *c, size_t places)
{
	size_t count = 0;
	for (size_t i = 0; i < places; i++)
		count += !isnan(curve_at(c, w->place[i]));
	return count;
}

/* How the old version began, cleaned by its older fellows if there were any. */
static bool fit_starts(struct work *w, size_t places)
{
	struct cohort_choice choice = {
		.by_age = true, .from_start_only = true, .channel = COHORT_START_REST};
	w->start = fit(w, choice);
	double least = COVERED * (double)places;
	w->starts_beside_peers = (double)covered(w, &w->start, places) >= least;
	if (w->starts_beside_peers)
		return true;
	choice.channel = COHORT_MEMORY;
	w->start = fit(w, choice);
	return (double)covered(w, &w->start, places) >= least;
}

/* Of the old version's starts; behind the last age known, as high as there. */
static double start_at(const struct work *w, int64_t place)
{
	const struct curve *c = &w->start;
	if (!c->count)
		return 0;
	int64_t last = c->first + (int64_t)c->count - 1;
	place = place < c->first ? c->first : place > last ? last : place;
	while (place > c->first && isnan(curve_at(c, place)))
		place--;
	return curve_at(c, place);
}

static double rest_at(const struct work *w, size_t i, bool at_equal_age)
{
	double rest = curve_at(&w->rest, w->place[i]);
	return at_equal_age ? rest - start_at(w, w->place[i]) : rest;
}

static double *new_column(struct work *w, size_t count)
{
	return arena_array(w->arena, count, sizeof(double));
}

/* Of a curve of the new version: the mean over its lives. */
static double mean_level(const struct work *w, const struct curve *c)
{
	double sum = 0, n = 0;
	size_t new_lives = 0;
	for (size_t i = 0; i < w->lives.count; i++) {
		if (!w->lives.items[i].is_new)
			continue;
		double level = c->level[new_lives++];
		if (!isnan(level)) {
			sum += level;
			n++;
		}
	}
	return n ? sum / n : 0;
}

/* The points to judge, neighbours joined where there are too many.  Two loads stand
 * beside them: how much more the new version has got than the old, and its own, in case
 * it takes more memory for the same load; the second in the place of a queue. */
static void make_points(struct work *w, size_t places)
{
	size_t join = (places + SHAPE_POINTS_MAX - 1) / SHAPE_POINTS_MAX;
	size_t count = places / join;
	double *clock = new_column(w, count), *age = new_column(w, count);
	double *day = new_column(w, count), *value = new_column(w, count);
	double *load = new_column(w, count), *own_load = new_column(w, count);
	double usual_load = mean_level(w, &w->load);
	bool has_load = true;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = i * join; k < (i + 1) * join; k++) {
			double share = 1 / (double)join;
			int64_t at = w->place[k];
			clock[i] += share * (double)(at - w->place[0]) * w->bin_h;
			age[i] += share * ((double)at + 0.5) * w->bin_h;
			value[i] += share * rest_at(w, k, w->starts_beside_peers);
			load[i] += share * (usual_load + curve_at(&w->load_rest, at));
			own_load[i] += share * (usual_load + curve_at(&w->load, at));
		}
		day[i] = age[i] + (double)w->deploy_bin * w->bin_h;
		has_load = has_load && isfinite(load[i]) && isfinite(own_load[i]);
	}
	w->points = (struct shape_points){.clock_h = clock,
		.age_h = age,
		.day_h = day,
		.value_kb = value,
		.load = has_load ? load : NULL,
		.queue = has_load ? own_load : NULL,
		.segment = arena_array(w->arena, count, sizeof(uint8_t)),
		.count = count,
		.segments = 1,
		.span_h = clock[count - 1],
		.bin_h = w->bin_h * (double)join,
		.noise_floor_kb = 16};
}

/* The old version, when it was young, rose too: at least half as much. */
static bool rose_alike(const struct work *w, size_t places)
{
	size_t third = places / 3;
	double rise[2] = {0};
	for (size_t i = 0; i < third; i++)
		for (int equal = 0; equal < 2; equal++)
			rise[equal] += rest_at(w, places - 1 - i, equal) -
				       rest_at(w, i, equal);
	return rise[1] < rise[0] / 2;
}

/* Sums for the slope of one member, each life around its own mean. */
struct slope_sums {
	double xx, xy;
};

static void centre(double *v, size_t count)
{
	double mean = 0;
	for (size_t i = 0; i < count; i++)
		mean += v[i] / (double)count;
	for (size_t i = 0; i < count; i++)
		v[i] -= mean;
}

/* What a life does beside what all new ones share, over the line that was found.  Old
 * ones are held against their own mean, as a variance is. */
static void sum_life(const struct work *w, const struct cohort_life *l,
	const struct shape_result *shape, size_t places, struct slope_sums *sums)
{
	const struct shape_model *m = &shape->growing;
	double *x = arena_array(w->arena, l->count, sizeof *x);
	double *y = arena_array(w->arena, l->count, sizeof *y);
	size_t count = 0;
	int64_t start = l->bin[0] > w->first_bin ? l->bin[0] : w->first_bin;
	for (size_t i = 0; i < l->count; i++) {
		int64_t place = l->is_new ? l->age_bin[i]
					  : w->place[0] + l->bin[i] - start;
		double rest = l->channel[COHORT_REST][i];
		if (!isfinite(rest) || place < w->place[0] ||
			place > w->place[places - 1])
			continue;
		double clock_h = (double)(place - w->place[0]) * w->bin_h;
		if (shape->has_load && isfinite(l->channel[COHORT_LOAD_REST][i]))
			rest -= shape->load_kb * l->channel[COHORT_LOAD_REST][i];
		if (shape->has_queue && l->is_new &&
			isfinite(l->channel[COHORT_LOAD][i]))
			rest -= shape->queue_kb * l->channel[COHORT_LOAD][i];
		if (l->is_new && w->starts_beside_peers)
			rest -= start_at(w, place);
		if (l->is_new && m->with_line)
			rest -= shape_kb_at(m, clock_h, clock_h);
		bool late = m->kind == SHAPE_LATE_LINE;
		x[count] = late ? fmax(0, clock_h - m->parameter_h) : clock_h;
		y[count++] = rest;
	}
	centre(x, count);
	centre(y, count);
	for (size_t i = 0; i < count; i++) {
		sums->xx += x[i] * x[i];
		sums->xy += x[i] * y[i];
	}
}

static void compare_members(struct work *w, const struct shape_result *shape,
	size_t places, struct contrast *out, struct cohort_result *result)
{
	size_t members = w->in->count;
	struct slope_sums *sums = arena_array(w->arena, members, sizeof *sums);
	for (size_t i = 0; i < w->lives.count; i++)
		sum_life(w, &w->lives.items[i], shape, places,
			&sums[w->lives.items[i].member]);
	double most = 0;
	for (size_t m = 0; m < members; m++)
		most = fmax(most, sums[m].xx);
	double *slopes[2] = {new_column(w, members), new_column(w, members)};
	size_t count[2] = {0};
	for (size_t m = 0; m < members; m++) {
		bool is_new = w->in->members[m].is_new;
		if (sums[m].xx > 0 && sums[m].xx >= LEVERAGE_MIN * most)
			slopes[is_new][count[is_new]++] = sums[m].xy / sums[m].xx;
	}
	result->n_old = count[0];
	result->n_new = count[1];
	contrast_groups(slopes[1], count[1], slopes[0], count[0], w->arena, out);
}

/* Whether members agree, one-sided p at most, as is needed for a level.  A single new
 * member has no spread: many old ones must speak against it. */
static bool members_agree(const struct cohort_result *r, const struct contrast *c,
	enum analyse_level level)
{
	static const double p_several[] = {1, 0.05, 0.01},
			    p_single[] = {1, 0.01, 0.001};
	if (!c->known || (r->n_new < 2 && r->n_old < PREDICT_MIN))
		return false;
	return c->p_mean <= (r->n_new > 1 ? p_several : p_single)[level] &&
	       c->p_ranks <= fmax(0.05, c->p_ranks_least * 1.000001);
}

/* By the curve and by its members, the harder. */
static double detectable(const struct curve_verdict *v, const struct contrast *c)
{
	if (!c->known)
		return v->detectable_kb_h;
	double t = robust_t_quantile(1 - 0.01, fmax(1, c->freedom));
	return fmax(v->detectable_kb_h, (t + POWER_Z) * c->error);
}

static void fill_rate(const struct curve_verdict *v, const struct contrast *c,
	struct cohort_result *out)
{
	if (!v->shape.growing.known)
		return;
	double reach = 1.96 * v->error_kb_h;
	if (c->known)
		reach = fmax(reach,
			robust_t_quantile(0.975, fmax(1, c->freedom)) * c->error);
	out->rate = (struct analyse_rate){
		true, v->rate_kb_h, v->rate_kb_h - reach, v->rate_kb_h + reach};
}

static void fill_onset(
	const struct work *w, const struct curve_verdict *v, struct cohort_result *out)
{
	if (!out->level)
		return;
	bool late = v->shape.growing.kind == SHAPE_LATE_LINE;
	double seen_h = w->points.age_h[0], began_h = late ? v->began_h + seen_h : 0;
	double unsure_h = fmax(w->points.span_h / 11, 2 * v->noise_kb / v->rate_kb_h);
	if (!late)
		unsure_h = fmax(unsure_h, seen_h); /* it may have begun before that */
	int64_t deploy_ms = w->in->deploy_ms ? w->in->deploy_ms
					     : w->deploy_bin * w->in->bin_ms;
	out->onset.at_ms = deploy_ms + (int64_t)(began_h * 3600e3);
	out->onset.high_ms = out->onset.at_ms + (int64_t)(unsure_h * 3600e3);
	out->onset.low_ms = out->onset.at_ms - (int64_t)(unsure_h * 3600e3);
	if (out->onset.low_ms < deploy_ms)
		out->onset.low_ms = deploy_ms;
}

static const char *summary_of(struct arena *a, const struct cohort_result *r)
{
	const char *old = words_count(a, r->n_old, "instance");
	if (r->lack == COHORT_NO_PEERS)
		return "No two instances of an older version run beside this one";
	if (r->lack == COHORT_TOO_SHORT)
		return "Too short beside the older version to compare";
	if (r->level == ANALYSE_QUIET)
		return arena_printf(a,
			"Does not grow beyond %s of the older version; %s/h or more "
			"would have shown",
			old, words_memory(a, r->detectable_kb_h));
	return arena_printf(a,
		"Grows by %s more than %s of the older version at the same %s; %zu of "
		"%s outgrow them all",
		words_rate(a, &r->rate), old, r->at_equal_age ? "age" : "time",
		r->n_new_above, words_count(a, r->n_new, "new instance"));
}

static void judge(struct work *w, size_t places, struct cohort_result *out)
{
	bool starts = fit_starts(w, places);
	out->at_equal_age = starts && w->starts_beside_peers;
	make_points(w, places);
	out->span_h = (double)w->place[places - 1] * w->bin_h;
	bool young = out->span_h < DAY_H && !out->at_equal_age;
	struct curve_verdict v;
	curve_judge(&w->points, w->in->scale_kb, young, &v);
	if (!v.usable)
		return;
	struct contrast c;
	compare_members(w, &v.shape, places, &c, out);
	out->lack = COHORT_JUDGED;
	out->level = v.level;
	if (starts && !w->starts_beside_peers && rose_alike(w, places))
		out->level = ANALYSE_QUIET;
	while (out->level && !members_agree(out, &c, out->level))
		out->level--;
	out->sureness = v.sureness;
	out->lead = v.lead;
	out->lead_slow = v.lead_slow;
	out->grown_kb = v.grown_kb;
	out->noise_kb = v.noise_kb;
	out->p_members = c.p_mean;
	out->p_ranks = c.p_ranks;
	out->superiority = c.superiority;
	out->n_new_above = c.above_all;
	out->detectable_kb_h = detectable(&v, &c);
	fill_rate(&v, &c, out);
	fill_onset(w, &v, out);
}

static int64_t first_new_bin(const struct cohort_input *in)
{
	int64_t first = INT64_MAX;
	for (size_t m = 0; m < in->count; m++)
		if (in->members[m].is_new && in->members[m].count &&
			in->members[m].bin[0] < first)
			first = in->members[m].bin[0];
	return first;
}

void cohort_judge(
	const struct cohort_input *in, struct arena *a, struct cohort_result *out)
{
	*out = (struct cohort_result){
		.lack = COHORT_NO_PEERS, .p_members = 1, .p_ranks = 1};
	if (in->bin_ms <= 0 || !(in->scale_kb > 0)) {
		out->summary = summary_of(a, out);
		return;
	}
	struct work w = {.in = in, .arena = a, .bin_h = (double)in->bin_ms / 3600e3};
	w.deploy_bin = in->deploy_ms ? in->deploy_ms / in->bin_ms : first_new_bin(in);
	w.lives = cohort_life_cut(in, a);
	if (fit_old(&w)) {
		out->lack = COHORT_TOO_SHORT;
		take_old_away(&w);
		fit_new(&w);
		size_t places = choose_places(&w);
		if (places >= POINTS_MIN)
			judge(&w, places, out);
	}
	out->summary = summary_of(a, out);
}
