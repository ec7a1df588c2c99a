#include "server/analyse/shape.h"

#include "server/analyse/gls.h"
#include "server/analyse/robust.h"
#include "server/analyse/step.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
	COVARIATES = 3,
	SATURATIONS = 11, /* 1.1 of the span, each next one shorter by the root of 2 */
	LOGARITHMS = 6,
	KNEES = 9, /* elevenths of the span */
	PASSES = 3,
	MORE_THAN_FITS = 1000000000,
};

static const double LOGARITHM_SHARE[LOGARITHMS] = {
	.0005, .00175, .0061, .021, .075, .26};

/* A covariate whose standard deviation is below this share of its size is left out:
 * memory that follows it would move by as little, which is below what counts as
 * growth, while a nearly constant column bends the base for its rounding. */
static const double COVARIATE_MIN_VARIATION = 0.03;

struct work {
	const struct shape_points *points;
	struct shape_result *out;
	struct gls gls;
	size_t n, intercepts;
	double floor_kb;
	double youngest_h, oldest_h;
	const double *covariate[COVARIATES];
	double *coefficient[COVARIATES]; /* where the result wants it; may be NULL */
	size_t covariate_place[COVARIATES];
	size_t covariates;
	double value[GLS_ROW]; /* clipped */
	double line_column[GLS_ROW];
	double saturation[SATURATIONS][GLS_ROW];
	double logarithm[LOGARITHMS][GLS_ROW];
	double late[KNEES][GLS_ROW];
	struct step_places steps;
	struct gls_column line;
	bool line_free; /* the base leaves enough of it to speak of growth */
	bool pairs;     /* shapes with a line, and steps, too */
	struct shape_model best;
	int best_parameters;
};

/* Value of the bare shape: what the coefficient is multiplied with. */
static double shape_at(const struct shape_model *m, double clock_h, double age_h)
{
	double h = m->parameter_h;
	switch (m->kind) {
	case SHAPE_FLAT:
		return 0;
	case SHAPE_LINE:
		return clock_h;
	case SHAPE_LATE_LINE:
		return fmax(0, clock_h - h);
	case SHAPE_SATURATION:
		return -expm1(-clock_h / h);
	case SHAPE_LOGARITHM:
		return log1p(fmax(age_h, 0) / h);
	case SHAPE_STEP:
	case SHAPE_TWO_STEPS:
		return clock_h >= h;
	case SHAPE_RAMP_THEN_FLAT:
		return fmin(clock_h, h);
	}
	return 0;
}

double shape_kb_at(const struct shape_model *m, double clock_h, double age_h)
{
	double second = m->kind == SHAPE_TWO_STEPS && clock_h >= m->second_h;
	return m->shape_kb * shape_at(m, clock_h, age_h) + m->second_kb * second;
}

/* The shape's column but for a constant, which the intercepts have. */
static void fill(const struct work *w, enum shape_kind kind, double h, double *column)
{
	const struct shape_points *p = w->points;
	double first = log(w->youngest_h + h);
	for (size_t i = 0; i < w->n; i++) {
		if (kind == SHAPE_SATURATION)
			column[i] = -exp(-p->clock_h[i] / h);
		else if (kind == SHAPE_LOGARITHM)
			column[i] = log(fmax(p->age_h[i], 0) + h) - first;
		else
			column[i] = fmax(0, p->clock_h[i] - h);
	}
	memset(column + w->n, 0, (w->gls.padded - w->n) * sizeof *column);
}

/* Saturations halve their time constant when they are squared, so that two of them
 * give all. */
static void fill_grid(struct work *w)
{
	double s = w->points->span_h;
	fill(w, SHAPE_SATURATION, 1.1 * s, w->saturation[0]);
	fill(w, SHAPE_SATURATION, 1.1 * s / M_SQRT2, w->saturation[1]);
	for (int k = 2; k < SATURATIONS; k++)
		for (size_t i = 0; i < w->gls.padded; i++) {
			double longer = w->saturation[k - 2][i];
			w->saturation[k][i] = -longer * longer;
		}
	for (int k = 0; k < LOGARITHMS; k++)
		fill(w, SHAPE_LOGARITHM, LOGARITHM_SHARE[k] * s, w->logarithm[k]);
	for (int k = 0; k < KNEES; k++)
		fill(w, SHAPE_LATE_LINE, (k + 1) * s / 11, w->late[k]);
	fill(w, SHAPE_LATE_LINE, 0, w->line_column);
}

static double bic_of(const struct work *w, double remaining, int parameters)
{
	double n = (double)w->n, floor_kb2 = w->floor_kb * w->floor_kb;
	return n * log(fmax(remaining / n, floor_kb2)) +
	       (1 + parameters + (double)w->gls.base_count) * log(n);
}

static double error_of(const struct work *w, double remaining, double norm, int columns)
{
	double freedom = (double)w->n - (double)w->gls.base_count - columns;
	double floor_kb2 = w->floor_kb * w->floor_kb;
	return sqrt(fmax(remaining / fmax(1, freedom), floor_kb2) / norm);
}

/* Where a model belongs: see the header. */
static struct shape_model *family(const struct work *w, const struct shape_model *m)
{
	struct shape_result *out = w->out;
	if (m->with_line || m->kind == SHAPE_LINE || m->kind == SHAPE_LATE_LINE)
		return m->slope_kb_h > 0 ? &out->growing : &out->settling;
	if (m->shape_kb <= 0)
		return &out->settling;
	if (m->kind == SHAPE_SATURATION && m->parameter_h > 0.45 * w->points->span_h)
		return &out->slowing;
	if (m->kind == SHAPE_LOGARITHM) {
		double h = m->parameter_h;
		double end_slope = (h + w->youngest_h) / (h + w->oldest_h);
		return end_slope <= 0.35 ? &out->settling : &out->slowing;
	}
	return &out->settling;
}

static void offer(
	struct work *w, struct shape_model *m, double remaining, int parameters)
{
	m->known = true;
	m->bic = bic_of(w, remaining, parameters);
	struct shape_model *best = family(w, m);
	if (!best->known || m->bic < best->bic)
		*best = *m;
	if (!w->best.known || m->bic < w->best.bic) {
		w->best = *m;
		w->best_parameters = parameters;
	}
}

static void offer_alone(
	struct work *w, const struct gls_column *c, enum shape_kind kind, double h)
{
	struct shape_model m = {
		.kind = kind, .parameter_h = h, .shape_kb = c->rest / c->norm};
	double remaining = w->gls.rest_norm - m.shape_kb * c->rest;
	if (kind == SHAPE_LINE || kind == SHAPE_LATE_LINE) {
		if (!w->line_free)
			return;
		m.slope_kb_h = m.shape_kb;
		m.slope_error = error_of(w, remaining, c->norm, 1);
	}
	offer(w, &m, remaining, kind == SHAPE_LINE ? 1 : 2);
}

static void offer_with_line(struct work *w, const struct gls_column *c,
	enum shape_kind kind, double h, const struct gls_pair *pair)
{
	(void)c;
	struct shape_model m = {.kind = kind,
		.with_line = true,
		.parameter_h = h,
		.shape_kb = pair->first,
		.slope_kb_h = pair->second,
		.slope_error = error_of(w, pair->remaining, pair->second_norm, 2)};
	offer(w, &m, pair->remaining, 3);
}

static void try_measured(
	struct work *w, const struct gls_column *c, enum shape_kind kind, double h)
{
	struct gls_pair pair;
	if (!gls_is_free(c))
		return;
	offer_alone(w, c, kind, h);
	bool pairs = kind == SHAPE_SATURATION || kind == SHAPE_RAMP_THEN_FLAT;
	if (pairs && w->pairs && w->line_free &&
		gls_pair(&w->gls, c, &w->line, c->line, &pair))
		offer_with_line(w, c, kind, h, &pair);
}

/* A ramp that ends is the line less the line that begins there. */
static struct gls_column ramp_of(const struct work *w, const struct gls_column *late)
{
	const struct gls_column *line = &w->line;
	return (struct gls_column){
		.whole = line->whole,
		.free = line->free,
		.norm = line->norm - 2 * late->line + late->norm,
		.rest = line->rest - late->rest,
		.line = line->norm - late->line,
	};
}

static void try_column(
	struct work *w, const double *column, enum shape_kind kind, double h)
{
	struct gls_column c;
	gls_measure(&w->gls, column, w->intercepts, &c);
	if (kind == SHAPE_RAMP_THEN_FLAT)
		c = ramp_of(w, &c);
	try_measured(w, &c, kind, h);
}

static void try_knee(struct work *w, int k)
{
	struct gls_column late, ramp;
	double h = (k + 1) * w->points->span_h / 11;
	gls_measure(&w->gls, w->late[k], w->intercepts, &late);
	try_measured(w, &late, SHAPE_LATE_LINE, h);
	if (k == 0)
		return;
	ramp = ramp_of(w, &late);
	try_measured(w, &ramp, SHAPE_RAMP_THEN_FLAT, h);
}

/* Steps alone and with a line: of many places only the best are offered. */
static void try_single_steps(struct work *w)
{
	const struct step_places *s = &w->steps;
	size_t alone = s->count, lined[2] = {s->count, s->count};
	struct gls_pair pair, best[2] = {0};
	double gain = 0;
	for (size_t k = 0; k < s->count; k++) {
		const struct gls_column *c = &s->column[k];
		if (!gls_is_free(c))
			continue;
		if (c->rest * c->rest > gain * c->norm) {
			gain = c->rest * c->rest / c->norm;
			alone = k;
		}
		if (!w->line_free || !gls_pair(&w->gls, c, &w->line, c->line, &pair))
			continue;
		int rises = pair.second > 0;
		if (lined[rises] == s->count ||
			pair.remaining < best[rises].remaining) {
			best[rises] = pair;
			lined[rises] = k;
		}
	}
	if (alone < s->count)
		offer_alone(w, &s->column[alone], SHAPE_STEP, s->at_h[alone]);
	for (int i = 0; i < 2; i++)
		if (lined[i] < s->count)
			offer_with_line(
				w, NULL, SHAPE_STEP, s->at_h[lined[i]], &best[i]);
}

struct step_pair {
	size_t place[2];
	struct gls_pair fit;
};

/* Takes the pair of places if it is better. */
static void try_two_steps(
	const struct work *w, size_t first, size_t second, struct step_pair *best)
{
	const struct step_places *s = &w->steps;
	struct gls_pair fit;
	if (s->after[first] < s->after[second] + STEP_LEAST ||
		!gls_is_free(&s->column[first]) || !gls_is_free(&s->column[second]))
		return;
	double product = step_product(s, &w->gls, first, second);
	if (gls_pair(&w->gls, &s->column[first], &s->column[second], product, &fit) &&
		fit.remaining < best->fit.remaining)
		*best = (struct step_pair){{first, second}, fit};
}

/* First over every so many places, then each step by itself to where it is best:
 * between the places of a grid a sharp step would else look like growth. */
static void try_step_pairs(struct work *w)
{
	const struct step_places *s = &w->steps;
	size_t apart = s->count / 16 + 1;
	struct step_pair best = {.fit.remaining = INFINITY};
	for (size_t j = 0; j < s->count; j += apart)
		for (size_t k = j + apart; k < s->count; k += apart)
			try_two_steps(w, j, k, &best);
	if (isinf(best.fit.remaining))
		return;
	for (int round = 0; round < 4; round++) {
		size_t middle = best.place[round % 2];
		size_t from = middle > apart ? middle - apart : 0;
		for (size_t k = from; k <= middle + apart && k < s->count; k++) {
			if (round % 2 == 0 && k < best.place[1])
				try_two_steps(w, k, best.place[1], &best);
			if (round % 2 && k > best.place[0])
				try_two_steps(w, best.place[0], k, &best);
		}
	}
	struct shape_model m = {.kind = SHAPE_TWO_STEPS,
		.parameter_h = s->at_h[best.place[0]],
		.second_h = s->at_h[best.place[1]],
		.shape_kb = best.fit.first,
		.second_kb = best.fit.second};
	offer(w, &m, best.fit.remaining, 4);
}

/* Looks for a better parameter between the places of the grid, around what is best: a
 * smooth curve that misses the grid would else need a line to mend it. */
static void refine(struct work *w, const struct shape_model *from)
{
	struct shape_model now = *from;
	double column[GLS_ROW], *h = &now.parameter_h, s = w->points->span_h;
	bool knee = now.kind == SHAPE_LATE_LINE || now.kind == SHAPE_RAMP_THEN_FLAT;
	double reach = now.kind == SHAPE_SATURATION  ? pow(2, 0.25)
		       : now.kind == SHAPE_LOGARITHM ? sqrt(3.5)
						     : s / 22;
	if (!now.known ||
		(!knee && now.kind != SHAPE_SATURATION && now.kind != SHAPE_LOGARITHM))
		return;
	for (int round = 0; round < 3; round++) {
		double middle = *h;
		for (int up = 0; up < 2; up++) {
			double try_h = knee ? middle + (up ? reach : -reach)
					    : middle * (up ? reach : 1 / reach);
			/* A ramp that rests for less than that is a line. */
			if (knee && (try_h <= 0 || try_h > s * KNEES / 11))
				continue;
			bool ramp = now.kind == SHAPE_RAMP_THEN_FLAT;
			fill(w, ramp ? SHAPE_LATE_LINE : now.kind, try_h, column);
			try_column(w, column, now.kind, try_h);
			if (from->kind == now.kind && from->with_line == now.with_line)
				now = *from;
		}
		reach = knee ? reach / 2 : sqrt(reach);
	}
}

static void try_all(struct work *w)
{
	double s = w->points->span_h;
	struct shape_model flat = {.kind = SHAPE_FLAT};
	offer(w, &flat, w->gls.rest_norm, 0);
	if (w->line_free) {
		offer_alone(w, &w->line, SHAPE_LINE, 0);
		double slope = w->line.rest / w->line.norm;
		double remaining = w->gls.rest_norm - slope * w->line.rest;
		w->out->line = (struct shape_model){.known = true,
			.kind = SHAPE_LINE,
			.shape_kb = slope,
			.slope_kb_h = slope,
			.slope_error = error_of(w, remaining, w->line.norm, 1),
			.bic = bic_of(w, remaining, 1)};
	}
	double tau = 1.1 * s;
	for (int k = 0; k < SATURATIONS; k++, tau /= M_SQRT2)
		try_column(w, w->saturation[k], SHAPE_SATURATION, tau);
	for (int k = 0; k < LOGARITHMS; k++)
		try_column(w, w->logarithm[k], SHAPE_LOGARITHM, LOGARITHM_SHARE[k] * s);
	for (int k = 0; k < KNEES; k++)
		try_knee(w, k);
	if (!w->pairs)
		return;
	step_measure(&w->steps, &w->gls, w->intercepts);
	try_single_steps(w);
	try_step_pairs(w);
}

static void pass(struct work *w, double correlation)
{
	struct shape_model none = {0};
	w->out->growing = w->out->settling = w->out->slowing = w->out->line = none;
	w->best = none;
	gls_whiten(&w->gls, correlation);
	gls_aim(&w->gls, w->value, w->line_column);
	gls_measure(&w->gls, w->line_column, w->intercepts, &w->line);
	w->line_free = gls_is_free(&w->line);
	try_all(w);
}

/* What the best shape leaves of the values, unwhitened. */
static void residuals(
	const struct work *w, const double *values, double *coefficients, double *out)
{
	const struct shape_points *p = w->points;
	const struct shape_model *m = &w->best;
	double shape[GLS_ROW];
	for (size_t i = 0; i < w->n; i++) {
		shape[i] = shape_kb_at(m, p->clock_h[i], p->age_h[i]);
		if (m->with_line)
			shape[i] += m->slope_kb_h * p->clock_h[i];
	}
	gls_residuals(&w->gls, values, shape, coefficients, out);
}

/* Values are bent to within three standard deviations of what the best shape says; as
 * measured when they lie within. */
static void clip(struct work *w, double *coefficients, double *residual)
{
	double scratch[GLS_ROW];
	residuals(w, w->value, coefficients, residual);
	memcpy(scratch, residual, w->n * sizeof *scratch);
	double middle = robust_middle(scratch, w->n);
	for (size_t i = 0; i < w->n; i++)
		scratch[i] = fabs(residual[i] - middle);
	double limit = 3 * fmax(1.4826 * robust_middle(scratch, w->n), w->floor_kb);
	for (size_t i = 0; i < w->n; i++) {
		double said = w->value[i] - residual[i];
		double off = w->points->value_kb[i] - said;
		w->value[i] = said + fmin(fmax(off, -limit), limit);
		residual[i] = w->value[i] - said;
	}
}

/* Single readings far from both neighbours, before anything is fitted: one in ten
 * million kilobytes would draw every shape to itself.  "Far" is ten usual differences
 * of neighbours; what goes on in one direction is never touched. */
static void bend_spikes(struct work *w)
{
	const double *v = w->points->value_kb;
	double scratch[GLS_ROW], largest = 0;
	memcpy(w->value, v, w->n * sizeof *v);
	for (size_t i = 1; i < w->n; i++) {
		scratch[i - 1] = fabs(v[i] - v[i - 1]);
		largest = fmax(largest, scratch[i - 1]);
	}
	double limit = 10 * fmax(robust_middle(scratch, w->n - 1), w->floor_kb);
	if (largest <= limit)
		return;
	for (size_t i = 1; i + 1 < w->n; i++) {
		if (w->gls.gap[i] <= 0 || w->gls.gap[i + 1] <= 0)
			continue;
		double low = fmin(v[i - 1], v[i + 1]), high = fmax(v[i - 1], v[i + 1]);
		w->value[i] = fmin(fmax(v[i], low - limit), high + limit);
	}
}

/* Known for every point, and varying enough to say anything. */
static bool varies(const double *v, size_t n, double least_share, double least)
{
	double sum = 0, square = 0;
	for (size_t i = 0; v && i < n; i++)
		sum += v[i];
	if (!v || !isfinite(sum))
		return false;
	double mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		square += (v[i] - mean) * (v[i] - mean);
	double spread = sqrt(square / (double)n);
	return spread > 0 && isfinite(spread) && spread >= least_share * fabs(mean) &&
	       spread >= least;
}

/* A harmonic wants more than a day and a third (the second: two and a half), or it
 * would pass for growth; and four readings in its period. */
static void add_seasons(struct work *w)
{
	const struct shape_points *p = w->points;
	double column[GLS_ROW], days_h = p->day_h[w->n - 1] - p->day_h[0];
	for (size_t k = 1; k <= 2; k++) {
		if (days_h < (k == 1 ? 34 : 60) || p->bin_h > 6.01 / (double)k)
			return;
		size_t before = w->gls.base_count;
		for (int part = 0; part < 2; part++) {
			for (size_t i = 0; i < w->n; i++) {
				double turns = fmod(p->day_h[i], 24) / 24 * (double)k;
				column[i] = part ? cos(2 * M_PI * turns)
						 : sin(2 * M_PI * turns);
			}
			gls_add(&w->gls, column);
		}
		w->out->seasons += w->gls.base_count > before;
	}
}

static void build_base(struct work *w)
{
	const struct shape_points *p = w->points;
	struct shape_result *out = w->out;
	double column[GLS_ROW];
	gls_init(&w->gls, p->segment, p->day_h, w->n, p->bin_h);
	for (size_t s = 0; s < p->segments; s++) {
		for (size_t i = 0; i < w->n; i++)
			column[i] = p->segment[i] == s;
		gls_add(&w->gls, column);
	}
	w->intercepts = w->gls.base_count;
	add_seasons(w);

	const double *all[] = {p->load, p->queue, p->profile};
	bool *has[] = {&out->has_load, &out->has_queue, &out->has_profile};
	double *coefficient[] = {&out->load_kb, &out->queue_kb, NULL};
	w->covariates = 0;
	for (int c = 0; c < COVARIATES; c++) {
		bool memory = c == 2;
		*has[c] = varies(all[c], w->n, memory ? 0 : COVARIATE_MIN_VARIATION,
				  memory ? w->floor_kb : 0) &&
			  gls_add(&w->gls, all[c]);
		if (!*has[c] || !coefficient[c])
			continue;
		w->coefficient[w->covariates] = coefficient[c];
		w->covariate_place[w->covariates++] = w->gls.base_count - 1;
	}
}

static bool usable(const struct shape_points *p)
{
	if (p->count > SHAPE_POINTS_MAX || p->segments > SHAPE_SEGMENTS_MAX ||
		p->segments == 0 || p->count < p->segments + 6 || !(p->span_h > 0) ||
		!(p->bin_h > 0) || !isfinite(p->span_h + p->bin_h))
		return false;
	for (size_t i = 0; i < p->count; i++) {
		if (!(fabs(p->value_kb[i]) < 1e15) || !isfinite(p->clock_h[i]) ||
			!isfinite(p->day_h[i]) || !isfinite(p->age_h[i]) ||
			p->segment[i] >= p->segments)
			return false;
		if (i && (p->segment[i] < p->segment[i - 1] ||
				 p->day_h[i] < p->day_h[i - 1] ||
				 (p->segment[i] == p->segment[i - 1] &&
					 p->clock_h[i] < p->clock_h[i - 1])))
			return false;
	}
	return true;
}

/* So that 1.96 of them to either side hold 95 %: the noise was estimated from as many
 * independent readings as correlated ones are worth (Student's t; Bayley and Hammersley
 * 1946 for their number). */
static void widen_error(const struct work *w, struct shape_model *m)
{
	double r = w->gls.correlation, n = (double)w->n * (1 - r) / (1 + r);
	double columns = (double)w->gls.base_count + 1 + m->with_line;
	m->slope_error *= robust_t_quantile(0.975, fmax(2, n - columns)) / 1.96;
}

static void finish(struct work *w, const double *coefficients, const double *residual)
{
	struct shape_result *out = w->out;
	double square = 0, n = (double)w->n;
	for (size_t i = 0; i < w->n; i++)
		square += residual[i] * residual[i];
	out->noise_kb = fmax(sqrt(square / n), w->floor_kb);
	out->correlation = w->gls.correlation;
	for (size_t c = 0; c < w->covariates; c++)
		*w->coefficient[c] = coefficients[w->covariate_place[c]];
	if (!out->growing.known)
		out->growing.bic = MORE_THAN_FITS;
	if (!out->slowing.known)
		out->slowing.bic = MORE_THAN_FITS;
	out->lead = out->settling.bic - out->growing.bic;
	out->lead_slow = out->slowing.bic - out->growing.bic;
	if (out->growing.known)
		widen_error(w, &out->growing);
	if (out->line.known)
		widen_error(w, &out->line);
}

bool shape_compare(const struct shape_points *p, struct shape_result *out)
{
	*out = (struct shape_result){0};
	if (!usable(p))
		return false;
	struct work w;
	w.points = p;
	w.out = out;
	w.n = p->count;
	w.floor_kb = fmax(p->noise_floor_kb, 1e-3);
	w.youngest_h = INFINITY;
	w.oldest_h = 0;
	for (size_t i = 0; i < w.n; i++) {
		w.youngest_h = fmin(w.youngest_h, fmax(p->age_h[i], 0));
		w.oldest_h = fmax(w.oldest_h, p->age_h[i]);
	}
	build_base(&w);
	fill_grid(&w);
	step_find(&w.steps, p->clock_h, p->segment, w.n, p->span_h);
	bend_spikes(&w);

	double coefficients[GLS_BASE_MAX], residual[GLS_ROW], correlation = 0;
	for (int i = 0; i < PASSES; i++) {
		w.pairs = i > 0;
		pass(&w, correlation);
		if (i + 1 == PASSES)
			break;
		clip(&w, coefficients, residual);
		size_t columns = w.gls.base_count + (size_t)w.best_parameters;
		correlation = gls_correlation(&w.gls, residual, columns);
	}
	if (out->growing.known && out->growing.bic < out->settling.bic + 10) {
		refine(&w, &out->settling);
		refine(&w, &out->slowing);
		refine(&w, &out->growing);
	}
	residuals(&w, w.value, coefficients, residual);
	finish(&w, coefficients, residual);
	return true;
}
