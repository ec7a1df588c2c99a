#include "server/analyse/cohort_life.h"

#include <math.h>

static const int64_t BIN_MAX = (int64_t)1 << 50;
static const double SETTLED_H = 12;   /* of age: no longer warming up, mostly */
static const double START_SEEN_H = 1; /* first reading of a life no older than this */
static const double DROPPED_BINS = 2, DROPPED_H = 2; /* of age, the smaller of both */

static size_t life_end(const struct cohort_member *m, size_t from)
{
	size_t to = from + 1;
	while (to < m->count && !(m->age_h[to] < m->age_h[to - 1]))
		to++;
	return to;
}

/* Out of all reach becomes one that does not rise, and is left out. */
static int64_t sane_bin(int64_t bin)
{
	return bin > -BIN_MAX && bin < BIN_MAX ? bin : -BIN_MAX;
}

static struct cohort_life read_life(const struct cohort_input *in, size_t member,
	size_t from, size_t to, struct arena *a)
{
	const struct cohort_member *m = &in->members[member];
	double first_h = m->age_h[from], bin_h = (double)in->bin_ms / 3600e3;
	bool has_age = first_h >= 0 && first_h < 1e6;
	struct cohort_life l = {
		.member = member, .count = to - from, .is_new = m->is_new};
	l.from_start = has_age && first_h <= fmax(START_SEEN_H, DROPPED_BINS * bin_h);
	l.bin = arena_array(a, l.count, sizeof *l.bin);
	l.age_bin = arena_array(a, l.count, sizeof *l.age_bin);
	for (int c = 0; c < COHORT_CHANNELS; c++)
		l.channel[c] = arena_array(a, l.count, sizeof(double));
	int64_t start = sane_bin(m->bin[from]) -
			(has_age ? (int64_t)(first_h / bin_h) : 0);
	for (size_t i = 0; i < l.count; i++) {
		double age_h = m->age_h[from + i], value = m->value_kb[from + i];
		bool starting = age_h < fmin(DROPPED_BINS * bin_h, DROPPED_H);
		bool young = age_h < SETTLED_H;
		l.bin[i] = sane_bin(m->bin[from + i]);
		l.age_bin[i] = l.bin[i] - start;
		l.channel[COHORT_MEMORY][i] = starting ? NAN : value;
		l.channel[COHORT_SETTLED][i] = young ? NAN : value;
		l.channel[COHORT_LOAD][i] = m->load ? m->load[from + i] : NAN;
	}
	return l;
}

struct cohort_lives cohort_life_cut(const struct cohort_input *in, struct arena *a)
{
	struct cohort_lives lives = {0};
	for (size_t m = 0; m < in->count; m++)
		for (size_t i = 0; i < in->members[m].count; lives.count++)
			i = life_end(&in->members[m], i);
	lives.items = arena_array(
		a, lives.count ? lives.count : 1, sizeof *lives.items);
	size_t n = 0;
	for (size_t m = 0; m < in->count; m++)
		for (size_t i = 0, to; i < in->members[m].count; i = to) {
			to = life_end(&in->members[m], i);
			lives.items[n++] = read_life(in, m, i, to, a);
		}
	return lives;
}

struct curve cohort_life_fit(
	const struct cohort_lives *lives, struct cohort_choice choice, struct arena *a)
{
	struct curve_life *chosen = arena_array(
		a, lives->count ? lives->count : 1, sizeof *chosen);
	size_t count = 0;
	for (size_t i = 0; i < lives->count; i++) {
		const struct cohort_life *l = &lives->items[i];
		if (l->is_new != choice.is_new ||
			(choice.from_start_only && !l->from_start))
			continue;
		chosen[count++] = (struct curve_life){
			choice.by_age ? l->age_bin : l->bin, l->channel[choice.channel],
			l->count};
	}
	struct curve curve;
	curve_fit(chosen, count, a, &curve);
	return curve;
}
