/* What a slot says, in figures and in words that a tired person can check. */
#include "server/analyse/fleet_inside.h"
#include "server/analyse/forecast.h"
#include "server/analyse/reasons.h"
#include "server/analyse/rest.h"
#include "server/analyse/robust.h"
#include "server/analyse/words.h"

#include <math.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

enum { LEFT_OUT_MAX = 30, GROWN_UP_H = 22 };

struct telling {
	const struct fleet_seat_state *seat;
	const struct trace *trace;
	struct slot_state state;
	struct span span; /* of what does not grow; usable or resting when known */
	bool known;
	struct rest rest;
	double restart_kb; /* level at which the lives before ended, 0: no such level */
	size_t restart_count;
	struct queue_result queue;
	bool has_queue;
	int64_t now_ms;
	struct arena *arena;
	struct fleet_slot *out;
	struct reasons reasons;
};

static const char *series_words(enum analyse_series series)
{
	switch (series) {
	case ANALYSE_RSS:
		return "Resident memory";
	case ANALYSE_RSS_ANON:
		return "Private memory";
	case ANALYSE_NATIVE:
		return "Memory outside the managed heap";
	case ANALYSE_HEAP_USED:
		return "The managed heap";
	case ANALYSE_HEAP_FLOOR:
		return "The live heap after collections";
	}
	return "Memory";
}

static enum analyse_series series_of(
	const struct telling *t, enum trace_channel channel)
{
	if (channel == TRACE_LIVE)
		return trace_live_is_used(t->trace) ? ANALYSE_HEAP_USED
						    : ANALYSE_HEAP_FLOOR;
	if (channel == TRACE_NATIVE)
		return ANALYSE_NATIVE;
	return t->state.is_private ? ANALYSE_RSS_ANON : ANALYSE_RSS;
}

/* The level at which the last two lives or more before the newest ended, alike. */
static void find_restart_level(struct telling *t)
{
	struct trace_life lives[TRACE_LIVES];
	size_t count = trace_lives(t->trace, lives), found = 0;
	double least = INFINITY, most = 0;
	for (size_t i = count; i-- > 0;) {
		if (i + 1 == count)
			continue;
		const struct trace_life *l = &lives[i];
		double end = l->last_kb;
		if (l->fingerprint_id != lives[count - 1].fingerprint_id ||
			end < 1.3 * l->low_kb ||
			fmax(most, end) > 1.2 * fmin(least, end))
			break;
		least = fmin(least, end);
		most = fmax(most, end);
		found++;
	}
	if (found < 2)
		return;
	t->restart_kb = (least + most) / 2;
	t->restart_count = found;
}

/* The level that ends the process: where it was restarted before, else its limit. */
static double ceiling_kb(const struct telling *t)
{
	double limit = t->state.limit_kb;
	if (t->restart_kb > 0 && (limit <= 0 || t->restart_kb < limit))
		return t->restart_kb;
	return limit;
}

/* "; reaches its limit of 512 MiB in 3 h (2 h to 5 h)", or nothing. */
static const char *exhaustion_words(const struct telling *t)
{
	struct arena *a = t->arena;
	const struct analyse_moment *m = &t->out->exhaust;
	if (!m->at_ms)
		return "";
	const char *low = words_span(a, m->low_ms - t->now_ms);
	const char *high = m->high_ms ? words_span(a, m->high_ms - t->now_ms) : "never";
	const char *in = arena_printf(
		a, "%s (%s to %s)", words_span(a, m->at_ms - t->now_ms), low, high);
	if (ceiling_kb(t) != t->state.limit_kb)
		return arena_printf(a,
			"; reaches %s, where it was restarted before, in %s",
			words_memory(a, t->restart_kb), in);
	return arena_printf(a, "; reaches its limit of %s in %s",
		words_memory(a, t->state.limit_kb), in);
}

static void take_figures(struct telling *t)
{
	const struct slot_figures *f = &t->state.figures;
	struct fleet_slot *out = t->out;
	out->rate = forecast_rate(f->slope_kb_h, f->error_kb_h);
	out->p_value = robust_normal_tail(f->sureness);
	out->seen_ms = (int64_t)f->covered_s * 1000;
	out->restarts = f->lives ? f->lives - 1u : 0;
	out->onset = (struct analyse_moment){(int64_t)f->onset_s * 1000,
		(int64_t)f->onset_low_s * 1000, (int64_t)f->onset_high_s * 1000};
	out->exhaust = forecast_ceiling(
		&out->rate, out->value_kb, ceiling_kb(t), t->now_ms);
}

static void reasons_of_backlog(struct telling *t)
{
	const struct queue_result *q = &t->queue;
	struct arena *a = t->arena;
	if (!t->has_queue)
		return;
	if (q->counted)
		reasons_add(&t->reasons, q->growing,
			arena_printf(a,
				"Its queue: %.0f an hour come in, %.0f go out; %.0f "
				"wait",
				q->in_per_h, q->out_per_h, q->depth));
	else
		reasons_add(&t->reasons, q->growing,
			arena_printf(a, "Its queue: %.0f items wait", q->depth));
	if (!q->growing)
		return;
	reasons_add(&t->reasons, t->state.backlog,
		q->explains_memory
			? arena_printf(a,
				  "Items that wait account for %.0f %% of the growth, "
				  "%s "
				  "each",
				  100 * q->share, words_memory(a, q->kb_each))
			: "The items that wait do not account for the memory");
	if (t->state.backlog && isfinite(q->drain_h))
		reasons_add(&t->reasons, true,
			arena_printf(a,
				"If nothing more came in, it would be empty in %s",
				words_span(
					a, (int64_t)(q->drain_h * (double)HOUR_MS))));
}

static void reasons_of_growth(struct telling *t)
{
	const struct slot_figures *f = &t->state.figures;
	struct arena *a = t->arena;
	reasons_of_backlog(t);
	if (t->state.backlog)
		return;
	reasons_add(&t->reasons, true,
		arena_printf(a, "%s grows by %s, judged over %s; its noise is %s",
			series_words(t->out->series), words_rate(a, &t->out->rate),
			words_span(a, t->out->seen_ms), words_memory(a, f->noise_kb)));
	reasons_add(&t->reasons, f->lead >= 20,
		arena_printf(a,
			"Growth that goes on explains the readings %s than any curve "
			"that levels off (score %.0f, from 20 on it is clear)",
			f->lead >= 20 ? "far better" : "somewhat better", f->lead));
	if (f->lives > 1)
		reasons_add(&t->reasons, f->repeated,
			arena_printf(a,
				f->repeated
					? "Each of the last %u process lives grew alike"
					: "Judged over the last %u process lives, "
					  "which "
					  "did not all grow alike",
				f->lives));
	if (t->restart_count)
		reasons_add(&t->reasons, true,
			arena_printf(a, "The last %zu processes ended at about %s",
				t->restart_count, words_memory(a, t->restart_kb)));
	if (f->young)
		reasons_add(&t->reasons, false,
			"The process has little past to be compared with: a warm-up "
			"can look alike");
	else
		reasons_add(&t->reasons, true,
			"It is now above all that this process had before");
	if (f->has_load)
		reasons_add(&t->reasons, true, "Its load does not explain it");
	else if (f->has_season)
		reasons_add(&t->reasons, true, "The time of day does not explain it");
	else
		reasons_add(&t->reasons, false, "Its load is not known");
}

static void reasons_of_rest(struct telling *t)
{
	const struct span *s = &t->span;
	struct arena *a = t->arena;
	const char *series = series_words(t->out->series);
	const char *seen = words_span(a, s->covered_ms);
	reasons_add(&t->reasons, true,
		t->rest.rise_kb > 0 && t->out->verdict != ANALYSE_STEADY
			? arena_printf(a, "%s rose by %s and levels off, over %s",
				  series, words_memory(a, t->rest.rise_kb), seen)
			: arena_printf(a, "%s moves by %s and does not climb, over %s",
				  series, words_memory(a, t->rest.swing_kb), seen));
	if (s->usable && s->shapes.lead < 0)
		reasons_add(&t->reasons, true,
			arena_printf(a,
				"A curve that levels off explains the readings better "
				"than growth that goes on (score %.0f)",
				fmin(-s->shapes.lead, 999)));
	if (s->lives > 1)
		reasons_add(&t->reasons, true,
			arena_printf(a,
				"The same holds for each of the last %zu processes",
				s->lives));
	if (s->covered_ms < 2 * HOUR_MS)
		reasons_add(&t->reasons, false,
			arena_printf(a, "Only %s of readings: slow growth needs longer",
				seen));
	reasons_of_backlog(t);
}

static const char *summary_of_growth(const struct telling *t)
{
	const struct fleet_slot *s = t->out;
	struct arena *a = t->arena;
	const char *rate = words_rate(a, &s->rate);
	const char *since = words_time(a, s->onset.at_ms, t->now_ms);
	const char *until = exhaustion_words(t);
	switch (s->verdict) {
	case ANALYSE_BACKLOG:
		return arena_printf(a,
			"A backlog builds up since %s and grows by %s in memory%s",
			since, rate, until);
	case ANALYSE_NATIVE_GROWTH:
		return arena_printf(a, "Leaks %s outside its managed heap since %s%s",
			rate, since, until);
	case ANALYSE_LEAK:
		return arena_printf(a, "Leaks %s since %s%s", rate, since, until);
	default:
		return arena_printf(a, "Grows by %s since %s, not yet surely %s%s",
			rate, since,
			s->kind == ANALYSE_KIND_BACKLOG ? "a backlog" : "a leak",
			until);
	}
}

static const char *summary_of_rest(const struct telling *t)
{
	struct arena *a = t->arena;
	const char *rise = words_memory(a, t->rest.rise_kb);
	const char *swing = words_memory(a, t->rest.swing_kb);
	const char *value = words_memory(a, t->out->value_kb);
	switch (t->out->verdict) {
	case ANALYSE_LEARNING:
		return arena_printf(a, "%s: about %s more",
			t->known ? "Grows as a warm-up might; not enough data yet"
				 : "Not enough data yet",
			words_span(a, t->out->wait_s * 1000));
	case ANALYSE_LOAD:
		return arena_printf(a, "Follows its load, by %s", swing);
	case ANALYSE_CYCLIC:
		return arena_printf(a, "Comes and goes by %s, without climbing", swing);
	case ANALYSE_WARMUP:
		return arena_printf(
			a, "Warming up: %s more since its start, ever slower", rise);
	case ANALYSE_FRAGMENTATION:
		return arena_printf(a,
			"Its heap rests; around it %s more, ever slower: fragmentation",
			rise);
	case ANALYSE_STEP:
		return arena_printf(a, "Rose by %s at about %s and stayed there", rise,
			words_time(a, t->rest.onset_ms, t->now_ms));
	default:
		return arena_printf(a, "Steady at %s for %s", value,
			words_span(a, t->span.covered_ms));
	}
}

/* Until the shortest window is covered by readings of the newest life. */
static int64_t wait_for_first_ms(const struct telling *t)
{
	struct trace_life lives[TRACE_LIVES];
	size_t count = trace_lives(t->trace, lives);
	double gap_ms = fmax(t->seat->distance_ms, 1000);
	double needed = fmax(0.4 * (double)trace_window_ms(0) + 30000, 9 * gap_ms);
	if (gap_ms > (double)trace_bin_ms(0))
		needed = fmax(needed, 0.4 * (double)trace_window_ms(2));
	double seen = count ? (double)(t->now_ms - lives[count - 1].first_ms) : 0;
	return (int64_t)fmax(10000, needed - seen);
}

/* Until a process that grows from its start on would have shown enough. */
static int64_t wait_for_growth_ms(const struct telling *t)
{
	double left_h = GROWN_UP_H - (double)t->span.covered_ms / (double)HOUR_MS;
	return (int64_t)(fmax(0.2, left_h) * (double)HOUR_MS);
}

static void judge_rest(struct telling *t)
{
	struct fleet_slot *out = t->out;
	out->series = series_of(t, t->known ? t->span.channel : TRACE_MEMORY);
	if (t->state.left_out >= LEFT_OUT_MAX || !out->at_ms) {
		out->verdict = ANALYSE_UNUSABLE;
		out->summary =
			!out->at_ms ? "Unusable: no reading of its memory is a number"
				    : "Unusable: its readings come from a time that "
				      "has passed, or are no numbers";
		reasons_add(&t->reasons, false,
			"Check the clock of the host and what its agent reads");
		return;
	}
	bool grows_young = t->known && t->span.usable &&
			   t->span.grown_up != ANALYSE_QUIET;
	if (!t->known || grows_young) {
		out->verdict = ANALYSE_LEARNING;
		out->wait_s = (t->known ? wait_for_growth_ms(t)
					: wait_for_first_ms(t)) /
			      1000;
		reasons_add(&t->reasons, false,
			t->known ? "A young process of its kind may grow like this and "
				   "then stop"
				 : "Its first minutes show only how it starts");
	} else {
		rest_judge(t->trace, &t->span, out->scale_kb, &t->rest);
		out->verdict = t->rest.verdict;
		out->onset.at_ms = t->rest.onset_ms;
		out->seen_ms = t->span.covered_ms;
		out->restarts = t->span.lives ? t->span.lives - 1 : 0;
		reasons_of_rest(t);
	}
	out->summary = summary_of_rest(t);
}

static void judge_growth(struct telling *t)
{
	struct fleet_slot *out = t->out;
	out->series = series_of(t, t->state.channel);
	out->verdict = out->level != ANALYSE_CONFIRMED     ? ANALYSE_WATCH
		       : out->kind == ANALYSE_KIND_BACKLOG ? ANALYSE_BACKLOG
		       : out->kind == ANALYSE_KIND_NATIVE  ? ANALYSE_NATIVE_GROWTH
							   : ANALYSE_LEAK;
	take_figures(t);
	reasons_of_growth(t);
	out->summary = summary_of_growth(t);
}

void fleet_explain(struct fleet *f, const struct fleet_seat_state *s, struct arena *a,
	struct fleet_slot *out)
{
	struct slot_context context = fleet_context(f, s);
	struct telling t = {
		.seat = s, .trace = slot_trace(s->slot), .arena = a, .out = out};
	t.state = slot_state(s->slot);
	struct trace_now now = trace_now(t.trace);
	t.now_ms = now.at_ms;
	*out = (struct fleet_slot){.seat = s->seat,
		.fingerprint_id = t.state.fingerprint_id,
		.life_id = s->life_id,
		.at_ms = now.at_ms,
		.level = fleet_level(s, &t.state, now.at_ms),
		.kind = t.state.kind,
		.silent = s->silent,
		.value_kb = now.at_ms ? now.reading.memory_kb : 0,
		.limit_kb = t.state.limit_kb,
		.p_value = 1,
		.summary = ""};
	find_restart_level(&t);
	t.has_queue = slot_queue(s->slot, a, &t.queue);
	if (out->level == ANALYSE_QUIET)
		t.known = slot_span(s->slot, &context, &t.span);
	double base = out->level != ANALYSE_QUIET ? t.state.figures.base_kb
		      : t.known                   ? t.span.base_kb
						  : out->value_kb;
	out->scale_kb = span_scale_kb(t.state.limit_kb, base);
	if (out->level == ANALYSE_QUIET)
		judge_rest(&t);
	else
		judge_growth(&t);
	if (out->silent)
		reasons_add(&t.reasons, false,
			arena_printf(a,
				"No reading since %s: this is what it said then",
				words_time(a, now.at_ms, f->now_ms)));
	if (out->series == ANALYSE_RSS && t.known)
		reasons_add(&t.reasons, false,
			"Private memory is not known here; pages of files blur the "
			"total");
	out->reasons = reasons_finish(&t.reasons, a);
}
