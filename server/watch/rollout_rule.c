#include "server/watch/rollout_rule.h"

#include <inttypes.h>

/* "The agent of web-1", "The agents of web-1 and 2 others" */
static const char *agents(const char *first, int64_t count, struct arena *a)
{
	if (count <= 1)
		return arena_printf(a, "The agent of %s", first);
	return arena_printf(a, "The agents of %s and %" PRId64 " %s", first, count - 1,
		count == 2 ? "other" : "others");
}

static const char *minutes(int64_t ms, struct arena *a)
{
	if (ms < 120000)
		return arena_printf(a, "%" PRId64 " seconds", ms / 1000);
	return arena_printf(a, "%" PRId64 " minutes", ms / 60000);
}

/* Beyond which bound it is; NULL: beyond none. */
static const char *find_trouble(const struct rollouts_row *row,
	const struct rollouts_counts *n, int64_t allowed, struct arena *a)
{
	if (n->failed > allowed)
		return arena_printf(a, "%s did not get through to a server with it",
			agents(n->failed_host, n->failed, a));
	if (n->silent > allowed)
		return arena_printf(a, "%s stopped reporting: nothing came for %s",
			agents(n->silent_host, n->silent, a),
			minutes(row->silent_ms, a));
	if (n->cpu > allowed)
		return arena_printf(a,
			"%s took %.1f %% of a core: more than %.1f %%, and half more "
			"than before",
			agents(n->cpu_host, n->cpu, a), (double)n->cpu_ppm / 10000,
			(double)row->cpu_ppm / 10000);
	if (n->rss > allowed)
		return arena_printf(a,
			"%s took %.1f MiB: more than %.1f MiB, and half more than "
			"before",
			agents(n->rss_host, n->rss, a),
			(double)n->rss_bytes / (1 << 20),
			(double)row->rss_bytes / (1 << 20));
	return NULL;
}

static struct rollout_rule_answer wait_for(const char *reason)
{
	return (struct rollout_rule_answer){ROLLOUT_RULE_WAIT, false, reason};
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct rollout_rule_answer wait_for_words(const struct rollouts_row *row,
	const struct rollouts_counts *n, struct rollout_rule_now now, struct arena *a)
{
	int64_t interval_ms = later(n->late_interval_ms, row->interval_ms);
	int64_t most_ms = later(later(2 * row->silent_ms, ROLLOUT_RULE_ACK_MS),
		ROLLOUT_RULE_WORDS * interval_ms);
	const char *who = agents(n->late_host, n->hosts - n->acked, a);
	if (now.ms - later(row->stage_ms, now.heard_ms) <= most_ms)
		return wait_for(arena_printf(a, "%s did not acknowledge it yet", who));
	return (struct rollout_rule_answer){ROLLOUT_RULE_BACK, false,
		arena_printf(a, "%s did not acknowledge it within %s", who,
			minutes(most_ms, a))};
}

struct rollout_rule_answer rollout_rule_judge(const struct rollouts_row *row,
	const struct rollouts_counts *n, struct rollout_rule_now now, struct arena *a)
{
	bool canary = row->stage == CONFIG_REVISIONS_CANARY;
	int64_t allowed = canary ? 0 : n->hosts / ROLLOUT_RULE_ONE_IN;
	const char *trouble = find_trouble(row, n, allowed, a);
	if (trouble)
		return (struct rollout_rule_answer){ROLLOUT_RULE_BACK, false, trouble};
	if (canary && n->hosts == 0)
		return wait_for("No agent of the group reports that takes settings");
	if (now.heard_ms > now.ms)
		return wait_for(
			"Most agents do not report, or only now begin to again");
	if (n->acked < n->hosts - allowed)
		return wait_for_words(row, n, now, a);
	if (!row->automatic)
		return (struct rollout_rule_answer){
			ROLLOUT_RULE_WAIT, true, "Waits for somebody to promote it"};
	bool soaked = row->settled_ms && now.ms - row->settled_ms >= row->soak_ms;
	return (struct rollout_rule_answer){
		soaked ? ROLLOUT_RULE_GO_ON : ROLLOUT_RULE_WAIT, true, ""};
}
