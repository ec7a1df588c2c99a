#include "server/api/topics.h"

#include "common/json.h"

#include <string.h>

const char *const topics_name[TOPICS_COUNT] = {"verdicts", "alerts", "agents",
	"samples", "snapshots", "replays", "queues", "warnings", "config"};

unsigned topics_parse(const char *name)
{
	for (unsigned i = 0; i < TOPICS_COUNT; i++)
		if (strcmp(topics_name[i], name) == 0)
			return 1u << i;
	return 0;
}

void topics_write(unsigned set, struct buf *out)
{
	struct json j;
	json_init(&j, out);
	json_object(&j);
	json_key(&j, "topics");
	json_array(&j);
	for (unsigned i = 0; i < TOPICS_COUNT; i++)
		if (set & 1u << i)
			json_string(&j, topics_name[i]);
	json_end(&j);
	json_end(&j);
}

void topics_add(struct topics *t, unsigned set)
{
	t->pending |= set;
}

unsigned topics_take(struct topics *t, int64_t now_ms)
{
	unsigned due = 0;
	for (unsigned i = 0; i < TOPICS_COUNT; i++) {
		if (!(t->pending & 1u << i) || t->quiet_until_ms[i] > now_ms)
			continue;
		due |= 1u << i;
		t->quiet_until_ms[i] = now_ms + TOPICS_PACE_MS;
	}
	t->pending &= ~due;
	return due;
}

int64_t topics_due_ms(const struct topics *t)
{
	int64_t due_ms = INT64_MAX;
	for (unsigned i = 0; i < TOPICS_COUNT; i++)
		if (t->pending & 1u << i && t->quiet_until_ms[i] < due_ms)
			due_ms = t->quiet_until_ms[i];
	return due_ms;
}
