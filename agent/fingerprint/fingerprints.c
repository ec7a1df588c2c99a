#include "agent/fingerprint/fingerprints.h"

#include "agent/fingerprint/portrait.h"
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
	struct arena arena; /* of one reading */
};

static struct fingerprints_life *fingerprints_find(
	struct fingerprints *f, const struct wire_process *p)
{
	const struct fingerprints_key key = {p->start_ticks, p->pid};
	struct fingerprints_life *life;
	HASH_FIND(hh, f->lives, &key, sizeof key, life);
	if (!life) {
		life = calloc(1, sizeof *life);
		BUG_ON(!life);
		life->key = key;
		int64_t age_ms = clock_unix_ms() - p->started_unix_ms;
		bool is_young = age_ms >= 0 && age_ms < FINGERPRINTS_SETTLE_MS;
		life->due_ms = clock_mono_ms() +
			       (is_young ? FINGERPRINTS_SETTLE_MS - age_ms : 0);
		HASH_ADD(hh, f->lives, key, sizeof life->key, life);
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

static bool fingerprints_send(struct fingerprints *f, const struct wire_process *p,
	struct fingerprint *print, struct err *e)
{
	struct fingerprints_sent *sent;
	char first[FINGERPRINT_HASH_DIGITS + 1];
	snprintf(first, sizeof first, "%s", print->hash);
	HASH_FIND_STR(f->sent, first, sent);
	if (!sent) {
		if (!fingerprints_store(f, print, e))
			return false;
		if (HASH_COUNT(f->sent) >= FINGERPRINTS_SENT_MAX)
			fingerprints_forget_sent(f);
		sent = calloc(1, sizeof *sent);
		BUG_ON(!sent);
		snprintf(sent->hash, sizeof sent->hash, "%s", first);
		/* Cut contents are few and are sent again. */
		if (strcmp(first, print->hash) == 0)
			HASH_ADD_STR(f->sent, hash, sent);
		else
			free(sent);
	}
	struct wire_process process = *p;
	process.fingerprint = print->hash;
	const struct wire_batch batch = {.processes = &process, .process_count = 1};
	return post_join(f->part->post, &batch, e);
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
		  fingerprints_send(f, p, &print, &e);
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

void fingerprints_run(const struct part *p)
{
	struct fingerprints f = {.part = p, .dependencies = dependencies_create()};
	struct arena crowd_arena;
	uint64_t seen = 0;
	int64_t next_ms = clock_mono_ms() + FINGERPRINTS_IDLE_MS;
	setpriority(PRIO_PROCESS, (id_t)gettid(), FINGERPRINTS_NICE);
	arena_init(&f.arena);
	arena_init(&crowd_arena);
	while (crowd_wait(p->crowd, &seen, next_ms)) {
		size_t count;
		arena_reset(&crowd_arena);
		struct wire_process *crowd = crowd_copy(p->crowd, &crowd_arena, &count);
		next_ms = fingerprints_round(&f, crowd, count, &seen);
	}
	f.round++;
	fingerprints_forget_ended(&f);
	fingerprints_forget_sent(&f);
	dependencies_destroy(f.dependencies);
	arena_finish(&crowd_arena);
	arena_finish(&f.arena);
}
