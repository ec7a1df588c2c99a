#include "server/analyse/analyse.h"

#include "server/analyse/explain.h"
#include "server/analyse/slot.h"
#include "server/analyse/version.h"

void analyse_slot(const struct analyse_slot *slot, int64_t now_ms, struct arena *a,
	struct analyse_slot_result *out)
{
	struct arena scratch;
	arena_init(&scratch);
	struct slot_judgement judgement;
	slot_judge(slot, now_ms, &scratch, &judgement);
	explain_slot(slot, &judgement, now_ms, a, out);
	arena_finish(&scratch);
}

void analyse_version(const struct analyse_version *version, int64_t now_ms,
	struct arena *a, struct analyse_version_result *out)
{
	version_judge(version, now_ms, a, out);
}

const char *analyse_verdict_name(enum analyse_verdict verdict)
{
	switch (verdict) {
	case ANALYSE_LEARNING:
		return "learning";
	case ANALYSE_STEADY:
		return "steady";
	case ANALYSE_WARMUP:
		return "warmup";
	case ANALYSE_STEP:
		return "step";
	case ANALYSE_WATCH:
		return "watch";
	case ANALYSE_LEAK:
		return "leak";
	}
	return "";
}

const char *analyse_series_name(enum analyse_series series)
{
	switch (series) {
	case ANALYSE_RSS:
		return "rss";
	case ANALYSE_RSS_ANON:
		return "rss_anon";
	case ANALYSE_HEAP_USED:
		return "heap_used";
	case ANALYSE_HEAP_FLOOR:
		return "heap_floor";
	}
	return "";
}
