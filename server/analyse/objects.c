#include "server/analyse/objects.h"

#include "common/utf8.h"
#include "server/analyse/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 80, MORE_SHARE = 50 }; /* a fiftieth */

static const double log_span = 4.605170185988092;   /* ln 100 */
static const double as_well = 5;                    /* times the chance of the best */
static const double most_units = 1e15;              /* whole in a double */
static const int64_t most_bytes = INT64_C(1) << 40; /* sums do not overflow */

static const struct {
	const char *name, *one, *many;
	enum objects_meaning meaning;
} counters[OBJECTS_COUNTERS] = {
	[OBJECTS_REQUESTS] = {"requests", "request", "requests", OBJECTS_KEPT},
	[OBJECTS_ENQUEUED] = {"enqueued", "item enqueued", "items enqueued",
		OBJECTS_KEPT},
	[OBJECTS_COMPLETED] = {"completed", "item completed", "items completed",
		OBJECTS_KEPT},
	[OBJECTS_WAITING] = {"waiting", "item that waits", "items that wait",
		OBJECTS_BACKLOG},
	[OBJECTS_ERRORS] = {"errors", "error", "errors", OBJECTS_KEPT},
	[OBJECTS_CONNECTIONS] = {"connections", "connection that was opened",
		"connections that were opened", OBJECTS_KEPT},
	[OBJECTS_OPEN_CONNECTIONS] = {"open connections", "open connection",
		"open connections", OBJECTS_IN_USE},
};

static const char *const meanings[OBJECTS_MEANINGS] = {
	[OBJECTS_UNEXPLAINED] = "unexplained",
	[OBJECTS_KEPT] = "kept",
	[OBJECTS_BACKLOG] = "backlog",
	[OBJECTS_IN_USE] = "in-use",
	[OBJECTS_UNDECIDED] = "undecided",
};

/* Objects for units, the simplest first: the later, the more has been tried. */
static const struct {
	int objects, units;
} ratios[] = {{1, 1}, {2, 1}, {1, 2}, {3, 1}, {1, 3}, {4, 1}, {1, 4}, {3, 2}, {2, 3},
	{5, 1}, {1, 5}, {6, 1}, {7, 1}, {8, 1}, {9, 1}, {10, 1}, {1, 10}};

const char *objects_counter_name(enum objects_counter counter)
{
	return counter < OBJECTS_COUNTERS ? counters[counter].name : "";
}

const char *objects_meaning_name(enum objects_meaning meaning)
{
	return meaning < OBJECTS_MEANINGS ? meanings[meaning] : "";
}

/* "12,204" */
static const char *number(struct arena *a, double value)
{
	char *digits = arena_printf(a, "%.0f", value);
	size_t count = strlen(digits), at = 0;
	char *out = arena_alloc(a, count + count / 3 + 1);
	for (size_t i = 0; i < count; i++) {
		if (i && (count - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	return out;
}

static const char *small(struct arena *a, int value)
{
	static const char *const words[] = {"", "one", "two", "three", "four", "five",
		"six", "seven", "eight", "nine", "ten"};
	return value <= 10 ? words[value] : arena_printf(a, "%d", value);
}

/* As much of a name as a sentence bears, in whole characters. */
static const char *short_name(struct arena *a, const char *name)
{
	size_t bytes = 0, step;
	while (bytes <= NAME_BYTES && (step = utf8_character(name + bytes)))
		bytes += step;
	if (!name[bytes] && bytes <= NAME_BYTES)
		return bytes ? name : "nameless";
	return arena_printf(a, "%.*s...", (int)bytes, name);
}

/* The counters as they are tried. */
struct units {
	double delta[OBJECTS_COUNTERS]; /* NAN: not tried */
	size_t known;
};

static struct units known_units(const struct objects_input *in)
{
	struct units u = {.known = 0};
	memcpy(u.delta, in->delta, sizeof u.delta);
	double *wait = &u.delta[OBJECTS_WAITING];
	if (isnan(*wait))
		*wait = in->delta[OBJECTS_ENQUEUED] - in->delta[OBJECTS_COMPLETED];
	for (size_t i = 0; i < OBJECTS_COUNTERS; i++) {
		if (u.delta[i] >= 1 && u.delta[i] <= most_units)
			u.known++;
		else
			u.delta[i] = (double)NAN;
	}
	return u;
}

static bool grew(const struct objects_class *c)
{
	if (c->count_before < 0 || c->count_after < c->count_before)
		return false;
	int64_t more = c->count_after - c->count_before;
	return more >= OBJECTS_MORE_MIN && more >= c->count_before / MORE_SHARE;
}

static int64_t more_bytes(const struct objects_class *c)
{
	int64_t more;
	bool is_wild = __builtin_sub_overflow(c->bytes_after, c->bytes_before, &more);
	if (is_wild || more > most_bytes)
		return most_bytes;
	return more < -most_bytes ? -most_bytes : more;
}

/* The best ratio of one counter; a chance of infinity when none fits. */
static struct objects_match best_ratio(const struct objects_match *m,
	enum objects_counter counter, const struct units *u, size_t classes)
{
	struct objects_match best = *m;
	best.chance = (double)INFINITY;
	best.counter = counter;
	for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++) {
		double expected = u->delta[counter] * ratios[i].objects /
				  ratios[i].units;
		double off = fabs((double)m->more - expected);
		if (expected < 1 || off > OBJECTS_ERROR_MAX * expected)
			continue;
		double tried = (double)classes * (double)u->known * (double)(i + 1);
		double chance = tried * (2 * off + 1) / (expected * log_span);
		if (chance >= best.chance)
			continue;
		best.chance = chance;
		best.objects = ratios[i].objects;
		best.units = ratios[i].units;
		best.expected = expected;
		best.error = ((double)m->more - expected) / expected;
	}
	return best;
}

static const char *what_for(
	const struct objects_match *m, const struct units *u, struct arena *a)
{
	const char *many = counters[m->counter].many;
	const char *total = number(a, u->delta[m->counter]);
	if (m->units == 1)
		return arena_printf(
			a, "%s for each of %s %s", small(a, m->objects), total, many);
	return arena_printf(a, "%s for every %s of %s %s", small(a, m->objects),
		small(a, m->units), total, many);
}

static const char *sentence(
	const struct objects_match *m, const struct units *u, struct arena *a)
{
	const char *start = arena_printf(a, "%s more %s objects",
		number(a, (double)m->more), short_name(a, m->of->name));
	if (m->meaning == OBJECTS_UNEXPLAINED)
		return arena_printf(a, "%s: no count goes with them", start);
	const char *text = arena_printf(a, "%s: %s", start, what_for(m, u, a));
	for (int i = 0; i < OBJECTS_COUNTERS; i++)
		if (m->fits & 1U << i && i != (int)m->counter)
			text = arena_printf(a, "%s, as well as %s %s", text,
				number(a, u->delta[i]), counters[i].many);
	return text;
}

static void explain(
	struct objects_match *m, const struct units *u, size_t classes, struct arena *a)
{
	struct objects_match tried[OBJECTS_COUNTERS], best = *m;
	best.chance = (double)INFINITY;
	for (int i = 0; i < OBJECTS_COUNTERS; i++) {
		tried[i] = *m;
		tried[i].chance = (double)INFINITY;
		if (!isnan(u->delta[i]))
			tried[i] = best_ratio(m, (enum objects_counter)i, u, classes);
		if (tried[i].chance < best.chance)
			best = tried[i];
	}
	if (best.chance <= OBJECTS_CHANCE_MAX) {
		best.meaning = counters[best.counter].meaning;
		for (int i = 0; i < OBJECTS_COUNTERS; i++) {
			if (tried[i].chance >
				fmin(as_well * best.chance, OBJECTS_CHANCE_MAX))
				continue;
			best.fits |= 1U << i;
			if (counters[i].meaning != counters[best.counter].meaning)
				best.meaning = OBJECTS_UNDECIDED;
		}
		*m = best;
	}
	m->text = sentence(m, u, a);
}

static int compare(const void *left, const void *right)
{
	const struct objects_match *a = left, *b = right;
	if (a->more_bytes != b->more_bytes)
		return a->more_bytes > b->more_bytes ? -1 : 1;
	if (a->more != b->more)
		return a->more > b->more ? -1 : 1;
	return a->of < b->of ? -1 : a->of > b->of; /* as they came */
}

static enum objects_meaning sum_up(const struct objects_result *r)
{
	int64_t kept = r->bytes[OBJECTS_KEPT], waits = r->bytes[OBJECTS_BACKLOG];
	if (r->classes[OBJECTS_KEPT] && kept / 2 >= waits)
		return OBJECTS_KEPT;
	if (r->classes[OBJECTS_BACKLOG] && waits / 2 >= kept)
		return OBJECTS_BACKLOG;
	if (r->classes[OBJECTS_KEPT] || r->classes[OBJECTS_BACKLOG] ||
		r->classes[OBJECTS_UNDECIDED])
		return OBJECTS_UNDECIDED;
	return r->classes[OBJECTS_IN_USE] ? OBJECTS_IN_USE : OBJECTS_UNEXPLAINED;
}

static const char *summary(const struct objects_result *r, struct arena *a)
{
	static const char *const does[OBJECTS_MEANINGS][2] = {
		[OBJECTS_KEPT] = {"keeps objects of work that is over",
			"keep objects of work that is over"},
		[OBJECTS_BACKLOG] = {"is items that wait", "are items that wait"},
		[OBJECTS_IN_USE] = {"belongs to open connections",
			"belong to open connections"},
	};
	if (r->count == 0)
		return "no class grew";
	if (r->meaning == OBJECTS_UNEXPLAINED)
		return "no count goes with what grew";
	if (r->meaning == OBJECTS_UNDECIDED)
		return "objects of work that is over and items that wait: which of "
		       "them "
		       "grows cannot be told";
	size_t n = r->classes[r->meaning];
	double kb = (double)r->bytes[r->meaning] / 1024;
	return arena_printf(a, "%zu %s (%s) %s", n, n == 1 ? "class" : "classes",
		words_memory(a, kb), does[r->meaning][n != 1]);
}

void objects_explain(
	const struct objects_input *in, struct arena *a, struct objects_result *out)
{
	struct units u = known_units(in);
	struct objects_result r = {.count = 0};
	struct objects_match *matches = arena_array(
		a, in->class_count + 1, sizeof *matches);
	for (size_t i = 0; i < in->class_count; i++) {
		const struct objects_class *c = &in->classes[i];
		if (grew(c))
			matches[r.count++] = (struct objects_match){.of = c,
				.more = c->count_after - c->count_before,
				.more_bytes = more_bytes(c)};
	}
	qsort(matches, r.count, sizeof *matches, compare);
	for (size_t i = 0; i < r.count; i++) {
		explain(&matches[i], &u, r.count, a);
		r.classes[matches[i].meaning]++;
		r.bytes[matches[i].meaning] += matches[i].more_bytes;
	}
	r.matches = matches;
	r.meaning = sum_up(&r);
	r.text = summary(&r, a);
	*out = r;
}
