#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/targets.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum {
	TARGETS_NAME_MAX = 100,
	TARGETS_URL_MAX = 2000,
	TARGETS_GLOB_MAX = 200,
	TARGETS_PASSWORD_MAX = 1000,
	TARGETS_URLS = 8,
	TARGETS_RECIPIENTS = 50,
	TARGETS_MAIL_MAX = 254, /* RFC 5321, 4.5.3.1.3 */
	TARGETS_OVERLAP_H = 24,
};

static void targets_route_members(struct json *j, const struct targets_row *t)
{
	json_put_int(j, "id", t->id);
	json_put_string(j, "name", t->name);
	json_put_string(j, "kind", t->kind);
	json_put_string(j, "url", t->url);
	json_put_string(j, "service", t->service);
	json_put_raw(j, "events", t->events);
	json_put_bool(j, "enabled", t->enabled);
	json_put_string(j, "recipients", t->recipients);
	json_put_string(j, "sender", t->sender);
	json_put_string(j, "username", t->username);
	json_put_bool(j, "has_password", t->has_password);
	json_put_bool(j, "starttls", t->starttls);
	json_put_int(j, "a_minute", t->a_minute);
	json_put_bool(j, "signed", t->is_signed);
	shape_put_time(j, "secret_at_ms", t->secret_ms);
	shape_put_time(j, "old_secret_until_ms", t->old_until_ms);
	shape_put_time(j, "resting_until_ms", t->resting_ms);
	json_put_string(j, "created_by", t->created_by);
	json_put_int(j, "created_at_ms", t->created_ms);
	json_put_int(j, "revision", t->revision);
	json_key(j, "messages");
	json_object(j);
	json_put_int(j, "waiting", t->waiting);
	json_put_int(j, "failed", t->failed);
	json_put_int(j, "sent", t->sent);
	json_put_int(j, "muted", t->muted);
	shape_put_time(j, "sent_at_ms", t->sent_ms);
	shape_put_word(j, "problem", t->problem);
	json_end(j);
}

static void targets_route_row(struct json *j, const struct targets_row *t)
{
	json_object(j);
	targets_route_members(j, t);
	json_end(j);
}

/* With a secret that is shown this once; NULL: there is none. */
static void targets_route_made(
	struct call *c, const struct targets_row *t, const char *secret)
{
	json_object(&c->json);
	targets_route_members(&c->json, t);
	json_put_string(&c->json, "secret", secret);
	json_end(&c->json);
}

bool targets_route_list(struct call *c, struct err *e)
{
	struct targets_row *rows;
	size_t count;
	if (!query_finish(&c->query, e) || !call_db(c, e) ||
		!targets_list(c->db, c->now_ms, c->arena, &rows, &count, e))
		return false;
	call_items_begin(c);
	for (size_t i = 0; i < count; i++)
		targets_route_row(&c->json, &rows[i]);
	call_items_end(c, NULL);
	return true;
}

static bool targets_route_blame(
	struct call *c, const char *name, const char *why, struct err *e)
{
	c->pointer = arena_printf(c->arena, "/%s", name);
	return err_set(e, ERR_INPUT, "%s: %s", name, why);
}

/* SCHEME://HOST... of visible characters; who is behind it is seen when it is resolved.
 */
static bool targets_route_is_url(
	const char *url, size_t length, const char *const *schemes)
{
	const char *host = NULL;
	for (; *schemes; schemes++)
		if (strncmp(url, *schemes, strlen(*schemes)) == 0)
			host = url + strlen(*schemes);
	if (!host || host == url + length || strchr("/?#:", *host))
		return false;
	for (const char *at = url; at < url + length; at++)
		if (!isgraph((unsigned char)*at))
			return false;
	size_t authority = strcspn(host, "/?# ");
	return !memchr(host, '@', authority);
}

/* Pieces of a list, each good, from one to `most`. */
static bool targets_route_is_list(const char *text, const char *breaks, int most,
	bool (*is_good)(const char *piece, size_t length))
{
	int count = 0;
	for (const char *at = text; *(at += strspn(at, breaks)); count++) {
		size_t length = strcspn(at, breaks);
		if (!is_good(at, length))
			return false;
		at += length;
	}
	return count > 0 && count <= most;
}

static bool targets_route_is_http(const char *url, size_t length)
{
	static const char *const schemes[] = {"http://", "https://", NULL};
	return targets_route_is_url(url, length, schemes);
}

/* A host and perhaps a port, nothing behind. */
static bool targets_route_is_smtp(const char *url, size_t length)
{
	static const char *const schemes[] = {"smtp://", "smtps://", NULL};
	return targets_route_is_url(url, length, schemes) &&
	       !strpbrk(strchr(url, ':') + 3, "/?#");
}

/* LOCAL@DOMAIN of the characters that need no quotes (RFC 5322, 3.2.3). */
static bool targets_route_is_mail(const char *text, size_t length)
{
	const char *at = memchr(text, '@', length);
	if (!at || at == text || at == text + length - 1 || length > TARGETS_MAIL_MAX)
		return false;
	for (const char *c = text; c < text + length; c++)
		if (c != at && !isalnum((unsigned char)*c) &&
			!strchr(c < at ? "!#$%&'*+-/=?^_`{|}~." : "-.", *c))
			return false;
	return *text != '-';
}

static bool targets_route_check_mail(
	struct call *c, const struct targets_wish *wish, struct err *e)
{
	if (!targets_route_is_smtp(wish->url, strlen(wish->url)))
		return targets_route_blame(
			c, "url", "must be smtp://HOST:PORT or smtps://HOST:PORT", e);
	if (!targets_route_is_list(
		    wish->recipients, ", ", TARGETS_RECIPIENTS, targets_route_is_mail))
		return targets_route_blame(c, "recipients",
			"must be 1 to 50 mail addresses, by commas", e);
	if (!targets_route_is_mail(wish->sender, strlen(wish->sender)))
		return targets_route_blame(c, "sender", "must be a mail address", e);
	return true;
}

static bool targets_route_check_url(
	struct call *c, const struct targets_wish *wish, struct err *e)
{
	if (strcmp(wish->kind, "smtp") == 0)
		return targets_route_check_mail(c, wish, e);
	if (strcmp(wish->kind, "alertmanager") == 0) {
		if (targets_route_is_list(
			    wish->url, " ", TARGETS_URLS, targets_route_is_http))
			return true;
		return targets_route_blame(c, "url",
			"must be 1 to 8 of http://HOST/… or https://HOST/…, by spaces",
			e);
	}
	if (targets_route_is_http(wish->url, strlen(wish->url)))
		return true;
	return targets_route_blame(
		c, "url", "must be http://HOST/… or https://HOST/…", e);
}

static bool targets_route_check(
	struct call *c, const struct targets_wish *wish, struct err *e)
{
	bool known = false;
	for (size_t i = 0; i < TARGETS_KINDS; i++)
		known |= strcmp(wish->kind, targets_kind_name[i]) == 0;
	if (!*wish->name)
		return targets_route_blame(c, "name", "must not be empty", e);
	if (!known)
		return targets_route_blame(c, "kind", "is not known", e);
	return targets_route_check_url(c, wish, e);
}

static const char *targets_route_own(struct call *c, const char *text)
{
	return arena_strdup(c->arena, text ? text : "");
}

/* Where it goes, by its kind. */
static bool targets_route_read_way(
	struct call *c, struct body *body, struct targets_wish *wish, struct err *e)
{
	static const struct body_text url = {"url", TARGETS_URL_MAX, true};
	static const struct body_text recipients = {
		"recipients", TARGETS_RECIPIENTS * (TARGETS_MAIL_MAX + 2), false};
	static const struct body_text sender = {"sender", TARGETS_MAIL_MAX, false};
	static const struct body_text username = {"username", TARGETS_GLOB_MAX, false};
	static const struct body_text password = {
		"password", TARGETS_PASSWORD_MAX, false};
	static const struct body_bool starttls = {"starttls", true, false};
	const char *texts[5];
	if (!body_text(body, &url, &texts[0], e) ||
		!body_text(body, &recipients, &texts[1], e) ||
		!body_text(body, &sender, &texts[2], e) ||
		!body_text(body, &username, &texts[3], e) ||
		!body_text(body, &password, &texts[4], e) ||
		!body_bool(body, &starttls, &wish->starttls, e))
		return false;
	wish->url = targets_route_own(c, texts[0]);
	wish->recipients = targets_route_own(c, texts[1]);
	wish->sender = targets_route_own(c, texts[2]);
	wish->username = targets_route_own(c, texts[3]);
	wish->password = texts[4] ? arena_strdup(c->arena, texts[4]) : NULL;
	return true;
}

static bool targets_route_read(struct call *c, struct targets_wish *wish, struct err *e)
{
	static const struct body_text name = {"name", TARGETS_NAME_MAX, true};
	static const struct body_text kind = {"kind", 32, true};
	static const struct body_text service = {"service", TARGETS_GLOB_MAX, false};
	static const struct body_words events = {
		"events", targets_event_name, TARGETS_EVENTS};
	static const struct body_bool enabled = {"enabled", true, false};
	static const struct body_int a_minute = {"a_minute", 1, 600, 30};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const char *texts[3];
	wish->now_ms = c->now_ms;
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &name, &texts[0], e) ||
		!body_text(&body, &kind, &texts[1], e) ||
		!body_text(&body, &service, &texts[2], e) ||
		!body_words(&body, &events, &wish->events, &wish->event_count, e) ||
		!body_bool(&body, &enabled, &wish->enabled, e) ||
		!body_int(&body, &a_minute, &wish->a_minute, e) ||
		!targets_route_read_way(c, &body, wish, e) || !body_finish(&body, e))
		return false;
	wish->name = targets_route_own(c, texts[0]);
	wish->kind = targets_route_own(c, texts[1]);
	wish->service = targets_route_own(c, texts[2]);
	return targets_route_check(c, wish, e);
}

bool targets_route_create(struct call *c, struct err *e)
{
	struct targets_wish wish = {.actor = {c->user.id, c->user.name}};
	struct targets_row *row;
	const char *secret;
	if (!query_finish(&c->query, e) || !targets_route_read(c, &wish, e) ||
		!call_db(c, e) ||
		!targets_add(c->db, &wish, c->arena, &row, &secret, e))
		return false;
	if (!row)
		return call_problem(c, 409, e,
			"there is a target of this name already, or a hundred");
	targets_route_made(c, row, secret);
	c->response->status = 201;
	return true;
}

bool targets_route_put(struct call *c, struct err *e)
{
	struct targets_wish wish = {.actor = {c->user.id, c->user.name}};
	struct targets_row *row;
	bool done;
	if (!query_finish(&c->query, e) || !call_id(c, "target", &wish.id, e) ||
		!revision_wanted(c, &wish.revision, e) ||
		!targets_route_read(c, &wish, e) || !call_db(c, e) ||
		!targets_change(c->db, &wish, c->arena, &done, &row, e))
		return false;
	if (!row)
		return call_missing(c, "target", e);
	if (!done)
		return revision_refuse(c, "target", e);
	targets_route_row(&c->json, row);
	return true;
}

/* Takes it away, or tries it. */
static bool targets_route_step(struct call *c,
	bool (*step)(struct db *, const struct targets_step *, struct arena *,
		struct targets_row **, struct err *),
	struct err *e)
{
	struct targets_step s = {
		.actor = {c->user.id, c->user.name}, .now_ms = c->now_ms};
	struct targets_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "target", &s.id, e) ||
		!call_db(c, e) || !step(c->db, &s, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "target", e);
	targets_route_row(&c->json, row);
	return true;
}

bool targets_route_drop(struct call *c, struct err *e)
{
	return targets_route_step(c, targets_drop, e);
}

bool targets_route_try(struct call *c, struct err *e)
{
	return targets_route_step(c, targets_try, e);
}

bool targets_route_turn(struct call *c, struct err *e)
{
	static const struct body_int overlap = {
		"overlap_hours", 0, 30 * 24, TARGETS_OVERLAP_H};
	struct targets_step s = {
		.actor = {c->user.id, c->user.name}, .now_ms = c->now_ms};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	struct targets_row *row;
	const char *secret;
	int64_t hours;
	if (!query_finish(&c->query, e) || !call_id(c, "target", &s.id, e) ||
		!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_int(&body, &overlap, &hours, e) || !body_finish(&body, e))
		return false;
	s.overlap_ms = hours * 3600000;
	if (!call_db(c, e) || !targets_turn(c->db, &s, c->arena, &row, &secret, e))
		return false;
	if (!row)
		return call_missing(c, "target", e);
	if (!secret)
		return call_problem(
			c, 409, e, "messages to this kind of target are not signed");
	targets_route_made(c, row, secret);
	return true;
}
