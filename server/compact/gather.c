#include "server/compact/gather.h"

#include "server/history/varint.h"

#include <stdlib.h>
#include <string.h>

enum { GATHER_ROW_USUAL_BYTES = 24 };

struct gather_subject {
	int32_t id;
	uint32_t rows, length, capacity;
	uint8_t *bytes;
	int64_t at_ms;    /* of the last row */
	uint64_t present; /* in it */
};

struct gather {
	struct gather_subject *subjects;
	size_t count;
	int64_t *last; /* of each subject and metric, the last value */
	int metrics;
	uint32_t *slots; /* by hash of the id: index + 1; 0: free */
	uint32_t mask;
};

static uint32_t gather_hash(int32_t id)
{
	uint32_t h = (uint32_t)id * UINT32_C(2654435761);
	return h ^ h >> 15;
}

static void gather_reserve(struct gather_subject *s, size_t capacity)
{
	BUG_ON(capacity > UINT32_MAX);
	s->capacity = (uint32_t)capacity;
	s->bytes = realloc(s->bytes, capacity);
	BUG_ON(!s->bytes);
}

struct gather *gather_create(
	const int32_t *subjects, const int64_t *rows, size_t count, int metrics)
{
	struct gather *g = calloc(1, sizeof *g);
	BUG_ON(!g || count >= UINT32_MAX / 4);
	uint32_t size = 16;
	while (size < 2 * count)
		size *= 2;
	g->subjects = calloc(count + 1, sizeof *g->subjects);
	g->last = calloc(count * (size_t)metrics + 1, sizeof *g->last);
	g->slots = calloc(size, sizeof *g->slots);
	BUG_ON(!g->subjects || !g->last || !g->slots);
	g->count = count;
	g->metrics = metrics;
	g->mask = size - 1;
	for (size_t i = 0; i < count; i++) {
		uint32_t at = gather_hash(subjects[i]) & g->mask;
		while (g->slots[at])
			at = (at + 1) & g->mask;
		g->slots[at] = (uint32_t)i + 1;
		g->subjects[i].id = subjects[i];
		if (rows)
			gather_reserve(&g->subjects[i],
				64 + (size_t)rows[i] * GATHER_ROW_USUAL_BYTES);
	}
	return g;
}

void gather_destroy(struct gather *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->count; i++)
		free(g->subjects[i].bytes);
	free(g->subjects);
	free(g->last);
	free(g->slots);
	free(g);
}

static struct gather_subject *gather_find(struct gather *g, int32_t id)
{
	uint32_t at = gather_hash(id) & g->mask;
	while (g->slots[at] && g->subjects[g->slots[at] - 1].id != id)
		at = (at + 1) & g->mask;
	BUG_ON(!g->slots[at]);
	return &g->subjects[g->slots[at] - 1];
}

void gather_add(struct gather *g, const struct hot_row *row)
{
	struct gather_subject *s = gather_find(g, row->subject);
	int64_t *last = g->last + (size_t)(s - g->subjects) * (size_t)g->metrics;
	size_t most = (size_t)VARINT_BYTES_MAX *
		      (2 + (size_t)__builtin_popcountll(row->present));
	if (s->length + most > s->capacity)
		gather_reserve(s, (size_t)s->capacity / 4 * 5 + most);
	uint8_t *at = s->bytes + s->length;
	at = varint_write(at, varint_zigzag((uint64_t)row->at_ms - (uint64_t)s->at_ms));
	at = varint_write(at, row->present ^ s->present);
	for (uint64_t left = row->present; left; left &= left - 1) {
		int m = __builtin_ctzll(left);
		at = varint_write(
			at, varint_zigzag((uint64_t)row->value[m] - (uint64_t)last[m]));
		last[m] = row->value[m];
	}
	s->length = (uint32_t)(at - s->bytes);
	s->at_ms = row->at_ms;
	s->present = row->present;
	s->rows++;
}

static uint64_t gather_varint(const uint8_t **at, const uint8_t *end)
{
	uint64_t value = 0;
	bool ok = varint_take(at, end, &value);
	BUG_ON(!ok);
	return value;
}

/* Rows of one subject, unpacked as they came. */
struct gather_rows {
	int64_t *at_ms;
	uint64_t *present;
	int64_t *value; /* rows × metrics */
	uint32_t *order;
	uint64_t used;
};

static void gather_unpack(const struct gather *g, const struct gather_subject *s,
	struct arena *a, struct gather_rows *r)
{
	size_t metrics = (size_t)g->metrics;
	const uint8_t *at = s->bytes, *end = s->bytes + s->length;
	uint64_t at_ms = 0, present = 0, last[HOT_METRICS_MAX] = {0};
	r->at_ms = arena_array(a, s->rows + 1, sizeof *r->at_ms);
	r->present = arena_array(a, s->rows + 1, sizeof *r->present);
	r->value = arena_array(a, s->rows * metrics + 1, sizeof *r->value);
	for (uint32_t i = 0; i < s->rows; i++) {
		at_ms += varint_unzigzag(gather_varint(&at, end));
		present ^= gather_varint(&at, end);
		r->at_ms[i] = (int64_t)at_ms;
		r->present[i] = present;
		r->used |= present;
		for (uint64_t left = present; left; left &= left - 1) {
			int m = __builtin_ctzll(left);
			last[m] += varint_unzigzag(gather_varint(&at, end));
			r->value[i * metrics + (size_t)m] = (int64_t)last[m];
		}
	}
}

static int gather_compare(const void *left, const void *right, void *context)
{
	const int64_t *at_ms = context;
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	if (at_ms[a] != at_ms[b])
		return at_ms[a] < at_ms[b] ? -1 : 1;
	return (a > b) - (a < b);
}

static void gather_sort(struct gather_rows *r, uint32_t rows, struct arena *a)
{
	bool rising = true;
	r->order = arena_array(a, rows + 1, sizeof *r->order);
	for (uint32_t i = 0; i < rows; i++) {
		r->order[i] = i;
		rising = rising && (i == 0 || r->at_ms[i] >= r->at_ms[i - 1]);
	}
	if (!rising)
		qsort_r(r->order, rows, sizeof *r->order, gather_compare, r->at_ms);
}

void gather_take(const struct gather *g, size_t index, struct arena *a,
	struct gather_columns *out)
{
	const struct gather_subject *s = &g->subjects[index];
	struct gather_rows r = {0};
	gather_unpack(g, s, a, &r);
	gather_sort(&r, s->rows, a);
	*out = (struct gather_columns){.used = r.used};
	out->at_ms = arena_array(a, s->rows + 1, sizeof *out->at_ms);
	for (uint64_t left = r.used; left; left &= left - 1) {
		int m = __builtin_ctzll(left);
		out->values[m] = arena_array(a, s->rows + 1, sizeof **out->values);
		out->has[m] = arena_array(a, s->rows + 1, sizeof **out->has);
	}
	for (uint32_t i = 0; i < s->rows; i++) {
		uint32_t from = r.order[i];
		size_t to = out->rows;
		if (to > 0 && out->at_ms[to - 1] == r.at_ms[from])
			to--;
		else
			out->at_ms[out->rows++] = r.at_ms[from];
		for (uint64_t left = r.present[from]; left; left &= left - 1) {
			int m = __builtin_ctzll(left);
			if (out->has[m][to])
				continue;
			out->has[m][to] = true;
			out->values[m][to] =
				r.value[from * (size_t)g->metrics + (size_t)m];
		}
	}
}
