#include "server/analyse/rest.h"

#include <math.h>

enum { SWINGS_MIN = 2 };

static const double HOUR_MS = 3600e3;
static const double COUNTS = 0.05; /* of the scale: less is nobody's concern */

/* How often it goes from its lower third to its upper third and back. */
static void count_swings(const struct trace *t, const struct span *s, struct rest *out)
{
	struct trace_bin bins[TRACE_BINS];
	size_t count = trace_bins(t, s->tier, bins);
	double low = INFINITY, high = 0;
	for (size_t i = 0; i < count; i++) {
		double v = bins[i].value[s->channel];
		if (isnan(v) || bins[i].at_ms < s->first_ms)
			continue;
		low = fmin(low, v);
		high = fmax(high, v);
	}
	out->swing_kb = high > low ? high - low : 0;
	int side = 0;
	size_t crossings = 0;
	for (size_t i = 0; i < count; i++) {
		double v = bins[i].value[s->channel];
		if (isnan(v) || bins[i].at_ms < s->first_ms)
			continue;
		int now = v > high - out->swing_kb / 3  ? 1
			  : v < low + out->swing_kb / 3 ? -1
							: side;
		crossings += side && now != side;
		side = now;
	}
	out->swings = crossings / 2;
}

/* Whether load accounts for most of what moved. */
static bool follows_load(const struct trace *t, const struct span *s, double swing_kb)
{
	if (!s->shapes.has_load || s->shapes.load_kb <= 0)
		return false;
	struct trace_bin bins[TRACE_BINS];
	size_t count = trace_bins(t, s->tier, bins);
	double low = INFINITY, high = 0;
	for (size_t i = 0; i < count; i++) {
		if (bins[i].at_ms < s->first_ms || isnan(bins[i].value[TRACE_LOAD]))
			continue;
		low = fmin(low, bins[i].value[TRACE_LOAD]);
		high = fmax(high, bins[i].value[TRACE_LOAD]);
	}
	return high > low && s->shapes.load_kb * (high - low) >= 0.5 * swing_kb;
}

/* A shape that comes to rest: how far it rose, and whether it still does. */
static bool settles(const struct span *s, double scale_kb, struct rest *out)
{
	const struct shape_model *m = &s->shapes.settling;
	if (s->shapes.slowing.known && s->shapes.slowing.bic < m->bic)
		m = &s->shapes.slowing;
	if (!m->known || m->with_line)
		return false;
	double span_h = (double)s->covered_ms / HOUR_MS / (double)s->lives;
	double begin_h = fmax(0, s->age_h - span_h);
	double end_kb = shape_kb_at(m, span_h, s->age_h);
	out->rise_kb = end_kb - shape_kb_at(m, 0, begin_h);
	if (out->rise_kb < fmax(3 * s->shapes.noise_kb, COUNTS * scale_kb))
		return false;
	if (m->kind == SHAPE_STEP || m->kind == SHAPE_TWO_STEPS) {
		bool first = m->shape_kb > m->second_kb;
		double h = first ? m->parameter_h : m->second_h;
		if (s->lives > 1 || begin_h + h < 0.3 * s->age_h)
			return false; /* that is how it starts */
		out->onset_ms = s->first_ms + (int64_t)(h * HOUR_MS);
		out->verdict = ANALYSE_STEP;
		return true;
	}
	double before_kb = shape_kb_at(m, 0.75 * span_h, begin_h + 0.75 * span_h);
	bool still = end_kb - before_kb >= 0.01 * scale_kb;
	if (!still || s->life_share < 0.5)
		return false;
	out->verdict = ANALYSE_WARMUP;
	return true;
}

/* A heap that is known to rest while all memory climbs. */
static bool heap_rests(const struct trace *t, const struct span *s, double rise_kb)
{
	if (!trace_knows(t, TRACE_LIVE) || s->channel == TRACE_LIVE)
		return false;
	struct trace_bin bins[TRACE_BINS];
	size_t count = trace_bins(t, s->tier, bins);
	double first = NAN, last = NAN;
	for (size_t i = 0; i < count; i++) {
		double v = bins[i].value[TRACE_LIVE];
		if (isnan(v) || bins[i].at_ms < s->first_ms)
			continue;
		if (isnan(first))
			first = v;
		last = v;
	}
	return last - first < 0.2 * rise_kb;
}

void rest_judge(
	const struct trace *t, const struct span *s, double scale_kb, struct rest *out)
{
	*out = (struct rest){.verdict = ANALYSE_STEADY};
	count_swings(t, s, out);
	bool moves = out->swing_kb >= COUNTS * scale_kb;
	if (moves && follows_load(t, s, out->swing_kb)) {
		out->verdict = ANALYSE_LOAD;
		return;
	}
	if (s->usable && settles(s, scale_kb, out)) {
		if (out->verdict == ANALYSE_WARMUP && heap_rests(t, s, out->rise_kb))
			out->verdict = ANALYSE_FRAGMENTATION;
		return;
	}
	if (moves && out->swings >= SWINGS_MIN)
		out->verdict = ANALYSE_CYCLIC;
}
