#include "server/messenger/messenger.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/messenger/job.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

enum {
	ROUND_MS = 1000,
	CARE_MS = 2000,
	FIRST_RETRY_MS = 5000,
	LAST_RETRY_MS = 600000,
	STATEMENT_MS = 10000,
	GRACE_MS = 5000,
	KEEP_DAYS = 30,
	HOUR_MS = 3600000,
	JOBS = 200, /* messages of all targets, and renewals */
	ENDS = POST_REFUSED + 1,
};

struct messenger {
	pthread_t thread;
	atomic_bool stops;
	CURLM *multi;
	bool away; /* the database is; said once */
	int64_t next_round_ms, next_care_ms, next_upkeep_ms; /* monotonic */
	unsigned seed;                                       /* of jitter */
	struct db *db;
	char *console, *ca_file;
	struct networks networks;
	struct job_rules rules;
	struct job *jobs[JOBS];
	size_t job_count;
	atomic_uint_fast64_t ends[ENDS], given_up, folded;
};

static int64_t retry_ms(struct messenger *m, const struct job *j)
{
	int64_t wait = FIRST_RETRY_MS;
	int64_t times = j->result.end == POST_DOWN ? j->due.failures + 1 : j->due.tries;
	for (int64_t i = 1; i < times && wait < LAST_RETRY_MS; i++)
		wait *= 2;
	if (wait > LAST_RETRY_MS)
		wait = LAST_RETRY_MS;
	wait += rand_r(&m->seed) % (wait / 4);
	return wait < j->result.rest_ms ? j->result.rest_ms : wait;
}

static void launch(struct messenger *m, struct job *j)
{
	m->jobs[m->job_count++] = j;
	for (size_t i = 0; i < j->parcel.url_count; i++)
		BUG_ON(curl_multi_add_handle(m->multi, post_handle(j->posts[i])));
}

static bool claim(struct messenger *m, struct arena *a, struct err *e)
{
	struct messages_due *due;
	struct job *j;
	size_t count;
	int room = (int)(JOBS - m->job_count);
	if (!messages_claim(m->db, clock_unix_ms(), room, a, &due, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!job_create(m->db, &due[i], &m->rules, &j, e))
			return false;
		launch(m, j);
	}
	return true;
}

static bool renew(struct messenger *m, struct arena *a, struct err *e)
{
	struct renewals_target *targets;
	struct job *j;
	size_t count;
	if (!renewals_claim(m->db, clock_unix_ms(), a, &targets, &count, e))
		return false;
	for (size_t i = 0; i < count && m->job_count < JOBS; i++) {
		if (!job_renew(m->db, &targets[i], &m->rules, &j, e))
			return false;
		if (j)
			launch(m, j);
	}
	return true;
}

static bool fold(struct messenger *m, struct arena *a, struct err *e)
{
	struct messages_folded *rows;
	size_t count;
	if (!messages_fold(m->db, clock_unix_ms(), a, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		log_warn("messenger: %" PRId64 " messages to '%s' were held back and "
			 "become one",
			rows[i].count, rows[i].target);
		atomic_fetch_add(&m->folded, (uint64_t)rows[i].count);
	}
	return true;
}

/* What need not be done at once. */
static bool care(struct messenger *m, struct arena *a, struct err *e)
{
	int64_t mono_ms = clock_mono_ms();
	if (mono_ms < m->next_care_ms)
		return true;
	m->next_care_ms = mono_ms + CARE_MS;
	if (!messages_unmute(m->db, clock_unix_ms(), a, e) || !fold(m, a, e) ||
		!renew(m, a, e))
		return false;
	if (mono_ms < m->next_upkeep_ms)
		return true;
	m->next_upkeep_ms = mono_ms + HOUR_MS;
	return messages_expire(m->db, clock_unix_ms() - KEEP_DAYS * DAY_MS, a, e);
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

static void asking(struct messenger *m)
{
	if (clock_mono_ms() < m->next_round_ms)
		return;
	m->next_round_ms = clock_mono_ms() + ROUND_MS;
	struct err e = {0};
	struct arena a;
	arena_init(&a);
	say(m, care(m, &a, &e) && claim(m, &a, &e), &e);
	arena_finish(&a);
}

static void tell_log(struct messenger *m, const struct job *j)
{
	const struct messages_due *due = &j->due;
	bool taken = j->result.end == POST_TAKEN, is_message = !j->renewal.target_id;
	bool over = is_message && !taken && job_is_over(j, clock_unix_ms());
	atomic_fetch_add(&m->ends[j->result.end], 1);
	if (over)
		atomic_fetch_add(&m->given_up, 1);
	if (taken && *j->result.problem)
		log_warn("messenger: '%s': %s", due->target, j->result.problem);
	else if (taken && is_message && due->failures)
		log_info("messenger: '%s' is told again", due->target);
	else if (!taken && is_message && (over || due->failures + due->tries == 1))
		log_warn("messenger: '%s' was not told: %s%s", due->target,
			j->result.problem, over ? "; given up" : "; trying again");
}

/* A settled target may have more: it is asked for at once. */
static void end_job(struct messenger *m, size_t at)
{
	struct job *j = m->jobs[at];
	struct err e = {0};
	tell_log(m, j);
	say(m, job_settle(m->db, j, retry_ms(m, j), &e), &e);
	m->jobs[at] = m->jobs[--m->job_count];
	job_destroy(j);
	if (!m->away)
		m->next_round_ms = 0;
}

static void note(struct messenger *m, CURL *handle, CURLcode code)
{
	curl_multi_remove_handle(m->multi, handle);
	for (size_t i = 0; i < m->job_count; i++)
		for (size_t k = 0; k < PARCEL_URLS; k++) {
			struct post *p = m->jobs[i]->posts[k];
			if (!p || post_handle(p) != handle)
				continue;
			if (job_note(m->jobs[i], handle, (int)code))
				end_job(m, i);
			return;
		}
}

static void carry(struct messenger *m)
{
	int running, waiting;
	CURLMsg *done;
	curl_multi_perform(m->multi, &running);
	while ((done = curl_multi_info_read(m->multi, &waiting)))
		if (done->msg == CURLMSG_DONE)
			note(m, done->easy_handle, done->data.result);
	int64_t wait_ms = m->next_round_ms - clock_mono_ms();
	if (wait_ms > 0)
		curl_multi_poll(m->multi, NULL, 0,
			(int)(wait_ms < ROUND_MS ? wait_ms : ROUND_MS), NULL);
}

static void *run(void *context)
{
	struct messenger *m = context;
	while (!atomic_load(&m->stops)) {
		asking(m);
		carry(m);
	}
	return NULL;
}

static void destroy(struct messenger *m)
{
	for (size_t i = 0; i < m->job_count; i++) {
		for (size_t k = 0; k < PARCEL_URLS; k++)
			if (m->jobs[i]->posts[k])
				curl_multi_remove_handle(
					m->multi, post_handle(m->jobs[i]->posts[k]));
		job_destroy(m->jobs[i]);
	}
	curl_multi_cleanup(m->multi);
	db_destroy(m->db);
	free(m->console);
	free(m->ca_file);
	free(m);
}

void messenger_init(void)
{
	post_init();
}

static struct messenger *create(const struct messenger_options *options, struct err *e)
{
	struct messenger *m = calloc(1, sizeof *m);
	BUG_ON(!m);
	if (!networks_parse(options->networks, &m->networks, e)) {
		free(m);
		err_wrap(e, "notify_networks");
		return NULL;
	}
	m->console = strdup(options->console);
	m->ca_file = strdup(options->ca_file);
	m->multi = curl_multi_init();
	BUG_ON(!m->console || !m->ca_file || !m->multi);
	m->rules = (struct job_rules){
		.console = m->console, .post = {&m->networks, m->ca_file}};
	m->seed = (unsigned)clock_mono_ms();
	m->db = db_create(&(struct db_options){.uri = options->database,
		.application_name = "tidemark messenger",
		.statement_timeout_ms = STATEMENT_MS});
	return m;
}

struct messenger *messenger_start(
	const struct messenger_options *options, struct err *e)
{
	struct messenger *m = create(options, e);
	if (!m)
		return NULL;
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
	curl_multi_wakeup(m->multi);
	db_join(m->db, m->thread, GRACE_MS);
	destroy(m);
}

void messenger_metrics(struct messenger *m, struct buf *out)
{
	static const char *const names[ENDS] = {"taken", "down", "rejected", "refused"};
	buf_text(out,
		"# HELP tidemark_notify_tries_total Tries to tell a target, by how "
		"they ended\n# TYPE tidemark_notify_tries_total counter\n");
	for (int i = 0; i < ENDS; i++)
		buf_printf(out,
			"tidemark_notify_tries_total{end=\"%s\"} %" PRIuFAST64 "\n",
			names[i], atomic_load(&m->ends[i]));
	buf_printf(out,
		"# HELP tidemark_notify_given_up_total Messages that became dead "
		"letters\n"
		"# TYPE tidemark_notify_given_up_total counter\n"
		"tidemark_notify_given_up_total %" PRIuFAST64 "\n",
		atomic_load(&m->given_up));
	buf_printf(out,
		"# HELP tidemark_notify_folded_total Messages that a digest told\n"
		"# TYPE tidemark_notify_folded_total counter\n"
		"tidemark_notify_folded_total %" PRIuFAST64 "\n",
		atomic_load(&m->folded));
}
