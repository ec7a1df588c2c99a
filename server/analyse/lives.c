#include "server/analyse/lives.h"

#include "server/analyse/envelope.h"
#include "server/analyse/robust.h"

#include <math.h>

enum {
	BINS_PER_WINDOW = 72,
	READINGS_MIN = 6, /* for a life to be joined with others */
};

int64_t lives_start_up_ms(int64_t bin_ms)
{
	return bin_ms > 15000 ? 2 * bin_ms : 30000;
}

/* The first reading at or after a time. */
static size_t first_from(const struct analyse_generation *g, int64_t at_ms)
{
	size_t low = 0, high = g->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (g->points[middle].at_ms < at_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void lives_between(const struct analyse_generation *life, int64_t bin_ms,
	int64_t from_ms, int64_t to_ms, size_t *first, size_t *end)
{
	int64_t begin = life->started_ms + lives_start_up_ms(bin_ms);
	*first = first_from(life, begin > from_ms ? begin : from_ms);
	*end = first_from(life, to_ms);
	if (*end < *first)
		*end = *first;
}

/* Usual distance of two readings, from the life with the most of them. */
static int64_t usual_gap_ms(const struct analyse_slot *slot, int64_t from_ms,
	int64_t end_ms, struct arena *a)
{
	size_t most = 0;
	double gap = 0;
	for (size_t g = 0; g < slot->count; g++) {
		const struct analyse_generation *life = &slot->generations[g];
		size_t from = first_from(life, from_ms);
		size_t to = first_from(life, end_ms + 1);
		if (to < from + 2 || to - from <= most)
			continue;
		most = to - from;
		double *gaps = arena_array(a, most - 1, sizeof *gaps);
		for (size_t i = 0; i + 1 < most; i++)
			gaps[i] = (double)(life->points[from + i + 1].at_ms -
					   life->points[from + i].at_ms);
		gap = robust_median(gaps, most - 1);
	}
	return (int64_t)gap;
}

struct room {
	double *clock_h, *day_h;
	size_t *segment;
};

static struct room make_room(
	const struct analyse_slot *slot, struct arena *a, struct lives *out)
{
	size_t points = 0;
	for (size_t g = 0; g < slot->count; g++)
		points += slot->generations[g].count;
	out->edge = arena_array(a, points, sizeof *out->edge);
	out->age_h = arena_array(a, points, sizeof(double));
	out->value_kb = arena_array(a, points, sizeof(double));
	struct room room = {arena_array(a, points, sizeof(double)),
		arena_array(a, points, sizeof(double)),
		arena_array(a, points, sizeof(size_t))};
	out->shapes = (struct shape_points){
		.clock_h = room.clock_h,
		.age_h = out->age_h,
		.day_h = room.day_h,
		.value_kb = out->value_kb,
		.segment = room.segment,
	};
	return room;
}

/* Puts a life's envelope behind the others.  A life of one point has no course to
 * tell; its readings still show that nothing grew. */
static void add_life(const struct analyse_generation *life, size_t from, size_t to,
	struct room *room, struct lives *out)
{
	struct analyse_point *edge = out->edge + out->count;
	size_t added = envelope_make(life->points + from, to - from, out->bin_ms, edge);
	out->covered_ms += life->points[to - 1].at_ms - life->points[from].at_ms;
	out->readings += to - from;
	if (added < 2)
		return;
	for (size_t i = 0; i < added; i++) {
		size_t at = out->count + i;
		out->age_h[at] = (double)(edge[i].at_ms - life->started_ms) /
				 LIVES_HOUR_MS;
		out->value_kb[at] = edge[i].value_kb;
		room->day_h[at] = (double)edge[i].at_ms / LIVES_HOUR_MS;
		room->segment[at] = out->segments;
	}
	double stretch = (double)(edge[added - 1].at_ms - edge[0].at_ms) /
			 LIVES_HOUR_MS;
	out->longest_h = fmax(out->longest_h, stretch);
	out->count += added;
	out->segments++;
}

void lives_gather(const struct analyse_slot *slot, int64_t window_ms, int64_t end_ms,
	struct arena *a, struct lives *out)
{
	*out = (struct lives){0};
	int64_t from_ms = end_ms - window_ms;
	int64_t gap_ms = usual_gap_ms(slot, from_ms, end_ms, a);
	out->bin_ms = window_ms / BINS_PER_WINDOW;
	if (gap_ms > out->bin_ms)
		out->bin_ms = gap_ms;
	struct room room = make_room(slot, a, out);
	size_t last = slot->count, from, to;
	while (last > 0 && first_from(&slot->generations[last - 1], end_ms + 1) == 0)
		last--;
	if (last == 0)
		return;
	const struct analyse_generation *newest = &slot->generations[last - 1];
	out->newest = newest;
	lives_between(newest, out->bin_ms, from_ms, end_ms + 1, &from, &to);
	bool fills = to > from &&
		     (double)(newest->points[to - 1].at_ms -
			      newest->points[from].at_ms) >= 0.55 * (double)window_ms;
	size_t g = fills                       ? last - 1
		   : last > SHAPE_SEGMENTS_MAX ? last - SHAPE_SEGMENTS_MAX
					       : 0;
	for (; g < last; g++) {
		lives_between(&slot->generations[g], out->bin_ms, from_ms, end_ms + 1,
			&from, &to);
		if (to - from >= READINGS_MIN)
			add_life(&slot->generations[g], from, to, &room, out);
	}
	for (size_t i = 0; i < out->count; i++)
		room.clock_h[i] = out->age_h[i] -
				  (out->segments > 1 ? 0 : out->age_h[0]);
	out->shapes.count = out->count;
	out->shapes.segments = out->segments;
	out->shapes.span_h = out->longest_h;
	out->shapes.bin_h = (double)out->bin_ms / LIVES_HOUR_MS;
}
