#include "common/utf8.h"
#include "server/api/body.h"
#include "server/api/case_facts.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/hypotheses.h"

#include <stdio.h>
#include <string.h>

static bool hypotheses_route_is_verdict(const char *word)
{
	static const char *const verdicts[] = {
		"confirmed", "likely", "unlikely", "refuted", "open", "no-data"};
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
		if (strcmp(word, verdicts[i]) == 0)
			return true;
	return false;
}

static void hypotheses_route_row(struct json *j, const struct hypotheses_row *h)
{
	json_object(j);
	if (*h->key)
		json_put_null(j, "id");
	else
		json_put_int(j, "id", h->id);
	shape_put_word(j, "key", h->key);
	json_put_string(j, "cause", h->text.cause);
	json_put_string(j, "test", h->text.test);
	json_put_string(j, "result", h->text.result);
	json_put_string(j, "verdict", h->text.verdict);
	json_put_string(j, "remark", h->text.remark);
	json_put_string(j, "author", h->author);
	shape_put_time(j, "changed_at_ms", h->changed_ms);
	json_put_int(j, "revision", h->revision);
	json_end(j);
}

bool hypotheses_route_list(struct call *c, struct err *e)
{
	struct case_facts facts;
	int64_t id;
	if (!query_finish(&c->query, e) || !call_id(c, "alert", &id, e) ||
		!case_facts_read(c, id, &facts, e))
		return false;
	call_items_begin(c);
	for (size_t i = 0; i < facts.table_count; i++)
		hypotheses_route_row(&c->json, &facts.table[i]);
	call_items_end(c, NULL);
	return true;
}

/* A member of the body; "" when it is absent. */
static bool hypotheses_route_text(struct body *b, const char *name, bool required,
	const char **text, struct err *e)
{
	const struct body_text want = {name, HYPOTHESES_TEXT_MAX, required};
	const char *value;
	if (!body_text(b, &want, &value, e))
		return false;
	*text = arena_strdup(b->arena, value ? value : "");
	return true;
}

static bool hypotheses_route_read(
	struct call *c, struct hypotheses_text *out, struct err *e)
{
	scoped_body struct body b = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	if (!body_open(&b, source, c->arena, &c->pointer, e) ||
		!hypotheses_route_text(&b, "cause", true, &out->cause, e) ||
		!hypotheses_route_text(&b, "test", false, &out->test, e) ||
		!hypotheses_route_text(&b, "result", false, &out->result, e) ||
		!hypotheses_route_text(&b, "verdict", false, &out->verdict, e) ||
		!hypotheses_route_text(&b, "remark", false, &out->remark, e) ||
		!body_finish(&b, e))
		return false;
	if (utf8_is_blank(out->cause)) {
		c->pointer = "/cause";
		return err_set(e, ERR_INPUT, "cause: must not be empty");
	}
	if (!*out->verdict)
		out->verdict = "open";
	if (hypotheses_route_is_verdict(out->verdict))
		return true;
	c->pointer = "/verdict";
	return err_set(e, ERR_INPUT,
		"verdict: must be confirmed, likely, unlikely, refuted, open or "
		"no-data");
}

bool hypotheses_route_create(struct call *c, struct err *e)
{
	struct hypotheses_change change = {.user_id = c->user.id, .now_ms = c->now_ms};
	struct hypotheses_row *row;
	struct alerts_row *alert;
	if (!query_finish(&c->query, e) || !call_id(c, "alert", &change.id, e) ||
		!hypotheses_route_read(c, &change.text, e) || !call_db(c, e) ||
		!alerts_one(c->db, change.id, c->now_ms, c->arena, &alert, e))
		return false;
	if (!alert)
		return call_missing(c, "alert", e);
	if (!hypotheses_add(c->db, &change, c->arena, &row, e))
		return false;
	if (!row)
		return call_problem(c, 409, e, "the alert has %d hypotheses already",
			HYPOTHESES_MAX);
	hypotheses_route_row(&c->json, row);
	c->response->status = 201;
	return true;
}

/* Why a change was not made. */
static bool hypotheses_route_refuse(
	struct call *c, const struct hypotheses_change *change, struct err *e)
{
	struct hypotheses_row *row;
	if (!hypotheses_one(c->db, change->id, c->arena, &row, e))
		return false;
	if (!row || *row->key)
		return call_missing(c, "hypothesis", e);
	if (!change->is_anybodys && row->author_id != change->user_id)
		return call_problem(c, 403, e,
			"this is %.64s's: only they and admins may change it",
			row->author);
	return revision_refuse(c, "the words of the hypothesis", e);
}

static bool hypotheses_route_begin(
	struct call *c, struct hypotheses_change *change, struct err *e)
{
	*change = (struct hypotheses_change){.user_id = c->user.id,
		.now_ms = c->now_ms,
		.is_anybodys = c->user.role >= USERS_ADMIN};
	return query_finish(&c->query, e) && call_id(c, "hypothesis", &change->id, e) &&
	       revision_wanted(c, &change->revision, e);
}

bool hypotheses_route_put(struct call *c, struct err *e)
{
	struct hypotheses_change change;
	struct hypotheses_row *row;
	bool done;
	if (!hypotheses_route_begin(c, &change, e) ||
		!hypotheses_route_read(c, &change.text, e) || !call_db(c, e) ||
		!hypotheses_change(c->db, &change, c->arena, &done, e))
		return false;
	if (!done)
		return hypotheses_route_refuse(c, &change, e);
	if (!hypotheses_one(c->db, change.id, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "hypothesis", e);
	hypotheses_route_row(&c->json, row);
	return true;
}

bool hypotheses_route_delete(struct call *c, struct err *e)
{
	struct hypotheses_change change;
	bool done;
	if (!hypotheses_route_begin(c, &change, e) || !call_db(c, e) ||
		!hypotheses_drop(c->db, &change, c->arena, &done, e))
		return false;
	if (!done)
		return hypotheses_route_refuse(c, &change, e);
	c->response->status = 204;
	c->response->type = NULL;
	return true;
}

/* The {key} of the path, decoded as a query's value is. */
static bool hypotheses_route_key(struct call *c, const char **key, struct err *e)
{
	struct query query;
	size_t length = strlen(c->key);
	char *text = arena_alloc(c->arena, 5 + 3 * length), *to = text + 4;
	memcpy(text, "key=", 5);
	for (size_t i = 0; i < length; i++)
		if (c->key[i] == '+' || c->key[i] == '&')
			to += sprintf(to, "%%%02X", (unsigned)c->key[i]);
		else
			*to++ = c->key[i];
	*to = 0;
	return query_parse(text, c->arena, &query, e) &&
	       query_text(&query, "key", HYPOTHESES_KEY_MAX, key, e);
}

static bool hypotheses_route_remark_text(
	struct call *c, const char **remark, struct err *e)
{
	scoped_body struct body b = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	return body_open(&b, source, c->arena, &c->pointer, e) &&
	       hypotheses_route_text(&b, "remark", true, remark, e) &&
	       body_finish(&b, e);
}

/* Writes the hypothesis of a key among those of an alert; false without an error: there
 * is none. */
static bool hypotheses_route_put_key(
	struct call *c, const struct case_facts *facts, const char *key)
{
	for (size_t i = 0; key && i < facts->table_count; i++)
		if (strcmp(facts->table[i].key, key) == 0) {
			hypotheses_route_row(&c->json, &facts->table[i]);
			return true;
		}
	return false;
}

bool hypotheses_route_remark(struct call *c, struct err *e)
{
	struct hypotheses_change change = {.user_id = c->user.id, .now_ms = c->now_ms};
	struct case_facts facts;
	bool done;
	if (!query_finish(&c->query, e) || !call_id(c, "alert", &change.id, e) ||
		!hypotheses_route_key(c, &change.key, e) ||
		!revision_wanted(c, &change.revision, e) ||
		!hypotheses_route_remark_text(c, &change.text.remark, e) ||
		!case_facts_read(c, change.id, &facts, e))
		return false;
	if (!hypotheses_route_put_key(c, &facts, change.key))
		return call_problem(c, 404, e, "the alert has no such hypothesis");
	if (!hypotheses_remark(c->db, &change, c->arena, &done, e))
		return false;
	if (!done)
		return revision_refuse(c, "the remarks", e);
	/* The answer is the table's row as it is now. */
	buf_reset(&c->response->body);
	json_init(&c->json, &c->response->body);
	if (!case_facts_read_said(c, &facts, e))
		return false;
	return hypotheses_route_put_key(c, &facts, change.key);
}
