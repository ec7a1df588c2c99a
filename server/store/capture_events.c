#include "server/store/capture_events.h"

#include "common/json.h"
#include "server/store/audit.h"
#include "server/store/capture_claims.h"
#include "server/store/captures.h"

#include <inttypes.h>
#include <string.h>

/* Beyond this a capture keeps nobody waiting, whatever its agent says. */
static int64_t capture_events_last_ms(const struct capture_claim *claim)
{
	return claim->ordered_ms + CAPTURES_ORDERED_MS + CAPTURES_RUNNING_MS;
}

/* The state that follows, or the same one: the event says nothing new. */
static enum capture_state capture_events_next(const struct capture_claim *claim,
	const struct snapshot_event *event, int64_t now_ms)
{
	enum capture_state now = claim->state;
	bool begun = claim->ordered && now != CAPTURE_DONE && now != CAPTURE_DENIED &&
		     now != CAPTURE_FAILED;
	bool asked = now == CAPTURE_QUOTING || now == CAPTURE_QUOTED ||
		     (now == CAPTURE_EXPIRED && !claim->ordered);
	switch (event->state) {
	case SNAPSHOT_QUOTED:
		return now == CAPTURE_QUOTING ? CAPTURE_QUOTED : now;
	case SNAPSHOT_DENIED:
		return begun || asked ? CAPTURE_DENIED : now;
	case SNAPSHOT_RUNNING:
		return begun && now_ms < capture_events_last_ms(claim) ? CAPTURE_RUNNING
								       : now;
	case SNAPSHOT_DONE:
		return begun ? CAPTURE_DONE : now;
	case SNAPSHOT_FAILED:
		return begun || asked ? CAPTURE_FAILED : now;
	}
	return now;
}

static int64_t capture_events_deadline(
	const struct capture_claim *claim, enum capture_state state, int64_t now_ms)
{
	int64_t last_ms = capture_events_last_ms(claim);
	if (state == CAPTURE_QUOTED)
		return now_ms + CAPTURES_QUOTED_MS;
	if (state != CAPTURE_RUNNING)
		return 0;
	return now_ms + CAPTURES_RUNNING_MS < last_ms ? now_ms + CAPTURES_RUNNING_MS
						      : last_ms;
}

static const char *capture_events_gate(enum snapshot_gate gate)
{
	static const char *const names[] = {
		[SNAPSHOT_ALLOWED] = "allowed",
		[SNAPSHOT_ASKS] = "asks",
		[SNAPSHOT_REFUSED] = "refused",
	};
	return names[gate];
}

static void capture_events_reasons(struct json *j, const char *text, struct arena *a)
{
	json_key(j, "reasons");
	json_array(j);
	while (*text) {
		size_t length = strcspn(text, "\n");
		if (length)
			json_string(j, arena_strndup(a, text, length));
		text += length + (text[length] == '\n');
	}
	json_end(j);
}

/* As the API gives it; NULL: the event has none. */
static const char *capture_events_card(
	const struct snapshot_event *event, struct arena *a)
{
	const struct snapshot_card *card = &event->card;
	if (!event->has_card)
		return NULL;
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	json_object(&j);
	json_put_string(&j, "gate", capture_events_gate(card->gate));
	json_put_string(&j, "route", card->route);
	json_put_string(&j, "runtime", card->runtime);
	json_put_bool(&j, "heap_is_measured", card->heap_is_measured);
	json_put_int(&j, "heap_bytes", (int64_t)card->heap_bytes);
	json_put_int(&j, "pause_ms", card->pause_ms);
	json_put_int(&j, "need_bytes", (int64_t)card->need_bytes);
	json_put_int(&j, "free_bytes", (int64_t)card->free_bytes);
	json_put_int(&j, "helper_bytes", (int64_t)card->helper_bytes);
	capture_events_reasons(&j, card->reasons, a);
	json_end(&j);
	const char *copy = arena_strdup(a, text.data);
	buf_finish(&text);
	return copy;
}

/* What the audit calls it; NULL: not worth a row. */
static const char *capture_events_action(const struct snapshot_event *event)
{
	switch (event->state) {
	case SNAPSHOT_DENIED:
		return "snapshot.denied";
	case SNAPSHOT_DONE:
		return "snapshot.done";
	case SNAPSHOT_FAILED:
		return "snapshot.failed";
	case SNAPSHOT_QUOTED:
		/* A question that the agent has answered with no. */
		if (event->has_card && event->card.gate == SNAPSHOT_REFUSED)
			return "snapshot.denied";
		return NULL;
	case SNAPSHOT_RUNNING:
		return NULL;
	}
	return NULL;
}

/* Where the process is that an event of capture 0 names, and what was said of it. */
static bool capture_events_place(struct db *db, const struct capture_events_word *word,
	struct arena *a, struct audit_entry *entry, struct err *e)
{
	const struct snapshot_event *event = word->event;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, word->generation_id);
	db_arg_int(&args, word->host_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_GENERATION_SUBJECT, &args, &rows, e))
		return false;
	BUG_ON(rows.count != 1);
	entry->host_id = word->host_id;
	entry->service_id = db_int(&rows, 0, "service_id");
	entry->subject = db_text_copy(&rows, 0, "subject", a);
	entry->detail = arena_printf(a, "said by %s: %s%s%s", db_text(&rows, 0, "host"),
		event->actor, *event->text ? ": " : "", event->text);
	return true;
}

/* Somebody on the host itself; the audit is all that hears of it.  Who it was is the
 * agent's word, and stands there as such. */
static bool capture_events_local(struct db *db, const struct capture_events_word *word,
	struct arena *a, enum capture_events_outcome *outcome, struct err *e)
{
	const struct snapshot_event *event = word->event;
	struct audit_entry entry = {
		.actor = {0, "agent"}, .action = capture_events_action(event)};
	*outcome = CAPTURE_EVENTS_SAME;
	if (!entry.action)
		return true;
	*outcome = CAPTURE_EVENTS_CHANGED;
	return capture_events_place(db, word, a, &entry, e) &&
	       audit_put(db, &entry, a, e);
}

/* Why, in words: the event's own, or the card's. */
static const char *capture_events_why(const struct snapshot_event *event)
{
	return *event->text || !event->has_card ? event->text : event->card.reasons;
}

static bool capture_events_note(struct db *db, const struct capture_claim *claim,
	const struct snapshot_event *event, struct arena *a, struct err *e)
{
	const char *action = capture_events_action(event);
	if (!action)
		return true;
	const char *why = capture_events_why(event);
	const char *detail = arena_printf(a, "capture %" PRId64 ", asked by %s%s%s",
		claim->id, claim->asker, *why ? ": " : "", why);
	return audit_put(db,
		&(struct audit_entry){{0, "agent"}, action, claim->service_id,
			claim->host_id, claim->subject, detail},
		a, e);
}

static bool capture_events_is_ours(
	const struct capture_events_word *word, const struct capture_claim *claim)
{
	return claim &&
	       (!word->generation_id || claim->generation_id == word->generation_id);
}

/* Whether a running capture has come further, or has a new card. */
static bool capture_events_is_news(
	const struct capture_claim *claim, const struct snapshot_event *event)
{
	switch (claim->state) {
	case CAPTURE_QUOTED:
		return event->state == SNAPSHOT_QUOTED && event->has_card;
	case CAPTURE_ORDERED:
		return event->has_card;
	case CAPTURE_RUNNING:
		return event->state == SNAPSHOT_RUNNING || event->has_card;
	default:
		return false;
	}
}

bool capture_events_put(struct db *db, const struct capture_events_word *word,
	struct arena *a, enum capture_events_outcome *outcome, struct err *e)
{
	const struct snapshot_event *event = word->event;
	struct capture_claim *claim;
	if (event->capture == 0)
		return capture_events_local(db, word, a, outcome, e);
	if (!capture_claims_take(
		    db, (int64_t)event->capture, word->host_id, a, &claim, e))
		return false;
	if (!capture_events_is_ours(word, claim)) {
		*outcome = CAPTURE_EVENTS_FOREIGN;
		return true;
	}
	enum capture_state next = capture_events_next(claim, event, word->now_ms);
	bool moves = next != claim->state;
	*outcome = CAPTURE_EVENTS_SAME;
	if (!moves && !capture_events_is_news(claim, event))
		return true;
	*outcome = CAPTURE_EVENTS_CHANGED;
	struct capture_move move = {
		.id = claim->id,
		.now_ms = word->now_ms,
		.state = next,
		.deadline_ms = moves ? capture_events_deadline(
					       claim, next, word->now_ms)
				     : 0,
		.progress_permille = event->progress_permille,
		.text = next == CAPTURE_DENIED  ? capture_events_why(event)
			: moves || *event->text ? event->text
						: NULL,
		.card = capture_events_card(event, a),
	};
	return capture_claims_move(db, &move, a, e) &&
	       (!moves || capture_events_note(db, claim, event, a, e));
}
