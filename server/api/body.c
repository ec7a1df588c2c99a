#include "server/api/body.h"

#include <jansson.h>
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
	b->used++;
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

bool body_finish(struct body *b, struct err *e)
{
	if (json_object_size(b->root) == b->used)
		return true;
	return err_set(e, ERR_INPUT, "the body has a member that is not known here");
}
