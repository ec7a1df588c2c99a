#include "server/analyse/step.h"

/* Where the clock first reads `at_h` or more in each life; how many readings follow. */
static void add_place(struct step_places *p, const double *clock_h, double at_h)
{
	uint8_t *start = p->start[p->count];
	size_t after = 0, all = p->end[p->lives - 1], begin = 0;
	for (size_t life = 0; life < p->lives; life++) {
		size_t i = p->count ? p->start[p->count - 1][life] : begin;
		while (i < p->end[life] && clock_h[i] < at_h)
			i++;
		start[life] = (uint8_t)i;
		after += p->end[life] - i;
		begin = p->end[life];
	}
	bool anew = p->count == 0 || after < p->after[p->count - 1];
	if (!anew || after < STEP_LEAST || all - after < STEP_LEAST)
		return;
	p->at_h[p->count] = at_h;
	p->after[p->count++] = (uint8_t)after;
}

void step_find(struct step_places *p, const double *clock_h, const uint8_t *segment,
	size_t count, double span_h)
{
	p->count = p->lives = 0;
	for (size_t i = 1; i <= count; i++)
		if (i == count || segment[i] != segment[i - 1])
			p->end[p->lives++] = (uint8_t)i;
	if (p->lives == 1) {
		for (size_t i = 1; i < count; i++)
			if (clock_h[i] > clock_h[i - 1])
				add_place(
					p, clock_h, (clock_h[i - 1] + clock_h[i]) / 2);
		return;
	}
	for (int k = 1; k < 32; k++)
		add_place(p, clock_h, span_h * k / 32);
}

/* Sums of a vector from each reading to the end. */
static void tails(const struct gls *g, const double *v, double *out)
{
	out[g->count] = 0;
	for (size_t i = g->count; i-- > 0;)
		out[i] = out[i + 1] + v[i];
}

/* What a column's product with the vector behind `tail` is, at a place. */
static double sum_after(const struct step_places *p, const double *tail, size_t place)
{
	double sum = 0;
	for (size_t life = 0; life < p->lives; life++)
		sum += tail[p->start[place][life]] - tail[p->end[life]];
	return sum;
}

void step_measure(struct step_places *p, const struct gls *g, size_t intercepts)
{
	double tail[GLS_ROW];
	p->tail[g->count] = 0;
	for (size_t i = g->count; i-- > 0;) {
		double beside = i + 1 < g->count ? g->beside[i + 1] : 0;
		p->tail[i] = p->tail[i + 1] + g->diagonal[i] + 2 * beside;
	}
	for (size_t k = 0; k < p->count; k++) {
		struct gls_column *c = &p->column[k];
		c->whole = c->free = c->norm = sum_after(p, p->tail, k);
	}
	for (size_t j = 0; j < g->base_count; j++) {
		tails(g, g->base_dual[j], tail);
		for (size_t k = 0; k < p->count; k++) {
			struct gls_column *c = &p->column[k];
			c->base[j] = sum_after(p, tail, k);
			c->norm -= c->base[j] * c->base[j];
			if (j < intercepts)
				c->free = c->norm;
		}
	}
	tails(g, g->rest_dual, tail);
	for (size_t k = 0; k < p->count; k++)
		p->column[k].rest = sum_after(p, tail, k);
	tails(g, g->line_dual, tail);
	for (size_t k = 0; k < p->count; k++)
		p->column[k].line = sum_after(p, tail, k);
}

double step_product(
	const struct step_places *p, const struct gls *g, size_t first, size_t second)
{
	double product = p->column[second].whole;
	for (size_t life = 0; life < p->lives; life++) {
		size_t start = p->start[second][life];
		if (p->start[first][life] < start && start < p->end[life])
			product += g->beside[start];
	}
	const double *a = p->column[first].base, *b = p->column[second].base;
	for (size_t j = 0; j < g->base_count; j++)
		product -= a[j] * b[j];
	return product;
}
