#include "server/analyse/chance.h"
#include "server/analyse/compare.h"
#include "server/analyse/robust.h"
#include "server/analyse/words.h"

#include <math.h>

enum { HOSTS_MIN = 4 }; /* from here on the spread between hosts is an estimate */

static const double POWER_Z = 0.8416;  /* of 0.8 */
static const double LOAD_RATIO = 1.25; /* loads that are further apart differ */
static const double YOUNG_H = 24, AGE_RATIO = 2;

const char *compare_verdict_name(enum compare_verdict verdict)
{
	static const char *const names[] = {"unknown", "alike", "faster", "slower"};
	return names[verdict];
}

/* Satterthwaite's (1946). */
static double freedom_of(const struct compare_rate *a, const struct compare_rate *b)
{
	double all = a->error * a->error + b->error * b->error;
	return all * all /
	       (pow(a->error, 4) / a->freedom + pow(b->error, 4) / b->freedom);
}

static struct compare_rate less(
	const struct compare_rate *other, const struct compare_rate *first)
{
	if (!other->known || !first->known)
		return (struct compare_rate){0};
	double difference = other->value - first->value;
	double error = hypot(other->error, first->error);
	double freedom = freedom_of(other, first);
	double reach = robust_t_quantile(0.975, freedom) * error;
	return (struct compare_rate){true, difference, difference - reach,
		difference + reach, error, freedom};
}

static bool apart(double a, double b, double ratio)
{
	return fmax(a, b) > ratio * fmin(a, b);
}

static unsigned remarks_of(
	const struct compare_found *a, const struct compare_found *b, bool by_age)
{
	unsigned remarks = 0;
	if (a->growth_instances < 2 || b->growth_instances < 2)
		remarks |= COMPARE_ONE_INSTANCE;
	else if (a->growth_hosts < HOSTS_MIN || b->growth_hosts < HOSTS_MIN)
		remarks |= COMPARE_FEW_HOSTS;
	if (isnan(a->load) || isnan(b->load))
		remarks |= COMPARE_LOAD_UNKNOWN;
	else if (apart(a->load, b->load, LOAD_RATIO))
		remarks |= COMPARE_LOAD_DIFFERS;
	if (!by_age && fmin(a->age_h, b->age_h) < YOUNG_H &&
		apart(a->age_h, b->age_h, AGE_RATIO))
		remarks |= COMPARE_AGE_DIFFERS;
	return remarks;
}

/* An amount by the hour, with its interval where `rate` has one. */
static const char *amount(
	const struct compare_names *names, double value, struct arena *a)
{
	return names->is_memory ? arena_printf(a, "%s/h", words_memory(a, value))
				: arena_printf(a, "%.3g %s/h", value, names->unit);
}

static const char *interval(const struct compare_names *names,
	const struct compare_rate *r, struct arena *a)
{
	bool turn = r->value < 0;
	struct analyse_rate rate = {true, fabs(r->value), turn ? -r->high : r->low,
		turn ? -r->low : r->high};
	if (names->is_memory)
		return words_rate(a, &rate);
	return arena_printf(a, "%.3g %s/h (%.3g to %.3g)", rate.kb_h, names->unit,
		rate.low_kb_h, rate.high_kb_h);
}

static const char *span(double hours, struct arena *a)
{
	return words_span(a, (int64_t)(hours * 3600e3));
}

static const char *lack(const struct compare_found *found, const char *name,
	bool by_age, struct arena *a)
{
	if (found->lives == 0 && by_age)
		return arena_printf(a,
			"Too little to tell: no process of %s began within the span",
			name);
	if (found->lives == 0)
		return arena_printf(
			a, "Too little to tell: nothing was read of %s", name);
	return arena_printf(a, "Too little to tell: %s of %s do not show a slope",
		span(found->span_h, a), name);
}

static const char *tell(const struct compare_found *first,
	const struct compare_found *other, const struct compare_names *names,
	const struct compare_difference *d, struct arena *a)
{
	if (d->verdict == COMPARE_UNKNOWN)
		return first->growth.known
			       ? lack(other, names->other, names->by_age, a)
			       : lack(first, names->first, names->by_age, a);
	bool faster = d->verdict == COMPARE_FASTER;
	if (d->verdict != COMPARE_ALIKE)
		return arena_printf(a, "%s grows faster than %s by %s: %s against %zu",
			faster ? names->other : names->first,
			faster ? names->first : names->other,
			interval(names, &d->growth, a),
			words_count(a,
				faster ? other->growth_hosts : first->growth_hosts,
				"host"),
			faster ? first->growth_hosts : other->growth_hosts);
	return arena_printf(a,
		"No difference that %s, and %s against %zu, could show: below %s a "
		"leak would not be seen",
		span(fmin(first->span_h, other->span_h), a),
		words_count(a, other->growth_hosts, "host"), first->growth_hosts,
		amount(names, d->detectable, a));
}

void compare_pair(const struct compare_found *first, const struct compare_found *other,
	const struct compare_names *names, struct arena *a,
	struct compare_difference *out)
{
	*out = (struct compare_difference){.p = 1};
	out->growth = less(&other->growth, &first->growth);
	out->per_load = less(&other->per_load, &first->per_load);
	if (out->growth.known) {
		out->remarks = remarks_of(first, other, names->by_age);
		double t = fabs(out->growth.value) / out->growth.error;
		out->p = fmin(1, 2 * chance_t_above(t, out->growth.freedom));
		out->detectable = (robust_t_quantile(0.975, out->growth.freedom) +
					  POWER_Z) *
				  out->growth.error;
		out->verdict = out->growth.low > 0    ? COMPARE_FASTER
			       : out->growth.high < 0 ? COMPARE_SLOWER
						      : COMPARE_ALIKE;
	}
	out->text = tell(first, other, names, out, a);
}
