#include "server/replay/alarms.h"

#include <string.h>

static struct alarms_alarm *alarms_newest(struct alarms *a, enum analyse_level level)
{
	for (size_t i = a->count; i-- > 0;)
		if (a->items[i].level == level)
			return &a->items[i];
	return NULL;
}

static void alarms_open(struct alarms *a, int64_t at_ms, enum analyse_level level,
	const struct alarms_alarm *now, struct arena *arena)
{
	if (a->count == a->room) {
		a->room = a->room ? a->room * 2 : 4;
		struct alarms_alarm *more = arena_array(arena, a->room, sizeof *more);
		if (a->count)
			memcpy(more, a->items, a->count * sizeof *more);
		a->items = more;
	}
	struct alarms_alarm *alarm = &a->items[a->count++];
	*alarm = *now;
	alarm->level = level;
	alarm->from_ms = at_ms;
	alarm->to_ms = 0;
}

void alarms_note(struct alarms *a, int64_t at_ms, const struct alarms_alarm *now,
	struct arena *arena)
{
	static const enum analyse_level levels[] = {ANALYSE_EARLY, ANALYSE_CONFIRMED};
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		struct alarms_alarm *newest = alarms_newest(a, levels[i]);
		bool is_on = newest && newest->to_ms == 0;
		bool should = now->level >= levels[i];
		if (is_on == should)
			continue;
		if (is_on)
			newest->to_ms = at_ms;
		else if (newest && at_ms - newest->to_ms < ALARMS_APART_MS)
			newest->to_ms = 0;
		else
			alarms_open(a, at_ms, levels[i], now, arena);
	}
}
