#include "server/watch/capturing.h"

#include "server/store/captures.h"
#include "server/watch/capturing_rule.h"
#include "server/watch/recall.h"

#include <inttypes.h>

struct capturing {
	struct db *db;
	struct arena *arena;
	int64_t now_ms;
	const struct snapshot_policy_case *c;
};

static const struct audit_actor policy = {0, "policy"};

static bool note(const struct capturing *u, const char *action, int64_t host_id,
	const char *subject, const char *detail, struct err *e)
{
	struct audit_entry entry = {
		.actor = policy,
		.action = action,
		.service_id = u->c->service_id,
		.host_id = host_id,
		.subject = subject,
		.detail = detail,
	};
	return audit_put(u->db, &entry, u->arena, e);
}

/* Says once that this capture is for people. */
static bool leave(
	const struct capturing *u, int64_t capture_id, const char *why, struct err *e)
{
	struct captures_row *row;
	if (!captures_one(u->db, capture_id, u->arena, &row, e))
		return false;
	if (!row)
		return true;
	const struct snapshots_place *p = &row->place;
	if (!why)
		why = arena_printf(u->arena,
			"the gate says \"%s\", which a policy does not overrule",
			row->gate);
	return note(u, "policy.left", p->host.id,
		arena_printf(u->arena, "%s on %s, pid %" PRId64, p->service.name,
			p->host.name, p->pid),
		arena_printf(u->arena, "capture %" PRId64 ": %s", capture_id, why), e);
}

static bool confirm(const struct capturing *u, int64_t capture_id, struct err *e)
{
	struct captures_step step = {
		.id = capture_id, .actor = policy, .now_ms = u->now_ms};
	struct captures_reply reply;
	if (!captures_confirm(u->db, &step, u->arena, &reply, e))
		return false;
	return reply.outcome == CAPTURES_DONE || leave(u, capture_id, reply.reason, e);
}

/* Its newest process is asked about; when that is another one by now, nothing is
 * wanted of it. */
static bool ask(const struct capturing *u, const struct capturing_decision *decision,
	struct err *e)
{
	struct captures_ask wish = {
		.slot_id = decision->seat->slot_id,
		.actor = policy,
		.cause = decision->cause,
		.finding_id = u->c->finding_id,
		.route = "",
		.now_ms = u->now_ms,
	};
	struct captures_reply reply;
	if (!captures_create(u->db, &wish, u->arena, &reply, e))
		return false;
	if (reply.outcome != CAPTURES_DONE ||
		reply.row->place.generation == decision->seat->generation_id)
		return true;
	struct captures_step step = {
		.id = reply.row->id, .actor = policy, .now_ms = u->now_ms};
	return captures_cancel(u->db, &step, u->arena, &reply, e);
}

static bool skip(const struct capturing *u, struct err *e)
{
	return note(u, "policy.skipped", 0,
		arena_printf(u->arena, "%s %s", u->c->service, u->c->version),
		arena_printf(u->arena,
			"finding %" PRId64
			": no other healthy instance of the service runs",
			u->c->finding_id),
		e);
}

static bool act(const struct capturing *u, const struct capturing_decision *decision,
	struct err *e)
{
	switch (decision->what) {
	case CAPTURING_NOTHING:
		break;
	case CAPTURING_CONFIRM:
		return confirm(u, decision->capture_id, e);
	case CAPTURING_LEAVE:
		return leave(u, decision->capture_id, NULL, e);
	case CAPTURING_ASK:
		return ask(u, decision, e);
	case CAPTURING_SKIP:
		return skip(u, e);
	}
	return true;
}

/* What processes held soon after their first snapshots. */
static bool read_lows(struct db *db, struct snapshot_policy_facts *facts, struct err *e)
{
	enum { SPAN_MS = 10 * 60 * 1000 };
	for (size_t i = 0; i < facts->past_count; i++) {
		struct snapshot_policy_past *p = &facts->past[i];
		struct recall_low low;
		if (!p->low_from_ms)
			continue;
		if (!recall_low(db,
			    &(struct history_subject){.id = p->generation_id,
				    .service_id = p->service_id,
				    .host_id = p->host_id},
			    p->low_from_ms, p->low_from_ms + SPAN_MS, &low, e))
			return false;
		p->low_kb = low.low_kb;
	}
	return true;
}

bool capturing_run(struct db *db, int64_t now_ms, int64_t cooldown_ms, struct arena *a,
	struct err *e)
{
	struct snapshot_policy_case *cases;
	struct snapshot_policy_facts facts;
	size_t count;
	int64_t asked_service = 0;
	if (!snapshot_policy_cases(db, a, &cases, &count, e))
		return false;
	if (count == 0)
		return true;
	if (!snapshot_policy_facts(db, cases, count, now_ms, a, &facts, e) ||
		!read_lows(db, &facts, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct capturing u = {db, a, now_ms, &cases[i]};
		/* The facts do not hold any more: another finding of it has asked. */
		if (cases[i].service_id == asked_service)
			continue;
		struct capturing_decision decision = capturing_rule_decide(
			&cases[i], &facts, now_ms, cooldown_ms);
		if (decision.what == CAPTURING_ASK)
			asked_service = cases[i].service_id;
		if (!act(&u, &decision, e))
			return false;
	}
	return true;
}
