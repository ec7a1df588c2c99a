#include "server/analyse/suspects_inside.h"
#include "server/analyse/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fewer steps of one process tell nothing of its course. */
enum { STEPS_MIN = 8, SERIES_MAX = 64 };

static void add(struct suspects_rows *out, struct suspects_row row)
{
	if (out->count < SUSPECTS_ROWS_MAX)
		out->items[out->count++] = row;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, by_value);
	if (!count)
		return (double)NAN;
	return count % 2 ? values[count / 2]
			 : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Mean of what is known of [from, to); NAN: nothing. */
static double mean(const double *values, size_t from, size_t to)
{
	double sum = 0;
	size_t n = 0;
	for (size_t i = from; values && i < to; i++)
		if (isfinite(values[i])) {
			sum += values[i];
			n++;
		}
	return n ? sum / (double)n : (double)NAN;
}

/* Slope of a straight line through what is known of [from, to), per step; NAN of too
 * little. */
static double slope(const double *values, size_t from, size_t to)
{
	double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
	for (size_t i = from; values && i < to; i++) {
		if (!isfinite(values[i]))
			continue;
		double x = (double)(i - from);
		n++;
		sx += x;
		sy += values[i];
		sxx += x * x;
		sxy += x * values[i];
	}
	double spread = n * sxx - sx * sx;
	return n >= STEPS_MIN / 2.0 && spread > 0 ? (n * sxy - sx * sy) / spread
						  : (double)NAN;
}

/* Pearson's correlation of two series where both are known. */
static double correlation(const double *x, const double *y, size_t from, size_t to)
{
	double n = 0, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
	for (size_t i = from; x && y && i < to; i++) {
		if (!isfinite(x[i]) || !isfinite(y[i]))
			continue;
		n++;
		sx += x[i];
		sy += y[i];
		sxx += x[i] * x[i];
		syy += y[i] * y[i];
		sxy += x[i] * y[i];
	}
	double spread = (n * sxx - sx * sx) * (n * syy - sy * sy);
	return n >= STEPS_MIN && spread > 0 ? (n * sxy - sx * sy) / sqrt(spread)
					    : (double)NAN;
}

/* What the leaking instances did, each over its longest process: medians of them. */
struct course {
	size_t lines;       /* whose course is long enough */
	double grown_kb;    /* from its first third to its last */
	double grown_share; /* the same, of the first third */
	double heap_kb;     /* the heap's; NAN: not known */
	double early, late; /* slope of its halves, KiB per hour */
	double load_share;  /* what the load gained over the same time; NAN */
	double load, tied;  /* the load; its correlation with the memory; NAN */
	int64_t oldest_ms;
	size_t restarts;
};

struct measures {
	double grown[SERIES_MAX], share[SERIES_MAX], heap[SERIES_MAX];
	double early[SERIES_MAX], late[SERIES_MAX];
	double load_share[SERIES_MAX], load[SERIES_MAX], tied[SERIES_MAX];
	size_t count, heaps, loads, ties;
};

static double change(const double *values, size_t from, size_t to)
{
	size_t third = (to - from) / 3;
	return mean(values, to - third, to) - mean(values, from, from + third);
}

static void measure(const struct suspects_line *l, int64_t step_ms, struct measures *m)
{
	size_t third = (l->to - l->from) / 3, half = (l->from + l->to) / 2;
	double first = mean(l->memory_kb, l->from, l->from + third);
	double grown = change(l->memory_kb, l->from, l->to);
	double early = slope(l->memory_kb, l->from, half);
	double late = slope(l->memory_kb, half, l->to);
	double per_hour = 3600e3 / (double)step_ms;
	if (m->count == SERIES_MAX || !isfinite(grown) || !isfinite(early) ||
		!isfinite(late) || first <= 0)
		return;
	m->grown[m->count] = grown;
	m->share[m->count] = grown / first;
	m->early[m->count] = early * per_hour;
	m->late[m->count++] = late * per_hour;
	double heap = change(l->heap_kb, l->from, l->to);
	if (isfinite(heap))
		m->heap[m->heaps++] = heap;
	double before = mean(l->load, l->from, l->from + third);
	double load = change(l->load, l->from, l->to);
	if (!isfinite(load))
		return;
	m->load_share[m->loads] = before > 0 ? load / before : load > 0 ? 1 : 0;
	m->load[m->loads++] = mean(l->load, l->from, l->to);
	double tied = correlation(l->memory_kb, l->load, l->from, l->to);
	if (isfinite(tied))
		m->tied[m->ties++] = tied;
}

static struct course course_of(const struct suspects_case *c, bool leaks)
{
	struct measures m = {0};
	struct course out = {0};
	for (size_t i = 0; i < c->line_count; i++) {
		const struct suspects_line *l = &c->lines[i];
		if (l->leaks != leaks)
			continue;
		out.restarts += l->restarts;
		if (l->age_ms > out.oldest_ms)
			out.oldest_ms = l->age_ms;
		if (l->to - l->from >= STEPS_MIN)
			measure(l, c->step_ms, &m);
	}
	out.lines = m.count;
	out.grown_kb = median(m.grown, m.count);
	out.grown_share = median(m.share, m.count);
	out.heap_kb = median(m.heap, m.heaps);
	out.early = median(m.early, m.count);
	out.late = median(m.late, m.count);
	out.load_share = median(m.load_share, m.loads);
	out.load = median(m.load, m.loads);
	out.tied = median(m.tied, m.ties);
	return out;
}

static const char *percent(double part, struct arena *a)
{
	return fabs(part) < 0.005 ? "0 %" : arena_printf(a, "%+.0f %%", 100 * part);
}

static const char *rate(double kb_h, struct arena *a)
{
	struct analyse_rate r = {true, kb_h, kb_h, kb_h};
	const char *text = words_rate(a, &r);
	return arena_strndup(a, text, strcspn(text, "("));
}

static const char *trim(const char *text, struct arena *a)
{
	size_t n = strlen(text);
	while (n && text[n - 1] == ' ')
		n--;
	return arena_strndup(a, text, n);
}

/* The median depth of a queue over time against the memory of the leaking. */
static double queue_tie(const struct suspects_case *c, const struct suspects_queue *q)
{
	double ties[SERIES_MAX];
	size_t count = 0;
	for (size_t i = 0; i < c->line_count && count < SERIES_MAX; i++) {
		const struct suspects_line *l = &c->lines[i];
		double tie = l->leaks ? correlation(
						l->memory_kb, q->depth, l->from, l->to)
				      : (double)NAN;
		if (isfinite(tie))
			ties[count++] = tie;
	}
	return median(ties, count);
}

/* The queue that gained most; NULL: of none is enough known. */
static const struct suspects_queue *worst_queue(const struct suspects_case *c)
{
	const struct suspects_queue *worst = NULL;
	double most = -INFINITY;
	for (size_t i = 0; i < c->queue_count; i++) {
		double gained = change(c->queues[i].depth, 0, c->steps);
		if (isfinite(gained) && gained > most) {
			most = gained;
			worst = &c->queues[i];
		}
	}
	return worst;
}

static void examine_queue(const struct suspects_case *c, const struct course *leak,
	struct arena *a, struct suspects_rows *out)
{
	struct suspects_row row = {.key = "queue",
		.cause = "Work that waits in a queue",
		.test = "Depth of its queues while the memory grew",
		.result = "No queue is known that it fills or works on",
		.verdict = SUSPECTS_NO_DATA};
	const struct suspects_queue *q = worst_queue(c);
	if (q) {
		double before = mean(q->depth, 0, c->steps / 3);
		double after = mean(q->depth, c->steps - c->steps / 3, c->steps);
		double tie = queue_tie(c, q);
		bool fills = after - before >= 10 && after >= 1.5 * before;
		row.verdict = !fills                        ? SUSPECTS_REFUTED
			      : !isfinite(tie) || tie < 0.5 ? SUSPECTS_OPEN
							    : SUSPECTS_LIKELY;
		row.result = arena_printf(a, "The depth of %s went from %.0f to %.0f",
			q->name, before, after);
		if (leak->lines)
			row.result = arena_printf(a, "%s while memory changed by %s",
				row.result, percent(leak->grown_share, a));
		if (fills && isfinite(tie))
			row.result = arena_printf(
				a, "%s; correlation %.2f", row.result, tie);
	} else if (c->queue_count) {
		row.result = "Its queues were not read while the memory grew";
	}
	if (c->kind == ANALYSE_KIND_BACKLOG && row.verdict != SUSPECTS_REFUTED)
		row.verdict = q ? SUSPECTS_CONFIRMED : SUSPECTS_LIKELY;
	add(out, row);
}

static enum suspects_verdict judge_load(
	const struct course *leak, const struct course *clean)
{
	if (leak->load_share < 0.1 || leak->load_share < 0.2 * leak->grown_share)
		return SUSPECTS_REFUTED;
	if (clean->lines && isfinite(clean->load) && clean->load >= leak->load &&
		clean->grown_share < 0.2 * leak->grown_share)
		return SUSPECTS_REFUTED; /* the same work without the growth */
	if (!isfinite(leak->tied) || leak->tied < 0.3)
		return SUSPECTS_UNLIKELY;
	return leak->tied >= 0.8 && leak->load_share >= 0.5 * leak->grown_share
		       ? SUSPECTS_LIKELY
		       : SUSPECTS_OPEN;
}

static void examine_load(const struct suspects_case *c, const struct course *leak,
	const struct course *clean, struct arena *a, struct suspects_rows *out)
{
	const char *what = c->load_is_requests ? "requests" : "CPU time";
	struct suspects_row row = {.key = "load",
		.cause = "More load",
		.test = arena_printf(a, "%s of leaking instances while they grew%s",
			c->load_is_requests ? "Requests" : "CPU time",
			clean->lines ? ", and of clean ones" : ""),
		.result = "Neither requests nor CPU time are known for long enough",
		.verdict = SUSPECTS_NO_DATA};
	if (leak->lines && isfinite(leak->load_share)) {
		row.verdict = judge_load(leak, clean);
		row.result = arena_printf(a, "Memory changed by %s, %s by %s",
			percent(leak->grown_share, a), what,
			percent(leak->load_share, a));
		if (isfinite(leak->tied))
			row.result = arena_printf(
				a, "%s; correlation %.2f", row.result, leak->tied);
		if (clean->lines && isfinite(clean->load))
			row.result = arena_printf(a,
				"%s.  Clean ones have %.3g%s an instance, leaking ones "
				"%.3g, and their memory changed by %s",
				row.result, clean->load,
				c->load_is_requests ? " requests/s" : " cores",
				leak->load, percent(clean->grown_share, a));
	}
	add(out, row);
}

static void examine_warmup(
	const struct course *leak, struct arena *a, struct suspects_rows *out)
{
	struct suspects_row row = {.key = "warmup",
		.cause = "Caches that fill after a start",
		.test = "Growth in the second half of a process's life against the "
			"first",
		.result = "No process was seen for long enough",
		.verdict = SUSPECTS_NO_DATA};
	if (leak->lines && leak->early > 0) {
		double eased = leak->late / leak->early;
		row.verdict = eased >= 0.5   ? SUSPECTS_REFUTED
			      : eased <= 0.2 ? SUSPECTS_LIKELY
					     : SUSPECTS_OPEN;
		row.result = arena_printf(a,
			"%s at first, %s later%s: the oldest process is %s old",
			trim(rate(leak->early, a), a), trim(rate(leak->late, a), a),
			eased >= 0.5 ? ", so that it does not ease off" : "",
			words_span(a, leak->oldest_ms));
	} else if (leak->lines) {
		row.verdict = SUSPECTS_REFUTED;
		row.result = arena_printf(a,
			"%s at first, %s later: it does not begin with a start",
			trim(rate(leak->early, a), a), trim(rate(leak->late, a), a));
	}
	add(out, row);
}

static void examine_fragmentation(
	const struct course *leak, struct arena *a, struct suspects_rows *out)
{
	struct suspects_row row = {.key = "fragmentation",
		.cause = "Fragmentation of the heap",
		.test = "Growth of the managed heap against that of private memory",
		.result = "The runtime tells nothing of its heap",
		.verdict = SUSPECTS_NO_DATA};
	if (leak->lines && isfinite(leak->heap_kb) && leak->grown_kb > 0) {
		double inside = leak->heap_kb / leak->grown_kb;
		bool eases = leak->late < 0.5 * leak->early;
		row.verdict = inside >= 0.6  ? SUSPECTS_REFUTED
			      : inside > 0.2 ? SUSPECTS_OPEN
			      : eases        ? SUSPECTS_LIKELY
					     : SUSPECTS_UNLIKELY;
		row.result = arena_printf(a,
			"Private memory grew by %s, the heap by %s%s",
			words_memory(a, leak->grown_kb), words_memory(a, leak->heap_kb),
			inside >= 0.6  ? ": what grows is in the heap"
			: inside > 0.2 ? ""
			: eases        ? ", and ever slower"
				       : ", and steadily: rather native memory");
	}
	add(out, row);
}

static void examine_restarts(const struct course *leak, const struct course *clean,
	struct arena *a, struct suspects_rows *out)
{
	struct suspects_row row = {.key = "restarts",
		.cause = "How instances are restarted",
		.test = "How long processes live, and whether they grow again",
		.result = "No process of the leaking versions was seen",
		.verdict = SUSPECTS_NO_DATA};
	if (leak->oldest_ms) {
		const char *lived = arena_printf(a,
			"%s of leaking instances; they live "
			"up to %s",
			words_count(a, leak->restarts, "restart"),
			words_span(a, leak->oldest_ms));
		bool hides = clean->oldest_ms && 3 * clean->oldest_ms < leak->oldest_ms;
		row.verdict = hides ? SUSPECTS_OPEN : SUSPECTS_REFUTED;
		row.result = lived;
		if (clean->oldest_ms)
			row.result = arena_printf(a, "%s, clean ones up to %s%s", lived,
				words_span(a, clean->oldest_ms),
				hides ? ": perhaps too short to show it" : "");
		if (leak->restarts && leak->lines && leak->grown_kb > 0)
			row.result = arena_printf(a,
				"%s.  A restart gives the memory back and ends nothing",
				row.result);
	}
	add(out, row);
}

void suspects_course_examine(
	const struct suspects_case *c, struct arena *a, struct suspects_rows *out)
{
	struct course leak = course_of(c, true), clean = course_of(c, false);
	examine_queue(c, &leak, a, out);
	examine_load(c, &leak, &clean, a, out);
	examine_warmup(&leak, a, out);
	examine_fragmentation(&leak, a, out);
	examine_restarts(&leak, &clean, a, out);
}
