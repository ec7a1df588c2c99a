#include "agent/queue/keys.h"

#include "agent/queue/finder.h"
#include "agent/queue/redis.h"

#include <stdlib.h>
#include <string.h>

struct keys {
	struct redis *redis;
	struct finder finder;
};

struct keys *keys_create(const struct queue_spec *spec, int stop_fd)
{
	struct keys *k = calloc(1, sizeof *k);
	BUG_ON(!k);
	k->redis = redis_create(spec, stop_fd);
	return k;
}

void keys_destroy(struct keys *k)
{
	if (!k)
		return;
	redis_destroy(k->redis);
	finder_finish(&k->finder);
	free(k);
}

static const char *const keys_types[][2] = {
	{"list", "LLEN"}, {"set", "SCARD"}, {"zset", "ZCARD"}, {"stream", "XLEN"}};

static const char *keys_command(const struct resp_value *type)
{
	for (size_t i = 0; i < sizeof keys_types / sizeof *keys_types; i++) {
		if (!strcmp(type->text, keys_types[i][0]))
			return keys_types[i][1];
	}
	return NULL;
}

/* A number of a row "name, value, name, value ...", or -1. */
static int64_t keys_field(const struct resp_value *row, const char *name)
{
	int64_t number;
	for (size_t i = 0; i + 1 < row->count; i += 2) {
		if (!strcmp(row->items[i]->text, name) &&
			resp_number(row->items[i + 1], &number))
			return number;
	}
	return -1;
}

static void keys_fill_stream(struct wire_values *v, const struct resp_value *stream,
	const struct resp_value *groups)
{
	int64_t entered = keys_field(stream, "entries-added");
	int64_t most = -1;
	reading_set(v, QUEUE_entered, entered);
	for (size_t i = 0; i < groups->count; i++) {
		int64_t lag = keys_field(groups->items[i], "lag");
		int64_t pending = keys_field(groups->items[i], "pending");
		if (lag < 0 || pending < 0 || lag + pending <= most)
			continue;
		most = lag + pending;
		reading_set(v, QUEUE_waiting, lag);
		reading_set(v, QUEUE_active, pending);
		reading_set(
			v, QUEUE_workers, keys_field(groups->items[i], "consumers"));
	}
	reading_set(v, QUEUE_depth, most);
	if (most >= 0 && entered >= most)
		reading_set(v, QUEUE_completed, entered - most);
}

static bool keys_read_streams(struct keys *k, struct reading *r, char **names,
	const struct resp_value **types, size_t count, struct err *e)
{
	const struct resp_value **answers;
	size_t at = 0;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(types[i]->text, "stream") != 0)
			continue;
		redis_ask(k->redis, "XINFO", "STREAM", names[i], NULL);
		redis_ask(k->redis, "XINFO", "GROUPS", names[i], NULL);
	}
	if (!redis_run(k->redis, r->arena, r->deadline_mono_ms, &answers, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(types[i]->text, "stream") != 0)
			continue;
		struct wire_values *v = reading_queue(r, names[i]);
		if (v)
			keys_fill_stream(v, answers[at], answers[at + 1]);
		at += 2;
	}
	return true;
}

bool keys_read(struct keys *k, struct reading *r, struct err *e)
{
	const struct resp_value **types, **lengths;
	size_t at = 0;
	if (!finder_look(&k->finder, k->redis, r, "", "", e))
		return false;
	char **names = k->finder.names;
	size_t count = k->finder.count;
	for (size_t i = 0; i < count; i++)
		redis_ask(k->redis, "TYPE", names[i], NULL);
	if (!redis_run(k->redis, r->arena, r->deadline_mono_ms, &types, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *command = keys_command(types[i]);
		if (command)
			redis_ask(k->redis, command, names[i], NULL);
	}
	if (!redis_run(k->redis, r->arena, r->deadline_mono_ms, &lengths, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		/* An empty list is no key; a queue that was named is empty then. */
		int64_t depth = 0;
		bool is_none = !strcmp(types[i]->text, "none");
		if (keys_command(types[i]))
			resp_number(lengths[at++], &depth);
		else if (!is_none)
			continue;
		struct wire_values *v = reading_queue(r, names[i]);
		if (v)
			reading_set(v, QUEUE_depth, depth);
	}
	r->is_cut = r->is_cut || k->finder.is_cut;
	if (!keys_read_streams(k, r, names, types, count, e))
		return false;
	for (size_t i = count; i-- > 0;) {
		if (!strcmp(types[i]->text, "none") && !finder_is_given(r, names[i]))
			finder_drop(&k->finder, i);
	}
	return true;
}
