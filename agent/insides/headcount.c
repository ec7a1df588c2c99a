#include "agent/insides/headcount.h"

#include "agent/capture/statistics.h"
#include "schema/wire_limits.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of each kind so many at most, so that none crowds out the others. */
enum { HEADCOUNT_OF_KIND_MAX = 96, HEADCOUNT_RESOURCES_MAX = 32 };

const char *const headcount_kinds[HEADCOUNT_KINDS] = {
	"listeners", "timers", "closures"};

void headcount_init(struct headcount *t)
{
	memset(t, 0, sizeof *t);
	t->floor_bytes = t->timers = t->listeners = -1;
	t->wanted = HEADCOUNT_ALL;
}

bool headcount_wants(const struct headcount *t, int kind)
{
	return t->wanted >> kind & 1;
}

/* The application may have timers of its own in the place of those of Node.js. */
bool headcount_goes_on(struct headcount *t, int kind, const struct err *e)
{
	if (e->kind != ERR_INPUT || !(HEADCOUNT_LIGHT >> kind & 1) ||
		t->wanted == HEADCOUNT_LIGHT)
		return false;
	t->wanted &= ~(1U << kind);
	return true;
}

static int64_t headcount_whole(const json_t *value)
{
	double number = json_number_value(value);
	return json_is_number(value) && number >= 0 && number < 9e15 ? (int64_t)number
								     : -1;
}

static char *headcount_place(const json_t *value, struct arena *a)
{
	const char *text = json_string_value(value);
	bool is_place = text && statistics_is_place(text, WIRE_PLACE_BYTES_MAX);
	return arena_strdup(a, is_place ? text : "");
}

/* "Queue\nerror" is class and event; a function's name may be none. */
static char *headcount_name(enum census_kind kind, const json_t *value, struct arena *a)
{
	const char *text = json_string_value(value);
	const char *line = text ? strchr(text, '\n') : NULL;
	char first[64], second[64];
	if (kind == CENSUS_LISTENERS && line) {
		char *class = arena_strndup(a, text, (size_t)(line - text));
		statistics_name(class, first);
		statistics_name(line + 1, second);
		return arena_printf(a, "%s %s", first, second);
	}
	if (text && !strncmp(text, "get ", 4))
		text += 4;
	else if (text && !strncmp(text, "bound ", 6))
		text += 6;
	if (text && !*text)
		return arena_strdup(a, "(anonymous)");
	statistics_name(text, first);
	return arena_strdup(a, first);
}

static void headcount_rows(
	struct headcount *t, enum census_kind kind, const json_t *rows, struct arena *a)
{
	size_t count = json_array_size(rows), taken = 0;
	int64_t all = 0, most = -1;
	for (size_t i = 0; i < count; i++) {
		const json_t *row = json_array_get(rows, i);
		int64_t number = headcount_whole(json_array_get(row, 2));
		int64_t here = headcount_whole(json_array_get(row, 3));
		if (number <= 0 || number > INT32_MAX)
			continue;
		all += number;
		most = here > most && here <= number ? here : most;
		if (taken == HEADCOUNT_OF_KIND_MAX || t->count == CENSUS_ITEMS_MAX) {
			t->is_cut = true;
			continue;
		}
		taken++;
		t->items[t->count++] = (struct census_item){.kind = kind,
			.name = headcount_name(kind, json_array_get(row, 0), a),
			.location = headcount_place(json_array_get(row, 1), a),
			.count = (uint64_t)number};
	}
	if (kind == CENSUS_TIMERS)
		t->timers = all;
	else if (kind == CENSUS_LISTENERS)
		t->listeners = most;
}

bool headcount_add(struct headcount *t, const struct json_t *answer, struct arena *a,
	struct err *e)
{
	const char *kind = json_string_value(json_object_get(answer, "kind"));
	const json_t *rows = json_object_get(answer, "items");
	int which = 0;
	while (which < HEADCOUNT_KINDS && kind &&
		strcmp(kind, headcount_kinds[which]) != 0)
		which++;
	if (!kind || which == HEADCOUNT_KINDS || !json_is_array(rows))
		return err_set(e, ERR_INPUT, "the process could not count");
	int64_t us = headcount_whole(json_object_get(answer, "us"));
	if (us > 0 && us < INT64_C(3600000000)) {
		t->took_us += (uint64_t)us;
		t->longest_us = (uint64_t)us > t->longest_us ? (uint64_t)us
							     : t->longest_us;
		if (!(HEADCOUNT_LIGHT >> which & 1) && (uint64_t)us > t->walk_us)
			t->walk_us = (uint64_t)us;
	}
	int64_t floor = headcount_whole(json_object_get(answer, "floor"));
	if (floor > 0)
		t->floor_bytes = floor;
	t->is_cut |= json_is_true(json_object_get(answer, "cut"));
	headcount_rows(t, (enum census_kind)(CENSUS_LISTENERS + which), rows, a);
	return true;
}

void headcount_resources(
	struct headcount *t, const struct door_statistics *s, struct arena *a)
{
	for (size_t i = 0; i < s->resource_count && i < HEADCOUNT_RESOURCES_MAX; i++) {
		if (t->count == CENSUS_ITEMS_MAX)
			return;
		t->items[t->count++] = (struct census_item){.kind = CENSUS_RESOURCES,
			.name = arena_strdup(a, s->resources[i].name),
			.location = "",
			.count = (uint64_t)s->resources[i].count};
	}
}

static int headcount_compare(const void *a, const void *b)
{
	const struct census_item *left = a, *right = b;
	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return left->kind != right->kind ? (int)left->kind - (int)right->kind
					 : strcmp(left->name, right->name);
}

/* The wire wants each (kind, name, place) once. */
static void headcount_merge(struct headcount *t)
{
	size_t kept = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct census_item *from = &t->items[i];
		size_t k = 0;
		while (k < kept &&
			(t->items[k].kind != from->kind ||
				strcmp(t->items[k].name, from->name) ||
				strcmp(t->items[k].location, from->location)))
			k++;
		if (k < kept)
			t->items[k].count += from->count;
		else
			t->items[kept++] = *from;
	}
	t->count = kept;
}

void headcount_close(struct headcount *t, struct census *out)
{
	headcount_merge(t);
	qsort(t->items, t->count, sizeof *t->items, headcount_compare);
	*out = (struct census){.route = "",
		.took_us = t->took_us,
		.is_cut = t->is_cut || t->wanted != HEADCOUNT_ALL,
		.items = t->items,
		.item_count = t->count};
}
