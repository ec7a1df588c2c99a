#include "agent/queue/resp.h"

#include <hiredis/read.h>
#include <stdlib.h>
#include <string.h>

struct resp {
	redisReader *reader;
	struct arena *arena;
	size_t bytes, values; /* since resp_begin */
	bool is_too_much;
};

static struct resp_value *resp_make(
	const redisReadTask *task, enum resp_type type, size_t items)
{
	/* Readers hand on their own context with each task. */
	struct resp *r = task->privdata;
	if (items > RESP_VALUES_MAX - r->values || r->values == RESP_VALUES_MAX) {
		r->is_too_much = true;
		return NULL;
	}
	r->values += items ? items : 1;
	struct resp_value *v = arena_alloc(r->arena, sizeof *v);
	*v = (struct resp_value){.type = type, .text = "", .count = items};
	if (items)
		v->items = arena_array(r->arena, items, sizeof(struct resp_value *));
	for (size_t i = 0; i < items; i++)
		v->items[i] = v; /* until they come; nobody sees it before */
	if (task->parent) {
		struct resp_value *parent = task->parent->obj;
		parent->items[task->idx] = v;
	}
	return v;
}

static void *resp_make_text(const redisReadTask *task, char *text, size_t length)
{
	struct resp_value *v = resp_make(
		task, task->type == REDIS_REPLY_ERROR ? RESP_REFUSAL : RESP_TEXT, 0);
	if (v) {
		struct resp *r = task->privdata;
		v->text = arena_strndup(r->arena, text, length);
		v->length = length;
	}
	return v;
}

static void *resp_make_list(const redisReadTask *task, int count)
{
	return resp_make(task, RESP_LIST, count > 0 ? (size_t)count : 0);
}

static void *resp_make_number(const redisReadTask *task, long long number)
{
	struct resp_value *v = resp_make(task, RESP_NUMBER, 0);
	if (v)
		v->number = number;
	return v;
}

static void *resp_make_nil(const redisReadTask *task)
{
	return resp_make(task, RESP_NIL, 0);
}

static void resp_free_value(void *value)
{
	(void)value; /* the arena's */
}

static redisReplyObjectFunctions resp_functions = {resp_make_text, resp_make_list,
	resp_make_number, resp_make_nil, resp_free_value};

struct resp *resp_create(void)
{
	struct resp *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	r->reader = redisReaderCreateWithFunctions(&resp_functions);
	BUG_ON(!r->reader);
	r->reader->privdata = r;
	return r;
}

void resp_destroy(struct resp *r)
{
	if (!r)
		return;
	redisReaderFree(r->reader);
	free(r);
}

void resp_begin(struct resp *r, struct arena *a)
{
	r->arena = a;
	r->bytes = 0;
	r->values = 0;
}

bool resp_feed(struct resp *r, const void *bytes, size_t length, struct err *e)
{
	r->bytes += length;
	if (r->bytes > RESP_BYTES_MAX)
		return err_set(e, ERR_IO, "the answer is longer than %d MiB",
			RESP_BYTES_MAX >> 20);
	BUG_ON(redisReaderFeed(r->reader, bytes, length) != REDIS_OK);
	return true;
}

bool resp_next(struct resp *r, const struct resp_value **out, struct err *e)
{
	void *reply = NULL;
	if (redisReaderGetReply(r->reader, &reply) != REDIS_OK)
		return r->is_too_much ? err_set(e, ERR_IO,
						"the answer has more than %d values",
						RESP_VALUES_MAX)
				      : err_set(e, ERR_IO, "no answer of Redis: %s",
						r->reader->errstr);
	*out = reply;
	return true;
}

bool resp_number(const struct resp_value *v, int64_t *out)
{
	int64_t number = v->number;
	if (v->type == RESP_TEXT && v->length > 0 && v->length <= 18 &&
		strspn(v->text, "0123456789") == v->length)
		number = strtoll(v->text, NULL, 10);
	else if (v->type != RESP_NUMBER)
		return false;
	/* No count or time is larger, and sums and products of these do not overflow.
	 */
	if (number > RESP_NUMBER_MAX || number < -RESP_NUMBER_MAX)
		return false;
	*out = number;
	return true;
}
