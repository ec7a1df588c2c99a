#include "server/analyse/warmup.h"

#include "server/analyse/robust.h"

#include <math.h>
#include <string.h>

enum { NONE = -1, LIVES_TO_COMPARE = 2 };

static const double FIRST_AGE_H = 1.0 / 6;
static const double BASE_AGE_MAX_H = 1; /* a life first seen later has no beginning */
static const double LEVELLED = 0.1;     /* of what it had grown: no more since then */
static const double LEVELLED_OF_BASE = 0.005;
static const double MS_PER_H = 3600e3;

static double age_at(int place)
{
	return ldexp(FIRST_AGE_H, place);
}

static struct warmup_life *find(struct warmup *w, int64_t id)
{
	for (int i = 0; id && i < WARMUP_LIVES; i++)
		if (w->life[i].id == id)
			return &w->life[i];
	return NULL;
}

/* The one that was fed least recently, of one version or (0) of all. */
static struct warmup_life *stalest(struct warmup *w, int64_t fingerprint_id)
{
	struct warmup_life *found = NULL;
	for (int i = 0; i < WARMUP_LIVES; i++) {
		struct warmup_life *l = &w->life[i];
		if (l->id && (!fingerprint_id || l->fingerprint_id == fingerprint_id) &&
			(!found || l->fed_s < found->fed_s))
			found = l;
	}
	return found;
}

static int lives_of(const struct warmup *w, int64_t fingerprint_id)
{
	int count = 0;
	for (int i = 0; i < WARMUP_LIVES; i++)
		count += w->life[i].id && w->life[i].fingerprint_id == fingerprint_id;
	return count;
}

/* Room for a new life: a free place, the place of one of its version that has ended, or
 * that of the stalest of all.  NULL while its version has four that still run. */
static struct warmup_life *make_room(struct warmup *w, const struct warmup_reading *r)
{
	if (lives_of(w, r->fingerprint_id) >= WARMUP_LIVES_EACH) {
		struct warmup_life *l = stalest(w, r->fingerprint_id);
		return (int64_t)l->fed_s * 1000 < r->started_ms ? l : NULL;
	}
	for (int i = 0; i < WARMUP_LIVES; i++)
		if (!w->life[i].id)
			return &w->life[i];
	return stalest(w, 0);
}

static void begin(struct warmup_life *l, const struct warmup_reading *r, double age_h)
{
	*l = (struct warmup_life){.id = r->life_id,
		.fingerprint_id = r->fingerprint_id,
		.started_ms = r->started_ms,
		.base_kb = (float)r->value_kb,
		.age_h = (float)age_h,
		.value_kb = (float)r->value_kb};
	for (int i = 0; i < WARMUP_AGES; i++)
		l->grown_kb[i] = NAN;
}

/* Values at the ages between the reading before and this one, on a straight line. */
static void pass_ages(struct warmup_life *l, double age_h, double value_kb)
{
	for (int i = 0; i < WARMUP_AGES; i++) {
		double at_h = age_at(i);
		if (at_h < (double)l->age_h || at_h > age_h || !isnan(l->grown_kb[i]))
			continue;
		double share = (at_h - (double)l->age_h) / (age_h - (double)l->age_h);
		double value = (double)l->value_kb +
			       share * (value_kb - (double)l->value_kb);
		l->grown_kb[i] = (float)(value - (double)l->base_kb);
	}
}

void warmup_learn(struct warmup *w, const struct warmup_reading *r)
{
	if (r->life_id == 0 || r->started_ms < 0 || r->at_ms < r->started_ms ||
		!(r->value_kb >= 0) || !(r->value_kb < 1e15))
		return;
	double age_h = (double)(r->at_ms - r->started_ms) / MS_PER_H;
	struct warmup_life *l = find(w, r->life_id);
	if (!l) {
		if (age_h > BASE_AGE_MAX_H)
			return;
		l = make_room(w, r);
		if (!l)
			return;
		begin(l, r, age_h);
	} else if (age_h <= (double)l->age_h) {
		return;
	}
	l->fingerprint_id = r->fingerprint_id; /* may be learnt later */
	/* The level soon after the start is the last one seen up to the first age. */
	if (age_h <= FIRST_AGE_H)
		l->base_kb = (float)r->value_kb;
	else
		pass_ages(l, age_h, r->value_kb);
	l->age_h = (float)age_h;
	l->value_kb = (float)r->value_kb;
	l->fed_s = (uint32_t)(r->at_ms / 1000);
}

/* The place of the age from which on it hardly grew, to twice that age at least. */
static int levelled_from(const struct warmup_life *l)
{
	double end = (double)l->value_kb - (double)l->base_kb;
	for (int i = 0; i < WARMUP_AGES && 2 * age_at(i) <= (double)l->age_h; i++) {
		double grown = (double)l->grown_kb[i], most = end;
		if (isnan(grown))
			continue;
		for (int k = i + 1; k < WARMUP_AGES; k++)
			if (!isnan(l->grown_kb[k]))
				most = fmax(most, (double)l->grown_kb[k]);
		double least = LEVELLED_OF_BASE * (double)l->base_kb;
		if (most - grown <= fmax(LEVELLED * grown, least))
			return i;
	}
	return NONE;
}

/* Between the ages that are kept, on a line over their logarithm; behind the last
 * reading a life that has levelled off stays. */
static double grown_at(const struct warmup_life *l, double age_h, bool levelled)
{
	double last = (double)l->value_kb - (double)l->base_kb;
	if (age_h >= (double)l->age_h)
		return levelled || age_h <= 1.05 * (double)l->age_h ? last : NAN;
	int above = 0;
	while (above < WARMUP_AGES && age_at(above) < age_h)
		above++;
	if (above == 0)
		return fmax(0, (double)l->grown_kb[0]);
	double high_h = (double)l->age_h, high = last;
	if (above < WARMUP_AGES && !isnan(l->grown_kb[above])) {
		high_h = age_at(above);
		high = (double)l->grown_kb[above];
	}
	double low_h = age_at(above - 1), low = (double)l->grown_kb[above - 1];
	if (isnan(low))
		return high;
	return low + (high - low) * log(age_h / low_h) / log(high_h / low_h);
}

static double reach_of(const struct warmup *w)
{
	double ages[WARMUP_LIVES];
	size_t count = 0;
	for (int i = 0; i < WARMUP_LIVES; i++) {
		int from = w->life[i].id ? levelled_from(&w->life[i]) : NONE;
		if (from != NONE)
			ages[count++] = age_at(from);
	}
	return count ? robust_median(ages, count) : 0;
}

static int64_t start_of(const struct warmup *w, int64_t life_id, double age_h)
{
	uint32_t newest_s = 0;
	for (int i = 0; i < WARMUP_LIVES; i++) {
		if (life_id && w->life[i].id == life_id)
			return w->life[i].started_ms;
		if (w->life[i].id && w->life[i].fed_s > newest_s)
			newest_s = w->life[i].fed_s;
	}
	return (int64_t)newest_s * 1000 -
	       (int64_t)(fmin(fmax(age_h, 0), 1e6) * MS_PER_H);
}

struct warmup_usual warmup_expect(
	const struct warmup *w, int64_t life_id, int64_t fingerprint_id, double age_h)
{
	int64_t start_ms = start_of(w, life_id, age_h);
	struct warmup_usual u = {.reach_h = reach_of(w)};
	double grown[WARMUP_LIVES];
	int64_t others[WARMUP_LIVES];
	for (int i = 0; i < WARMUP_LIVES; i++) {
		const struct warmup_life *l = &w->life[i];
		if (!l->id || l->id == life_id)
			continue;
		bool levelled = levelled_from(l) != NONE;
		/* One that has not levelled off must be earlier, and only so long. */
		bool earlier = (double)(start_ms - l->started_ms) >= age_h * MS_PER_H;
		if (!levelled && (age_h > u.reach_h || !earlier))
			continue;
		double value = grown_at(l, age_h, levelled);
		if (isnan(value))
			continue;
		grown[u.lives++] = value;
		bool known = l->fingerprint_id == fingerprint_id;
		for (size_t k = 0; k < u.versions && !known; k++)
			known = others[k] == l->fingerprint_id;
		if (!known)
			others[u.versions++] = l->fingerprint_id;
	}
	if (u.lives) {
		u.median_kb = robust_median(grown, u.lives);
		u.most_kb = grown[u.lives - 1]; /* sorted by now */
	}
	return u;
}

enum warmup_news warmup_compare(
	const struct warmup_usual *u, double grown_kb, double noise_kb)
{
	if (u->lives < LIVES_TO_COMPARE || !isfinite(grown_kb))
		return WARMUP_UNKNOWN;
	double margin = fmax(3 * noise_kb, LEVELLED * fmax(0, u->most_kb));
	return grown_kb > u->most_kb + margin ? WARMUP_BEYOND : WARMUP_AS_USUAL;
}

double warmup_grown_kb(const struct warmup *w, int64_t life_id)
{
	for (int i = 0; life_id && i < WARMUP_LIVES; i++)
		if (w->life[i].id == life_id)
			return (double)w->life[i].value_kb - (double)w->life[i].base_kb;
	return NAN;
}
