#include "server/analyse/slot.h"

#include "server/analyse/lives.h"

#include <math.h>

enum { WINDOWS = 10, RESTART_LIVES = 7 };

#define MINUTE_MS (60 * 1000LL)
#define HOUR_MS   (60 * MINUTE_MS)

static const int64_t windows_ms[WINDOWS] = {5 * MINUTE_MS, 10 * MINUTE_MS,
	20 * MINUTE_MS, 45 * MINUTE_MS, 2 * HOUR_MS, 8 * HOUR_MS, 24 * HOUR_MS,
	72 * HOUR_MS, 168 * HOUR_MS, 336 * HOUR_MS};

static const struct analyse_generation *newest_life(const struct analyse_slot *slot)
{
	for (size_t g = slot->count; g-- > 0;)
		if (slot->generations[g].count)
			return &slot->generations[g];
	return NULL;
}

/* Growth that was already seen a twentieth and a tenth of the window ago. */
static bool holds(const struct analyse_slot *slot, const struct span *s, int64_t now_ms,
	struct arena *a)
{
	for (int k = 1; k <= 2; k++) {
		struct span before;
		span_judge(
			slot, s->window_ms, now_ms - k * s->window_ms / 20, a, &before);
		if (before.level < SPAN_WATCH)
			return false;
	}
	return true;
}

/* The longest span sees most of the life and finds that growth slows down. */
static bool vetoed(const struct span *longest, const struct span *s)
{
	if (s->window_ms >= longest->window_ms || longest->life_share < 0.6 ||
		longest->shapes.lead >= -4)
		return false;
	double age_h = (double)longest->age_ms / HOUR_MS;
	return s->hours_left > fmin(12, age_h / 2);
}

/* Rise of the best settling shape over the span, and what it still does at the end. */
static enum analyse_verdict settled_verdict(struct span *s, double *rise_kb)
{
	const struct shape_model *m = &s->shapes.settling;
	if (!m->known)
		return ANALYSE_STEADY;
	if (s->shapes.slowing.known && s->shapes.slowing.bic < m->bic)
		m = &s->shapes.slowing;
	double span_h = (double)(s->covered_ms / (int64_t)s->lives) / HOUR_MS;
	double age_h = (double)s->age_ms / HOUR_MS;
	double begin_h = fmax(0, age_h - span_h);
	double end_kb = shape_kb_at(m, span_h, age_h);
	*rise_kb = end_kb - shape_kb_at(m, 0, begin_h);
	double counts = fmax(3 * s->shapes.noise_kb, 0.05 * s->scale_kb);
	if (m->with_line || *rise_kb < counts)
		return ANALYSE_STEADY;
	if (m->kind == SHAPE_STEP || m->kind == SHAPE_TWO_STEPS) {
		bool first = m->shape_kb > m->second_kb;
		double h = first ? m->parameter_h : m->second_h;
		if (s->lives > 1 || begin_h + h < 0.3 * age_h)
			return ANALYSE_STEADY; /* that is how it starts */
		s->onset_ms = s->first_ms + (int64_t)(h * (double)HOUR_MS);
		return ANALYSE_STEP;
	}
	double before_kb = shape_kb_at(m, 0.75 * span_h, begin_h + 0.75 * span_h);
	bool still = end_kb - before_kb >= 0.01 * s->scale_kb;
	return still && s->life_share >= 0.5 ? ANALYSE_WARMUP : ANALYSE_STEADY;
}

/* Until the shortest window is covered by readings of the newest life; it may have
 * lived long before the first of them. */
static int64_t wait_for_first_ms(const struct analyse_slot *slot, int64_t now_ms)
{
	const struct analyse_generation *life = newest_life(slot);
	int64_t enough = windows_ms[0] * 55 / 100;
	if (!life)
		return enough + lives_start_up_ms(0);
	int64_t begin = life->started_ms + lives_start_up_ms(0);
	if (begin < life->points[0].at_ms)
		begin = life->points[0].at_ms;
	if (life->count > 1) {
		int64_t gap = (life->points[life->count - 1].at_ms -
				      life->points[0].at_ms) /
			      (int64_t)(life->count - 1);
		if (enough < 16 * gap)
			enough = 16 * gap;
	}
	int64_t wait = enough - (now_ms - begin);
	return wait > 10000 ? wait : 10000;
}

/* Until a process that grows from its start on would have shown enough. */
static int64_t wait_for_growth_ms(const struct analyse_slot *slot, const struct span *s)
{
	double missing = fmax(0, s->wanted_kb - s->growth_kb);
	double ms = missing / s->shapes.growing.slope_kb_h * (double)HOUR_MS;
	int64_t most = span_grown_up_ms(slot) - s->age_ms, least = s->window_ms / 10;
	int64_t wait = ms < (double)most ? (int64_t)ms : most;
	return wait > least ? wait : least;
}

/* Whether a life grew until its end: that is a level to be restarted at. */
static bool ended_high(const struct analyse_generation *life)
{
	double least = INFINITY;
	for (size_t i = 0; i < life->count; i++)
		least = fmin(least, life->points[i].value_kb);
	return life->count > 1 && life->points[life->count - 1].value_kb >= 1.3 * least;
}

/* The level at which the last two lives or more before the newest ended, alike. */
static void find_restart_level(
	const struct analyse_slot *slot, struct slot_judgement *out)
{
	double least = INFINITY, most = 0;
	size_t lives = 0;
	const struct analyse_generation *newest = newest_life(slot);
	for (const struct analyse_generation *g = newest;
		g && g-- > slot->generations && lives < RESTART_LIVES;) {
		if (!ended_high(g))
			break;
		double end = g->points[g->count - 1].value_kb;
		if (fmax(most, end) > 1.2 * fmin(least, end))
			break;
		least = fmin(least, end);
		most = fmax(most, end);
		lives++;
	}
	if (lives < 2)
		return;
	out->restart_kb = (least + most) / 2;
	out->restart_count = lives;
}

static void pick(const struct analyse_slot *slot, struct span *spans, const bool *held,
	struct slot_judgement *out)
{
	const struct span *longest = NULL, *leak = NULL, *watch = NULL;
	for (size_t i = 0; i < WINDOWS; i++)
		if (spans[i].usable)
			longest = &spans[i];
	if (!longest)
		return;
	out->known = true;
	for (size_t i = 0; i < WINDOWS; i++) {
		if (!spans[i].usable || vetoed(longest, &spans[i]))
			continue;
		if (spans[i].level == SPAN_GROWTH && held[i])
			leak = &spans[i];
		else if (spans[i].level >= SPAN_WATCH && held[i])
			watch = &spans[i];
	}
	out->span = leak ? *leak : watch ? *watch : *longest;
	if (leak) {
		out->verdict = ANALYSE_LEAK;
	} else if (watch) {
		out->verdict = ANALYSE_WATCH;
	} else if (longest->level != SPAN_NONE && longest->young) {
		out->verdict = ANALYSE_LEARNING;
		out->wait_s = wait_for_growth_ms(slot, longest) / 1000;
	} else {
		out->verdict = settled_verdict(&out->span, &out->rise_kb);
	}
}

static void judge_at(const struct analyse_slot *slot, int64_t now_ms, struct arena *a,
	struct slot_judgement *out)
{
	struct span spans[WINDOWS];
	bool held[WINDOWS] = {0};
	*out = (struct slot_judgement){.verdict = ANALYSE_LEARNING};
	for (size_t i = 0; i < WINDOWS; i++) {
		span_judge(slot, windows_ms[i], now_ms, a, &spans[i]);
		if (spans[i].level >= SPAN_WATCH)
			held[i] = holds(slot, &spans[i], now_ms, a);
	}
	pick(slot, spans, held, out);
}

/* A life too young to fill the shortest window does not take back what the life before
 * it has shown. */
static void remember(const struct analyse_slot *slot, int64_t now_ms, struct arena *a,
	struct slot_judgement *out)
{
	const struct analyse_generation *life = newest_life(slot);
	if (out->verdict == ANALYSE_LEAK || !life ||
		now_ms - life->started_ms >= windows_ms[0])
		return;
	const struct analyse_generation *before = life;
	do {
		if (before == slot->generations)
			return;
		before--;
	} while (before->count == 0);
	int64_t end_ms = before->points[before->count - 1].at_ms;
	if (now_ms - end_ms > 15 * MINUTE_MS)
		return;
	struct slot_judgement earlier;
	judge_at(slot, end_ms, a, &earlier);
	if (earlier.verdict == ANALYSE_LEAK || !out->known)
		*out = earlier;
}

void slot_judge(const struct analyse_slot *slot, int64_t now_ms, struct arena *a,
	struct slot_judgement *out)
{
	judge_at(slot, now_ms, a, out);
	remember(slot, now_ms, a, out);
	const struct analyse_generation *life = newest_life(slot);
	if (life)
		out->value_kb = life->points[life->count - 1].value_kb;
	if (!out->known)
		out->wait_s = wait_for_first_ms(slot, now_ms) / 1000;
	find_restart_level(slot, out);
}
