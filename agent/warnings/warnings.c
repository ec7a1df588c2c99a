#include "agent/warnings/warnings.h"

#include "agent/host.h"
#include "agent/lives.h"
#include "agent/state.h"
#include "agent/warnings/groups.h"
#include "agent/warnings/journal.h"
#include "agent/warnings/kernel.h"
#include "agent/warnings/killed.h"
#include "agent/warnings/logs.h"
#include "agent/warnings/patterns.h"
#include "agent/warnings/tally.h"
#include "agent/warnings/whose.h"
#include "agent/warnings/words.h"
#include "common/clock.h"
#include "common/log.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	WARNINGS_LOOK_MS = 1000, /* with log files */
	WARNINGS_IDLE_MS = 5000, /* without */
	WARNINGS_SAVE_MS = 5000,
	WARNINGS_LIVES_MS = 60000,
	WARNINGS_STATE_MS = 10000,        /* between two looks at how sources do */
	WARNINGS_STATE_AGAIN_MS = 300000, /* an unchanged state is told again */
	WARNINGS_STREAMS = 64,
	WARNINGS_EARLY_MAX = 32,
	WARNINGS_EARLY_TICKS = 3, /* after two of them a process is followed */
};

/* Lines of one process in the journal. */
struct warnings_stream {
	uint32_t pid;
	int64_t heard_ms;
	struct words words;
	struct journal_entry last; /* pid, time; no texts */
	char unit[128];
};

/* A sign of a service of which nobody is followed yet: it is young. */
struct warnings_early {
	const struct log_spec *spec;
	struct sign sign;
	int64_t at_unix_ms, until_ms;
};

struct warnings_source {
	char name[TALLY_SOURCE_MAX], text[LOGS_TEXT_MAX];
	bool works, is_known;
	int64_t told_ms;
};

struct warnings {
	const struct part *part;
	struct lives *lives;
	struct tally *tally;
	struct groups *groups;
	struct kernel kernel;
	struct journal *journal;
	struct logs *logs;
	struct patterns *patterns[LOG_SPECS_MAX]; /* of the journal; NULL: of files */
	struct warnings_stream streams[WARNINGS_STREAMS];
	struct warnings_source sources[LOG_SPECS_MAX + 2];
	struct warnings_early early[WARNINGS_EARLY_MAX];
	size_t early_count;
	char kernel_trouble[LOGS_TEXT_MAX];
	uint64_t crowd;
	int64_t lives_ms, saved_ms, states_ms;
	uint64_t look_us;
	bool has_moved, has_told;
	struct arena arena;
};

static void warnings_tell(void *context, const struct wire_batch *batch)
{
	struct warnings *w = context;
	struct err e;
	if (!post_store(w->part->post, batch, &e))
		log_warn("warnings: %s", e.text);
	w->has_told = true;
}

static void warnings_add(struct warnings *w, const struct wire_process *life,
	const char *source, int64_t at_unix_ms, const struct sign *sign)
{
	const struct tally_event event = {
		.life = life, .source = source, .at_unix_ms = at_unix_ms, .times = 1};
	tally_add(w->tally, &event, sign);
}

static struct whose warnings_whose(const struct warnings *w)
{
	return (struct whose){w->lives, w->part->config->procfs, clock_unix_ms()};
}

static void warnings_of_log(struct warnings *w, const struct wire_process *life,
	const struct log_spec *spec, int64_t at_unix_ms, const struct sign *sign)
{
	char source[TALLY_SOURCE_MAX];
	snprintf(source, sizeof source, "log %s", spec->name);
	warnings_add(w, life, source, at_unix_ms, sign);
}

static void warnings_in_log(
	void *context, const struct log_spec *spec, const struct sign *sign)
{
	struct warnings *w = context;
	const struct whose whose = warnings_whose(w);
	const struct wire_process *life = whose_is(&whose, sign, spec->service);
	if (life || !spec->service || w->early_count == WARNINGS_EARLY_MAX) {
		warnings_of_log(w, life, spec, whose.now_unix_ms, sign);
		return;
	}
	w->early[w->early_count++] = (struct warnings_early){.spec = spec,
		.sign = *sign,
		.at_unix_ms = whose.now_unix_ms,
		.until_ms = clock_mono_ms() +
			    WARNINGS_EARLY_TICKS * w->part->config->interval_ms};
}

/* Once more, and when nobody has come for so long, of nobody. */
static void warnings_try_early(struct warnings *w, int64_t now_ms, bool is_end)
{
	const struct whose whose = warnings_whose(w);
	size_t kept = 0;
	for (size_t i = 0; i < w->early_count; i++) {
		const struct warnings_early *early = &w->early[i];
		const struct wire_process *life = whose_is(
			&whose, &early->sign, early->spec->service);
		if (!life && !is_end && now_ms < early->until_ms)
			w->early[kept++] = *early;
		else
			warnings_of_log(
				w, life, early->spec, early->at_unix_ms, &early->sign);
	}
	w->early_count = kept;
}

static void warnings_in_kernel(
	void *context, const struct sign *sign, int64_t at_unix_ms)
{
	struct warnings *w = context;
	const struct whose whose = warnings_whose(w);
	groups_known(w->groups, sign->pid, clock_mono_ms());
	warnings_add(w, whose_is(&whose, sign, NULL), "kernel", at_unix_ms, sign);
}

static void warnings_in_group(void *context, const struct wire_process *process,
	uint64_t times, int64_t at_unix_ms)
{
	struct warnings *w = context;
	struct sign sign = {.kind = WARNING_OOM_KILL};
	const struct life *life = lives_find(w->lives, process->pid);
	sign_put(&sign, "scope", "cgroup", 6);
	const struct tally_event event = {.source = "cgroup",
		.at_unix_ms = at_unix_ms,
		.times = times,
		.life = life && life->is.start_ticks == process->start_ticks ? &life->is
									     : NULL};
	tally_add(w->tally, &event, &sign);
}

static bool warnings_is_quiet(const struct warnings *w, const char *service)
{
	const struct config *c = w->part->config;
	for (size_t i = 0; i < c->rule_count; i++)
		if (strcmp(c->rules[i].service, service) == 0)
			return c->rules[i].is_quiet;
	return false;
}

/* Of the process that wrote, or of the service that its unit is called like: what is
 * written by nobody we follow is not ours to tell. */
static void warnings_of_entry(
	struct warnings *w, const struct journal_entry *entry, const struct sign *sign)
{
	const struct whose whose = warnings_whose(w);
	struct sign own = *sign;
	char service[128];
	snprintf(service, sizeof service, "%.*s", (int)strcspn(entry->unit, "@."),
		entry->unit);
	if (entry->pid)
		own.pid = entry->pid;
	const struct wire_process *life = whose_is(&whose, &own, NULL);
	if (!life && service[0])
		life = whose_is(&whose, &own, service);
	if (life && !warnings_is_quiet(w, life->service))
		warnings_add(w, life, "journal", entry->at_unix_ms, sign);
}

static void warnings_try_patterns(struct warnings *w, const struct journal_entry *entry)
{
	const struct config *c = w->part->config;
	const struct life *life = lives_find(w->lives, entry->pid);
	struct sign sign;
	for (size_t i = 0; i < c->log_count; i++) {
		const char *service = c->logs[i].service;
		if (!w->patterns[i] || !life ||
			(service && strcmp(service, life->is.service) != 0))
			continue;
		for (size_t from = 0; patterns_match(w->patterns[i], &from,
			     entry->message, entry->length, &sign);)
			warnings_of_entry(w, entry, &sign);
	}
}

static struct warnings_stream *warnings_stream(struct warnings *w, uint32_t pid)
{
	struct warnings_stream *oldest = &w->streams[0];
	for (size_t i = 0; i < WARNINGS_STREAMS; i++) {
		if (w->streams[i].pid == pid)
			return &w->streams[i];
		if (w->streams[i].heard_ms < oldest->heard_ms)
			oldest = &w->streams[i];
	}
	*oldest = (struct warnings_stream){.pid = pid};
	return oldest;
}

static void warnings_in_journal(void *context, const struct journal_entry *entry)
{
	struct warnings *w = context;
	struct sign signs[2];
	w->has_moved = true;
	if (entry->is_kernel) {
		if (w->kernel.fd < 0 &&
			killed_parse(entry->message, entry->length, signs))
			warnings_in_kernel(w, signs, entry->at_unix_ms);
		return;
	}
	struct warnings_stream *stream = warnings_stream(w, entry->pid);
	stream->heard_ms = clock_mono_ms();
	snprintf(stream->unit, sizeof stream->unit, "%s", entry->unit);
	stream->last = (struct journal_entry){.pid = entry->pid,
		.unit = stream->unit,
		.at_unix_ms = entry->at_unix_ms};
	size_t count = words_line(&stream->words, entry->message, entry->length, signs);
	for (size_t i = 0; i < count; i++)
		warnings_of_entry(w, entry, &signs[i]);
	warnings_try_patterns(w, entry);
}

/* What was held back for lines that did not come. */
static void warnings_flush_streams(struct warnings *w, int64_t now_ms, bool is_end)
{
	struct sign held;
	for (size_t i = 0; i < WARNINGS_STREAMS; i++) {
		struct warnings_stream *s = &w->streams[i];
		if ((is_end || now_ms - s->heard_ms >= WARNINGS_LOOK_MS) &&
			words_flush(&s->words, &held))
			warnings_of_entry(w, &s->last, &held);
	}
}

static bool warnings_wants(const void *context, const char *service)
{
	(void)context;
	(void)service;
	return true;
}

static void warnings_meet(struct warnings *w, int64_t now_ms)
{
	uint64_t seen = w->crowd;
	crowd_wait(w->part->crowd, &seen, now_ms);
	if (seen == w->crowd && now_ms - w->lives_ms < WARNINGS_LIVES_MS)
		return;
	struct processes_tick tick = {0};
	arena_reset(&w->arena);
	tick.processes = crowd_copy(w->part->crowd, &w->arena, &tick.count);
	lives_tick(w->lives, &tick, clock_unix_ms());
	if (seen != w->crowd)
		groups_follow(w->groups, tick.processes, tick.count);
	w->crowd = seen;
	w->lives_ms = now_ms;
}

static void warnings_save(struct warnings *w, int64_t now_ms, bool at_once)
{
	struct buf text = {0};
	struct err e;
	if (!at_once && (!w->has_moved || now_ms - w->saved_ms < WARNINGS_SAVE_MS))
		return;
	logs_save(w->logs, &text);
	kernel_save(&w->kernel, &text);
	if (w->journal)
		journal_save(w->journal, clock_unix_ms(), &text);
	if (!state_write_logs(w->part->config->state_dir, &text, &e))
		log_warn("%s", e.text);
	buf_finish(&text);
	w->has_moved = w->has_told = false;
	w->saved_ms = now_ms;
}

/* True when it should be told: it has changed, or was told long ago. */
static bool warnings_note(struct warnings_source *s, const char *name, bool works,
	const char *text, int64_t now_ms)
{
	bool is_same = s->is_known && s->works == works && strcmp(s->text, text) == 0;
	if (is_same && now_ms - s->told_ms < WARNINGS_STATE_AGAIN_MS)
		return false;
	snprintf(s->name, sizeof s->name, "%s", name);
	snprintf(s->text, sizeof s->text, "%s", text);
	s->works = works;
	s->is_known = true;
	s->told_ms = now_ms;
	return true;
}

static void warnings_put_state(struct wire_batch *batch,
	const struct warnings_source *s, const char *kind, uint64_t took_us)
{
	batch->sources[batch->source_count++] = (struct source_state){.name = s->name,
		.kind = kind,
		.at_unix_ms = clock_unix_ms(),
		.works = s->works,
		.took_us = took_us,
		.text = s->text};
}

static void warnings_tell_states(struct warnings *w, int64_t now_ms)
{
	struct source_state states[LOG_SPECS_MAX + 2];
	struct wire_batch batch = {.sources = states};
	const struct config *c = w->part->config;
	char name[TALLY_SOURCE_MAX], text[LOGS_TEXT_MAX];
	bool works;
	if (now_ms - w->states_ms < WARNINGS_STATE_MS)
		return;
	w->states_ms = now_ms;
	struct warnings_source *s = w->sources;
	for (size_t i = 0; i < c->log_count; i++, s++) {
		snprintf(name, sizeof name, "log %s", c->logs[i].name);
		if (logs_state(w->logs, i, &works, text) &&
			warnings_note(s, name, works, text, now_ms))
			warnings_put_state(&batch, s, "log", w->look_us);
	}
	const char *trouble = w->journal ? journal_trouble(w->journal) : "";
	bool hears = w->journal && journal_works(w->journal);
	if (w->journal && warnings_note(s, "journal", hears, trouble, now_ms))
		warnings_put_state(&batch, s, "journal", 0);
	s++;
	works = w->kernel.fd >= 0 || hears;
	if (warnings_note(s, "kernel", works, works ? "" : w->kernel_trouble, now_ms))
		warnings_put_state(&batch, s, "kernel", 0);
	struct err e;
	if (batch.source_count && !post_store(w->part->post, &batch, &e))
		log_warn("states of logs: %s", e.text);
}

static void warnings_open_kernel(struct warnings *w, const char *saved)
{
	struct host host;
	struct err e;
	w->kernel.fd = -1;
	if (host_read(w->part->config->procfs, &host, &e) &&
		kernel_open(&w->kernel, "/dev/kmsg", host.boot_id, saved, &e))
		return;
	snprintf(w->kernel_trouble, sizeof w->kernel_trouble,
		"%.160s; the agent needs CAP_SYSLOG, or the journal", e.text);
}

static struct warnings *warnings_create(const struct part *p)
{
	struct warnings *w = calloc(1, sizeof *w);
	const struct config *c = p->config;
	const struct lives_options lives = {
		.procfs = c->procfs, .wants = warnings_wants};
	const struct logs_options logs = {c->logs, c->log_count, warnings_in_log, w};
	const struct journal_options journal = {
		.program = "journalctl", .on_entry = warnings_in_journal, .context = w};
	struct buf saved = {0};
	struct err e;
	bool found;
	BUG_ON(!w);
	w->part = p;
	arena_init(&w->arena);
	if (!state_read_logs(c->state_dir, &saved, &found, &e))
		log_warn("%s: logs are read from their ends", e.text);
	buf_text(&saved, "");
	w->lives = lives_create(&lives);
	w->tally = tally_create(warnings_tell, w);
	w->groups = groups_create(c->procfs, c->cgroupfs, warnings_in_group, w);
	w->logs = logs_create(&logs, saved.data);
	for (size_t i = 0; i < c->log_count; i++)
		if (strcmp(c->logs[i].file, "journal") == 0)
			w->patterns[i] = patterns_create(&c->logs[i]);
	if (c->journal)
		w->journal = journal_create(&journal, saved.data, clock_unix_ms());
	warnings_open_kernel(w, saved.data);
	w->states_ms = clock_mono_ms() - WARNINGS_STATE_MS + 2 * WARNINGS_LOOK_MS;
	buf_finish(&saved);
	return w;
}

static void warnings_destroy(struct warnings *w)
{
	for (size_t i = 0; i < LOG_SPECS_MAX; i++)
		patterns_destroy(w->patterns[i]);
	logs_destroy(w->logs);
	journal_destroy(w->journal);
	kernel_close(&w->kernel);
	groups_destroy(w->groups);
	tally_destroy(w->tally);
	lives_destroy(w->lives);
	arena_finish(&w->arena);
	free(w);
}

static void warnings_look(struct warnings *w, int64_t now_ms)
{
	struct timespec begun, done;
	warnings_meet(w, now_ms);
	warnings_try_early(w, now_ms, false);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	w->has_moved |= logs_look(w->logs, now_ms);
	clock_gettime(CLOCK_MONOTONIC, &done);
	w->look_us = (uint64_t)((done.tv_sec - begun.tv_sec) * 1000000 +
				(done.tv_nsec - begun.tv_nsec) / 1000);
	if (w->journal)
		journal_run(w->journal, now_ms);
	warnings_flush_streams(w, now_ms, false);
	uint64_t seen = w->kernel.seen;
	kernel_read(&w->kernel, warnings_in_kernel, w);
	w->has_moved |= w->kernel.seen != seen;
	groups_run(w->groups, now_ms, clock_unix_ms());
	tally_run(w->tally, now_ms, false);
	warnings_tell_states(w, now_ms);
	warnings_save(w, now_ms, w->has_told);
}

/* Nothing is told before it is known who is there: it would be of nobody. */
static bool warnings_wait_for_crowd(const struct part *p)
{
	uint64_t seen = 0;
	while (seen == 0)
		if (!crowd_wait(p->crowd, &seen, clock_mono_ms() + WARNINGS_IDLE_MS))
			return false;
	return true;
}

void warnings_run(const struct part *p)
{
	struct warnings *w = warnings_create(p);
	logs_prepare(w->logs, clock_mono_ms());
	bool goes_on = warnings_wait_for_crowd(p);
	while (goes_on) {
		warnings_look(w, clock_mono_ms());
		struct pollfd fds[] = {{.fd = p->stop_fd, .events = POLLIN},
			{.fd = groups_fd(w->groups), .events = POLLIN}};
		poll(fds, sizeof fds / sizeof *fds,
			p->config->log_count ||
					(w->journal && journal_works(w->journal))
				? WARNINGS_LOOK_MS
				: WARNINGS_IDLE_MS);
		goes_on = !(fds[0].revents & POLLIN);
	}
	warnings_flush_streams(w, 0, true);
	warnings_try_early(w, 0, true);
	tally_run(w->tally, 0, true);
	warnings_save(w, 0, true);
	warnings_destroy(w);
}
