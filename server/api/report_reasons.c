#include "server/api/report_reasons.h"

#include <jansson.h>

size_t report_reasons_read(
	const char *json, struct arena *a, struct report_reason **out)
{
	json_t *list = json_loads(json, 0, NULL);
	size_t size = json_array_size(list), count = 0;
	*out = arena_array(a, size, sizeof **out);
	for (size_t i = 0; i < size; i++) {
		const json_t *item = json_array_get(list, i);
		const char *text = json_string_value(json_object_get(item, "text"));
		if (text)
			(*out)[count++] = (struct report_reason){
				json_is_true(json_object_get(item, "for")),
				arena_strdup(a, text)};
	}
	json_decref(list);
	return count;
}
