#include "server/analyse/explain.h"

#include "server/analyse/words.h"

#include <math.h>
#include <string.h>

/* A rate near zero says nothing over a shorter time. */
enum { RATE_SEEN_MS = 30 * 60 * 1000 };

/* Further ahead than this, nobody plans. */
static const double EXHAUST_AT_MOST_H = 24 * 366;

struct telling {
	const struct analyse_slot *slot;
	const struct slot_judgement *j;
	int64_t now_ms;
	struct arena *arena;
	struct analyse_slot_result *out;
	struct explain_list list;
};

void explain_add(struct explain_list *list, bool speaks_for, const char *text)
{
	if (list->count < EXPLAIN_REASONS_MAX)
		list->items[list->count++] = (struct analyse_reason){speaks_for, text};
}

const struct analyse_reason *explain_finish(
	const struct explain_list *list, struct arena *a)
{
	struct analyse_reason *copy = arena_array(a, list->count, sizeof *copy);
	memcpy(copy, list->items, list->count * sizeof *copy);
	return copy;
}

static const char *series_words(enum analyse_series series)
{
	switch (series) {
	case ANALYSE_RSS:
		return "Resident memory";
	case ANALYSE_RSS_ANON:
		return "Private memory";
	case ANALYSE_HEAP_USED:
		return "The managed heap";
	case ANALYSE_HEAP_FLOOR:
		return "The managed heap after collections";
	}
	return "Memory";
}

/* The level that ends the process: where it was restarted before, else its limit. */
static double ceiling_kb(const struct telling *t)
{
	double limit = t->slot->limit_kb, restart = t->j->restart_kb;
	if (restart > 0 && (limit <= 0 || restart < limit))
		return restart;
	return limit;
}

static void find_exhaustion(const struct telling *t)
{
	double ceiling = ceiling_kb(t), rate = t->out->rate.kb_h;
	if (ceiling <= 0 || !t->out->rate.known || rate <= 0)
		return;
	double hours = fmax(0, ceiling - t->out->value_kb) / rate;
	if (hours <= EXHAUST_AT_MOST_H)
		t->out->exhaust_ms = t->now_ms + (int64_t)(hours * 3600e3);
}

/* "; reaches its limit of 512 MiB in 3 h", or nothing. */
static const char *exhaustion_words(const struct telling *t)
{
	struct arena *a = t->arena;
	if (!t->out->exhaust_ms)
		return "";
	const char *in = words_span(a, t->out->exhaust_ms - t->now_ms);
	if (ceiling_kb(t) != t->slot->limit_kb)
		return arena_printf(a,
			"; reaches %s, where it was restarted before, in %s",
			words_memory(a, t->j->restart_kb), in);
	return arena_printf(a, "; reaches its limit of %s in %s",
		words_memory(a, t->slot->limit_kb), in);
}

static void reason_of_age(struct telling *t, const struct span *s)
{
	struct arena *a = t->arena;
	const char *gained = words_memory(a, s->growth_kb);
	const char *age = words_span(a, s->age_ms);
	bool late = t->slot->collects_late;
	if (isinf(s->wanted_kb))
		explain_add(&t->list, false,
			"Its runtime fills a heap before it first collects, and how "
			"large "
			"a heap is not known: a day of history will tell");
	else
		explain_add(&t->list, s->growth_kb >= s->wanted_kb,
			arena_printf(a,
				"It gained %s; %s, so at %s of age at least %s are "
				"asked for",
				gained,
				late ? "its runtime fills a heap before it first "
				       "collects"
				     : "a warm-up can look alike",
				age, words_memory(a, s->wanted_kb)));
}

static void reasons_of_growth(struct telling *t)
{
	const struct span *s = &t->j->span;
	struct arena *a = t->arena;
	explain_add(&t->list, true,
		arena_printf(a, "%s grows by %s, judged over %s; its noise is %s",
			series_words(t->slot->series), words_rate(a, &t->out->rate),
			words_span(a, s->covered_ms),
			words_memory(a, s->shapes.noise_kb)));
	bool clear = s->shapes.lead >= 20 && s->shapes.lead_slow >= 0;
	explain_add(&t->list, clear,
		arena_printf(a,
			"Growth that goes on explains the readings %s than any curve "
			"that levels off (score %.0f, from 20 on it is clear)",
			clear ? "far better" : "only somewhat better", s->shapes.lead));
	if (s->repeated)
		explain_add(&t->list, true,
			arena_printf(a, "Each of the last %zu process lives grew alike",
				s->lives));
	if (t->j->restart_count)
		explain_add(&t->list, true,
			arena_printf(a, "The last %zu processes ended at about %s",
				t->j->restart_count,
				words_memory(a, t->j->restart_kb)));
	if (!s->young)
		explain_add(&t->list, true,
			"It is now above all that this process had "
			"before");
	else
		reason_of_age(t, s);
	if (s->may_be_load)
		explain_add(&t->list, false,
			"A load that rises for hours would look the same; a day of "
			"history will tell");
}

static void reasons_of_rest(struct telling *t)
{
	const struct span *s = &t->j->span;
	struct arena *a = t->arena;
	const char *series = series_words(t->slot->series);
	const char *noise = words_memory(a, 2 * s->shapes.noise_kb);
	const char *seen = words_span(a, s->covered_ms);
	if (t->j->verdict == ANALYSE_STEADY)
		explain_add(&t->list, true,
			arena_printf(a, "%s moves by %s and does not climb, over %s",
				series, noise, seen));
	else
		explain_add(&t->list, true,
			arena_printf(a,
				"%s rose by %s, then %s; it moves by %s, over %s",
				series, words_memory(a, t->j->rise_kb),
				t->j->verdict == ANALYSE_STEP ? "stayed"
							      : "slowed down",
				noise, seen));
	if (s->shapes.lead < 0)
		explain_add(&t->list, true,
			arena_printf(a,
				"A curve that levels off explains the readings better "
				"than "
				"growth that goes on (score %.0f)",
				-s->shapes.lead));
	else if (s->sureness >= 4)
		explain_add(&t->list, false,
			arena_printf(a,
				"There is a slight rise, %s in %s, too little to count",
				words_memory(a, fmax(0, s->growth_kb)),
				words_span(a, s->covered_ms)));
	if (s->lives > 1)
		explain_add(&t->list, true,
			arena_printf(a,
				"The same holds for each of the last %zu processes",
				s->lives));
	if (s->covered_ms < 2 * 3600 * 1000)
		explain_add(&t->list, false,
			arena_printf(a, "Only %s of readings: slow growth needs longer",
				words_span(a, s->covered_ms)));
}

static const char *summary_of(const struct telling *t)
{
	const struct slot_judgement *j = t->j;
	struct arena *a = t->arena;
	const char *rate = words_rate(a, &t->out->rate);
	const char *since = words_time(a, j->span.onset_ms, t->now_ms);
	switch (j->verdict) {
	case ANALYSE_LEARNING:
		return arena_printf(a, "%s: about %s more",
			j->known ? "Grows as a warm-up might; learning" : "Learning",
			words_span(a, j->wait_s * 1000));
	case ANALYSE_STEADY:
		return arena_printf(a, "Steady at %s for %s",
			words_memory(a, j->value_kb),
			words_span(a, j->span.covered_ms));
	case ANALYSE_WARMUP:
		return arena_printf(a,
			"Warming up: %s more since its start, ever slower",
			words_memory(a, j->rise_kb));
	case ANALYSE_STEP:
		return arena_printf(a, "Rose by %s at about %s and stayed there",
			words_memory(a, j->rise_kb), since);
	case ANALYSE_WATCH:
		return arena_printf(a, "Grows by %s since %s, not yet surely a leak%s",
			rate, since, exhaustion_words(t));
	case ANALYSE_LEAK:
		return arena_printf(
			a, "Leaks %s since %s%s", rate, since, exhaustion_words(t));
	}
	return "";
}

void explain_slot(const struct analyse_slot *slot, const struct slot_judgement *j,
	int64_t now_ms, struct arena *a, struct analyse_slot_result *out)
{
	*out = (struct analyse_slot_result){
		.verdict = j->verdict,
		.value_kb = j->value_kb,
		.wait_s = j->wait_s,
	};
	struct telling t = {
		.slot = slot, .j = j, .now_ms = now_ms, .arena = a, .out = out};
	if (j->known) {
		out->restarts = j->span.lives - 1;
		out->seen_ms = j->span.covered_ms;
	}
	bool grows = j->verdict == ANALYSE_LEAK || j->verdict == ANALYSE_WATCH;
	bool young = j->known && j->verdict == ANALYSE_LEARNING;
	bool flat = j->verdict == ANALYSE_STEADY && out->seen_ms >= RATE_SEEN_MS;
	if (grows || young || flat)
		out->rate = j->span.rate;
	if (grows || j->verdict == ANALYSE_STEP)
		out->onset_ms = j->span.onset_ms;
	if (grows)
		find_exhaustion(&t);
	if (grows || young)
		reasons_of_growth(&t);
	else if (j->known)
		reasons_of_rest(&t);
	else
		explain_add(&t.list, false,
			slot->count ? "Its first minutes show only how it starts"
				    : "No readings yet");
	if (slot->series == ANALYSE_RSS && j->known)
		explain_add(&t.list, false,
			"Private memory is not known here; pages of files blur the "
			"total");
	out->summary = summary_of(&t);
	out->reasons = explain_finish(&t.list, a);
	out->reason_count = t.list.count;
}
