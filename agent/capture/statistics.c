#include "agent/capture/statistics.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATISTICS_COUNT_MAX = INT32_MAX / 2, STATISTICS_FRAMES_MAX = 12 };

/* Whole and not negative, or -1: JSON of V8 has no integers beyond 2^53. */
static int64_t statistics_whole(const json_t *object, const char *key)
{
	double value = json_number_value(json_object_get(object, key));
	if (!json_is_number(json_object_get(object, key)) || !(value >= 0) ||
		value > 9e15)
		return -1;
	return (int64_t)value;
}

static double statistics_real(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	double real = json_number_value(value);
	return json_is_number(value) && isfinite(real) && real >= 0 ? real : -1;
}

void statistics_name(const char *text, char out[64])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_$";
	static const char others[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"_$0123456789-:.";
	bool is_name = text && *text && strchr(letters, *text) && strlen(text) < 64 &&
		       text[strspn(text, others)] == '\0';
	snprintf(out, 64, "%s", is_name ? text : "[key]");
}

bool statistics_is_place(const char *text, size_t size)
{
	size_t length = text ? strlen(text) : 0;
	bool is_path = text && (text[0] == '/' || !strncmp(text, "node:", 5));
	if (length == 0 || length >= size || !is_path)
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < ' ' || c == 0x7f || c == '?' || c == '#')
			return false;
	}
	/* From behind: ":20", then ":7". */
	for (int numbers = 0; numbers < 2; numbers++) {
		size_t end = length;
		while (length > 0 && text[length - 1] >= '0' && text[length - 1] <= '9')
			length--;
		if (length == end || length == 0 || text[length - 1] != ':')
			return false;
		length--;
	}
	return true;
}

static int statistics_compare(const void *a, const void *b)
{
	const struct door_resource *left = a, *right = b;
	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void statistics_resources(const json_t *list, struct door_statistics *out)
{
	const char *key;
	json_t *value;
	out->resources_all = json_is_object(list) ? 0 : -1;
	json_object_foreach((json_t *)list, key, value)
	{
		int64_t count = statistics_whole(list, key);
		if (count <= 0 || count > STATISTICS_COUNT_MAX)
			continue;
		if (out->resources_all < STATISTICS_COUNT_MAX)
			out->resources_all += count;
		struct door_resource *last = &out->resources[DOOR_RESOURCES_MAX - 1];
		bool is_full = out->resource_count == DOOR_RESOURCES_MAX;
		if (is_full && last->count >= count)
			continue;
		struct door_resource *r =
			is_full ? last : &out->resources[out->resource_count++];
		statistics_name(key, r->name);
		r->count = count;
		if (out->resource_count == DOOR_RESOURCES_MAX)
			qsort(out->resources, out->resource_count, sizeof *r,
				statistics_compare);
	}
	qsort(out->resources, out->resource_count, sizeof *out->resources,
		statistics_compare);
}

static void statistics_stack(const json_t *list, char *out, size_t size)
{
	size_t count = json_array_size(list), at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < count && i < STATISTICS_FRAMES_MAX; i++) {
		const char *place = json_string_value(json_array_get(list, i));
		if (!statistics_is_place(place, size - at - 1))
			continue;
		at += (size_t)snprintf(
			out + at, size - at, "%s%s", at > 0 ? "\n" : "", place);
	}
}

static void statistics_warnings(const json_t *list, struct door_statistics *out)
{
	size_t count = json_array_size(list);
	out->listeners = -1;
	for (size_t i = 0; i < count && i < DOOR_WARNINGS_MAX; i++) {
		const json_t *from = json_array_get(list, i);
		struct door_warning *to = &out->warnings[out->warning_count++];
		statistics_name(json_string_value(json_object_get(from, "emitter")),
			to->emitter);
		statistics_name(
			json_string_value(json_object_get(from, "event")), to->event);
		to->count = statistics_whole(from, "count");
		to->times = statistics_whole(from, "times");
		to->first_ms = statistics_whole(from, "first");
		statistics_stack(
			json_object_get(from, "stack"), to->stack, sizeof to->stack);
		int64_t now = statistics_whole(from, "now");
		if (now > out->listeners)
			out->listeners = now;
	}
}

static void statistics_memory(const json_t *document, struct door_statistics *out)
{
	const json_t *memory = json_object_get(document, "memory");
	const json_t *heap = json_object_get(document, "heap");
	out->rss_bytes = statistics_whole(memory, "rss");
	out->heap_used_bytes = statistics_whole(memory, "heapUsed");
	out->heap_total_bytes = statistics_whole(memory, "heapTotal");
	out->external_bytes = statistics_whole(memory, "external");
	out->array_buffers_bytes = statistics_whole(memory, "arrayBuffers");
	out->heap_limit_bytes = statistics_whole(heap, "heap_size_limit");
	out->malloced_bytes = statistics_whole(heap, "malloced_memory");
	out->contexts = statistics_whole(heap, "number_of_native_contexts");
	out->detached_contexts = statistics_whole(heap, "number_of_detached_contexts");
}

/* V8 has had more and other spaces with almost every version. */
static int64_t *statistics_space(struct door_statistics *s, const char *name)
{
	if (strstr(name, "large_object"))
		return &s->space_large_bytes;
	if (!strcmp(name, "new_space"))
		return &s->space_new_bytes;
	if (!strcmp(name, "old_space"))
		return &s->space_old_bytes;
	if (!strcmp(name, "code_space"))
		return &s->space_code_bytes;
	return &s->space_other_bytes;
}

static void statistics_spaces(const json_t *spaces, struct door_statistics *out)
{
	const char *key;
	json_t *value;
	int64_t unknown = json_object_size(spaces) > 0 ? 0 : -1;
	out->space_new_bytes = out->space_old_bytes = out->space_large_bytes = unknown;
	out->space_code_bytes = out->space_other_bytes = unknown;
	json_object_foreach((json_t *)spaces, key, value)
	{
		int64_t bytes = statistics_whole(spaces, key);
		int64_t *space = statistics_space(out, key);
		if (bytes > 0 && *space < INT64_C(1) << 53)
			*space += bytes;
	}
}

bool statistics_parse(
	const struct json_t *document, struct door_statistics *out, struct err *e)
{
	struct door_statistics s = {0};
	int64_t pid = statistics_whole(document, "pid");
	const char *version = json_string_value(json_object_get(document, "version"));
	statistics_memory(document, &s);
	if (pid <= 0 || pid > INT32_MAX || !version || s.heap_used_bytes < 0)
		return err_set(e, ERR_INPUT,
			"what the process tells of itself has no pid, version or "
			"memory");
	bool is_version =
		strlen(version) < sizeof s.version &&
		version[strspn(version, "0123456789.abcdefghijklmnopqrstuvwxyz"
					"-")] == '\0';
	snprintf(s.version, sizeof s.version, "%s", is_version ? version : "?");
	s.pid = (int)pid;
	s.uptime_s = statistics_real(document, "uptime");
	statistics_resources(json_object_get(document, "resources"), &s);

	const json_t *delay = json_object_get(document, "delay");
	const json_t *gc = json_object_get(document, "gc");
	s.loop_delay_p99_ms = statistics_real(delay, "p99");
	s.loop_delay_max_ms = statistics_real(delay, "max");
	s.loop_utilization_ratio = statistics_real(document, "utilization");
	statistics_spaces(json_object_get(document, "spaces"), &s);
	s.gc_count = statistics_whole(gc, "count");
	s.gc_full_count = statistics_whole(gc, "full");
	s.heap_floor_bytes = statistics_whole(gc, "floor");
	s.last_reading_us = statistics_whole(document, "last");
	s.longest_reading_us = statistics_whole(document, "longest");
	s.gc_ms = statistics_real(gc, "ms");
	s.requests = statistics_whole(document, "requests");
	statistics_warnings(json_object_get(document, "warnings"), &s);
	*out = s;
	return true;
}
