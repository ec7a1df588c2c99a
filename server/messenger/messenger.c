#include "server/messenger/messenger.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/messenger/letter.h"
#include "server/messenger/webhook.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)

enum {
	ROUND_MS = 2000,
	FIRST_RETRY_MS = 5000,
	LAST_RETRY_MS = 600000,
	STATEMENT_MS = 10000,
	GRACE_MS = 5000,
	KEEP_DAYS = 30,
	HOUR_MS = 3600000,
};

struct messenger {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping;     /* under the lock */
	atomic_bool stops; /* the same, for a post in hand */
	bool away;         /* the database is; said once */
	int64_t next_upkeep_ms;
	unsigned seed; /* of jitter */
	struct db *db;
	char *console;
};

static int64_t retry_ms(struct messenger *m, int64_t tries)
{
	int64_t wait = FIRST_RETRY_MS;
	for (int64_t i = 1; i < tries && wait < LAST_RETRY_MS; i++)
		wait *= 2;
	if (wait > LAST_RETRY_MS)
		wait = LAST_RETRY_MS;
	return wait + rand_r(&m->seed) % (wait / 4);
}

static bool post(struct messenger *m, const struct messages_due *due, struct arena *a,
	struct err *why, struct err *e)
{
	struct alerts_row *alert = NULL;
	if (due->alert_id &&
		!alerts_one(m->db, due->alert_id, clock_unix_ms(), a, &alert, e))
		return false;
	struct buf text = {0};
	letter_write(due, alert, m->console, &text);
	struct webhook_post p = {due->url, text.data, text.length, &m->stops};
	*why = (struct err){0};
	webhook_send(&p, why);
	buf_finish(&text);
	return true;
}

static bool settle(struct messenger *m, const struct messages_due *due,
	const struct err *why, struct arena *a, struct err *e)
{
	int64_t now_ms = clock_unix_ms();
	struct messages_end end = {
		.id = due->id, .now_ms = now_ms, .state = "sent", .problem = ""};
	if (why->kind != ERR_NONE) {
		bool over = now_ms - due->due_ms > DAY_MS || why->kind == ERR_INPUT;
		end.state = over ? "failed" : "waiting";
		end.next_ms = over ? 0 : now_ms + retry_ms(m, due->tries);
		end.problem = why->text;
		if (over || due->tries == 1)
			log_warn("messenger: '%s' was not told: %s%s", due->target,
				why->text, over ? "; given up" : "; trying again");
	}
	return messages_settle(m->db, &end, a, e);
}

/* *more: another may be due. */
static bool tell_one(struct messenger *m, bool *more, struct err *e)
{
	struct arena a;
	struct messages_due *due;
	struct err why;
	arena_init(&a);
	size_t count = 0;
	bool ok = messages_claim(m->db, clock_unix_ms(), 1, &a, &due, &count, e);
	*more = ok && count;
	if (*more)
		ok = post(m, due, &a, &why, e) && settle(m, due, &why, &a, e);
	arena_finish(&a);
	return ok;
}

static bool upkeep(struct messenger *m, struct err *e)
{
	if (clock_mono_ms() < m->next_upkeep_ms)
		return true;
	struct arena a;
	arena_init(&a);
	bool ok = messages_expire(m->db, clock_unix_ms() - KEEP_DAYS * DAY_MS, &a, e);
	arena_finish(&a);
	m->next_upkeep_ms = clock_mono_ms() + HOUR_MS;
	return ok;
}

static void say(struct messenger *m, bool ok, const struct err *e)
{
	if (atomic_load(&m->stops))
		return;
	if (!ok && !m->away)
		log_warn("messenger: %s; trying again", e->text);
	if (ok && m->away)
		log_info("messenger: the database is back");
	m->away = !ok;
}

/* False: it is time to stop. */
static bool rest(struct messenger *m)
{
	int64_t mono_ms = clock_mono_ms() + ROUND_MS;
	struct timespec until = {mono_ms / 1000, mono_ms % 1000 * 1000000};
	pthread_mutex_lock(&m->lock);
	int result = 0;
	while (!m->stopping && result == 0)
		result = pthread_cond_timedwait(&m->wake, &m->lock, &until);
	bool stopping = m->stopping;
	pthread_mutex_unlock(&m->lock);
	return !stopping;
}

static void *run(void *context)
{
	struct messenger *m = context;
	do {
		struct err e = {0};
		bool more = true, ok = true;
		while (ok && more && !atomic_load(&m->stops))
			ok = tell_one(m, &more, &e);
		say(m, ok && upkeep(m, &e), &e);
	} while (rest(m));
	return NULL;
}

static void destroy(struct messenger *m)
{
	db_destroy(m->db);
	pthread_cond_destroy(&m->wake);
	pthread_mutex_destroy(&m->lock);
	free(m->console);
	free(m);
}

struct messenger *messenger_start(
	const struct messenger_options *options, struct err *e)
{
	struct messenger *m = calloc(1, sizeof *m);
	BUG_ON(!m);
	m->console = strdup(options->console);
	BUG_ON(!m->console);
	m->seed = (unsigned)clock_mono_ms();
	m->db = db_create(&(struct db_options){.uri = options->database,
		.application_name = "tidemark messenger",
		.statement_timeout_ms = STATEMENT_MS});
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&m->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&m->lock, NULL);
	int error = pthread_create(&m->thread, NULL, run, m);
	if (error) {
		destroy(m);
		err_set(e, ERR_BUSY, "messenger: no thread: %s", strerror(error));
		return NULL;
	}
	return m;
}

void messenger_stop(struct messenger *m)
{
	if (!m)
		return;
	atomic_store(&m->stops, true);
	pthread_mutex_lock(&m->lock);
	m->stopping = true;
	pthread_cond_signal(&m->wake);
	pthread_mutex_unlock(&m->lock);
	db_join(m->db, m->thread, GRACE_MS);
	destroy(m);
}
