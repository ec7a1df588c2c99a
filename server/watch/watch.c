#include "server/watch/watch.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/store/captures.h"
#include "server/store/rollouts.h"
#include "server/store/upkeep.h"
#include "server/watch/capturing.h"
#include "server/watch/replaying.h"
#include "server/watch/rolling.h"
#include "server/watch/turn.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UPKEEP_EVERY_MS (INT64_C(3600) * 1000)
#define UPKEEP_RETRY_MS (INT64_C(300) * 1000)
#define STATEMENT_MS    (INT64_C(60) * 1000)
#define GRACE_MS        INT64_C(2500) /* for a turn, when stopping */
#define KEEP_MS         INT64_C(1500) /* of that for what is remembered */
#define BREATH_MS       INT64_C(20)   /* between turns that catch up */

struct watch {
	struct watch_options options;
	pthread_t thread;
	pthread_mutex_t lock; /* guards stopping */
	pthread_cond_t wake;
	bool stopping;

	/* The thread's own. */
	struct db *db;
	struct turn *turn;
	struct replaying *replaying;
	int64_t next_upkeep_ms; /* monotonic */
	struct rolling_memory rolling;
	bool away;    /* the last turn failed, and it was said */
	bool claimed; /* it is us who watch */
};

/* What fails must not keep the rest from being done; it is tried again sooner.  Not
 * every turn: who waits for a lock on a table makes others wait behind. */
static void do_upkeep(struct watch *w)
{
	struct err e;
	int64_t now_ms = clock_unix_ms();
	bool ok = upkeep_run(w->db, now_ms, &e);
	if (!ok)
		log_warn("watch: upkeep: %s", e.text);
	w->next_upkeep_ms = clock_mono_ms() + (ok ? UPKEEP_EVERY_MS : UPKEEP_RETRY_MS);
}

/* After the turn, each step in a transaction of its own: what fails here takes no
 * verdict back. */
static bool do_captures(struct watch *w, struct err *e)
{
	struct arena a;
	int64_t now_ms = clock_unix_ms();
	arena_init(&a);
	bool ok = captures_expire(w->db, now_ms, e) &&
		  capturing_run(w->db, now_ms, w->options.policy_cooldown_ms, &a, e);
	arena_finish(&a);
	return ok;
}

/* Whoever watches; at the time by which agents were seen. */
static bool do_rollouts(struct watch *w, struct err *e)
{
	struct arena a;
	int64_t now_ms;
	arena_init(&a);
	bool ok = rollouts_clock(w->db, &a, &now_ms, e);
	if (ok)
		ok = rolling_step(w->db, now_ms, &w->rolling, &a, e);
	else
		w->rolling = (struct rolling_memory){0};
	arena_finish(&a);
	return ok;
}

/* *behind: the next turn need not wait. */
static bool do_detection(struct watch *w, bool *behind, struct err *e)
{
	struct turn_report report;
	int64_t began_ms = clock_mono_ms();
	if (!turn_run(w->turn, w->db, clock_unix_ms(), &report, e))
		return false;
	*behind = report.behind;
	log_debug("watch: %zu readings of %zu instances in %lld ms, %lld of them to "
		  "judge, "
		  "%zu verdicts written%s",
		report.readings, report.slots, (long long)(clock_mono_ms() - began_ms),
		(long long)report.step_ms, report.written,
		report.claimed ? "" : " (another server watches)");
	if (clock_mono_ms() >= w->next_upkeep_ms)
		do_upkeep(w);
	w->claimed = report.claimed;
	return !report.claimed || do_captures(w, e);
}

/* What agents are to run does not wait for the detector, nor fail with it. */
static bool do_turn(struct watch *w, bool *behind, struct err *e)
{
	struct err rollouts = {0};
	bool rolled = do_rollouts(w, &rollouts);
	bool detected = do_detection(w, behind, e);
	if (rolled)
		return detected;
	if (detected || strcmp(rollouts.text, e->text) == 0)
		*e = rollouts;
	else
		err_wrap(e, "%s; and", rollouts.text);
	return false;
}

static bool is_stopping(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	bool stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);
	return stopping;
}

/* Said once when it begins, and once when it ends.  What fails because the watch stops
 * is no failure. */
static void say(struct watch *w, bool ok, const struct err *e)
{
	if (is_stopping(w))
		return;
	if (!ok && !w->away)
		log_warn("watch: %s; trying again every turn", e->text);
	if (ok && w->away)
		log_info("watch: turns work again");
	w->away = !ok;
}

/* False: it is time to stop. */
static bool sleep_until(struct watch *w, int64_t mono_ms)
{
	struct timespec until = {mono_ms / 1000, mono_ms % 1000 * 1000000};
	pthread_mutex_lock(&w->lock);
	int result = 0;
	while (!w->stopping && result == 0)
		result = pthread_cond_timedwait(&w->wake, &w->lock, &until);
	bool stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);
	return !stopping;
}

/* Replays fill the time between turns, slice by slice.  False: it is time to stop. */
static bool wait_for_turn(struct watch *w, int64_t next_ms)
{
	struct err e;
	bool more = w->claimed && !w->away;
	if (!more)
		replaying_forget(w->replaying);
	while (more && !is_stopping(w) && clock_mono_ms() < next_ms) {
		if (!replaying_work(w->replaying, w->db, clock_unix_ms(), &more, &e)) {
			log_warn("watch: replay: %s", e.text);
			break;
		}
	}
	return sleep_until(w, next_ms);
}

static void *run(void *context)
{
	struct watch *w = context;
	int64_t next_ms = clock_mono_ms();
	do {
		struct err e = {0};
		bool behind = false;
		bool ok = do_turn(w, &behind, &e);
		say(w, ok, &e);
		/* A turn that takes longer than the interval leaves one out. */
		next_ms += w->options.interval_ms;
		if (next_ms < clock_mono_ms())
			next_ms = clock_mono_ms() + w->options.interval_ms;
		if (ok && behind)
			next_ms = clock_mono_ms() + BREATH_MS;
	} while (wait_for_turn(w, next_ms));
	struct err e = {0};
	if (!turn_keep(w->turn, w->db, clock_unix_ms(), clock_mono_ms() + KEEP_MS, &e))
		log_debug("watch: %s; it is fed again at the next start", e.text);
	return NULL;
}

static void destroy(struct watch *w)
{
	db_destroy(w->db);
	turn_destroy(w->turn);
	replaying_destroy(w->replaying);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct watch *watch_start(const struct watch_options *options, struct err *e)
{
	struct watch *w = calloc(1, sizeof *w);
	BUG_ON(!w);
	w->options = *options;
	w->options.database = NULL; /* the connection keeps its copy */
	w->db = db_create(&(struct db_options){.uri = options->database,
		.application_name = "tidemark watch",
		.statement_timeout_ms = STATEMENT_MS});
	w->turn = turn_create();
	w->replaying = replaying_create();
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&w->lock, NULL);
	int error = pthread_create(&w->thread, NULL, run, w);
	if (error) {
		destroy(w);
		err_set(e, ERR_BUSY, "watch: no thread: %s", strerror(error));
		return NULL;
	}
	return w;
}

void watch_stop(struct watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	turn_stop(w->turn);
	db_join(w->db, w->thread, GRACE_MS);
	destroy(w);
}
