#include "agent/fingerprint/fingerprints.h"

#include "agent/fingerprint/portrait.h"
#include "agent/fingerprint/recall.h"
#include "agent/host.h"
#include "agent/state.h"
#include "common/clock.h"
#include "common/log.h"
#include "schema/fingerprint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <uthash.h>

enum {
	FINGERPRINTS_SETTLE_MS =
		1500, /* what has just begun is not yet what it will be */
	FINGERPRINTS_AGAIN_MS = 2000,
	FINGERPRINTS_TRIES = 10,
	FINGERPRINTS_PAUSE_MS = 20,
	FINGERPRINTS_IDLE_MS = 60 * 1000,
	FINGERPRINTS_NICE = 10,
	FINGERPRINTS_SENT_MAX = 4096,
	FINGERPRINTS_LIVES_MAX = 65536,
};

struct fingerprints_key {
	uint64_t start_ticks;
	int64_t pid;
};

/* A life of a process. */
struct fingerprints_life {
	struct fingerprints_key key;
	uint64_t round; /* the last one that had it */
	int64_t due_ms; /* of the next try */
	int tries;
	bool is_done;
	char hash[FINGERPRINT_HASH_DIGITS + 1]; /* what it began with, "" unknown */
	UT_hash_handle hh;
};

struct fingerprints_sent {
	char hash[FINGERPRINT_HASH_DIGITS + 1];
	UT_hash_handle hh;
};

struct fingerprints {
	const struct part *part;
	struct dependencies *dependencies;
	struct fingerprints_life *lives;
	struct fingerprints_sent *sent;
	uint64_t round;
	bool is_changed; /* other than what the state has */
	char boot_id[64];
	struct arena arena; /* of one reading */
};

static struct fingerprints_life *fingerprints_add(
	struct fingerprints *f, const struct fingerprints_key *key)
{
	struct fingerprints_life *life = calloc(1, sizeof *life);
	BUG_ON(!life);
	life->key = *key;
	HASH_ADD(hh, f->lives, key, sizeof life->key, life);
	return life;
}

static struct fingerprints_life *fingerprints_find(
	struct fingerprints *f, const struct wire_process *p)
{
	const struct fingerprints_key key = {p->start_ticks, p->pid};
	struct fingerprints_life *life;
	HASH_FIND(hh, f->lives, &key, sizeof key, life);
	if (!life) {
		life = fingerprints_add(f, &key);
		int64_t age_ms = clock_unix_ms() - p->started_unix_ms;
		bool is_young = age_ms >= 0 && age_ms < FINGERPRINTS_SETTLE_MS;
		life->due_ms = clock_mono_ms() +
			       (is_young ? FINGERPRINTS_SETTLE_MS - age_ms : 0);
	}
	life->round = f->round;
	return life;
}

static void fingerprints_forget_ended(struct fingerprints *f)
{
	struct fingerprints_life *life, *next;
	HASH_ITER(hh, f->lives, life, next)
	{
		if (life->round == f->round)
			continue;
		HASH_DEL(f->lives, life);
		f->is_changed |= life->hash[0] != '\0';
		free(life);
	}
}

static void fingerprints_forget_sent(struct fingerprints *f)
{
	struct fingerprints_sent *sent, *next;
	HASH_ITER(hh, f->sent, sent, next)
	{
		HASH_DEL(f->sent, sent);
		free(sent);
	}
}

/* The content, with as many packages as a batch takes. */
static bool fingerprints_store(
	struct fingerprints *f, struct fingerprint *print, struct err *e)
{
	const struct wire_batch batch = {.fingerprints = print, .fingerprint_count = 1};
	while (!post_store(f->part->post, &batch, e)) {
		if (e->kind != ERR_INPUT || print->package_count < 2)
			return false;
		print->package_count /= 2;
		print->is_cut = true;
		fingerprint_tidy(print, &f->arena);
	}
	return true;
}

/* The content, unless it was sent before; print->hash is then what was sent. */
static bool fingerprints_send(
	struct fingerprints *f, struct fingerprint *print, struct err *e)
{
	struct fingerprints_sent *sent;
	char first[FINGERPRINT_HASH_DIGITS + 1];
	snprintf(first, sizeof first, "%s", print->hash);
	HASH_FIND_STR(f->sent, first, sent);
	if (sent)
		return true;
	if (!fingerprints_store(f, print, e))
		return false;
	if (strcmp(first, print->hash) != 0)
		return true; /* cut contents are few and are sent again */
	if (HASH_COUNT(f->sent) >= FINGERPRINTS_SENT_MAX)
		fingerprints_forget_sent(f);
	sent = calloc(1, sizeof *sent);
	BUG_ON(!sent);
	snprintf(sent->hash, sizeof sent->hash, "%s", first);
	HASH_ADD_STR(f->sent, hash, sent);
	return true;
}

static bool fingerprints_join(struct fingerprints *f, const struct wire_process *p,
	const char *hash, struct err *e)
{
	struct wire_process process = *p;
	process.fingerprint = hash;
	const struct wire_batch batch = {.processes = &process, .process_count = 1};
	return post_join(f->part->post, &batch, e);
}

/* What was read when it began holds, whatever stands on disk by now.  What was read
 * with remarks may be read better another time, and is not remembered. */
static bool fingerprints_tell(struct fingerprints *f, struct fingerprints_life *life,
	const struct wire_process *p, struct fingerprint *print, struct err *e)
{
	if (life->hash[0] && strcmp(life->hash, print->hash) != 0)
		return fingerprints_join(f, p, life->hash, e);
	if (!fingerprints_send(f, print, e) || !fingerprints_join(f, p, print->hash, e))
		return false;
	if (!life->hash[0] && print->remark_count == 0) {
		snprintf(life->hash, sizeof life->hash, "%s", print->hash);
		f->is_changed = true;
	}
	return true;
}

static void fingerprints_read(struct fingerprints *f, struct fingerprints_life *life,
	const struct wire_process *p)
{
	const struct config *c = f->part->config;
	const struct portrait_options options = {
		.procfs = c->procfs,
		.environment = c->fingerprint_env,
		.pm2 = c->fingerprint_pm2,
		.dependencies = f->dependencies,
	};
	const struct portrait_process process = {
		(int)p->pid, p->start_ticks, p->started_unix_ms};
	struct fingerprint print;
	struct err e = {0};
	arena_reset(&f->arena);
	bool ok = portrait_take(&options, &process, &f->arena, &print, &e) &&
		  fingerprints_tell(f, life, p, &print, &e);
	life->tries++;
	if (!ok)
		log_debug("fingerprint of process %u: %s", (unsigned)p->pid, e.text);
	if (ok || e.kind != ERR_BUSY || life->tries == FINGERPRINTS_TRIES)
		life->is_done = true;
	else
		life->due_ms = clock_mono_ms() + FINGERPRINTS_AGAIN_MS;
}

/* One by one, until a newer crowd comes.  When the next try is due. */
static int64_t fingerprints_round(struct fingerprints *f,
	const struct wire_process *crowd, size_t count, uint64_t *seen)
{
	int64_t next_ms = clock_mono_ms() + FINGERPRINTS_IDLE_MS;
	f->round++;
	for (size_t i = 0; i < count; i++)
		fingerprints_find(f, &crowd[i]);
	fingerprints_forget_ended(f);
	for (size_t i = 0; i < count; i++) {
		struct fingerprints_life *life = fingerprints_find(f, &crowd[i]);
		int64_t now_ms = clock_mono_ms();
		if (!life->is_done && life->due_ms <= now_ms) {
			uint64_t before = *seen;
			fingerprints_read(f, life, &crowd[i]);
			if (!crowd_wait(f->part->crowd, seen,
				    clock_mono_ms() + FINGERPRINTS_PAUSE_MS) ||
				*seen != before)
				return 0;
		}
		if (!life->is_done && life->due_ms < next_ms)
			next_ms = life->due_ms;
	}
	return next_ms;
}

static void fingerprints_recall(struct fingerprints *f)
{
	const struct config *c = f->part->config;
	struct buf text = {0};
	struct recall_line line;
	struct host host;
	struct err e;
	bool found;
	if (host_read(c->procfs, &host, &e))
		snprintf(f->boot_id, sizeof f->boot_id, "%s", host.boot_id);
	if (!f->boot_id[0] ||
		!state_read_fingerprints(c->state_dir, &text, &found, &e) || !found) {
		buf_finish(&text);
		return;
	}
	const char *rest = recall_open(text.data, f->boot_id);
	for (int i = 0; rest && i < FINGERPRINTS_LIVES_MAX && recall_next(&rest, &line);
		i++) {
		const struct wire_process p = {
			.pid = line.pid, .start_ticks = line.start_ticks};
		struct fingerprints_life *life = fingerprints_find(f, &p);
		memcpy(life->hash, line.hash, sizeof life->hash);
	}
	buf_finish(&text);
}

static void fingerprints_remember(struct fingerprints *f)
{
	struct buf text = {0};
	struct err e;
	if (!f->is_changed || !f->boot_id[0])
		return;
	recall_begin(&text, f->boot_id);
	for (const struct fingerprints_life *l = f->lives; l; l = l->hh.next) {
		struct recall_line line = {
			(uint32_t)l->key.pid, l->key.start_ticks, ""};
		memcpy(line.hash, l->hash, sizeof line.hash);
		if (line.hash[0])
			recall_add(&text, &line);
	}
	if (!state_write_fingerprints(f->part->config->state_dir, &text, &e))
		log_debug("%s", e.text);
	f->is_changed = false;
	buf_finish(&text);
}

void fingerprints_run(const struct part *p)
{
	struct fingerprints f = {.part = p, .dependencies = dependencies_create()};
	struct arena crowd_arena;
	uint64_t seen = 0;
	int64_t next_ms = clock_mono_ms() + FINGERPRINTS_IDLE_MS;
	setpriority(PRIO_PROCESS, (id_t)gettid(), FINGERPRINTS_NICE);
	arena_init(&f.arena);
	arena_init(&crowd_arena);
	fingerprints_recall(&f);
	while (crowd_wait(p->crowd, &seen, next_ms)) {
		size_t count;
		arena_reset(&crowd_arena);
		struct wire_process *crowd = crowd_copy(p->crowd, &crowd_arena, &count);
		next_ms = fingerprints_round(&f, crowd, count, &seen);
		fingerprints_remember(&f);
	}
	f.round++;
	fingerprints_forget_ended(&f);
	fingerprints_forget_sent(&f);
	dependencies_destroy(f.dependencies);
	arena_finish(&crowd_arena);
	arena_finish(&f.arena);
}
