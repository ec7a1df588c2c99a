#include "server/api/call.h"

#include "common/clock.h"
#include "server/api/shared.h"
#include "server/store/roles.h"
#include "server/store/services.h"
#include "server/store/settings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { CALL_DB_WAIT_MS = 5000, CALL_REST_MS = 1000 };

/* Until when this thread takes no heavy call.  A thread may have taken up many of the
 * connections of a burst, which wait behind each other: after one slow chart the others
 * are told at once. */
static _Thread_local int64_t call_rests_until_ms;

struct db *call_own_db(struct call *c, struct err *e)
{
	if (!c->own_db)
		c->own_db = pool_take(c->shared->pool, CALL_DB_WAIT_MS, e);
	return c->own_db;
}

/* In a pool of its own: PostgreSQL plans a statement anew for another role. */
static struct db *call_limited_db(struct call *c, struct err *e)
{
	pool_give(c->shared->pool, c->own_db);
	c->own_db = NULL;
	struct db *db = pool_take(c->shared->limited, CALL_DB_WAIT_MS, e);
	if (!db || roles_limit(db, c->user.id, c->token, c->arena, e))
		return db;
	pool_give(c->shared->limited, db);
	return NULL;
}

struct db *call_db(struct call *c, struct err *e)
{
	if (!c->db)
		c->db = c->user.is_limited ? call_limited_db(c, e) : call_own_db(c, e);
	return c->db;
}

const char *call_client(const struct call *c)
{
	const char *client = c->request->client;
	return proxies_trust(&c->shared->options.proxies, client) ? NULL : client;
}

bool call_pay(struct call *c, int cost, struct err *e)
{
	const char *client = call_client(c);
	int64_t wait_ms = client ? clients_pay(c->shared->clients, client, cost,
					   clock_mono_ms())
				 : 0;
	if (!wait_ms)
		return true;
	http_add_header(c->response, "Retry-After",
		arena_printf(c->arena, "%" PRId64, (wait_ms + 999) / 1000));
	return call_problem(
		c, 429, e, "your address asks for too much; try again in a moment");
}

bool call_take_turn(struct call *c, struct err *e)
{
	if (!call_pay(c, CLIENTS_HEAVY, e))
		return false;
	atomic_int *calls = &c->shared->heavy_calls;
	int64_t now_ms = clock_mono_ms();
	if (atomic_fetch_add(calls, 1) < CALL_HEAVY_MAX &&
		now_ms >= call_rests_until_ms) {
		c->turn_ms = now_ms;
		return true;
	}
	atomic_fetch_sub(calls, 1);
	http_add_header(c->response, "Retry-After", "1");
	return call_problem(
		c, 503, e, "too many charts are being read; try again in a moment");
}

bool call_was_slow(const struct call *c)
{
	return c->turn_ms && clock_mono_ms() - c->turn_ms >= CALL_STATEMENT_MS;
}

void call_finish(struct call *c)
{
	if (c->user.is_limited)
		pool_give(c->shared->limited, c->db);
	pool_give(c->shared->pool, c->own_db);
	if (!c->turn_ms)
		return;
	atomic_fetch_sub(&c->shared->heavy_calls, 1);
	int64_t now_ms = clock_mono_ms();
	if (now_ms - c->turn_ms >= CALL_REST_MS)
		call_rests_until_ms = now_ms + CALL_REST_MS;
}

bool call_problem(struct call *c, int status, struct err *e, const char *format, ...)
{
	char text[sizeof e->text];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	c->status = status;
	return err_set(e, ERR_INPUT, "%s", text);
}

bool call_id(struct call *c, const char *what, int64_t *id, struct err *e)
{
	return query_id(c->argument, id) || call_missing(c, what, e);
}

bool call_service(struct call *c, int64_t *id, struct err *e)
{
	bool exists;
	if (!call_id(c, "service", id, e) || !call_db(c, e) ||
		!services_exists(c->db, *id, c->arena, &exists, e))
		return false;
	return exists || call_missing(c, "service", e);
}

bool call_missing(struct call *c, const char *what, struct err *e)
{
	return call_problem(c, 404, e, "no %s has the id %.64s", what, c->argument);
}

bool call_after_id(struct call *c, int64_t *id, struct err *e)
{
	const char *after;
	*id = 0;
	if (!query_after(&c->query, &after, e))
		return false;
	if (after && (!query_after_int(&after, 1, INT32_MAX, id) || *after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

bool call_after_time(struct call *c, int64_t *at_ms, int64_t *id, struct err *e)
{
	const char *after;
	*at_ms = *id = 0;
	if (!query_after(&c->query, &after, e))
		return false;
	if (after && (!query_after_int(&after, 1, QUERY_TIME_MAX, at_ms) ||
			     !query_after_int(&after, 1, INT64_MAX, id) || *after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

bool call_sensitivity(
	struct call *c, const char *text, const char **sensitivity, struct err *e)
{
	*sensitivity = settings_sensitivity(text);
	if (*sensitivity)
		return true;
	c->pointer = "/sensitivity";
	return err_set(e, ERR_INPUT, "sensitivity: must be calm, normal or eager");
}

bool call_limit(struct call *c, int *limit_and_one, struct err *e)
{
	static const struct query_range range = {1, CALL_PAGE_MAX, CALL_PAGE_DEFAULT};
	int64_t limit;
	if (!query_int(&c->query, "limit", &range, &limit, e))
		return false;
	*limit_and_one = (int)limit + 1;
	return true;
}

size_t call_page_size(size_t count, int limit_and_one)
{
	return count < (size_t)limit_and_one ? count : (size_t)limit_and_one - 1;
}

void call_items_begin(struct call *c)
{
	json_object(&c->json);
	json_key(&c->json, "items");
	json_array(&c->json);
}

void call_items_end(struct call *c, const char *last)
{
	json_end(&c->json);
	if (last)
		json_put_string(&c->json, "next", query_cursor(c->arena, last));
	json_end(&c->json);
}
