#include "server/analyse/fleet_inside.h"

#include "server/analyse/words.h"

#include <math.h>

void fleet_explain(
	const struct fleet_seat_state *s, struct arena *a, struct fleet_slot *out)
{
	struct slot_state state = slot_state(s->slot);
	struct trace_now now = trace_now(slot_trace(s->slot));
	struct slot_context context = fleet_context(s);
	struct span span;
	bool known = slot_span(s->slot, &context, &span);
	*out = (struct fleet_slot){.seat = s->seat,
		.fingerprint_id = state.fingerprint_id,
		.life_id = s->life_id,
		.at_ms = now.at_ms,
		.level = fleet_level(s, &state, now.at_ms),
		.kind = state.kind,
		.silent = s->silent,
		.value_kb = now.reading.memory_kb,
		.limit_kb = state.limit_kb,
		.summary = ""};
	out->verdict = out->level == ANALYSE_CONFIRMED ? ANALYSE_LEAK
		       : out->level == ANALYSE_EARLY   ? ANALYSE_WATCH
		       : known                         ? ANALYSE_STEADY
						       : ANALYSE_LEARNING;
	if (known && out->level != ANALYSE_QUIET && span.slope_kb_h > 0) {
		double half = fmax(0.25 * span.slope_kb_h, 1.96 * 3.7 * span.error_kb_h);
		out->rate = (struct analyse_rate){true, span.slope_kb_h,
			span.slope_kb_h - half, span.slope_kb_h + half};
		out->onset = (struct analyse_moment){
			span.onset_ms, span.onset_low_ms, span.onset_high_ms};
	}
	(void)a;
}
