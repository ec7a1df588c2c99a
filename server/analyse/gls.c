#include "server/analyse/gls.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Eight sums side by side, in an order that the compiler may do at once. */
static double dot(const double *restrict a, const double *restrict b, size_t padded)
{
	double sum[GLS_BLOCK] = {0};
	for (size_t i = 0; i < padded; i += GLS_BLOCK)
		for (size_t k = 0; k < GLS_BLOCK; k++)
			sum[k] += a[i + k] * b[i + k];
	return ((sum[0] + sum[4]) + (sum[1] + sum[5])) +
	       ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

static void take_away(
	double *restrict v, const double *restrict q, double share, size_t padded)
{
	for (size_t i = 0; i < padded; i += GLS_BLOCK)
		for (size_t k = 0; k < GLS_BLOCK; k++)
			v[i + k] -= share * q[i + k];
}

static void pad(const struct gls *g, double *v)
{
	memset(v + g->count, 0, (g->padded - g->count) * sizeof *v);
}

void gls_init(struct gls *g, const uint8_t *segment, const double *at_h, size_t count,
	double usual_h)
{
	g->count = count;
	g->padded = (count + GLS_BLOCK - 1) / GLS_BLOCK * GLS_BLOCK;
	g->base_count = 0;
	g->smooth = 0;
	for (size_t i = 0; i < count; i++) {
		bool begins = i == 0 || segment[i] != segment[i - 1];
		double gap = begins ? 0 : (at_h[i] - at_h[i - 1]) / usual_h;
		/* Two readings at one time are still two. */
		g->gap[i] = begins ? 0 : fmin(fmax(gap, 0.1), 1000);
	}
}

/* Frees column `which` of those before it and makes it one long.  False: nothing to
 * speak of is left. */
static bool orthonormal(struct gls *g, size_t which)
{
	double *v = g->base[which], before = dot(v, v, g->padded);
	for (size_t j = 0; j < which; j++) {
		double share = dot(g->base[j], v, g->padded);
		g->triangle[j][which] = share;
		take_away(v, g->base[j], share, g->padded);
	}
	double after = dot(v, v, g->padded);
	if (after <= 1e-9 * before || after <= DBL_MIN) {
		memset(v, 0, g->padded * sizeof *v);
		g->triangle[which][which] = 0;
		return false;
	}
	double length = sqrt(after);
	g->triangle[which][which] = length;
	for (size_t i = 0; i < g->padded; i++)
		v[i] /= length;
	return true;
}

bool gls_add(struct gls *g, const double *column)
{
	size_t which = g->base_count;
	memcpy(g->raw[which], column, g->count * sizeof *column);
	pad(g, g->raw[which]);
	memcpy(g->base[which], g->raw[which], g->padded * sizeof *column);
	if (!orthonormal(g, which))
		return false;
	g->base_count++;
	for (size_t i = 1; i < g->count; i++)
		if (g->gap[i] > 0)
			g->smooth += g->base[which][i] * g->base[which][i - 1];
	return true;
}

static void set_weights(struct gls *g, double r)
{
	double first = sqrt(1 - r * r), log_r = r > 0 ? log(r) : 0;
	g->correlation = r;
	for (size_t i = 0; i < g->padded; i++) {
		bool begins = i >= g->count || g->gap[i] <= 0;
		double w = begins || r <= 0 ? 0 : exp(g->gap[i] * log_r);
		double scale = begins ? first : sqrt((1 - r * r) / (1 - w * w));
		g->keep[i] = i < g->count ? scale : 0;
		g->back[i] = g->keep[i] * w;
	}
	for (size_t i = 0; i < g->padded; i++) {
		double next = i + 1 < g->padded ? g->back[i + 1] : 0;
		g->diagonal[i] = g->keep[i] * g->keep[i] + next * next;
		g->beside[i] = -g->keep[i] * g->back[i];
	}
}

static void whiten(const struct gls *g, const double *restrict v, double *restrict out)
{
	out[0] = g->keep[0] * v[0];
	for (size_t i = 1; i < g->padded; i++)
		out[i] = g->keep[i] * v[i] - g->back[i] * v[i - 1];
}

/* So that c'dual is the product of the whitened c with v. */
static void dual(const struct gls *g, const double *restrict v, double *restrict out)
{
	size_t last = g->padded - 1;
	for (size_t i = 0; i < last; i++)
		out[i] = g->keep[i] * v[i] - g->back[i + 1] * v[i + 1];
	out[last] = g->keep[last] * v[last];
}

void gls_whiten(struct gls *g, double correlation)
{
	set_weights(g, correlation);
	for (size_t j = 0; j < g->base_count; j++) {
		whiten(g, g->raw[j], g->base[j]);
		orthonormal(g, j);
		dual(g, g->base[j], g->base_dual[j]);
	}
}

/* What the base leaves of a column, whitened. */
static void leave(const struct gls *g, const double *column, double *out)
{
	double padded[GLS_ROW];
	memcpy(padded, column, g->count * sizeof *column);
	pad(g, padded);
	whiten(g, padded, out);
	for (size_t j = 0; j < g->base_count; j++)
		take_away(out, g->base[j], dot(g->base[j], out, g->padded), g->padded);
}

void gls_aim(struct gls *g, const double *values, const double *line)
{
	double left[GLS_ROW];
	leave(g, values, left);
	g->rest_norm = dot(left, left, g->padded);
	dual(g, left, g->rest_dual);
	leave(g, line, left);
	dual(g, left, g->line_dual);
}

/* c'P c: P has entries on and beside the diagonal only. */
static double square(const struct gls *g, const double *restrict c)
{
	double sum[GLS_BLOCK] = {0}, first = c[0] * c[0] * g->diagonal[0];
	for (size_t k = 1; k < GLS_BLOCK; k++)
		first += c[k] * (g->diagonal[k] * c[k] + 2 * g->beside[k] * c[k - 1]);
	for (size_t i = GLS_BLOCK; i < g->padded; i += GLS_BLOCK)
		for (size_t k = 0; k < GLS_BLOCK; k++)
			sum[k] += c[i + k] *
				  (g->diagonal[i + k] * c[i + k] +
					  2 * g->beside[i + k] * c[i + k - 1]);
	return first + ((sum[0] + sum[4]) + (sum[1] + sum[5])) +
	       ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

void gls_measure(const struct gls *g, const double *column, size_t intercepts,
	struct gls_column *out)
{
	out->whole = out->norm = square(g, column);
	for (size_t j = 0; j < g->base_count; j++) {
		if (j == intercepts)
			out->free = out->norm;
		out->base[j] = dot(g->base_dual[j], column, g->padded);
		out->norm -= out->base[j] * out->base[j];
	}
	if (intercepts >= g->base_count)
		out->free = out->norm;
	out->rest = dot(g->rest_dual, column, g->padded);
	out->line = dot(g->line_dual, column, g->padded);
}

bool gls_is_free(const struct gls_column *c)
{
	/* Columns are hours or shares: the last bound is for those that underflow. */
	return c->norm > 1e-3 * c->free && c->norm > 1e-10 * c->whole &&
	       c->norm > 1e-24;
}

bool gls_pair(const struct gls *g, const struct gls_column *a,
	const struct gls_column *b, double ab, struct gls_pair *out)
{
	double determinant = a->norm * b->norm - ab * ab;
	if (!(determinant > 1e-6 * a->norm * b->norm))
		return false;
	double scale = 1 / determinant;
	out->first = (b->norm * a->rest - ab * b->rest) * scale;
	out->second = (a->norm * b->rest - ab * a->rest) * scale;
	out->remaining = g->rest_norm - out->first * a->rest - out->second * b->rest;
	out->second_norm = determinant / a->norm;
	return true;
}

void gls_residuals(const struct gls *g, const double *values, const double *shape,
	double coefficients[GLS_BASE_MAX], double *residuals)
{
	double share[GLS_BASE_MAX], white[GLS_ROW];
	for (size_t i = 0; i < g->count; i++)
		residuals[i] = values[i] - shape[i];
	pad(g, residuals);
	whiten(g, residuals, white);
	for (size_t j = 0; j < g->base_count; j++) {
		share[j] = dot(g->base[j], white, g->padded);
		take_away(white, g->base[j], share[j], g->padded);
	}
	for (size_t j = g->base_count; j-- > 0;) {
		double sum = share[j], length = g->triangle[j][j];
		for (size_t k = j + 1; k < g->base_count; k++)
			sum -= g->triangle[j][k] * coefficients[k];
		coefficients[j] = length > 0 ? sum / length : 0;
		take_away(residuals, g->raw[j], coefficients[j], g->padded);
	}
}

double gls_correlation(const struct gls *g, const double *residuals, size_t columns)
{
	double squares = 0, near = 0, all = 0;
	size_t near_count = 0, all_count = 0;
	for (size_t i = 0; i < g->count; i++) {
		squares += residuals[i] * residuals[i];
		if (g->gap[i] <= 0)
			continue;
		double product = residuals[i] * residuals[i - 1];
		all += product;
		all_count++;
		if (g->gap[i] < 1.5) {
			near += product;
			near_count++;
		}
	}
	bool enough = 2 * near_count >= all_count;
	double sum = enough ? near : all, n = (double)g->count;
	size_t pairs = enough ? near_count : all_count;
	if (pairs == 0 || !(squares > 0))
		return 0;
	double r = sum / (double)pairs / (squares / n);
	double p = fmax(0, g->smooth) + (double)columns;
	r = (r + p / n) / fmax(0.5, 1 - (p + 2) / n);
	return fmin(0.93, fmax(0, r));
}
