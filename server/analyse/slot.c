#include "server/analyse/slot.h"

#include "common/err.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LIMIT_MOST_KB = 1e12; /* about a petabyte: more is none */

enum {
	SERIES = TRACE_NATIVE + 1,
	FORMAT = 1,
	QUEUE_POINTS = TRACE_BINS,
	QUEUE_TIER = 2,
	SHORTEST_WITNESS = 3
};

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

/* What one window of one series says, and for how long: hours in which it did, less
 * twice those in which it did not. */
struct hold {
	uint32_t at_s; /* judged last */
	float confirmed_h, early_h;
	bool confirmed, early; /* now */
	float lead, life_share, hours_left, grown_h;
	float doubt; /* how far below 0 the lead was, lately */
	bool usable;
	bool curved; /* what speaks against it bends */
};

struct core {
	uint32_t format;
	uint8_t level, kind, channel, tier;
	bool is_private, collects_late, backlog;
	uint16_t left_out;
	float limit_kb;
	int64_t fingerprint_id;
	/* Since when, and until when it stands without being said again. */
	uint32_t since_s, confirmed_s, early_until_s, confirmed_until_s;
	struct hold queue;
	struct slot_figures figures;
	float surest; /* highest sureness since it began to be said */
	struct hold holds[SERIES][TRACE_TIERS];
};

struct slot {
	struct trace *trace;
	struct core core;
};

struct slot *slot_create(void)
{
	struct slot *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->trace = trace_create();
	s->core.format = FORMAT;
	return s;
}

void slot_destroy(struct slot *s)
{
	if (!s)
		return;
	trace_destroy(s->trace);
	free(s);
}

const struct trace *slot_trace(const struct slot *s)
{
	return s->trace;
}

/* How long a window must say so. */
static double hold_h(size_t tier, bool early)
{
	double window_h = (double)trace_window_ms(tier) / (double)HOUR_MS;
	return early ? fmin(0.03 * window_h, 2) : fmin(0.04 * window_h, 3);
}

/* How long what was said stands without being said again. */
static int64_t latch_ms(size_t tier)
{
	int64_t half = trace_window_ms(tier) / 2;
	int64_t least = 15 * MINUTE_MS, most = 6 * HOUR_MS;
	return half < least ? least : half > most ? most : half;
}

static struct span_context span_context_of(
	const struct slot *s, const struct slot_context *c)
{
	struct span_context out = {
		.limit_kb = s->core.limit_kb,
		.collects_late = s->core.collects_late,
	};
	struct trace_life lives[TRACE_LIVES];
	size_t count = trace_lives(s->trace, lives);
	if (!c->learnt || !count)
		return out;
	const struct trace_life *l = &lives[count - 1];
	double age_h = (double)(l->last_ms - l->started_ms) / (double)HOUR_MS;
	struct warmup_usual usual = warmup_expect(
		c->learnt, l->id, l->fingerprint_id, age_h);
	double grown_kb = warmup_grown_kb(c->learnt, l->id);
	double noise_kb = 0.005 * span_scale_kb(s->core.limit_kb, l->first_kb);
	if (!isfinite(grown_kb) || usual.lives < 2)
		return out;
	enum warmup_news news = warmup_compare(&usual, grown_kb, noise_kb);
	out.as_usual = news == WARMUP_AS_USUAL;
	out.beyond_usual = news == WARMUP_BEYOND;
	return out;
}

/* What a series gained since `from_ms`: its newest value less the last one before that,
 * or the first one there is.  Collections may be hours apart, so the longest window of
 * all is looked through.  NAN: fewer than two values. */
static double gained_since(
	const struct trace *t, enum trace_channel channel, int64_t from_ms)
{
	struct trace_bin bins[TRACE_BINS];
	double first = NAN, last = NAN;
	struct trace_life life[TRACE_LIVES];
	size_t values = 0, lives = trace_lives(t, life);
	for (size_t tier = 3; tier < TRACE_TIERS; tier++) {
		size_t count = trace_bins(t, tier, bins);
		int64_t first_ms = 0, last_ms = 0;
		for (size_t i = 0; i < count; i++) {
			double v = bins[i].value[channel];
			if (isnan(v) || bins[i].life + 1u != lives)
				continue;
			bool before = bins[i].at_ms <= from_ms;
			if (isnan(first) || (before && bins[i].at_ms > first_ms)) {
				first = v;
				first_ms = bins[i].at_ms;
			}
			if (bins[i].at_ms >= last_ms) {
				last = v;
				last_ms = bins[i].at_ms;
			}
			values++;
		}
	}
	return values >= 2 ? last - first : NAN;
}

/* Where the heap is known, all memory needs it, or what is native, as its witness. */
static bool has_witness(const struct trace *t, const struct span *span)
{
	if (!trace_knows(t, TRACE_LIVE) && !trace_knows(t, TRACE_NATIVE))
		return true;
	double needed = SLOT_SHARE * span->growth_kb;
	return gained_since(t, TRACE_LIVE, span->onset_ms) >= needed ||
	       gained_since(t, TRACE_NATIVE, span->onset_ms) >= needed;
}

/* At most `most_ms` pass between two judgements, as far as it knows. */
static void hold(
	struct hold *h, enum analyse_level level, int64_t now_ms, int64_t most_ms)
{
	int64_t gap_ms = h->at_s ? now_ms - (int64_t)h->at_s * 1000 : 0;
	float hours = (float)((double)(gap_ms < most_ms ? gap_ms : most_ms) / 3600e3);
	bool now[] = {level >= ANALYSE_CONFIRMED, level >= ANALYSE_EARLY};
	bool *was[] = {&h->confirmed, &h->early};
	float *held[] = {&h->confirmed_h, &h->early_h};
	for (int i = 0; i < 2; i++) {
		/* The time since the judgement before counts when both agree. */
		if (now[i] && *was[i])
			*held[i] += hours;
		else if (!now[i])
			*held[i] = fmaxf(0, *held[i] - 2 * hours);
		*was[i] = now[i];
	}
	h->at_s = (uint32_t)(now_ms / 1000);
}

static void judge_window(struct slot *s, size_t tier, enum trace_channel channel,
	const struct span_context *context)
{
	struct hold *h = &s->core.holds[channel][tier];
	struct span span;
	span_judge(s->trace, tier, channel, context, &span);
	enum analyse_level level = span.level;
	if (level != ANALYSE_QUIET && channel == TRACE_MEMORY &&
		!has_witness(s->trace, &span))
		level = ANALYSE_QUIET;
	h->usable = span.usable || span.resting;
	h->lead = (float)fmin(span.shapes.lead, span.shapes.lead_slow);
	h->curved = span.curved;
	h->doubt = fmaxf(-h->lead, 0.8f * h->doubt);
	h->life_share = (float)span.life_share;
	h->hours_left = (float)span.hours_left;
	h->grown_h = (float)((double)(span.last_ms - span.left_rest_ms) / 3600e3);
	hold(h, level, trace_now(s->trace).at_ms, 3 * trace_bin_ms(tier));
}

/* A backlog counts when it is a part of a hundred of the scale, and has lasted or will
 * soon fill it. */
static void judge_queue(struct slot *s, const struct slot_context *context)
{
	struct core *k = &s->core;
	struct queue_result q;
	bool found = slot_queue(s, context->scratch, &q) && q.growing &&
		     q.explains_memory;
	struct trace_now now = trace_now(s->trace);
	double base = now.reading.memory_kb - (found ? q.rise_kb : 0);
	double scale_kb = span_scale_kb(k->limit_kb, base);
	double kb_h = found ? q.kb_each * q.grows_per_h : 0;
	double left_h = kb_h > 0 ? (scale_kb - now.reading.memory_kb) / kb_h : INFINITY;
	found = found && q.explained_kb >= 0.01 * scale_kb;
	enum analyse_level level = !found                           ? ANALYSE_QUIET
				   : q.lasted_h >= 6 || left_h < 12 ? ANALYSE_CONFIRMED
				   : q.lasted_h >= 3 || left_h < 24 ? ANALYSE_EARLY
								    : ANALYSE_QUIET;
	hold(&k->queue, level, now.at_ms, 3 * trace_bin_ms(QUEUE_TIER));
	k->queue.hours_left = (float)left_h;
}

/* The longest window sees most of the life and finds that growth slows down. */
static bool vetoed(const struct hold *holds, size_t tier, double age_h)
{
	size_t longest = TRACE_TIERS;
	for (size_t t = 0; t < TRACE_TIERS; t++)
		if (holds[t].usable)
			longest = t;
	if (longest == TRACE_TIERS || tier >= longest ||
		holds[longest].life_share < 0.6f ||
		holds[longest].lead >= (holds[longest].curved ? 4 : -4))
		return false;
	return holds[tier].hours_left > fmin(12, age_h / 2);
}

static double age_h_of(const struct slot *s)
{
	struct trace_life lives[TRACE_LIVES];
	size_t count = trace_lives(s->trace, lives);
	if (!count)
		return 0;
	const struct trace_life *l = &lives[count - 1];
	return (double)(l->last_ms - l->started_ms) / (double)HOUR_MS;
}

/* A shorter window that sees all of the growth, and the rest before it, takes it for a
 * step: it sees more of it. */
static bool contradicted(const struct hold *holds, size_t tier)
{
	for (size_t t = SHORTEST_WITNESS; t < tier; t++) {
		double window_h = (double)trace_window_ms(t) / (double)HOUR_MS;
		if (holds[t].usable && holds[t].doubt > 10 &&
			holds[tier].grown_h < 0.9 * window_h)
			return true;
	}
	return false;
}

struct speaker {
	enum analyse_level level;
	enum trace_channel channel;
	size_t tier;
};

/* The window that says most; of equals the better series, then the longer window. */
static struct speaker find_speaker(const struct slot *s)
{
	static const enum trace_channel order[SERIES] = {
		TRACE_LIVE, TRACE_NATIVE, TRACE_MEMORY};
	struct speaker best = {ANALYSE_QUIET, TRACE_MEMORY, 0};
	double age_h = age_h_of(s);
	for (size_t o = 0; o < SERIES; o++) {
		const struct hold *holds = s->core.holds[order[o]];
		for (size_t t = TRACE_TIERS; t-- > 0;) {
			const struct hold *h = &holds[t];
			if (!h->early || vetoed(holds, t, age_h) ||
				contradicted(holds, t))
				continue;
			enum analyse_level level = ANALYSE_QUIET;
			if (h->confirmed && h->confirmed_h >= hold_h(t, false))
				level = ANALYSE_CONFIRMED;
			else if (h->early_h >= hold_h(t, true))
				level = ANALYSE_EARLY;
			if (level > best.level)
				best = (struct speaker){level, order[o], t};
		}
	}
	return best;
}

/* A backlog says more than the memory that it fills. */
static enum analyse_level queue_speaks(const struct core *k)
{
	if (k->queue.confirmed && k->queue.confirmed_h >= 0.5f)
		return ANALYSE_CONFIRMED;
	return k->queue.early && k->queue.early_h >= 0.25f ? ANALYSE_EARLY
							   : ANALYSE_QUIET;
}

/* Of a backlog: what its items add up to. */
static void note_queue(struct slot *s, struct arena *scratch)
{
	struct queue_result q;
	struct slot_figures *f = &s->core.figures;
	if (!slot_queue(s, scratch, &q) || !(q.kb_each > 0))
		return;
	*f = (struct slot_figures){.slope_kb_h = (float)(q.kb_each * q.grows_per_h),
		.error_kb_h = (float)(q.kb_each * q.grows_per_h / 10),
		.sureness = (float)q.sureness,
		.level_kb = (float)trace_now(s->trace).reading.memory_kb,
		.growth_kb = (float)q.explained_kb,
		.at_s = (uint32_t)(trace_now(s->trace).at_ms / 1000),
		.onset_s = (uint32_t)(q.since_ms / 1000),
		.onset_low_s = (uint32_t)(q.since_ms / 1000),
		.onset_high_s = (uint32_t)(q.since_ms / 1000),
		.covered_s = (uint32_t)(q.lasted_h * 3600),
		.lives = 1};
}

static void note_span(
	struct slot *s, const struct speaker *now, const struct span_context *context)
{
	struct span span;
	struct slot_figures *f = &s->core.figures;
	span_judge(s->trace, now->tier, now->channel, context, &span);
	if (span.level < now->level)
		return; /* it said so when its bin closed; figures of then stand */
	*f = (struct slot_figures){(float)span.slope_kb_h, (float)span.error_kb_h,
		(float)span.sureness, (float)span.shapes.lead, (float)span.level_kb,
		(float)span.growth_kb, (float)span.shapes.noise_kb, (float)span.base_kb,
		(float)span.shapes.load_kb, (uint32_t)(span.last_ms / 1000),
		(uint32_t)(span.onset_ms / 1000), (uint32_t)(span.onset_low_ms / 1000),
		(uint32_t)(span.onset_high_ms / 1000),
		(uint32_t)(span.covered_ms / 1000), (uint8_t)span.lives, span.repeated,
		span.young, span.shapes.has_load,
		span.shapes.seasons || span.shapes.has_profile};
}

static uint32_t later(uint32_t a, int64_t b_ms)
{
	uint32_t b = (uint32_t)(b_ms / 1000);
	return a > b ? a : b;
}

/* What is said now, or was said lately. */
static void settle(struct slot *s, unsigned closed, const struct slot_context *c,
	const struct span_context *sc)
{
	struct core *k = &s->core;
	struct speaker now = find_speaker(s);
	int64_t now_ms = trace_now(s->trace).at_ms;
	enum analyse_level queue_level = queue_speaks(k);
	bool queued = queue_level != ANALYSE_QUIET;
	if (queue_level > now.level)
		now = (struct speaker){queue_level, TRACE_MEMORY, QUEUE_TIER};
	uint32_t now_s = (uint32_t)(now_ms / 1000);
	int64_t until_ms = now_ms + latch_ms(now.tier);
	if (now.level >= ANALYSE_EARLY)
		k->early_until_s = later(k->early_until_s, until_ms);
	if (now.level >= ANALYSE_CONFIRMED)
		k->confirmed_until_s = later(k->confirmed_until_s, until_ms);
	enum analyse_level level = now_s < k->confirmed_until_s ? ANALYSE_CONFIRMED
				   : now_s < k->early_until_s   ? ANALYSE_EARLY
								: ANALYSE_QUIET;
	if (level != ANALYSE_QUIET && now.level == level) {
		bool anew = k->level != level || k->channel != now.channel ||
			    k->tier != now.tier;
		k->channel = (uint8_t)now.channel;
		k->tier = (uint8_t)now.tier;
		k->backlog = queued;
		if (queued && (anew || closed >> QUEUE_TIER & 1))
			note_queue(s, c->scratch);
		else if (!queued && (anew || closed >> now.tier & 1))
			note_span(s, &now, sc);
		k->surest = fmaxf(k->surest, k->figures.sureness);
		k->kind = queued                        ? ANALYSE_KIND_BACKLOG
			  : now.channel == TRACE_NATIVE ? ANALYSE_KIND_NATIVE
							: ANALYSE_KIND_LEAK;
	}
	if (level != ANALYSE_QUIET && k->level == ANALYSE_QUIET)
		k->since_s = now_s;
	if (level == ANALYSE_CONFIRMED && k->level != ANALYSE_CONFIRMED)
		k->confirmed_s = now_s;
	if (level != ANALYSE_CONFIRMED)
		k->confirmed_s = 0;
	if (level == ANALYSE_QUIET) {
		k->kind = ANALYSE_KIND_NONE;
		k->since_s = 0;
		k->surest = 0;
	}
	k->level = (uint8_t)level;
}

/* What another version did says nothing of this one. */
static void begin_version(struct core *k, int64_t fingerprint_id)
{
	*k = (struct core){.format = FORMAT, .fingerprint_id = fingerprint_id};
}

bool slot_put(struct slot *s, const struct reading_life *life, const struct reading *r,
	const struct slot_context *context, unsigned *judged)
{
	struct core *k = &s->core;
	unsigned closed;
	bool same_life = trace_life_id(s->trace) == life->id;
	*judged = 0;
	if (trace_put(s->trace, life, r, &closed) != TRACE_TAKEN) {
		if (k->left_out < UINT16_MAX)
			k->left_out++;
		return false;
	}
	if (same_life) /* its version may be learnt after its first readings */
		k->fingerprint_id = life->fingerprint_id;
	if (k->fingerprint_id != life->fingerprint_id)
		begin_version(k, life->fingerprint_id);
	k->left_out = 0;
	bool limited = life->limit_kb > 0 && life->limit_kb <= LIMIT_MOST_KB;
	k->limit_kb = limited ? (float)life->limit_kb : 0;
	k->is_private = life->is_private;
	k->collects_late = life->collects_late;
	if (!closed)
		return true;
	struct span_context span_context = span_context_of(s, context);
	span_context.only_growth = true;
	for (size_t tier = 0; tier < TRACE_TIERS; tier++) {
		if (!(closed >> tier & 1))
			continue;
		for (size_t c = 0; c < SERIES; c++)
			if (trace_knows(s->trace, c))
				judge_window(s, tier, c, &span_context);
	}
	if (closed >> QUEUE_TIER & 1 && trace_queue(s->trace))
		judge_queue(s, context);
	settle(s, closed, context, &span_context);
	*judged = closed;
	return true;
}

struct slot_state slot_state(const struct slot *s)
{
	const struct core *k = &s->core;
	return (struct slot_state){k->level, k->kind, k->channel, k->tier,
		(int64_t)k->since_s * 1000, (int64_t)k->confirmed_s * 1000,
		k->fingerprint_id, k->limit_kb, k->is_private, k->collects_late,
		k->backlog, k->left_out, k->surest, k->figures};
}

bool slot_span(
	const struct slot *s, const struct slot_context *context, struct span *out)
{
	struct span_context c = span_context_of(s, context);
	if (s->core.level != ANALYSE_QUIET) {
		span_judge(s->trace, s->core.tier, s->core.channel, &c, out);
		if (out->usable)
			return true;
	}
	static const enum trace_channel order[] = {TRACE_MEMORY, TRACE_LIVE};
	for (size_t o = 0; o < 2; o++) {
		for (size_t t = TRACE_TIERS; t-- > 0;) {
			if (!s->core.holds[order[o]][t].usable)
				continue;
			span_judge(s->trace, t, order[o], &c, out);
			if (out->usable || out->resting)
				return true;
		}
	}
	return false;
}

/* Depth and memory from the finest tier that reaches back to when the depth was low:
 * that it is the longest is never wrong, only coarser. */
bool slot_queue(const struct slot *s, struct arena *a, struct queue_result *out)
{
	const struct queue_levels *q = trace_queue(s->trace);
	if (!q)
		return false;
	struct trace_bin bins[TRACE_BINS];
	int64_t at_ms[QUEUE_POINTS];
	double depth[QUEUE_POINTS], memory[QUEUE_POINTS];
	double limit = s->core.limit_kb;
	bool found = false;
	for (size_t tier = 2; tier < TRACE_TIERS; tier++) {
		size_t count = trace_bins(s->trace, tier, bins), n = 0;
		for (size_t i = 0; i < count; i++) {
			if (isnan(bins[i].value[TRACE_QUEUE]) ||
				isnan(bins[i].value[TRACE_MEMORY]))
				continue;
			at_ms[n] = bins[i].at_ms;
			depth[n] = bins[i].value[TRACE_QUEUE];
			memory[n++] = bins[i].value[TRACE_MEMORY];
		}
		if (n < 8)
			continue;
		struct queue_curve curve = {at_ms, depth, memory, n};
		struct queue_result r;
		queue_judge(q, &curve, span_scale_kb(limit, memory[0]), a, &r);
		if (!found || r.growing)
			*out = r;
		found = true;
		if (r.since_ms && r.since_ms >= at_ms[0])
			break;
	}
	return found;
}

size_t slot_size(const struct slot *s)
{
	return sizeof *s + trace_size(s->trace);
}

size_t slot_save(const struct slot *s, uint8_t *out, size_t room)
{
	size_t own = sizeof s->core;
	if (own <= room)
		memcpy(out, &s->core, own);
	size_t rest = trace_save(
		s->trace, own <= room ? out + own : NULL, own <= room ? room - own : 0);
	return own + rest;
}

static bool is_hold(const uint8_t *bytes)
{
	return bytes[offsetof(struct hold, usable)] <= 1 &&
	       bytes[offsetof(struct hold, confirmed)] <= 1 &&
	       bytes[offsetof(struct hold, early)] <= 1 &&
	       bytes[offsetof(struct hold, curved)] <= 1;
}

static bool is_sane(const uint8_t *bytes, struct core *out)
{
	/* A damaged bool is no bool: look at the bytes before using them as such. */
	static const size_t bools[] = {offsetof(struct core, is_private),
		offsetof(struct core, collects_late), offsetof(struct core, backlog)};
	for (size_t i = 0; i < sizeof bools / sizeof *bools; i++)
		if (bytes[bools[i]] > 1)
			return false;
	if (!is_hold(bytes + offsetof(struct core, queue)))
		return false;
	for (size_t i = 0; i < SERIES * TRACE_TIERS; i++)
		if (!is_hold(bytes + offsetof(struct core, holds) +
			     i * sizeof(struct hold)))
			return false;
	memcpy(out, bytes, sizeof *out);
	return out->format == FORMAT && out->level <= ANALYSE_CONFIRMED &&
	       out->kind <= ANALYSE_KIND_VERSION && out->channel < SERIES &&
	       out->tier < TRACE_TIERS && isfinite(out->limit_kb) && out->limit_kb >= 0;
}

struct slot *slot_load(const uint8_t *bytes, size_t count)
{
	struct core core;
	if (count < sizeof core || !is_sane(bytes, &core))
		return NULL;
	struct trace *trace = trace_load(bytes + sizeof core, count - sizeof core);
	if (!trace)
		return NULL;
	struct slot *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->trace = trace;
	s->core = core;
	return s;
}
