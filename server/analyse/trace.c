#include "server/analyse/trace.h"

#include "common/err.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

enum {
	SHORT_TIERS = 2,
	SHORT_BINS = TRACE_BINS / 2,
	ALL_BINS = SHORT_TIERS * SHORT_BINS + (TRACE_TIERS - SHORT_TIERS) * TRACE_BINS,
	UNITS = 8192,    /* of time in a window; 15 bits hold four windows */
	UNKNOWN = 65535, /* a value that is not there */
	FORMAT = 1,
	REJECTED_MAX = 30,
};

static const double VALUE_MAX = 1e12;    /* KiB: about a petabyte */
static const double LOAD_SMOOTH_S = 600; /* as the memory envelope sees load */

static const int64_t windows_ms[TRACE_TIERS] = {6 * MINUTE_MS, 30 * MINUTE_MS,
	2 * HOUR_MS, 8 * HOUR_MS, 24 * HOUR_MS, 72 * HOUR_MS, 168 * HOUR_MS,
	336 * HOUR_MS};

/* A reading of low memory, with what went with it. */
struct low {
	float memory, load, queue;
	uint32_t at_s;
};

struct tier {
	uint32_t bin; /* that is being filled */
	uint16_t readings, head, count;
	struct low low[2]; /* smallest and second smallest of it */
	float live, native;
};

struct life {
	int64_t id, fingerprint_id;
	uint32_t started_s, first_s, last_s;
	float first_kb, last_kb, low_kb;
};

/* All that is saved, but for the rings. */
struct core {
	uint32_t format;
	uint8_t life_count, newest_parity, channels; /* bit by channel */
	bool has_queue, live_is_used;
	uint16_t rejected; /* in a row, each after the one before */
	int8_t exponent[TRACE_CHANNELS];
	int64_t rejected_ms;
	double load; /* smoothed */
	struct trace_now now;
	struct life lives[TRACE_LIVES];
	struct tier tiers[TRACE_TIERS];
};

struct trace {
	struct core core;
	uint16_t *time; /* parity of its life in the lowest bit */
	uint16_t *ring[TRACE_CHANNELS];
	struct queue_levels *queue;
};

int64_t trace_window_ms(size_t tier)
{
	return windows_ms[tier];
}

static size_t bins_of(size_t tier)
{
	return tier < SHORT_TIERS ? SHORT_BINS : TRACE_BINS;
}

static size_t offset_of(size_t tier)
{
	return tier < SHORT_TIERS
		       ? tier * SHORT_BINS
		       : SHORT_TIERS * SHORT_BINS + (tier - SHORT_TIERS) * TRACE_BINS;
}

int64_t trace_bin_ms(size_t tier)
{
	return tier < SHORT_TIERS ? windows_ms[tier] / SHORT_BINS
				  : windows_ms[tier] / TRACE_BINS;
}

static void *allocate(size_t count, size_t size)
{
	void *p = calloc(count, size);
	BUG_ON(!p);
	return p;
}

struct trace *trace_create(void)
{
	struct trace *t = allocate(1, sizeof *t);
	t->time = allocate(ALL_BINS, sizeof *t->time);
	t->core.format = FORMAT;
	t->core.load = NAN;
	return t;
}

static void clear(struct trace *t)
{
	for (size_t c = 0; c < TRACE_CHANNELS; c++)
		free(t->ring[c]);
	free(t->queue);
	free(t->time);
}

void trace_destroy(struct trace *t)
{
	if (!t)
		return;
	clear(t);
	free(t);
}

/* A channel's values in units of two to its exponent.  The first value is put near a
 * quarter of the range; a larger one later halves what is stored. */
static uint16_t encode(struct trace *t, enum trace_channel c, double value)
{
	if (!isfinite(value) || value < 0)
		return UNKNOWN;
	struct core *k = &t->core;
	if (!t->ring[c]) {
		t->ring[c] = allocate(ALL_BINS, sizeof *t->ring[c]);
		memset(t->ring[c], 0xff, ALL_BINS * sizeof *t->ring[c]);
		k->channels |= (uint8_t)(1u << c);
		k->exponent[c] = (int8_t)(value > 1e-6 ? ilogb(value) - 13 : -20);
	}
	while (ldexp(value, -k->exponent[c]) > UNKNOWN - 1) {
		k->exponent[c]++;
		for (size_t i = 0; i < ALL_BINS; i++)
			if (t->ring[c][i] != UNKNOWN)
				t->ring[c][i] = (uint16_t)((t->ring[c][i] + 1) / 2);
	}
	return (uint16_t)lround(ldexp(value, -k->exponent[c]));
}

/* Time of a bin, whole units since the epoch, as 15 bits. */
static int64_t unit_ms(size_t tier)
{
	return windows_ms[tier] / UNITS;
}

/* The newest moment not after now that the 15 bits can mean; both in units. */
static int64_t decode_time(uint16_t time, int64_t now)
{
	return now - ((now - (time >> 1)) & 0x7fff);
}

static void store(struct trace *t, enum trace_channel c, size_t i, double value)
{
	/* First, because it may have to make the ring. */
	uint16_t code = encode(t, c, value);
	if (t->ring[c])
		t->ring[c][i] = code;
}

/* Closes the bin that is being filled; false when it is empty. */
static bool close_bin(struct trace *t, size_t tier)
{
	struct tier *s = &t->core.tiers[tier];
	if (!s->readings)
		return false;
	const struct low *low = &s->low[s->readings >= 4];
	size_t i = offset_of(tier) + s->head;
	int64_t units = (int64_t)low->at_s * 1000 / unit_ms(tier);
	t->time[i] = (uint16_t)((units & 0x7fff) << 1 | t->core.newest_parity);
	store(t, TRACE_MEMORY, i, low->memory);
	store(t, TRACE_LOAD, i, low->load);
	store(t, TRACE_QUEUE, i, low->queue);
	store(t, TRACE_LIVE, i, s->live);
	store(t, TRACE_NATIVE, i, s->native);
	s->head = (uint16_t)((s->head + 1) % bins_of(tier));
	if (s->count < bins_of(tier))
		s->count++;
	s->readings = 0;
	return true;
}

static unsigned close_all(struct trace *t)
{
	unsigned closed = 0;
	for (size_t tier = 0; tier < TRACE_TIERS; tier++)
		if (close_bin(t, tier))
			closed |= 1u << tier;
	return closed;
}

/* Where the oldest bin of a tier stands in the rings. */
static size_t oldest_of(const struct trace *t, size_t tier)
{
	const struct tier *s = &t->core.tiers[tier];
	bool wraps = s->head < s->count;
	return offset_of(tier) + s->head + (wraps ? bins_of(tier) : 0) - s->count;
}

/* Bins that have left the window: their time could not be told any more. */
static void drop_old(struct trace *t, size_t tier, int64_t now_ms)
{
	struct tier *s = &t->core.tiers[tier];
	int64_t unit = unit_ms(tier), now = t->core.now.at_ms / unit;
	while (s->count) {
		int64_t at = decode_time(t->time[oldest_of(t, tier)], now);
		if (now_ms - at * unit <= windows_ms[tier] + 2 * trace_bin_ms(tier))
			return;
		s->count--;
	}
}

static struct life *newest_life(struct trace *t)
{
	return t->core.life_count ? &t->core.lives[t->core.life_count - 1] : NULL;
}

static void add_life(
	struct trace *t, const struct reading_life *l, double kb, int64_t at_ms)
{
	struct core *k = &t->core;
	if (k->life_count == TRACE_LIVES) {
		k->life_count--;
		memmove(k->lives, k->lives + 1, k->life_count * sizeof *k->lives);
	}
	k->newest_parity ^= 1;
	k->load = NAN;
	int64_t started = l->started_ms > 0 && l->started_ms <= at_ms ? l->started_ms
								      : at_ms;
	k->lives[k->life_count++] = (struct life){.id = l->id,
		.fingerprint_id = l->fingerprint_id,
		.started_s = (uint32_t)(started / 1000),
		.first_s = (uint32_t)(at_ms / 1000),
		.first_kb = (float)kb,
		.low_kb = (float)kb};
}

/* The same process told of again, after another one had been: an echo. */
static bool is_gone(const struct trace *t, int64_t id)
{
	for (size_t i = 0; i + 1 < t->core.life_count; i++)
		if (t->core.lives[i].id == id)
			return true;
	return false;
}

static double usable(double value)
{
	return isfinite(value) && value >= 0 && value <= VALUE_MAX ? value : NAN;
}

static void smooth_load(struct core *k, const struct reading *r)
{
	double load = usable(r->load);
	if (isnan(load)) {
		k->load = NAN;
		return;
	}
	double gap_s = (double)(r->at_ms - k->now.at_ms) / 1000;
	k->load = isnan(k->load)
			  ? load
			  : load + (k->load - load) * exp(-gap_s / LOAD_SMOOTH_S);
}

/* Live heap counts when a collection has just measured it. */
static double live_of(struct core *k, const struct reading *r)
{
	double live = usable(r->live_kb), used = usable(r->heap_used_kb);
	if (isnan(live) || live <= 0) {
		k->live_is_used = !isnan(used);
		return used;
	}
	k->live_is_used = false;
	bool counted = isfinite(r->collections) && isfinite(k->now.reading.collections);
	return counted && r->collections == k->now.reading.collections ? NAN : live;
}

static void put_low(struct tier *s, const struct low *low)
{
	size_t at = s->readings && low->memory >= s->low[0].memory;
	if (!at && s->readings)
		s->low[1] = s->low[0];
	if (!at || s->readings == 1 || low->memory < s->low[1].memory)
		s->low[at] = *low;
	if (s->readings < UINT16_MAX)
		s->readings++;
}

static unsigned put_tiers(struct trace *t, const struct reading *r, double live)
{
	unsigned closed = 0;
	struct low low = {(float)r->memory_kb, (float)t->core.load,
		(float)usable(r->depth), (uint32_t)(r->at_ms / 1000)};
	double native = usable(r->memory_kb - r->heap_kb);
	for (size_t tier = 0; tier < TRACE_TIERS; tier++) {
		struct tier *s = &t->core.tiers[tier];
		uint32_t bin = (uint32_t)(r->at_ms / trace_bin_ms(tier));
		if (s->readings && bin != s->bin && close_bin(t, tier))
			closed |= 1u << tier;
		if (!s->readings) {
			drop_old(t, tier, r->at_ms);
			s->bin = bin;
			s->live = s->native = NAN;
		}
		put_low(s, &low);
		s->live = fminf(s->live, (float)live);
		s->native = fminf(s->native, (float)native);
	}
	return closed;
}

/* Readings that go on and on before the newest one: a clock that was wrong is right
 * again.  What was remembered belongs to no time; it begins anew. */
static bool clock_went_back(struct trace *t, int64_t at_ms)
{
	struct core *k = &t->core;
	k->rejected = at_ms > k->rejected_ms ? (uint16_t)(k->rejected + 1) : 1;
	k->rejected_ms = at_ms;
	if (k->rejected < REJECTED_MAX || k->now.at_ms - at_ms < HOUR_MS)
		return false;
	clear(t);
	*t = (struct trace){.time = allocate(ALL_BINS, sizeof *t->time)};
	t->core.format = FORMAT;
	t->core.load = NAN;
	return true;
}

enum trace_taken trace_put(struct trace *t, const struct reading_life *life,
	const struct reading *r, unsigned *closed)
{
	struct core *k = &t->core;
	*closed = 0;
	/* From 1980 to 2100: seconds in 32 bits. */
	if (isnan(usable(r->memory_kb)) || r->at_ms < INT64_C(315532800000) ||
		r->at_ms > INT64_C(4102444800000))
		return TRACE_UNUSABLE;
	if (r->at_ms <= k->now.at_ms && !clock_went_back(t, r->at_ms))
		return TRACE_OLD;
	struct life *newest = newest_life(t);
	if (!newest || newest->id != life->id) {
		if (is_gone(t, life->id))
			return TRACE_OLD;
		*closed = close_all(t);
		add_life(t, life, r->memory_kb, r->at_ms);
		newest = newest_life(t);
	}
	newest->fingerprint_id = life->fingerprint_id; /* may be learnt later */
	newest->last_s = (uint32_t)(r->at_ms / 1000);
	newest->last_kb = (float)r->memory_kb;
	newest->low_kb = fminf(newest->low_kb, newest->last_kb);
	smooth_load(k, r);
	if (!isnan(usable(r->depth))) {
		if (!t->queue)
			t->queue = allocate(1, sizeof *t->queue);
		k->has_queue = true;
		queue_put(t->queue, r->at_ms, r->arrivals, r->completions, r->depth);
	}
	*closed |= put_tiers(t, r, live_of(k, r));
	k->now = (struct trace_now){r->at_ms, *r};
	k->rejected = 0;
	return TRACE_TAKEN;
}

int64_t trace_life_id(const struct trace *t)
{
	const struct core *k = &t->core;
	return k->life_count ? k->lives[k->life_count - 1].id : 0;
}

size_t trace_lives(const struct trace *t, struct trace_life *out)
{
	for (size_t i = 0; i < t->core.life_count; i++) {
		const struct life *l = &t->core.lives[i];
		out[i] = (struct trace_life){l->id, l->fingerprint_id,
			(int64_t)l->started_s * 1000, (int64_t)l->first_s * 1000,
			(int64_t)l->last_s * 1000, l->first_kb, l->last_kb, l->low_kb};
	}
	return t->core.life_count;
}

/* The life that a bin belongs to: of those with its parity the newest that had begun.
 */
static uint8_t life_at(const struct trace *t, int64_t before_ms, unsigned parity)
{
	const struct core *k = &t->core;
	for (size_t i = k->life_count; i-- > 0;) {
		bool same = ((k->life_count - 1 - i) % 2 ^ k->newest_parity) == parity;
		if (same && (int64_t)k->lives[i].first_s * 1000 <= before_ms)
			return (uint8_t)i;
	}
	return TRACE_LIFE_FORGOTTEN;
}

size_t trace_bins(const struct trace *t, size_t tier, struct trace_bin *out)
{
	size_t count = t->core.tiers[tier].count, oldest = oldest_of(t, tier);
	size_t end = offset_of(tier) + bins_of(tier);
	int64_t unit = unit_ms(tier), now = t->core.now.at_ms / unit;
	for (size_t n = 0, i = oldest; n < count; n++) {
		out[n].at_ms = decode_time(t->time[i], now) * unit;
		out[n].life = life_at(t, out[n].at_ms + unit, t->time[i] & 1);
		i = i + 1 < end ? i + 1 : offset_of(tier);
	}
	for (size_t c = 0; c < TRACE_CHANNELS; c++) {
		const uint16_t *ring = t->ring[c];
		double one = ldexp(1, t->core.exponent[c]);
		for (size_t n = 0, i = oldest; n < count; n++) {
			bool known = ring && ring[i] != UNKNOWN;
			out[n].value[c] = known ? ring[i] * one : NAN;
			i = i + 1 < end ? i + 1 : offset_of(tier);
		}
	}
	return count;
}

bool trace_knows(const struct trace *t, enum trace_channel c)
{
	return t->ring[c];
}

bool trace_live_is_used(const struct trace *t)
{
	return t->core.live_is_used;
}

struct trace_now trace_now(const struct trace *t)
{
	return t->core.now;
}

const struct queue_levels *trace_queue(const struct trace *t)
{
	return t->queue;
}

size_t trace_size(const struct trace *t)
{
	size_t size = sizeof *t + ALL_BINS * sizeof *t->time;
	for (size_t c = 0; c < TRACE_CHANNELS; c++)
		size += t->ring[c] ? ALL_BINS * sizeof *t->ring[c] : 0;
	return size + (t->queue ? sizeof *t->queue : 0);
}

/* Bytes out or in, one after the other. */
struct cursor {
	uint8_t *bytes;
	size_t at, room;
};

static void write_bytes(struct cursor *c, const void *p, size_t n)
{
	if (c->at + n <= c->room)
		memcpy(c->bytes + c->at, p, n);
	c->at += n;
}

size_t trace_save(const struct trace *t, uint8_t *out, size_t room)
{
	struct cursor c = {out, 0, room};
	write_bytes(&c, &t->core, sizeof t->core);
	write_bytes(&c, t->time, ALL_BINS * sizeof *t->time);
	for (size_t i = 0; i < TRACE_CHANNELS; i++)
		if (t->ring[i])
			write_bytes(&c, t->ring[i], ALL_BINS * sizeof *t->ring[i]);
	if (t->queue)
		write_bytes(&c, t->queue, sizeof *t->queue);
	return c.at;
}

static bool is_sane(const struct core *k)
{
	if (k->format != FORMAT || k->life_count > TRACE_LIVES ||
		k->newest_parity > 1 || k->channels >> TRACE_CHANNELS ||
		k->now.at_ms < 0)
		return false;
	for (size_t i = 0; i < TRACE_TIERS; i++)
		if (k->tiers[i].head >= bins_of(i) || k->tiers[i].count > bins_of(i))
			return false;
	for (size_t c = 0; c < TRACE_CHANNELS; c++)
		if (k->exponent[c] > 60)
			return false;
	return true;
}

struct trace *trace_load(const uint8_t *bytes, size_t count)
{
	struct core core;
	if (count < sizeof core)
		return NULL;
	/* A damaged bool is no bool: look at the byte before using it as one. */
	if (bytes[offsetof(struct core, has_queue)] > 1 ||
		bytes[offsetof(struct core, live_is_used)] > 1)
		return NULL;
	memcpy(&core, bytes, sizeof core);
	size_t ring = ALL_BINS * sizeof(uint16_t);
	size_t rings = 1;
	for (size_t c = 0; c < TRACE_CHANNELS; c++)
		rings += core.channels >> c & 1;
	size_t queue = core.has_queue ? sizeof(struct queue_levels) : 0;
	if (!is_sane(&core) || count != sizeof core + rings * ring + queue)
		return NULL;
	struct trace *t = trace_create();
	t->core = core;
	bytes += sizeof core;
	memcpy(t->time, bytes, ring);
	bytes += ring;
	for (size_t c = 0; c < TRACE_CHANNELS; c++) {
		if (!(core.channels >> c & 1))
			continue;
		t->ring[c] = allocate(ALL_BINS, sizeof *t->ring[c]);
		memcpy(t->ring[c], bytes, ring);
		bytes += ring;
	}
	if (queue) {
		t->queue = allocate(1, sizeof *t->queue);
		memcpy(t->queue, bytes, queue);
	}
	return t;
}
