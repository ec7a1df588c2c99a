#include "server/store/summaries_json.h"

#include "common/err.h"
#include "common/json.h"

/* Members of the object that is open. */
static void summaries_json_name(struct json *j, struct snapshot_name is)
{
	json_put_string(j, "name", is.name);
	json_put_string(j, "location", *is.location ? is.location : NULL);
}

static void summaries_json_member(
	struct json *j, const char *key, struct snapshot_name is)
{
	json_key(j, key);
	json_object(j);
	summaries_json_name(j, is);
	json_end(j);
}

static void summaries_json_holder(struct json *j, const struct snapshot_holder *holder)
{
	json_object(j);
	summaries_json_name(j, holder->is);
	json_key(j, "path");
	json_array(j);
	for (size_t i = 0; i < holder->path.count; i++) {
		json_object(j);
		json_put_string(j, "edge", holder->path.steps[i].edge);
		summaries_json_member(j, "holder", holder->path.steps[i].holder);
		json_end(j);
	}
	json_end(j);
	json_put_bool(j, "path_is_cut", holder->path.is_cut);
	summaries_json_member(j, "child", holder->child);
	json_put_int(j, "child_count", (int64_t)holder->child_count);
	json_put_int(j, "child_bytes", (int64_t)holder->child_bytes);
	json_put_int(j, "retained_bytes", (int64_t)holder->retained_bytes);
	json_end(j);
}

static const char *summaries_json_take(struct buf *text, struct arena *a)
{
	const char *copy = arena_strdup(a, text->data);
	buf_finish(text);
	return copy;
}

const char *summaries_json_holders(
	const struct snapshot_holder *holders, size_t count, struct arena *a)
{
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	json_array(&j);
	for (size_t i = 0; i < count; i++)
		summaries_json_holder(&j, &holders[i]);
	json_end(&j);
	return summaries_json_take(&text, a);
}

static void summaries_json_change(struct json *j, const struct snapshot_change *change)
{
	json_object(j);
	summaries_json_name(j, change->is);
	json_put_int(j, "added", (int64_t)change->added);
	json_put_int(j, "removed", (int64_t)change->removed);
	json_put_int(j, "added_bytes", (int64_t)change->added_bytes);
	json_put_int(j, "removed_bytes", (int64_t)change->removed_bytes);
	json_end(j);
}

const char *summaries_json_growth(const struct snapshot_growth *growth, struct arena *a)
{
	static const char *const verdicts[] = {
		[SNAPSHOT_NO_LEAK] = "no-leak",
		[SNAPSHOT_ACCUMULATION] = "accumulation",
		[SNAPSHOT_CLASS_GROWTH] = "class-growth",
	};
	if (growth->verdict == SNAPSHOT_NOT_COMPARED)
		return NULL;
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	json_object(&j);
	json_put_string(&j, "verdict", verdicts[growth->verdict]);
	json_put_int(&j, "before_at_ms", growth->before_unix_ms);
	json_put_int(&j, "before_total_bytes", (int64_t)growth->before_total_bytes);
	json_put_int(&j, "grown_bytes", growth->grown_bytes);
	json_key(&j, "holder");
	if (growth->verdict == SNAPSHOT_ACCUMULATION)
		summaries_json_holder(&j, &growth->holder);
	else
		json_null(&j);
	json_put_int(&j, "explained_bytes", (int64_t)growth->explained_bytes);
	json_key(&j, "changes");
	json_array(&j);
	for (size_t i = 0; i < growth->change_count; i++)
		summaries_json_change(&j, &growth->changes[i]);
	json_end(&j);
	json_put_string(&j, "words", growth->words);
	json_end(&j);
	return summaries_json_take(&text, a);
}
