#include "server/api/body.h"

#include "common/buf.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

bool body_open(struct body *b, struct body_source source, struct arena *a,
	const char **pointer, struct err *e)
{
	json_error_t why;
	*b = (struct body){.arena = a, .pointer = pointer};
	if (source.length == 0)
		source = (struct body_source){"{}", 2};
	b->root = json_loadb(source.text, source.length, JSON_REJECT_DUPLICATES, &why);
	if (!b->root)
		return err_set(e, ERR_INPUT,
			"the body is no JSON: line %d, column %d: %s", why.line,
			why.column, why.text);
	if (!json_is_object((json_t *)b->root))
		return err_set(e, ERR_INPUT, "the body must be a JSON object");
	return true;
}

void body_close(struct body *b)
{
	json_decref(b->root);
	b->root = NULL;
}

static bool body_refuse(struct body *b, const char *name, struct err *e)
{
	*b->pointer = arena_printf(b->arena, "/%s", name);
	return err_wrap(e, "%s", name);
}

/* NULL when absent or null. */
static json_t *body_find(struct body *b, const char *name)
{
	json_t *member = json_object_get(b->root, name);
	if (!member)
		return NULL;
	BUG_ON(b->used_count == sizeof b->used / sizeof *b->used);
	b->used[b->used_count++] = name;
	return json_is_null(member) ? NULL : member;
}

bool body_text(
	struct body *b, const struct body_text *want, const char **value, struct err *e)
{
	json_t *member = body_find(b, want->name);
	if (!member && want->required) {
		err_set(e, ERR_INPUT, "is missing");
		return body_refuse(b, want->name, e);
	}
	if (member && !json_is_string(member)) {
		err_set(e, ERR_INPUT, "must be a string");
		return body_refuse(b, want->name, e);
	}
	if (member && json_string_length(member) > want->length_max) {
		err_set(e, ERR_INPUT, "longer than %zu bytes", want->length_max);
		return body_refuse(b, want->name, e);
	}
	*value = member ? json_string_value(member) : NULL;
	return true;
}

bool body_int(
	struct body *b, const struct body_int *want, int64_t *value, struct err *e)
{
	json_t *member = body_find(b, want->name);
	int64_t number = member ? json_integer_value(member) : want->fallback;
	if (member && (!json_is_integer(member) || number < want->minimum ||
			      number > want->maximum)) {
		err_set(e, ERR_INPUT, "must be a whole number from %lld to %lld",
			(long long)want->minimum, (long long)want->maximum);
		return body_refuse(b, want->name, e);
	}
	*value = number;
	return true;
}

bool body_bool(struct body *b, const struct body_bool *want, bool *value, struct err *e)
{
	json_t *member = body_find(b, want->name);
	if (!member && want->required) {
		err_set(e, ERR_INPUT, "is missing");
		return body_refuse(b, want->name, e);
	}
	if (member && !json_is_boolean(member)) {
		err_set(e, ERR_INPUT, "must be true or false");
		return body_refuse(b, want->name, e);
	}
	*value = member ? json_is_true(member) : want->fallback;
	return true;
}

/* One member of an object of texts. */
static bool body_pair(struct body *b, const struct body_pairs *want, json_t *member,
	const char *name, struct err *e)
{
	if (strlen(name) > want->name_max)
		err_set(e, ERR_INPUT, "a name is longer than %zu bytes",
			want->name_max);
	else if (!json_is_string(member))
		err_set(e, ERR_INPUT, "%s: must be a string", name);
	else if (json_string_length(member) > want->value_max)
		err_set(e, ERR_INPUT, "%s: longer than %zu bytes", name,
			want->value_max);
	else
		return true;
	return body_refuse(b, want->name, e);
}

bool body_pairs(struct body *b, const struct body_pairs *want,
	const struct body_pair **pairs, size_t *count, struct err *e)
{
	json_t *object = body_find(b, want->name), *member;
	size_t size = json_object_size(object), n = 0;
	const char *name;
	const char *wrong = !object && want->required           ? "is missing"
			    : object && !json_is_object(object) ? "must be an object"
			    : size > want->count_max            ? "has too many members"
								: NULL;
	if (wrong) {
		err_set(e, ERR_INPUT, "%s", wrong);
		return body_refuse(b, want->name, e);
	}
	struct body_pair *out = arena_array(b->arena, size, sizeof *out);
	json_object_foreach(object, name, member)
	{
		if (!body_pair(b, want, member, name, e))
			return false;
		out[n++] = (struct body_pair){name, json_string_value(member)};
	}
	*pairs = out;
	*count = n;
	return true;
}

bool body_number(
	struct body *b, const struct body_number *want, double *value, struct err *e)
{
	json_t *member = body_find(b, want->name);
	*value = member ? json_number_value(member) : (double)NAN;
	if (!member)
		return true;
	if (json_is_number(member) && *value >= want->minimum &&
		*value <= want->maximum)
		return true;
	err_set(e, ERR_INPUT, "must be a number from %g to %g", want->minimum,
		want->maximum);
	return body_refuse(b, want->name, e);
}

static bool body_is_whole(const json_t *number, int64_t minimum)
{
	return json_is_integer(number) && json_integer_value(number) >= minimum &&
	       json_integer_value(number) <= INT32_MAX;
}

static bool body_mark(const json_t *item, struct body_mark *mark)
{
	const json_t *id = json_object_get(item, "id");
	const json_t *revision = json_object_get(item, "revision");
	size_t used = 1 + (revision != NULL);
	if (json_is_null(revision))
		revision = NULL;
	if (!body_is_whole(id, 1) || (revision && !body_is_whole(revision, 1)) ||
		json_object_size(item) != used)
		return false;
	*mark = (struct body_mark){
		json_integer_value(id), json_integer_value(revision)};
	return true;
}

static bool body_is_marked(const struct body_mark *marks, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (marks[i].id == id)
			return true;
	return false;
}

bool body_marks(struct body *b, const char *name, size_t count_max,
	const struct body_mark **marks, size_t *count, struct err *e)
{
	json_t *list = body_find(b, name);
	size_t size = json_array_size(list);
	if (size == 0 || size > count_max) {
		err_set(e, ERR_INPUT, "must be a list of 1 to %zu", count_max);
		return body_refuse(b, name, e);
	}
	struct body_mark *out = arena_array(b->arena, size, sizeof *out);
	for (size_t i = 0; i < size; i++) {
		if (body_mark(json_array_get(list, i), &out[i]) &&
			!body_is_marked(out, i, out[i].id))
			continue;
		err_set(e, ERR_INPUT,
			"item %zu must be {\"id\": 7} or {\"id\": 7, \"revision\": 3}, "
			"each id once",
			i);
		return body_refuse(b, name, e);
	}
	*marks = out;
	*count = size;
	return true;
}

/* What is wrong with the element at `at`, given those before it; NULL: nothing. */
static const char *body_id(const json_t *list, size_t at, int64_t *ids)
{
	const json_t *member = json_array_get(list, at);
	ids[at] = json_integer_value(member);
	if (!json_is_integer(member) || ids[at] < 1 || ids[at] > INT32_MAX)
		return "must hold ids";
	for (size_t i = 0; i < at; i++)
		if (ids[i] == ids[at])
			return "holds an id twice";
	return NULL;
}

bool body_ids(struct body *b, const struct body_ids *want, const int64_t **ids,
	size_t *count, struct err *e)
{
	json_t *list = body_find(b, want->name);
	size_t size = json_array_size(list);
	const char *wrong = NULL;
	if (!list || !json_is_array(list) || size < 1 || size > want->count_max) {
		err_set(e, ERR_INPUT, "must be a list of 1 to %zu ids",
			want->count_max);
		return body_refuse(b, want->name, e);
	}
	int64_t *out = arena_array(b->arena, size, sizeof *out);
	for (size_t i = 0; i < size && !wrong; i++)
		wrong = body_id(list, i, out);
	if (wrong) {
		err_set(e, ERR_INPUT, "%s", wrong);
		return body_refuse(b, want->name, e);
	}
	*ids = out;
	*count = size;
	return true;
}

static const char *body_word(const struct body_words *want, const json_t *value)
{
	const char *text = json_string_value(value);
	for (size_t i = 0; text && i < want->allowed_count; i++)
		if (strcmp(want->allowed[i], text) == 0)
			return want->allowed[i];
	return NULL;
}

static bool body_has_word(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (words[i] == word)
			return true;
	return false;
}

bool body_words(struct body *b, const struct body_words *want,
	const char *const **words, size_t *count, struct err *e)
{
	json_t *list = body_find(b, want->name);
	size_t size = json_array_size(list);
	const char **out = arena_array(b->arena, want->allowed_count, sizeof *out);
	bool good = list && json_is_array(list) && size > 0 &&
		    size <= want->allowed_count;
	for (size_t i = 0; good && i < size; i++) {
		out[i] = body_word(want, json_array_get(list, i));
		good = out[i] && !body_has_word(out, i, out[i]);
	}
	if (!good) {
		struct buf allowed = {0};
		for (size_t i = 0; i < want->allowed_count; i++)
			buf_printf(&allowed, "%s%s", i ? ", " : "", want->allowed[i]);
		err_set(e, ERR_INPUT, "must be a list of some of %s, each once",
			allowed.data);
		buf_finish(&allowed);
		return body_refuse(b, want->name, e);
	}
	*words = out;
	*count = size;
	return true;
}

bool body_texts(struct body *b, const struct body_texts *want,
	const char *const **texts, size_t *count, bool *said, struct err *e)
{
	*said = json_object_get(b->root, want->name);
	json_t *list = body_find(b, want->name);
	size_t size = json_array_size(list);
	bool good = !list || (json_is_array(list) && size <= want->count_max);
	const char **out = arena_array(b->arena, size, sizeof *out);
	for (size_t i = 0; good && i < size; i++) {
		const json_t *text = json_array_get(list, i);
		good = json_is_string(text) &&
		       json_string_length(text) <= want->length_max;
		out[i] = good ? arena_strdup(b->arena, json_string_value(text)) : NULL;
	}
	if (!good) {
		err_set(e, ERR_INPUT,
			"must be a list of at most %zu texts of %zu bytes",
			want->count_max, want->length_max);
		return body_refuse(b, want->name, e);
	}
	*texts = list ? out : NULL;
	*count = size;
	return true;
}

bool body_finish(struct body *b, struct err *e)
{
	const char *name;
	json_t *value;
	json_object_foreach(b->root, name, value)
	{
		bool known = false;
		for (size_t i = 0; i < b->used_count; i++)
			known |= strcmp(b->used[i], name) == 0;
		if (known)
			continue;
		err_set(e, ERR_INPUT, "is not known here");
		return body_refuse(b, arena_printf(b->arena, "%.64s", name), e);
	}
	return true;
}
