#include "server/compact/close.h"

#include "server/history/segment.h"

static int64_t close_floor(int64_t at_ms)
{
	int64_t rest = at_ms % SEGMENT_MS;
	return at_ms - (rest < 0 ? rest + SEGMENT_MS : rest);
}

static int64_t close_least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Whether all who report again have had the time to come back. */
static bool close_is_calm(
	struct close *c, const struct storage_agents *agents, int64_t mono_ms)
{
	bool away = mono_ms - c->asked_mono_ms > CLOSE_START_MS;
	c->asked_mono_ms = mono_ms;
	if (away || agents->reporting == 0)
		c->silent_mono_ms = mono_ms;
	return mono_ms - c->started_mono_ms >= CLOSE_START_MS &&
	       (agents->reporting == 0 || c->silent_mono_ms == 0 ||
		       mono_ms - c->silent_mono_ms >= CLOSE_START_MS);
}

/* What agents have delivered in full; 0: nothing is known. */
static int64_t close_delivered(struct close *c, const struct storage_agents *agents,
	int64_t over_ms, int64_t mono_ms)
{
	bool calm = close_is_calm(c, agents, mono_ms);
	if (agents->known == 0)
		return over_ms;
	if (!calm)
		return 0;
	if (agents->reporting > 0)
		return close_floor(agents->tenth_ms - CLOSE_GRACE_MS);
	return close_floor(agents->newest_ms);
}

int64_t close_bound(struct close *c, int64_t closed_ms,
	const struct storage_agents *agents, int64_t now_ms, int64_t mono_ms)
{
	int64_t over_ms = close_floor(now_ms - CLOSE_GRACE_MS);
	int64_t bound_ms = close_least(
		close_delivered(c, agents, over_ms, mono_ms), over_ms);
	if (over_ms <= closed_ms)
		return 0;
	if (closed_ms != c->open_ms || c->open_since_mono_ms == 0) {
		c->open_ms = closed_ms;
		c->open_since_mono_ms = mono_ms;
	}
	if (bound_ms > closed_ms)
		return bound_ms;
	if (agents->reporting == 0 ||
		mono_ms - c->open_since_mono_ms < CLOSE_PATIENCE_MS)
		return 0;
	bound_ms = close_floor(
		close_least(now_ms - CLOSE_PATIENCE_MS, agents->newest_ms));
	return bound_ms > closed_ms ? bound_ms : 0;
}
