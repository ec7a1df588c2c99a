#include "server/analyse/shape.h"

#include "server/analyse/base.h"
#include "server/analyse/gls.h"
#include "server/analyse/robust.h"
#include "server/analyse/step.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
	SATURATIONS = 11, /* 1.1 of the span, each next one shorter by the root of 2 */
	LOGARITHMS = 6,
	KNEES = 9, /* elevenths of the span */
	PASSES = 3,
	VIEWS_MAX = 64,
	MORE_THAN_FITS = 1000000000,
};

static const double LOGARITHM_SHARE[LOGARITHMS] = {
	.0005, .00175, .0061, .021, .075, .26};

/* A ramp that has rested for less than the last quarter may as well be a line under
 * noise: it does not count as settled, yet growth must still beat it. */
static const double RAMP_RESTS_FROM = 0.75;

/* A saturation with a longer time constant still has more than a tenth of its first
 * slope at the end: the same. */
static const double SATURATION_RESTS_FROM = 0.45;

/* Another pass with a correlation that is nearer than that would say the same. */
static const double SAME_CORRELATION = 0.02;

/* What a growing shape of the grid said of the slope. */
struct view {
	double bic, slope_kb_h, error;
};

struct work {
	const struct shape_points *points;
	struct shape_result *out;
	struct gls gls;
	struct base base;
	size_t n;
	double floor_kb;
	double youngest_h, oldest_h;
	double value[GLS_ROW]; /* clipped */
	double line_column[GLS_ROW];
	double saturation[SATURATIONS][GLS_ROW];
	double logarithm[LOGARITHMS][GLS_ROW];
	double late[KNEES][GLS_ROW];
	struct step_places steps;
	struct gls_column line;
	bool line_free; /* the base leaves enough of it to speak of growth */
	bool full;      /* shapes with a line, and steps, and the whole grid */
	struct shape_model best;
	int best_parameters;
	struct view views[VIEWS_MAX];
	size_t views_count;
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
		double past_h = p->clock_h[i] - h;
		double age_h = p->age_h[i] > 0 ? p->age_h[i] : 0;
		if (kind == SHAPE_SATURATION)
			column[i] = -exp(-p->clock_h[i] / h);
		else if (kind == SHAPE_LOGARITHM)
			column[i] = log(age_h + h) - first;
		else
			column[i] = past_h > 0 ? past_h : 0;
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
	if (m->kind == SHAPE_SATURATION &&
		m->parameter_h > SATURATION_RESTS_FROM * w->points->span_h)
		return &out->slowing;
	if (m->kind == SHAPE_RAMP_THEN_FLAT &&
		m->parameter_h > RAMP_RESTS_FROM * w->points->span_h)
		return &out->slowing;
	if (m->kind == SHAPE_LOGARITHM) {
		double h = m->parameter_h;
		double end_slope = (h + w->youngest_h) / (h + w->oldest_h);
		return end_slope <= 0.35 ? &out->settling : &out->slowing;
	}
	return &out->settling;
}

static double offer(
	struct work *w, struct shape_model *m, double remaining, int parameters)
{
	m->known = true;
	m->bic = bic_of(w, remaining, parameters);
	struct shape_model *best = family(w, m);
	if (best == &w->out->growing && w->views_count < VIEWS_MAX)
		w->views[w->views_count++] = (struct view){
			m->bic, m->slope_kb_h, m->slope_error};
	if (!best->known || m->bic < best->bic)
		*best = *m;
	if (!w->best.known || m->bic < w->best.bic) {
		w->best = *m;
		w->best_parameters = parameters;
	}
	return m->bic;
}

static double offer_alone(
	struct work *w, const struct gls_column *c, enum shape_kind kind, double h)
{
	struct shape_model m = {
		.kind = kind, .parameter_h = h, .shape_kb = c->rest / c->norm};
	double remaining = w->gls.rest_norm - m.shape_kb * c->rest;
	if (kind == SHAPE_LINE || kind == SHAPE_LATE_LINE) {
		if (!w->line_free)
			return INFINITY;
		m.slope_kb_h = m.shape_kb;
		m.slope_error = error_of(w, remaining, c->norm, 1);
	}
	return offer(w, &m, remaining, kind == SHAPE_LINE ? 1 : 2);
}

static double offer_with_line(
	struct work *w, enum shape_kind kind, double h, const struct gls_pair *pair)
{
	struct shape_model m = {.kind = kind,
		.with_line = true,
		.parameter_h = h,
		.shape_kb = pair->first,
		.slope_kb_h = pair->second,
		.slope_error = error_of(w, pair->remaining, pair->second_norm, 2)};
	return offer(w, &m, pair->remaining, 3);
}

/* A shape that has not come to rest cannot be told from a line beside it. */
static bool may_have_line(const struct work *w, enum shape_kind kind, double h)
{
	double share = h / w->points->span_h;
	return (kind == SHAPE_SATURATION && share <= SATURATION_RESTS_FROM) ||
	       (kind == SHAPE_RAMP_THEN_FLAT && share <= RAMP_RESTS_FROM);
}

/* BIC alone and with a line; INFINITY: not tried. */
struct tried {
	double alone, lined;
};

static struct tried try_measured(
	struct work *w, const struct gls_column *c, enum shape_kind kind, double h)
{
	struct tried tried = {INFINITY, INFINITY};
	struct gls_pair pair;
	if (!gls_is_free(c))
		return tried;
	tried.alone = offer_alone(w, c, kind, h);
	if (may_have_line(w, kind, h) && w->full && w->line_free &&
		gls_pair(&w->gls, c, &w->line, c->line, &pair))
		tried.lined = offer_with_line(w, kind, h, &pair);
	return tried;
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

static struct tried try_column(
	struct work *w, const double *column, enum shape_kind kind, double h)
{
	struct gls_column c;
	gls_measure(&w->gls, column, w->base.intercepts, &c);
	if (kind == SHAPE_RAMP_THEN_FLAT)
		c = ramp_of(w, &c);
	return try_measured(w, &c, kind, h);
}

static void try_knee(struct work *w, int k)
{
	struct gls_column late, ramp;
	double h = (k + 1) * w->points->span_h / 11;
	gls_measure(&w->gls, w->late[k], w->base.intercepts, &late);
	try_measured(w, &late, SHAPE_LATE_LINE, h);
	if (k == 0)
		return;
	ramp = ramp_of(w, &late);
	try_measured(w, &ramp, SHAPE_RAMP_THEN_FLAT, h);
}

/* Of many places only the best are offered. */
static void try_steps(struct work *w)
{
	const struct step_places *s = &w->steps;
	struct step_best best;
	step_measure(&w->steps, &w->gls, w->base.intercepts);
	step_search(s, &w->gls, w->line_free ? &w->line : NULL, &best);
	if (best.alone < s->count)
		offer_alone(w, &s->column[best.alone], SHAPE_STEP, s->at_h[best.alone]);
	for (int i = 0; i < 2; i++)
		if (best.lined[i] < s->count)
			offer_with_line(w, SHAPE_STEP, s->at_h[best.lined[i]],
				&best.lined_fit[i]);
	if (best.first == s->count)
		return;
	struct shape_model m = {.kind = SHAPE_TWO_STEPS,
		.parameter_h = s->at_h[best.first],
		.second_h = s->at_h[best.second],
		.shape_kb = best.pair_fit.first,
		.second_kb = best.pair_fit.second};
	offer(w, &m, best.pair_fit.remaining, 4);
}

struct refining {
	enum shape_kind kind;
	bool with_line, knee;
	double least_h, most_h;
};

/* A place is the logarithm of a time constant, or a knee itself. */
static double try_place(struct work *w, const struct refining *r, double place)
{
	double column[GLS_ROW], h = r->knee ? place : exp(place);
	if (h < r->least_h || h > r->most_h)
		return INFINITY;
	fill(w, r->knee ? SHAPE_LATE_LINE : r->kind, h, column);
	struct tried tried = try_column(w, column, r->kind, h);
	return r->with_line ? tried.lined : tried.alone;
}

/* Looks for a better parameter between the places of the grid, around what is best, by
 * the lowest point of the parabola through three places, twice: a smooth curve that
 * misses the grid would else need a line to mend it. */
static void refine(struct work *w, const struct shape_model *from)
{
	double s = w->points->span_h;
	struct refining r = {from->kind, from->with_line,
		from->kind == SHAPE_LATE_LINE || from->kind == SHAPE_RAMP_THEN_FLAT,
		s * 1e-6, from->kind == SHAPE_SATURATION ? 2 * s : s * KNEES / 11};
	double reach = r.knee                       ? s / 22
		       : r.kind == SHAPE_SATURATION ? log(2) / 4
		       : r.kind == SHAPE_LOGARITHM  ? log(3.5) / 2
						    : 0;
	if (!from->known || reach <= 0)
		return;
	double middle = r.knee ? from->parameter_h : log(from->parameter_h);
	double here = from->bic;
	for (int round = 0; round < 2; round++, reach /= 4) {
		double below = try_place(w, &r, middle - reach);
		double above = try_place(w, &r, middle + reach);
		double bend = below - 2 * here + above;
		if (!isfinite(bend) || bend <= 0)
			return;
		double shift = reach * (below - above) / (2 * bend);
		shift = fmin(fmax(shift, -2 * reach), 2 * reach);
		double there = try_place(w, &r, middle + shift);
		if (there < here) {
			here = there;
			middle += shift;
		}
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
	int every = w->full ? 1 : 2;
	for (int k = 0; k < SATURATIONS; k += every)
		try_column(w, w->saturation[k], SHAPE_SATURATION,
			1.1 * s / pow(2, 0.5 * k));
	for (int k = 0; k < LOGARITHMS; k += every)
		try_column(w, w->logarithm[k], SHAPE_LOGARITHM, LOGARITHM_SHARE[k] * s);
	for (int k = 0; k < KNEES; k += every)
		try_knee(w, k);
	if (w->full)
		try_steps(w);
}

static void pass(struct work *w, double correlation)
{
	struct shape_model none = {0};
	w->out->growing = w->out->settling = w->out->slowing = w->out->line = none;
	w->best = none;
	w->views_count = 0;
	gls_whiten(&w->gls, correlation);
	gls_aim(&w->gls, w->value, w->line_column);
	gls_measure(&w->gls, w->line_column, w->base.intercepts, &w->line);
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
 * measured when they lie within.  False: nothing has moved since the last time. */
static bool clip(struct work *w, double *coefficients, double *residual)
{
	double scratch[GLS_ROW];
	bool moved = false;
	residuals(w, w->value, coefficients, residual);
	for (size_t i = 0; i < w->n; i++)
		scratch[i] = fabs(residual[i]);
	double limit = 3 * fmax(1.4826 * robust_middle(scratch, w->n), w->floor_kb);
	for (size_t i = 0; i < w->n; i++) {
		double said = w->value[i] - residual[i];
		double off = w->points->value_kb[i] - said;
		double bent = said + (off > limit           ? limit
					     : off < -limit ? -limit
							    : off);
		moved |= fabs(bent - w->value[i]) > w->floor_kb;
		w->value[i] = bent;
		residual[i] = bent - said;
	}
	return moved;
}

/* So that 1.96 of them to either side hold 95 %: the noise was estimated from no more
 * than as many readings as correlated ones are worth, n (1 - r) / (1 + r) (Student's
 * t in place of the normal). */
static double widening(const struct work *w, const struct shape_model *m)
{
	double r = w->gls.correlation, n = (double)w->n * (1 - r) / (1 + r);
	double columns = (double)w->gls.base_count + 1 + m->with_line;
	return robust_t_quantile(0.975, fmax(2, n - columns)) / 1.96;
}

/* And the correlation itself is an estimate, with a standard error of about
 * sqrt((1 - r^2) / n); the error of a slope goes with 1 / (1 - r), so that too small an
 * r does more harm than too large a one.  Half of that error on top sets it right
 * (simulated: coverage of 92 to 97 % for r of 0 to 0.9 and 20 to 56 readings). */
static double correlation_widening(const struct work *w)
{
	double r = w->gls.correlation;
	return (1 - r) / fmax(0.03, 1 - r - 0.5 * sqrt((1 - r * r) / (double)w->n));
}

/* Which of the growing shapes it is, is uncertain, too: the error of the slope is that
 * of all of them around the best one's, weighed by their BIC (Buckland, Burnham and
 * Augustin 1997). */
static void average_error(struct work *w, size_t views)
{
	struct shape_model *best = &w->out->growing;
	double weights = 1, square = best->slope_error * best->slope_error;
	for (size_t i = 0; i < views; i++) {
		const struct view *v = &w->views[i];
		double off = v->slope_kb_h - best->slope_kb_h;
		double weight = exp((best->bic - v->bic) / 2);
		weights += weight;
		square += weight * (v->error * v->error + off * off);
	}
	best->slope_error = sqrt(square / weights);
}

static void finish(struct work *w, const double *coefficients, const double *residual)
{
	struct shape_result *out = w->out;
	double square = 0, n = (double)w->n;
	for (size_t i = 0; i < w->n; i++)
		square += residual[i] * residual[i];
	out->noise_kb = fmax(sqrt(square / n), w->floor_kb);
	out->correlation = w->gls.correlation;
	out->seasons = w->base.seasons;
	out->has_load = w->base.load >= 0;
	out->has_queue = w->base.queue >= 0;
	out->has_profile = w->base.profile >= 0;
	out->load_kb = out->has_load ? coefficients[w->base.load] : 0;
	out->queue_kb = out->has_queue ? coefficients[w->base.queue] : 0;
	if (!out->growing.known)
		out->growing.bic = MORE_THAN_FITS;
	if (!out->slowing.known)
		out->slowing.bic = MORE_THAN_FITS;
	out->lead = out->settling.bic - out->growing.bic;
	out->lead_slow = out->slowing.bic - out->growing.bic;
	if (out->growing.known)
		out->growing.slope_error *= widening(w, &out->growing);
	if (out->line.known)
		out->line.slope_error *= widening(w, &out->line) *
					 correlation_widening(w);
}

bool shape_compare(const struct shape_points *p, struct shape_result *out)
{
	*out = (struct shape_result){0};
	if (!base_usable(p))
		return false;
	struct work w;
	w.points = p;
	w.out = out;
	w.n = p->count;
	w.floor_kb = base_floor_kb(p);
	w.youngest_h = INFINITY;
	w.oldest_h = 0;
	for (size_t i = 0; i < w.n; i++) {
		w.youngest_h = fmin(w.youngest_h, fmax(p->age_h[i], 0));
		w.oldest_h = fmax(w.oldest_h, p->age_h[i]);
	}
	base_build(&w.base, &w.gls, p);
	fill_grid(&w);
	step_find(&w.steps, p->clock_h, p->segment, w.n, p->span_h);
	base_bend_spikes(p, &w.gls, w.value);

	double coefficients[GLS_BASE_MAX], residual[GLS_ROW], correlation = 0;
	for (int i = 0; i < PASSES; i++) {
		w.full = i > 0;
		pass(&w, correlation);
		bool moved = clip(&w, coefficients, residual);
		double next = gls_correlation(
			&w.gls, residual, (size_t)w.best_parameters);
		if (i > 0 && !moved && fabs(next - correlation) < SAME_CORRELATION)
			break;
		if (i + 1 < PASSES)
			correlation = next;
	}
	size_t views = w.views_count;
	if (out->growing.known && out->growing.bic < out->settling.bic + 10) {
		refine(&w, &out->settling);
		refine(&w, &out->slowing);
		refine(&w, &out->growing);
	}
	if (out->growing.known)
		average_error(&w, views);
	residuals(&w, w.value, coefficients, residual);
	finish(&w, coefficients, residual);
	return true;
}
