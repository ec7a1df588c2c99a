#include "server/analyse/shape.h"

#include "server/analyse/robust.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
	COVARIATES = 3,
	BASE_MAX = SHAPE_SEGMENTS_MAX + COVARIATES + 4,
	N = SHAPE_POINTS_MAX,
	STEPS = 15,
	PASSES = 3, /* unwhitened, first correlation, refined */
};

/* A covariate whose standard deviation is below this share of its size is left out. */
static const double COVARIATE_MIN_VARIATION = 0.03;

struct work {
	const struct shape_points *points;
	size_t n;
	double correlation, floor_kb;
	const double *covariate[COVARIATES]; /* those that vary */
	size_t covariates, seasons;
	double raw_base[BASE_MAX][N]; /* orthonormal, as measured */
	double base[BASE_MAX][N];     /* orthonormal, whitened */
	size_t raw_count, base_count;
	double value[N];  /* clipped values */
	double rest[N];   /* whitened values less their projection on the base */
	double rest_norm; /* its square sum */
	double line[N];   /* the line's column, treated alike */
	bool line_known;  /* the base leaves something of it */
	double steps[STEPS][N];
	struct shape_model best;
};

static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

static void take_away(double *v, const double *q, size_t n)
{
	double share = dot(q, v, n);
	for (size_t i = 0; i < n; i++)
		v[i] -= share * q[i];
}

static void project(const double (*base)[N], size_t count, double *v, size_t n)
{
	for (size_t i = 0; i < count; i++)
		take_away(v, base[i], n);
}

/* In place, from the back, so that the neighbour is still unwhitened. */
static void whiten(const struct work *w, double *v)
{
	double r = w->correlation;
	if (r <= 0)
		return;
	const struct shape_points *p = w->points;
	for (size_t i = w->n; i-- > 0;) {
		if (i == 0 || p->segment[i] != p->segment[i - 1]) {
			v[i] *= sqrt(1 - r * r);
			continue;
		}
		double gap = fabs(p->day_h[i] - p->day_h[i - 1]) / p->bin_h;
		double weight = pow(r, fmax(gap, 0.1));
		v[i] = (v[i] - weight * v[i - 1]) *
		       sqrt((1 - r * r) / (1 - weight * weight));
	}
}

/* Modified Gram-Schmidt; a column that adds nothing is left out. */
static size_t orthonormal_add(double (*base)[N], size_t count, size_t n)
{
	double *column = base[count];
	double before = dot(column, column, n);
	project((const double(*)[N])base, count, column, n);
	double after = dot(column, column, n);
	if (after <= 1e-9 * before || after <= DBL_MIN)
		return count;
	double scale = 1 / sqrt(after);
	for (size_t i = 0; i < n; i++)
		column[i] *= scale;
	return count + 1;
}

/* Column `which` of the base: the intercepts, the covariates, then sine and cosine of
 * the day. */
static void fill_base(const struct work *w, size_t which, double *column)
{
	const struct shape_points *p = w->points;
	for (size_t i = 0; i < w->n; i++) {
		if (which < p->segments) {
			column[i] = p->segment[i] == which;
			continue;
		}
		if (which < p->segments + w->covariates) {
			column[i] = w->covariate[which - p->segments][i];
			continue;
		}
		size_t season = which - p->segments - w->covariates;
		double angle = 2 * M_PI * p->day_h[i] / 24 * (double)(season / 2 + 1);
		column[i] = season % 2 ? cos(angle) : sin(angle);
	}
}

static void build_base(struct work *w)
{
	size_t columns = w->points->segments + w->covariates + 2 * w->seasons;
	bool first = w->raw_count == 0;
	w->base_count = 0;
	for (size_t c = 0; c < columns; c++) {
		double *white = w->base[w->base_count];
		fill_base(w, c, white);
		if (first) {
			memcpy(w->raw_base[w->raw_count], white, sizeof w->base[0]);
			w->raw_count = orthonormal_add(w->raw_base, w->raw_count, w->n);
		}
		whiten(w, white);
		w->base_count = orthonormal_add(w->base, w->base_count, w->n);
	}
}

/* Value of the bare shape: what the coefficient is multiplied with. */
static double shape_at(const struct shape_model *model, double clock_h, double age_h)
{
	double h = model->parameter_h;
	switch (model->kind) {
	case SHAPE_FLAT:
		return 0;
	case SHAPE_LINE:
		return clock_h;
	case SHAPE_LATE_LINE:
		return fmax(0, clock_h - h);
	case SHAPE_SATURATION:
		return 1 - exp(-clock_h / h);
	case SHAPE_LOGARITHM:
		return log1p(age_h / h);
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

/* The shape's column, whitened and freed of the base; false when nothing is left. */
static bool make_column(
	const struct work *w, const struct shape_model *m, double *column)
{
	const struct shape_points *p = w->points;
	for (size_t i = 0; i < w->n; i++)
		column[i] = shape_at(m, p->clock_h[i], p->age_h[i]);
	whiten(w, column);
	double before = dot(column, column, w->n);
	project((const double(*)[N])w->base, w->base_count, column, w->n);
	return dot(column, column, w->n) > 1e-9 * before && before > DBL_MIN;
}

static double bic_of(const struct work *w, double remaining, int parameters)
{
	double n = (double)w->n;
	double floor_kb2 = w->floor_kb * w->floor_kb;
	return n * log(fmax(remaining / n, floor_kb2)) +
	       (1 + parameters + (double)w->base_count) * log(n);
}

static double error_of(const struct work *w, double remaining, double norm, int columns)
{
	double n = (double)w->n;
	double freedom = fmax(1, n - (double)w->base_count - columns);
	double floor_kb2 = w->floor_kb * w->floor_kb;
	return sqrt(fmax(remaining / freedom, floor_kb2) / norm);
}

static void fit_alone(const struct work *w, const double *column, struct shape_model *m)
{
	double cc = dot(column, column, w->n), cy = dot(column, w->rest, w->n);
	double remaining = w->rest_norm - cy * cy / cc;
	bool line = m->kind == SHAPE_LINE || m->kind == SHAPE_LATE_LINE;
	m->known = true;
	m->shape_kb = cy / cc;
	m->slope_kb_h = line ? m->shape_kb : 0;
	m->slope_error = line ? error_of(w, remaining, cc, 1) : 0;
	m->bic = bic_of(w, remaining, m->kind == SHAPE_LINE ? 1 : 2);
}

/* Two columns by their normal equations. */
struct pair {
	double first, second; /* coefficients */
	double remaining;     /* square sum */
	double second_norm;   /* of the second column, freed of the first */
};

static bool fit_pair(
	const struct work *w, const double *a, const double *b, struct pair *out)
{
	double aa = dot(a, a, w->n), bb = dot(b, b, w->n), ab = dot(a, b, w->n);
	double ay = dot(a, w->rest, w->n), by = dot(b, w->rest, w->n);
	double determinant = aa * bb - ab * ab;
	if (determinant <= 1e-6 * aa * bb)
		return false;
	out->first = (bb * ay - ab * by) / determinant;
	out->second = (aa * by - ab * ay) / determinant;
	out->remaining = w->rest_norm - out->first * ay - out->second * by;
	out->second_norm = determinant / aa;
	return true;
}

static bool fit_with_line(
	const struct work *w, const double *column, struct shape_model *m)
{
	struct pair pair;
	if (!w->line_known || !fit_pair(w, column, w->line, &pair))
		return false;
	m->known = true;
	m->with_line = true;
	m->shape_kb = pair.first;
	m->slope_kb_h = pair.second;
	m->slope_error = error_of(w, pair.remaining, pair.second_norm, 2);
	m->bic = bic_of(w, pair.remaining, 3);
	return true;
}

/* Where a model belongs: see the header. */
static struct shape_model *family(
	const struct work *w, const struct shape_model *m, struct shape_result *out)
{
	const struct shape_points *p = w->points;
	if (m->with_line || m->kind == SHAPE_LINE || m->kind == SHAPE_LATE_LINE)
		return m->slope_kb_h > 0 ? &out->growing : &out->settling;
	if (m->shape_kb <= 0)
		return &out->settling;
	if (m->kind == SHAPE_SATURATION && m->parameter_h > 0.45 * w->points->span_h)
		return &out->slowing;
	if (m->kind == SHAPE_LOGARITHM) {
		double first = INFINITY, last = 0;
		for (size_t i = 0; i < w->n; i++) {
			first = fmin(first, p->age_h[i]);
			last = fmax(last, p->age_h[i]);
		}
		double end_slope = (m->parameter_h + first) / (m->parameter_h + last);
		return end_slope <= 0.35 ? &out->settling : &out->slowing;
	}
	return &out->settling;
}

static void offer(struct work *w, const struct shape_model *m, struct shape_result *out)
{
	struct shape_model *best = family(w, m, out);
	if (!best->known || m->bic < best->bic)
		*best = *m;
	if (!w->best.known || m->bic < w->best.bic)
		w->best = *m;
}

/* Offers the shape alone and, where that makes sense, with a line.  Returns how well
 * it does alone. */
static double try_shape(struct work *w, enum shape_kind kind, double parameter_h,
	double *column, struct shape_result *out)
{
	struct shape_model m = {.kind = kind, .parameter_h = parameter_h};
	if (!make_column(w, &m, column))
		return INFINITY;
	fit_alone(w, column, &m);
	offer(w, &m, out);
	bool pairs = kind == SHAPE_SATURATION || kind == SHAPE_STEP ||
		     kind == SHAPE_RAMP_THEN_FLAT;
	struct shape_model pair = {.kind = kind, .parameter_h = parameter_h};
	if (pairs && fit_with_line(w, column, &pair))
		offer(w, &pair, out);
	return m.bic;
}

/* A grid of time constants as shares of the span, refined around the best one: off the
 * grid, a smooth curve would else need a line to mend it. */
static void try_grid(struct work *w, enum shape_kind kind, const double *share,
	size_t count, double *column, struct shape_result *out)
{
	double best = share[0], best_bic = INFINITY, span_h = w->points->span_h;
	for (size_t i = 0; i < count; i++) {
		double bic = try_shape(w, kind, share[i] * span_h, column, out);
		if (bic < best_bic) {
			best_bic = bic;
			best = share[i];
		}
	}
	double reach = pow(share[count - 1] / share[0], 0.5 / (double)(count - 1));
	for (int i = 0; i < 4; i++, reach = sqrt(reach)) {
		double tries[] = {best / reach, best * reach};
		for (int k = 0; k < 2; k++) {
			double bic = try_shape(w, kind, tries[k] * span_h, column, out);
			if (bic < best_bic) {
				best_bic = bic;
				best = tries[k];
			}
		}
	}
}

/* Offers a pair of steps whose columns stand ready; returns how well it does. */
static double try_step_pair(struct work *w, const double *at_h, double *const column[2],
	struct shape_result *out)
{
	struct shape_model m = {.known = true,
		.kind = SHAPE_TWO_STEPS,
		.parameter_h = at_h[0],
		.second_h = at_h[1]};
	struct pair pair;
	if (!fit_pair(w, column[0], column[1], &pair))
		return INFINITY;
	m.shape_kb = pair.first;
	m.second_kb = pair.second;
	m.bic = bic_of(w, pair.remaining, 4);
	offer(w, &m, out);
	return m.bic;
}

/* Moves each step of a pair by ever smaller distances while that helps: between the
 * places of the grid a sharp step would else look like growth. */
static void refine_steps(struct work *w, double *at_h, double bic, double reach_h,
	struct shape_result *out)
{
	double room[3][N], *column[2], *moved = room[2];
	for (int i = 0; i < 2; i++) {
		struct shape_model m = {.kind = SHAPE_STEP, .parameter_h = at_h[i]};
		column[i] = room[i];
		make_column(w, &m, column[i]);
	}
	for (int round = 0; round < 3; round++, reach_h /= 2) {
		for (int k = 0; k < 4; k++) {
			int i = k / 2;
			double tries_h[] = {at_h[0], at_h[1]};
			tries_h[i] += k % 2 ? reach_h : -reach_h;
			struct shape_model m = {
				.kind = SHAPE_STEP, .parameter_h = tries_h[i]};
			double *pair[] = {column[0], column[1]};
			pair[i] = moved;
			if (!make_column(w, &m, moved))
				continue;
			double now = try_step_pair(w, tries_h, pair, out);
			if (now >= bic)
				continue;
			bic = now;
			at_h[i] = tries_h[i];
			moved = column[i];
			column[i] = pair[i];
		}
	}
}

/* Steps alone, with a line, and in pairs. */
static void try_steps(struct work *w, struct shape_result *out)
{
	double apart_h = w->points->span_h / (STEPS + 1);
	double best_h[2] = {0}, best = INFINITY;
	bool usable[STEPS];
	for (int k = 0; k < STEPS; k++) {
		double h = (k + 1) * apart_h;
		usable[k] = isfinite(try_shape(w, SHAPE_STEP, h, w->steps[k], out));
		for (int j = 0; usable[k] && j < k; j++) {
			double at_h[] = {(j + 1) * apart_h, h};
			double *pair[] = {w->steps[j], w->steps[k]};
			double bic = usable[j] ? try_step_pair(w, at_h, pair, out)
					       : INFINITY;
			if (bic < best) {
				best = bic;
				best_h[0] = at_h[0];
				best_h[1] = at_h[1];
			}
		}
	}
	if (isfinite(best))
		refine_steps(w, best_h, best, apart_h / 2, out);
}

static void try_all(struct work *w, struct shape_result *out)
{
	static const double saturation[] = {.04, .08, .14, .22, .34, .5, .75, 1.1};
	static const double logarithm[] = {
		.0005, .0015, .004, .01, .02, .04, .08, .16, .32};
	double s = w->points->span_h;
	double column[N];
	struct shape_model flat = {.known = true, .bic = bic_of(w, w->rest_norm, 0)};
	offer(w, &flat, out);
	if (w->line_known)
		try_shape(w, SHAPE_LINE, 0, column, out);
	for (int k = 1; k <= 9 && w->line_known; k++)
		try_shape(w, SHAPE_LATE_LINE, k * s / 11, column, out);
	try_grid(w, SHAPE_SATURATION, saturation, 8, column, out);
	try_grid(w, SHAPE_LOGARITHM, logarithm, 9, column, out);
	try_steps(w, out);
	for (int k = 2; k <= 9; k++)
		try_shape(w, SHAPE_RAMP_THEN_FLAT, k * s / 11, column, out);
}

/* What the best shape leaves, unwhitened. */
static void residuals(const struct work *w, const double *value, double *out)
{
	const struct shape_points *p = w->points;
	const struct shape_model *m = &w->best;
	for (size_t i = 0; i < w->n; i++) {
		out[i] = value[i] - shape_kb_at(m, p->clock_h[i], p->age_h[i]);
		if (m->with_line)
			out[i] -= m->slope_kb_h * p->clock_h[i];
	}
	project((const double(*)[N])w->raw_base, w->raw_count, out, w->n);
}

static double correlation_of(const struct work *w, const double *residual)
{
	double square = 0, product = 0;
	for (size_t i = 0; i < w->n; i++) {
		square += residual[i] * residual[i];
		if (i && w->points->segment[i] == w->points->segment[i - 1])
			product += residual[i] * residual[i - 1];
	}
	double r = square > 0 ? product / square : 0;
	r += 1.5 * (1 + 3 * r) / (double)w->n;
	return fmin(0.93, fmax(0, r));
}

static void clip(struct work *w, const double *residual)
{
	double scratch[N];
	memcpy(scratch, residual, w->n * sizeof *scratch);
	double middle = robust_median(scratch, w->n);
	for (size_t i = 0; i < w->n; i++)
		scratch[i] = fabs(residual[i] - middle);
	double limit = 3 * 1.4826 * robust_median(scratch, w->n);
	limit = fmax(limit, 3 * w->floor_kb);
	for (size_t i = 0; i < w->n; i++)
		if (fabs(residual[i]) > limit)
			w->value[i] -= residual[i] - copysign(limit, residual[i]);
}

static void pass(struct work *w, struct shape_result *out)
{
	build_base(w);
	memcpy(w->rest, w->value, w->n * sizeof(double));
	whiten(w, w->rest);
	project((const double(*)[N])w->base, w->base_count, w->rest, w->n);
	w->rest_norm = dot(w->rest, w->rest, w->n);
	struct shape_model line = {.kind = SHAPE_LINE};
	w->line_known = make_column(w, &line, w->line);
	out->growing = out->settling = out->slowing = (struct shape_model){0};
	w->best = (struct shape_model){0};
	try_all(w, out);
}

/* Known for every point, and varying enough to say anything. */
static bool varies(const double *v, size_t n)
{
	double sum = 0, square = 0;
	for (size_t i = 0; v && i < n; i++)
		sum += v[i];
	if (!v || !isfinite(sum))
		return false;
	double mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		square += (v[i] - mean) * (v[i] - mean);
	double least = COVARIATE_MIN_VARIATION * fabs(mean);
	return square > 0 && square / (double)n >= least * least;
}

static void choose_base(struct work *w, struct shape_result *out)
{
	const struct shape_points *p = w->points;
	const double *all[COVARIATES] = {p->load, p->queue, p->profile};
	bool *has[COVARIATES] = {&out->has_load, &out->has_queue, &out->has_profile};
	for (int c = 0; c < COVARIATES; c++)
		if ((*has[c] = varies(all[c], w->n)))
			w->covariate[w->covariates++] = all[c];
	double days_h = p->day_h[w->n - 1] - p->day_h[0];
	w->seasons = out->seasons = days_h >= 60 ? 2 : days_h >= 34 ? 1 : 0;
}

static bool usable(const struct shape_points *p)
{
	if (p->count > SHAPE_POINTS_MAX || p->segments > SHAPE_SEGMENTS_MAX ||
		p->count < p->segments + 6)
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (!isfinite(p->value_kb[i] + p->clock_h[i] + p->day_h[i]))
			return false;
	return true;
}

bool shape_compare(const struct shape_points *p, struct shape_result *out)
{
	*out = (struct shape_result){0};
	if (!usable(p))
		return false;
	struct work w;
	double residual[N];
	w.points = p;
	w.n = p->count;
	w.correlation = 0;
	w.covariates = w.raw_count = 0;
	w.floor_kb = fmax(p->noise_floor_kb, 1e-3);
	memcpy(w.value, p->value_kb, w.n * sizeof(double));
	choose_base(&w, out);
	for (int i = 0; i < PASSES; i++) {
		pass(&w, out);
		residuals(&w, w.value, residual);
		if (i == 0)
			clip(&w, residual);
		if (i + 1 < PASSES)
			w.correlation = correlation_of(&w, residual);
	}
	residuals(&w, p->value_kb, residual);
	double n = (double)w.n;
	out->noise_kb = sqrt(dot(residual, residual, w.n) / n);
	out->noise_kb = fmax(out->noise_kb, w.floor_kb);
	out->correlation = w.correlation;
	if (!out->growing.known)
		out->growing.bic = 1e9;
	if (!out->slowing.known)
		out->slowing.bic = 1e9;
	out->lead = out->settling.bic - out->growing.bic;
	out->lead_slow = out->slowing.bic - out->growing.bic;
	return true;
}
