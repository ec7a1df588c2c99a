/* measures: server_analyse
 *
 * What watching costs: CPU for a minute of readings of 1,000 to 100,000 slots.
 *
 *   minute   six readings of every slot, ten seconds apart, and one step: what changed
 *            is judged, the rest is not looked at
 *   worst    every window of every slot judged once: the sum of what a bin of each
 *            window costs when it closes
 *   state    bytes held for a slot
 *   linear   cost of a slot among the most, against one among 1,000
 *
 * The slots are of eight kinds, from steady to leaking, with and without heap, load and
 * queue; twenty make a service, half of every tenth service runs another version.  Each
 * has two weeks behind it: some dozens live through them, and the others begin as
 * copies of these.  All is CPU time of one thread.
 */
#include "common/arena.h"
#include "common/err.h"
#include "server/analyse/fleet.h"
#include "server/analyse/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	MODELS = 40, /* slots that live through the history */
	EACH = 20,   /* slots of a service */
	KINDS = 8,
	MINUTES = 10,
	TICK_MS = 10 * 1000,
	HISTORY_H = 14 * 24,
	FULL = 100000,
};

static const double GOAL_MINUTE_S = 3, GOAL_WORST_S = 30, GOAL_STATE_BYTES = 6144;
static const double GOAL_LINEAR = 1.5;
static const int64_t HOUR_MS = 3600 * 1000, NOW_MS = INT64_C(1790000000000);

/* Of a model; in the copies the fingerprint of their own service stands in its place.
 */
static const int64_t FINGERPRINT = INT64_C(0x5eed0f1234567801);

static struct {
	struct arena arena;
	const uint8_t *state[MODELS];
	size_t state_bytes[MODELS];
	double tier_us[TRACE_TIERS], put_us;
	double step_ns; /* for a slot of which nothing changed */
} bench;

static double cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Equal for equal arguments, between -1 and 1. */
static double noise(uint64_t slot, int64_t at_ms, uint64_t what)
{
	uint64_t x = slot * 0x9e3779b97f4a7c15u ^
		     (uint64_t)at_ms * 0xbf58476d1ce4e5b9u ^ what * 0x94d049bb133111ebu;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (double)(int64_t)(x ^ x >> 31) / 0x1p63;
}

static double teeth(uint64_t slot, double h, double period_h)
{
	double turns = h / period_h + (double)slot * 0.37;
	return turns - floor(turns);
}

/* One of eight lives: 0 steady, 1 by the day, 2 collected, 3 by the day with load and
 * collected, 4 a leak, 5 a leak under collection, 6 with a queue, 7 noisy with load. */
static struct reading reading_of(uint64_t slot, int64_t at_ms)
{
	uint64_t kind = slot % KINDS;
	double h = (double)(at_ms - NOW_MS) / (double)HOUR_MS + HISTORY_H;
	double day = sin(h * 2 * M_PI / 24 + (double)slot);
	bool has_heap = kind == 2 || kind == 3 || kind == 5;
	bool has_load = kind == 3 || kind == 7 || kind == 6;
	struct reading r = {.at_ms = at_ms,
		.memory_kb = 300e3 + 2e3 * noise(slot, at_ms, 1),
		.heap_kb = NAN,
		.heap_used_kb = NAN,
		.live_kb = NAN,
		.collections = NAN,
		.load = has_load ? 50 + 20 * day + 5 * noise(slot, at_ms, 2) : NAN,
		.arrivals = NAN,
		.completions = NAN,
		.depth = NAN};
	if (kind == 1 || kind == 3)
		r.memory_kb += 20e3 * day;
	if (kind == 7)
		r.memory_kb += 400 * r.load + 10e3 * noise(slot, at_ms, 3);
	double leaked_kb = kind == 4 || kind == 5 ? 60 * h : 0;
	r.memory_kb += leaked_kb;
	if (has_heap) {
		double period_h = 0.4;
		r.live_kb = 60e3 + leaked_kb +
			    1e3 * noise(slot, (int64_t)(h / period_h), 4);
		r.collections = floor(h / period_h);
		r.heap_used_kb = r.live_kb + 80e3 * teeth(slot, h, period_h);
		r.heap_kb = 160e3 + leaked_kb;
	}
	if (kind == 6) {
		r.depth = fmax(0, 40 + 40 * noise(slot, at_ms, 5));
		r.arrivals = fmax(0, 300 + 30 * noise(slot, at_ms, 6));
		r.completions = fmax(0, 300 + 30 * noise(slot, at_ms, 7));
	}
	return r;
}

static struct reading_life life_of(uint64_t model, int64_t fingerprint_id)
{
	return (struct reading_life){
		.id = (int64_t)model + 1,
		.fingerprint_id = fingerprint_id,
		.started_ms = NOW_MS - HISTORY_H * HOUR_MS,
		.limit_kb = 1e6,
		.is_private = true,
	};
}

static int64_t fingerprint_of(uint64_t slot)
{
	uint64_t service = slot / EACH;
	bool is_newer = service % 10 == 0 && slot % EACH >= EACH / 2;
	return (int64_t)(service * 2 + 1 + is_newer);
}

/* Sparse while that is long ago, dense for the last hours. */
static void live_history(struct fleet *f, uint64_t model)
{
	const struct fleet_seat seat = {(int64_t)model + 1, 1, (int64_t)model + 1};
	const struct reading_life life = life_of(model, FINGERPRINT);
	for (int64_t at = NOW_MS - HISTORY_H * HOUR_MS; at < NOW_MS;) {
		struct reading r = reading_of(model, at);
		fleet_put(f, &seat, &life, &r);
		int64_t left = NOW_MS - at;
		at += left > 30 * HOUR_MS  ? HOUR_MS / 2
		      : left > 9 * HOUR_MS ? HOUR_MS / 12
		      : left > HOUR_MS     ? HOUR_MS / 60
					   : TICK_MS;
	}
}

/* What one closing bin of each window costs, from hours of readings of the models.  A
 * put that closes bins of several windows is counted for the longest, less what the
 * shorter ones are known to cost. */
static void measure_windows(struct fleet *f)
{
	double sum_us[TRACE_TIERS] = {0}, put_us = 0;
	size_t count[TRACE_TIERS] = {0}, puts = 0;
	for (int64_t at = NOW_MS; at < NOW_MS + 7 * HOUR_MS; at += TICK_MS) {
		for (uint64_t model = 0; model < MODELS; model++) {
			const struct fleet_seat seat = {
				(int64_t)model + 1, 1, (int64_t)model + 1};
			const struct reading_life life = life_of(model, FINGERPRINT);
			struct reading r = reading_of(model, at);
			double start = cpu_s();
			fleet_put(f, &seat, &life, &r);
			double us = (cpu_s() - start) * 1e6;
			size_t longest = TRACE_TIERS;
			for (size_t t = 0; t < TRACE_TIERS; t++) {
				bool closes = at / trace_bin_ms(t) !=
					      (at - TICK_MS) / trace_bin_ms(t);
				if (!closes)
					continue;
				if (longest < TRACE_TIERS && count[longest])
					us -= sum_us[longest] / (double)count[longest];
				longest = t;
			}
			if (longest < TRACE_TIERS) {
				sum_us[longest] += us;
				count[longest]++;
			} else {
				put_us += us;
				puts++;
			}
		}
	}
	bench.put_us = puts ? put_us / (double)puts : 0;
	for (size_t t = 0; t < TRACE_TIERS; t++)
		bench.tier_us[t] = count[t] ? fmax(0, sum_us[t] / (double)count[t]) : 0;
}

static void make_models(void)
{
	struct fleet *f = fleet_create();
	arena_init(&bench.arena);
	double start = cpu_s();
	for (uint64_t model = 0; model < MODELS; model++)
		live_history(f, model);
	for (uint64_t model = 0; model < MODELS; model++)
		bench.state[model] = fleet_save_slot(
			f, (int64_t)model + 1, &bench.arena, &bench.state_bytes[model]);
	printf("%d models lived through two weeks in %.1f s of CPU\n", MODELS,
		cpu_s() - start);
	measure_windows(f);
	fleet_destroy(f);
}

/* A copy of a model, as a slot of its own service. */
static void load_slot(struct fleet *f, uint64_t slot)
{
	uint64_t model = slot % MODELS;
	static uint8_t bytes[1 << 16];
	size_t count = bench.state_bytes[model];
	BUG_ON(!bench.state[model] || count > sizeof bytes);
	memcpy(bytes, bench.state[model], count);
	int64_t fingerprint_id = fingerprint_of(slot);
	for (size_t i = 0; i + sizeof FINGERPRINT <= count; i++)
		if (memcmp(bytes + i, &FINGERPRINT, sizeof FINGERPRINT) == 0)
			memcpy(bytes + i, &fingerprint_id, sizeof fingerprint_id);
	const struct fleet_seat seat = {
		(int64_t)slot + 1, (int64_t)(slot / EACH) + 1, (int64_t)slot + 1};
	BUG_ON(!fleet_load_slot(f, &seat, bytes, count));
}

struct row {
	uint64_t slots;
	double minute_s, bytes, tell_share;
};

static void put_all(struct fleet *f, uint64_t slots, int64_t at_ms)
{
	for (uint64_t slot = 0; slot < slots; slot++) {
		const struct fleet_seat seat = {(int64_t)slot + 1,
			(int64_t)(slot / EACH) + 1, (int64_t)slot + 1};
		const struct reading_life life = life_of(
			slot % MODELS, fingerprint_of(slot));
		struct reading r = reading_of(slot % MODELS, at_ms);
		fleet_put(f, &seat, &life, &r);
	}
}

/* What making the readings takes by itself. */
static double reading_s(void)
{
	double start = cpu_s();
	volatile double sink = 0;
	for (uint64_t i = 0; i < 100000; i++)
		sink = sink + reading_of(i % MODELS, NOW_MS + (int64_t)i).memory_kb;
	return (cpu_s() - start) / 100000;
}

static struct row measure(uint64_t slots)
{
	struct fleet *f = fleet_create();
	struct arena a;
	struct row row = {.slots = slots};
	arena_init(&a);
	for (uint64_t slot = 0; slot < slots; slot++)
		load_slot(f, slot);
	struct fleet_report report;
	put_all(f, slots, NOW_MS); /* the first is warm: all of them are told */
	fleet_step(f, NOW_MS, &a, &report);
	arena_reset(&a);
	size_t told = 0;
	double start = cpu_s();
	for (int64_t minute = 0; minute < MINUTES; minute++) {
		for (int64_t tick = 1; tick <= 6; tick++)
			put_all(f, slots, NOW_MS + minute * 60000 + tick * TICK_MS);
		fleet_step(f, NOW_MS + (minute + 1) * 60000, &a, &report);
		told += report.slot_count;
		arena_reset(&a);
	}
	row.minute_s = (cpu_s() - start) / MINUTES - reading_s() * 6 * (double)slots;
	row.tell_share = (double)told / MINUTES / (double)slots;
	for (uint64_t slot = 0; slot < slots; slot++)
		row.bytes += (double)fleet_slot_size(f, (int64_t)slot + 1) /
			     (double)slots;
	arena_finish(&a);
	fleet_destroy(f);
	return row;
}

static bool goal(const char *name, double ratio, double most)
{
	printf("detect%s ratio=%.2f goal=%.2f %s\n", name, ratio, most,
		ratio <= most ? "ok" : "short");
	return ratio <= most;
}

static double print_windows(void)
{
	double worst_us = 0, minute_us = bench.put_us * 6;
	printf("\n%-12s %14s %14s\n", "window", "us a bin", "bins a minute");
	for (size_t t = 0; t < TRACE_TIERS; t++) {
		double bins = fmin(6, 60e3 / (double)trace_bin_ms(t));
		printf("%8.1f h   %14.1f %14.3f\n",
			(double)trace_window_ms(t) / (double)HOUR_MS, bench.tier_us[t],
			bins);
		worst_us += bench.tier_us[t];
		minute_us += bench.tier_us[t] * bins;
	}
	printf("a reading that closes none: %.2f us; a minute of a slot by these: %.1f "
	       "us;\n"
	       "one pass over all windows of a slot: %.1f us, of %d slots: %.1f s\n",
		bench.put_us, minute_us, worst_us, FULL, worst_us * FULL / 1e6);
	return worst_us;
}

int main(int argc, char **argv)
{
	static const uint64_t full[] = {1000, 10000, FULL},
			      less[] = {1000, 10000, 20000};
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	struct row rows[3];
	make_models();
	double worst_us = print_windows();
	printf("\n%10s %16s %16s %16s %14s\n", "slots", "us/slot/minute",
		"CPU s a minute", "bytes/slot", "told a minute");
	for (size_t i = 0; i < 3; i++) {
		rows[i] = measure(quick ? less[i] : full[i]);
		printf("%10lu %16.1f %16.2f %16.0f %13.1f%%\n",
			(unsigned long)rows[i].slots,
			rows[i].minute_s / (double)rows[i].slots * 1e6,
			rows[i].minute_s, rows[i].bytes, rows[i].tell_share * 100);
		fflush(stdout);
	}
	const struct row *most = &rows[2];
	double each_s = most->minute_s / (double)most->slots;
	double linear = each_s / (rows[0].minute_s / (double)rows[0].slots);
	if (quick)
		printf("the goals of %d slots are held against %lu, times %.0f\n", FULL,
			(unsigned long)most->slots, (double)FULL / (double)most->slots);
	bool ok = goal("-minute", each_s * FULL / GOAL_MINUTE_S, 1);
	ok &= goal("-worst", worst_us * FULL / 1e6 / GOAL_WORST_S, 1);
	ok &= goal("-state", most->bytes / GOAL_STATE_BYTES, 1);
	printf("detect ratio=%.2f goal=%.2f %s\n", linear, GOAL_LINEAR,
		ok && linear <= GOAL_LINEAR ? "ok" : "short");
	arena_finish(&bench.arena);
	return 0;
}
