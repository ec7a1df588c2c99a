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

/* Product of the steps at two places, the first before the second, freed of the base.
 */
static double product_of(
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

static void search_single(const struct step_places *p, const struct gls *g,
	const struct gls_column *line, struct step_best *out)
{
	double gain = 0;
	for (size_t k = 0; k < p->count; k++) {
		const struct gls_column *c = &p->column[k];
		struct gls_pair pair;
		if (!gls_is_free(c))
			continue;
		if (c->rest * c->rest > gain * c->norm) {
			gain = c->rest * c->rest / c->norm;
			out->alone = k;
		}
		if (!line || !gls_pair(g, c, line, c->line, &pair))
			continue;
		int rises = pair.second > 0;
		if (out->lined[rises] == p->count ||
			pair.remaining < out->lined_fit[rises].remaining) {
			out->lined_fit[rises] = pair;
			out->lined[rises] = k;
		}
	}
}

/* Takes the pair of places if it is better. */
static void try_two(const struct step_places *p, const struct gls *g, size_t first,
	size_t second, struct step_best *best)
{
	struct gls_pair fit;
	if (p->after[first] < p->after[second] + STEP_LEAST ||
		!gls_is_free(&p->column[first]) || !gls_is_free(&p->column[second]))
		return;
	double product = product_of(p, g, first, second);
	if (!gls_pair(g, &p->column[first], &p->column[second], product, &fit) ||
		(best->first < p->count && fit.remaining >= best->pair_fit.remaining))
		return;
	best->first = first;
	best->second = second;
	best->pair_fit = fit;
}

/* First over every so many places, then each step by itself to where it is best:
 * between the places of a grid a sharp step would else look like growth. */
static void search_pairs(
	const struct step_places *p, const struct gls *g, struct step_best *best)
{
	size_t apart = p->count / 16 + 1;
	for (size_t j = 0; j < p->count; j += apart)
		for (size_t k = j + apart; k < p->count; k += apart)
			try_two(p, g, j, k, best);
	for (int round = 0; round < 4 && best->first < p->count; round++) {
		bool later = round % 2;
		size_t middle = later ? best->second : best->first;
		size_t from = middle > apart ? middle - apart : 0;
		for (size_t k = from; k <= middle + apart && k < p->count; k++) {
			if (!later && k < best->second)
				try_two(p, g, k, best->second, best);
			if (later && k > best->first)
				try_two(p, g, best->first, k, best);
		}
	}
}

void step_search(const struct step_places *p, const struct gls *g,
	const struct gls_column *line, struct step_best *out)
{
	out->alone = out->lined[0] = out->lined[1] = out->first = p->count;
	search_single(p, g, line, out);
	search_pairs(p, g, out);
}
