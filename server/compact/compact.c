#include "server/compact/compact.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/compact/work.h"
#include "server/store/storage.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	COMPACT_PAUSE_MS = 5000,
	COMPACT_BREATH_MS = 20, /* between rounds that catch up */
	COMPACT_GRACE_MS = 3000,
	COMPACT_STATEMENT_MS = 10 * 60 * 1000,
};

struct compact {
	pthread_t thread;
	pthread_mutex_t lock; /* guards stopping and told */
	pthread_cond_t wake;
	bool stopping;
	struct work told; /* a copy for compact_metrics: counts and seconds only */
	struct storage_bounds bounds;
	bool leads;

	/* The thread's own. */
	struct work work;
	bool away; /* the last round failed, and it was said */
};

static bool compact_is_stopping(void *context)
{
	struct compact *c = context;
	pthread_mutex_lock(&c->lock);
	bool stopping = c->stopping;
	pthread_mutex_unlock(&c->lock);
	return stopping;
}

/* False: it is time to stop. */
static bool compact_sleep(struct compact *c, int64_t ms)
{
	int64_t mono_ms = clock_mono_ms() + ms;
	struct timespec until = {mono_ms / 1000, mono_ms % 1000 * 1000000};
	pthread_mutex_lock(&c->lock);
	int result = 0;
	while (!c->stopping && result == 0)
		result = pthread_cond_timedwait(&c->wake, &c->lock, &until);
	bool stopping = c->stopping;
	pthread_mutex_unlock(&c->lock);
	return !stopping;
}

/* Said once when it begins, and once when it ends. */
static void compact_say(struct compact *c, bool ok, const struct err *e)
{
	if (compact_is_stopping(c))
		return;
	if (!ok && !c->away)
		log_warn("storage: %s; trying again", e->text);
	if (ok && c->away)
		log_info("storage: readings move on again");
	c->away = !ok;
}

static bool compact_round(struct compact *c, struct err *e)
{
	bool leads = false;
	struct storage_bounds bounds = {0};
	bool ok = storage_lead(c->work.step.readings, &leads, e) &&
		  (!leads || work_round(&c->work, e)) &&
		  storage_read(c->work.step.readings, &bounds, e);
	pthread_mutex_lock(&c->lock);
	c->told = c->work;
	c->leads = ok && leads;
	if (ok)
		c->bounds = bounds;
	pthread_mutex_unlock(&c->lock);
	return ok;
}

static void *compact_run(void *context)
{
	struct compact *c = context;
	int64_t pause_ms;
	do {
		struct err e = {0};
		bool ok = compact_round(c, &e);
		/* Who has just taken the lead says so. */
		if (!ok && e.kind == ERR_BUSY)
			ok = true;
		compact_say(c, ok, &e);
		pause_ms = ok && c->work.behind ? COMPACT_BREATH_MS : COMPACT_PAUSE_MS;
	} while (compact_sleep(c, pause_ms));
	storage_follow(c->work.step.readings);
	return NULL;
}

static void compact_destroy(struct compact *c)
{
	if (c->work.step.main != c->work.step.readings)
		db_destroy(c->work.step.main);
	db_destroy(c->work.step.readings);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

struct compact *compact_start(const struct compact_options *options, struct err *e)
{
	struct compact *c = calloc(1, sizeof *c);
	BUG_ON(!c);
	struct db_options connection = {.uri = options->database,
		.application_name = "tidemark storage",
		.statement_timeout_ms = COMPACT_STATEMENT_MS};
	struct db *db = db_create(&connection);
	connection.uri = options->shard;
	c->work = (struct work){
		.step = {.main = db,
			.readings = options->shard ? db_create(&connection) : db,
			.is_stopping = compact_is_stopping,
			.context = c},
		.close = {.started_mono_ms = clock_mono_ms(),
			.asked_mono_ms = clock_mono_ms()},
		.raw_retention_ms = options->raw_retention_ms,
		.rollup_retention_ms = options->rollup_retention_ms,
	};
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&c->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&c->lock, NULL);
	int error = pthread_create(&c->thread, NULL, compact_run, c);
	if (error) {
		compact_destroy(c);
		err_set(e, ERR_BUSY, "storage: no thread: %s", strerror(error));
		return NULL;
	}
	pthread_setname_np(c->thread, "storage");
	return c;
}

void compact_stop(struct compact *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	/* Of two connections the thread may wait for either. */
	if (c->work.step.main != c->work.step.readings)
		db_shut(c->work.step.main);
	db_join(c->work.step.readings, c->thread, COMPACT_GRACE_MS);
	compact_destroy(c);
}

static void compact_family(
	struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void compact_total(
	struct buf *out, const char *name, const char *help, uint64_t value)
{
	compact_family(out, name, "counter", help);
	buf_printf(out, "%s %" PRIu64 "\n", name, value);
}

static void compact_put_counts(struct buf *out, const struct step_counts *n)
{
	compact_total(out, "tidemark_storage_windows_total",
		"Five minutes that became segments", n->windows);
	compact_total(
		out, "tidemark_storage_sealed_total", "Days that were sealed", n->days);
	compact_family(out, "tidemark_storage_moved_rows_total", "counter",
		"Rows of readings that moved on, by where from");
	buf_printf(out, "tidemark_storage_moved_rows_total{from=\"hot\"} %" PRIu64 "\n",
		n->rows);
	buf_printf(out,
		"tidemark_storage_moved_rows_total{from=\"late\"} %" PRIu64 "\n",
		n->late_rows);
	compact_total(out, "tidemark_storage_segments_written_total",
		"Segments that were written", n->segments);
	compact_total(out, "tidemark_storage_segment_written_bytes_total",
		"Their bytes", n->segment_bytes);
	compact_total(out, "tidemark_storage_chunks_written_total",
		"Chunks that were written, those that late readings joined again",
		n->chunks);
	compact_total(out, "tidemark_storage_chunk_written_bytes_total", "Their bytes",
		n->chunk_bytes);
	compact_total(out, "tidemark_storage_damaged_total",
		"Columns that were damaged and left out", n->damaged);
}

static void compact_put_bounds(struct buf *out, const struct storage_bounds *b)
{
	compact_family(out, "tidemark_storage_bound_seconds", "gauge",
		"How far readings have moved on, Unix time");
	buf_printf(out,
		"tidemark_storage_bound_seconds{bound=\"closed\"} %" PRId64 "\n",
		b->closed_ms / 1000);
	buf_printf(out,
		"tidemark_storage_bound_seconds{bound=\"compacted\"} %" PRId64 "\n",
		b->compacted_ms / 1000);
	buf_printf(out,
		"tidemark_storage_bound_seconds{bound=\"sealed\"} %" PRId64 "\n",
		b->sealed_ms / 1000);
}

void compact_metrics(void *context, struct buf *out)
{
	struct compact *c = context;
	pthread_mutex_lock(&c->lock);
	struct work told = c->told;
	struct storage_bounds bounds = c->bounds;
	bool leads = c->leads;
	pthread_mutex_unlock(&c->lock);
	compact_family(out, "tidemark_storage_leads", "gauge",
		"Whether this server is the one that moves readings on");
	buf_printf(out, "tidemark_storage_leads %d\n", leads);
	compact_put_counts(out, &told.step.counts);
	compact_put_bounds(out, &bounds);
	compact_family(out, "tidemark_storage_step_seconds_total", "counter",
		"Time spent moving readings on, by step");
	for (int i = 0; i < WORK_STEPS; i++)
		buf_printf(out,
			"tidemark_storage_step_seconds_total{step=\"%s\"} %.3f\n",
			work_step_name[i], told.seconds[i]);
}
