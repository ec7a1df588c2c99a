#include "agent/queue/json_path.h"

#include <stdlib.h>
#include <string.h>

enum { JSON_PATH_NAME_MAX = 256 };

/* The name at *at, in `out`; *at is then behind it. */
static bool json_path_name(const char **at, char out[JSON_PATH_NAME_MAX])
{
	bool is_quoted = **at == '"';
	*at += is_quoted;
	size_t length = strcspn(*at, is_quoted ? "\"" : ".[\"");
	if (length == 0 || length >= JSON_PATH_NAME_MAX ||
		(is_quoted && (*at)[length] != '"'))
		return false;
	memcpy(out, *at, length);
	out[length] = '\0';
	*at += length + is_quoted;
	return true;
}

static bool json_path_index(const char **at, size_t *out)
{
	char *end;
	if (**at < '0' || **at > '9')
		return false;
	*out = strtoul(*at, &end, 10);
	*at = end + 1;
	return *end == ']';
}

bool json_path_find(
	const json_t *document, const char *path, const json_t **out, struct err *e)
{
	const json_t *found = document;
	const char *at = path;
	while (*at) {
		char name[JSON_PATH_NAME_MAX];
		size_t index;
		bool is_index = *at == '[';
		if (!is_index && at > path && *at++ != '.')
			return err_set(e, ERR_INPUT, "'%.200s' is no path", path);
		if (is_index ? (at++, !json_path_index(&at, &index))
			     : !json_path_name(&at, name))
			return err_set(e, ERR_INPUT, "'%.200s' is no path", path);
		found = is_index ? json_array_get(found, index)
				 : json_object_get(found, name);
		if (!found)
			return err_set(e, ERR_INPUT,
				"the answer has nothing at '%.200s'", path);
	}
	*out = found;
	return true;
}

bool json_path_number(
	const json_t *document, const char *path, double *out, struct err *e)
{
	const json_t *found;
	if (!json_path_find(document, path, &found, e))
		return false;
	char *end;
	if (json_is_number(found)) {
		*out = json_number_value(found);
		return true;
	}
	if (json_is_array(found)) {
		*out = (double)json_array_size(found);
		return true;
	}
	if (json_is_boolean(found)) {
		*out = json_is_true(found);
		return true;
	}
	if (json_is_string(found) && json_string_length(found)) {
		*out = strtod(json_string_value(found), &end);
		if (!*end)
			return true;
	}
	return err_set(e, ERR_INPUT, "what is at '%.200s' is no number", path);
}
