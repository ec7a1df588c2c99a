#include "server/api/arithmetic.h"

#include "server/analyse/objects.h"
#include "server/api/snapshot_shape.h"

#include <math.h>

static struct objects_input arithmetic_classes(
	const struct arithmetic_input *in, struct arena *a)
{
	struct objects_class *classes = arena_array(a, in->count, sizeof *classes);
	struct objects_input out = {.classes = classes};
	for (size_t i = 0; i < in->count; i++) {
		const struct snapshots_difference *d = &in->rows[i];
		if (!d->is_known)
			continue;
		classes[out.class_count++] = (struct objects_class){
			.name = d->name,
			.location = d->location,
			.count_before = d->before.count,
			.count_after = d->after.count,
			.bytes_before = d->before.shallow_bytes,
			.bytes_after = d->after.shallow_bytes,
		};
	}
	for (int i = 0; i < OBJECTS_COUNTERS; i++)
		out.delta[i] = NAN;
	return out;
}

static void arithmetic_match(struct json *j, const struct objects_match *m)
{
	json_object(j);
	snapshot_shape_name(j, m->of->name, m->of->location);
	json_put_int(j, "count_delta", m->more);
	json_put_int(j, "shallow_delta_bytes", m->more_bytes);
	json_put_string(j, "meaning", objects_meaning_name(m->meaning));
	json_put_string(j, "counter", objects_counter_name(m->counter));
	json_put_int(j, "objects", m->objects);
	json_put_int(j, "units", m->units);
	json_put_double(j, "error", m->error);
	json_put_string(j, "text", m->text);
	json_end(j);
}

static void arithmetic_result(struct json *j, const struct objects_result *r)
{
	json_put_string(j, "meaning", objects_meaning_name(r->meaning));
	json_put_string(j, "text", r->text);
	json_key(j, "matches");
	json_array(j);
	size_t listed = 0;
	for (size_t i = 0; i < r->count && listed < ARITHMETIC_MATCHES_MAX; i++) {
		if (r->matches[i].meaning == OBJECTS_UNEXPLAINED)
			continue;
		arithmetic_match(j, &r->matches[i]);
		listed++;
	}
	json_end(j);
	json_put_int(j, "grown_classes", (int64_t)r->count);
	json_put_int(
		j, "unexplained_classes", (int64_t)r->classes[OBJECTS_UNEXPLAINED]);
}

void arithmetic_put(struct json *j, const struct arithmetic_input *in, struct arena *a)
{
	const struct snapshots_row *before = in->before, *after = in->after;
	json_key(j, "arithmetic");
	if (before->place.generation != after->place.generation ||
		after->taken_ms <= before->taken_ms || before->requests < 0 ||
		after->requests <= before->requests) {
		json_null(j);
		return;
	}
	struct objects_input objects = arithmetic_classes(in, a);
	struct objects_result result;
	objects.delta[OBJECTS_REQUESTS] = (double)(after->requests - before->requests);
	objects_explain(&objects, a, &result);
	json_object(j);
	json_put_int(j, "requests", after->requests - before->requests);
	arithmetic_result(j, &result);
	json_end(j);
}
