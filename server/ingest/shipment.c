#include "server/ingest/shipment.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/ingest/notice.h"
#include "server/store/partitions.h"
#include "server/store/samples.h"
#include "server/store/streams.h"

#include <stdlib.h>

enum { SHIPMENT_HOURS_MAX = 256, SHIPMENT_NOTICE_MS = 60 * 1000 };

/* An hour whose partitions are known to be there. */
struct shipment_hour {
	size_t database;
	int64_t hour;
};

struct shipment {
	struct samples samples; /* of one shard at a time */
	struct shipment_hour hours[SHIPMENT_HOURS_MAX];
	size_t hour_count;
	struct notice *notice;
};

/* One shard's part of a round. */
struct shipment_part {
	struct shipment *s;
	struct shards *shards;
	size_t database;
	struct db *db;
	struct shipment_word **words;
	size_t count;
	struct arena *arena;
};

struct shipment *shipment_create(void)
{
	struct shipment *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->notice = notice_create(SHIPMENT_NOTICE_MS);
	return s;
}

void shipment_destroy(struct shipment *s)
{
	if (!s)
		return;
	samples_finish(&s->samples);
	notice_destroy(s->notice);
	free(s);
}

static bool shipment_is_here(
	const struct shipment_part *p, const struct shipment_word *word, size_t tick)
{
	return shards_writer(p->shards, word->host_id,
		       word->batch->ticks[tick].at_unix_ms) == p->database;
}

static bool shipment_make_hour(struct shipment_part *p, int64_t at_ms, struct err *e)
{
	struct shipment *s = p->s;
	int64_t hour = at_ms / 3600000;
	for (size_t i = 0; i < s->hour_count; i++)
		if (s->hours[i].database == p->database && s->hours[i].hour == hour)
			return true;
	if (!partitions_make(p->db, at_ms, e))
		return false;
	if (s->hour_count == SHIPMENT_HOURS_MAX)
		s->hour_count = 0;
	s->hours[s->hour_count++] = (struct shipment_hour){p->database, hour};
	return true;
}

static bool shipment_make_hours(struct shipment_part *p, struct err *e)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t j = 0; j < p->words[i]->batch->tick_count; j++)
			if (shipment_is_here(p, p->words[i], j) &&
				!shipment_make_hour(
					p, p->words[i]->batch->ticks[j].at_unix_ms, e))
				return false;
	return true;
}

static void shipment_add(struct shipment_part *p, const struct shipment_word *word)
{
	struct samples *out = &p->s->samples;
	for (size_t j = 0; j < word->batch->tick_count; j++) {
		const struct wire_tick *tick = &word->batch->ticks[j];
		if (!shipment_is_here(p, word, j))
			continue;
		if (tick->host.present)
			samples_add_host(
				out, word->host_id, tick->at_unix_ms, &tick->host);
		for (size_t k = 0; k < tick->sample_count; k++)
			samples_add_process(out,
				word->wants[tick->samples[k].process].generation_id,
				tick->at_unix_ms, &tick->samples[k].values);
	}
}

/* The streams of the part's words, each once, in order. */
static struct streams_stream *shipment_streams(struct shipment_part *p, size_t *count)
{
	struct streams_stream *streams = arena_array(
		p->arena, p->count, sizeof *streams);
	*count = 0;
	for (size_t i = 0; i < p->count; i++) {
		const struct shipment_word *w = p->words[i];
		struct streams_stream *last = *count ? &streams[*count - 1] : NULL;
		if (last && last->agent_id == w->agent_id && last->epoch == w->epoch)
			continue;
		streams[*count] = (struct streams_stream){0};
		streams[*count].agent_id = w->agent_id;
		streams[(*count)++].epoch = w->epoch;
	}
	return streams;
}

/* The transaction's inside. */
static bool shipment_put(struct shipment_part *p, struct err *e)
{
	struct samples *samples = &p->s->samples;
	size_t count, at = 0;
	struct streams_stream *streams = shipment_streams(p, &count);
	if (!streams_claim_ledger(p->db, streams, count, p->arena, e) ||
		!samples_hold(samples, p->db, e))
		return false;
	for (size_t i = 0; i < p->count; i++) {
		const struct shipment_word *w = p->words[i];
		while (streams[at].agent_id != w->agent_id ||
			streams[at].epoch != w->epoch)
			at++;
		if (streams_has(&streams[at], w->sequence))
			continue;
		shipment_add(p, w);
		streams_add(&streams[at], 1, w->oldest);
		streams_add(&streams[at], w->sequence, w->sequence + 1);
	}
	return samples_copy(p->db, samples, e) &&
	       streams_save_ledger(p->db, streams, count, p->arena, e);
}

static bool shipment_transact(struct shipment_part *p, struct err *e)
{
	samples_reset(&p->s->samples);
	p->s->samples.closed_to_ms = 0; /* that of the shard before */
	if (!shipment_make_hours(p, e) || !db_begin(p->db, e))
		return false;
	if (shipment_put(p, e))
		return db_commit(p->db, e);
	db_rollback(p->db);
	return false;
}

static void shipment_write_part(struct shipment_part *p, struct shipment_rows *rows)
{
	struct err e;
	const char *name = shards_name(p->shards, p->database);
	p->db = shards_db(p->shards, p->database);
	if (p->db && shipment_transact(p, &e)) {
		rows->process += p->s->samples.process_count;
		rows->host += p->s->samples.host_count;
		return;
	}
	if (p->db && notice_is_due(p->s->notice, name, e.text, clock_mono_ms()))
		log_warn("%s: batches of its hosts wait: %s", name, e.text);
	if (p->db)
		shards_failed(p->shards, p->database);
	p->s->hour_count = 0;
	for (size_t i = 0; i < p->count; i++)
		p->words[i]->away = true;
}

struct shipment_rows shipment_write(struct shipment *s, struct shards *shards,
	struct shipment_word *words, size_t count, struct arena *a)
{
	struct shipment_rows rows = {0};
	struct shipment_part part = {.s = s,
		.shards = shards,
		.words = arena_array(a, count, sizeof *part.words),
		.arena = a};
	for (size_t i = 0; i < count; i++)
		words[i].away = false;
	for (size_t database = 1; database < shards_count(shards); database++) {
		part.database = database;
		part.count = 0;
		for (size_t i = 0; i < count; i++) {
			bool any = false;
			for (size_t j = 0; j < words[i].batch->tick_count; j++)
				any |= shipment_is_here(&part, &words[i], j);
			if (any)
				part.words[part.count++] = &words[i];
		}
		if (part.count)
			shipment_write_part(&part, &rows);
	}
	return rows;
}
