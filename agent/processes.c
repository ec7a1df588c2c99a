#include "agent/processes.h"

#include "agent/probe/process_stat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <uthash.h>

/* What reading PSS costs the process that is read (measured: 12 µs per MB of 4 KiB
 * pages), and each read at least. */
enum { PROCESSES_PSS_US_PER_MB = 12, PROCESSES_PSS_US = 20 };

enum {
	PROCESSES_KEPT_EACH = 2, /* stat and statm */
	PROCESSES_KERNEL_MINUTES = 60,
	PROCESSES_STATUS_MINUTES = 10,
	PROCESSES_PSS_MINUTES = 10,
	PROCESSES_FDS_BUDGET = 20000, /* takes some milliseconds */
	PROCESSES_CLOCK_MS = 1000,    /* less is no step of the wall clock */
};

/* What status adds to statm. */
static const unsigned processes_status_metrics[] = {
	PROCESS_rss_file_kb, PROCESS_rss_shmem_kb, PROCESS_swap_kb};

enum {
	PROCESSES_STATUS_COUNT = sizeof processes_status_metrics /
				 sizeof processes_status_metrics[0]
};

enum processes_kind {
	PROCESSES_NEW,    /* listed, not yet looked at */
	PROCESSES_REST,   /* summed */
	PROCESSES_KERNEL, /* a kernel thread */
	PROCESSES_FOLLOWED,
};

/* On a busy machine pm2 needs seconds to write down which process is which. */
enum { PROCESSES_NAMELESS_MS = 30000 };

struct processes_followed {
	int stat_fd, statm_fd; /* -1: not kept */
	bool kept;             /* these two are counted */
	bool fresh;            /* no sample yet */
	bool pss_forbidden;
	bool is_replaced; /* another one takes its seat */
	uint32_t slot;
	struct target_place place;
	uint64_t pss_tick; /* when it was last read, or said again */
	/* What was read last, -1; for which sizes, and how many minutes it may be said
	 * again. */
	int64_t pss_kb, pss_rss_kb, pss_anon_kb;
	int pss_minutes;
	int64_t rss_kb, started_unix_ms;
	/* What status said last, for which RSS, and how many minutes it may be said
	 * again. */
	int64_t status[PROCESSES_STATUS_COUNT], status_rss_kb, status_anon_kb;
	int status_minutes;
	struct cgroup *cgroup;
	const char *runtime, *rule; /* constant texts */
	const char *version, *command;
	char service[]; /* version and command behind it */
};

struct process {
	int pid;
	enum processes_kind kind;
	uint64_t listed; /* the last listing that had it */
	uint64_t start_ticks;
	char comm[16];   /* the kernel's name for it */
	bool unmatched;  /* no rule matched it while it had that name */
	bool is_ignored; /* a rule says so, or it was replaced, while it has that name
			  */
	int64_t age_ms;  /* when it was last looked at */
	int64_t rss_kb, anon_kb; /* of the rest */
	struct processes_followed *followed;
	UT_hash_handle hh;
};

struct processes {
	struct processes_options o;
	struct probes *probes;
	struct cgroups *cgroups;
	struct process *known;
	size_t followed, kept;
	uint64_t tick, listing, ticks_per_minute;
	size_t pss_next; /* where among the samples the next tick goes on */
	size_t beyond;   /* listed, but more than can be known */
	int64_t forks;   /* of the machine, just before the last listing; -1: unknown */
	size_t fds_left; /* of this tick's budget */
};

/* One tick's work. */
struct processes_work {
	const struct processes_now *now;
	struct process **candidates;
	size_t candidate_count;
	struct process **sampled; /* sample i is of sampled[i] */
	struct processes_tick *out;
};

void processes_tune(struct processes *p, int64_t interval_ms, int64_t min_rss_bytes,
	int64_t pss_budget_ms)
{
	p->o.interval_ms = interval_ms;
	p->o.min_rss_bytes = min_rss_bytes;
	p->o.pss_budget_ms = pss_budget_ms;
	p->ticks_per_minute = interval_ms < 60000 ? 60000 / (uint64_t)interval_ms : 1;
}

bool processes_open(
	const struct processes_options *options, struct processes **out, struct err *e)
{
	struct probes *probes;
	if (!probes_open(options->procfs, &probes, e))
		return false;
	struct processes *p = calloc(1, sizeof *p);
	BUG_ON(!p);
	p->o = *options;
	p->probes = probes;
	p->cgroups = cgroups_open(options->cgroupfs);
	processes_tune(p, options->interval_ms, options->min_rss_bytes,
		options->pss_budget_ms);
	if (p->o.fds_budget == 0)
		p->o.fds_budget = PROCESSES_FDS_BUDGET;
	p->forks = -1;
	*out = p;
	return true;
}

static void processes_close_files(struct processes *p, struct process *process)
{
	struct processes_followed *f = process->followed;
	if (!f)
		return;
	if (f->stat_fd >= 0)
		close(f->stat_fd);
	if (f->statm_fd >= 0)
		close(f->statm_fd);
	p->kept -= f->kept ? PROCESSES_KEPT_EACH : 0;
	p->followed--;
	cgroups_give(p->cgroups, f->cgroup);
	free(f);
	process->followed = NULL;
}

static void processes_forget(struct processes *p, struct process *process)
{
	processes_close_files(p, process);
	HASH_DEL(p->known, process);
	free(process);
	p->forks = -1; /* its pid may be another's by now: list again */
}

static void processes_end(struct processes *p, struct process *process, int64_t unix_ms)
{
	const struct processes_followed *f = process->followed;
	if (f)
		slots_give(p->o.slots, f->service, f->slot, unix_ms);
	processes_forget(p, process);
}

void processes_close(struct processes *p)
{
	if (!p)
		return;
	struct process *process, *next;
	HASH_ITER(hh, p->known, process, next)
	processes_forget(p, process);
	cgroups_close(p->cgroups);
	probes_close(p->probes);
	free(p);
}

static void processes_list(void *context, int pid)
{
	struct processes *p = context;
	struct process *process;
	HASH_FIND_INT(p->known, &pid, process);
	if (!process) {
		if (HASH_COUNT(p->known) >= PROCESSES_KNOWN_MAX) {
			p->beyond++;
			return;
		}
		process = calloc(1, sizeof *process);
		BUG_ON(!process);
		process->pid = pid;
		HASH_ADD_INT(p->known, pid, process);
	}
	process->listed = p->listing;
}

/* Lists the processes, unless the machine has not forked since: then there are no new
 * ones, and those that have ended are found when they are read. */
static bool processes_list_anew(struct processes *p, int64_t forks)
{
	if (forks >= 0 && forks == p->forks)
		return true;
	p->listing++;
	p->beyond = 0;
	p->forks = -1;
	if (!probes_list(p->probes, processes_list, p))
		return false;
	p->forks = forks;
	return true;
}

static bool processes_is_minute(const struct processes *p, int pid)
{
	return (p->tick + (uint64_t)pid) % p->ticks_per_minute == 0;
}

static int64_t processes_age_ms(uint64_t start_ticks, const struct processes_now *now)
{
	int64_t started_ms = probe_ticks_ms((int64_t)start_ticks);
	return started_ms >= 0 && started_ms < now->boot_ms ? now->boot_ms - started_ms
							    : 0;
}

/* Whether a process that is not followed is to be looked at in this tick. */
static bool processes_is_due(const struct processes *p, const struct process *process)
{
	uint64_t turn = p->tick + (uint64_t)process->pid;
	switch (process->kind) {
	case PROCESSES_NEW:
		return true;
	case PROCESSES_REST: /* the young at each tick, to follow them in time */
		return process->age_ms < p->o.interval_ms ||
		       turn % p->ticks_per_minute == 0;
	case PROCESSES_KERNEL: /* its pid may have become another's unseen */
		return turn % (p->ticks_per_minute * PROCESSES_KERNEL_MINUTES) == 0;
	case PROCESSES_FOLLOWED:
		return false;
	}
	return false;
}

static bool processes_has_name(
	const struct process *process, const struct process_stat *stat)
{
	return strncmp(stat->comm, process->comm, sizeof process->comm - 1) == 0;
}

/* Looks at a process that is not followed.  False: it is gone. */
static bool processes_look(
	struct processes *p, struct process *process, const struct processes_now *now)
{
	struct process_stat stat;
	const char *text = probes_text(p->probes, process->pid, "stat", NULL, NULL);
	if (!text || !process_stat_parse(text, &stat))
		return false;
	if (stat.start_ticks != process->start_ticks ||
		!processes_has_name(process, &stat)) {
		process->start_ticks = stat.start_ticks;
		snprintf(process->comm, sizeof process->comm, "%.15s", stat.comm);
		process->unmatched = process->is_ignored = false;
	}
	process->age_ms = processes_age_ms(stat.start_ticks, now);
	process->kind = stat.kernel_thread ? PROCESSES_KERNEL : PROCESSES_REST;
	process->rss_kb = process->anon_kb = 0;
	if (stat.kernel_thread || stat.ended)
		return true;
	struct wire_values values = {0};
	if (!probes_read_process(
		    p->probes, &process_statm_probe, process->pid, NULL, &values))
		return false;
	process->rss_kb = values.value[PROCESS_rss_kb];
	process->anon_kb = values.value[PROCESS_rss_anon_kb];
	return true;
}

/* Asked again only when the process has become another program. */
static bool processes_matches_rule(struct processes *p, struct process *process)
{
	if (p->o.rule_count == 0 || process->unmatched)
		return false;
	struct target_facts facts;
	const struct target_rule *rule = NULL;
	if (target_look(p->probes, process->pid, process->comm, &facts))
		rule = target_match(p->o.rules, p->o.rule_count, &facts, NULL);
	process->unmatched = !rule || rule->ignore;
	return !process->unmatched;
}

/* Who watches is watched: by the kernel's names of our programs, whole. */
static bool processes_is_ours(const struct process *process)
{
	return strcmp(process->comm, "tidemark-agent") == 0 ||
	       strcmp(process->comm, "tidemark-scout") == 0 ||
	       strcmp(process->comm, "tidemark-server") == 0;
}

static bool processes_is_candidate(struct processes *p, struct process *process)
{
	if (process->kind != PROCESSES_REST || process->age_ms < p->o.interval_ms ||
		process->rss_kb == 0 || process->is_ignored)
		return false;
	return process->rss_kb >= p->o.min_rss_bytes / 1024 ||
	       processes_is_ours(process) ||
	       slots_waits(p->o.slots, process->pid, process->start_ticks) ||
	       processes_matches_rule(p, process);
}

static struct processes_followed *processes_followed_create(const struct target *t)
{
	size_t service = strlen(t->service) + 1, version = strlen(t->version) + 1;
	size_t command = strlen(t->command) + 1;
	struct processes_followed *f = calloc(
		1, sizeof *f + service + version + command);
	BUG_ON(!f);
	memcpy(f->service, t->service, service);
	f->version = memcpy(f->service + service, t->version, version);
	f->command = memcpy(f->service + service + version, t->command, command);
	f->runtime = t->runtime;
	f->rule = t->rule;
	f->place = t->place;
	f->stat_fd = f->statm_fd = -1;
	f->pss_kb = -1;
	f->fresh = true;
	return f;
}

static bool processes_name(struct processes *p, const struct process *process,
	struct target_facts *facts, struct target *target)
{
	if (!target_look(p->probes, process->pid, process->comm, facts))
		return false;
	target_name(p->probes, facts, p->o.rules, p->o.rule_count, target);
	return true;
}

/* A reload starts the new worker before the old one ends.  True: there was an old one,
 * whose seat will be free in the next tick. */
static bool processes_replace(struct processes *p, const struct target *target)
{
	const struct target_place *place = &target->place;
	for (struct process *old = p->known; place->daemon_pid && old;
		old = old->hh.next) {
		struct processes_followed *f = old->followed;
		if (!f || f->place.daemon_pid != place->daemon_pid ||
			f->place.number != place->number ||
			strcmp(f->service, target->service) != 0)
			continue;
		f->is_replaced = true; /* this tick may have its names */
		return true;
	}
	return false;
}

/* False: it ended before it was followed, is not to be, or not yet: a seat has one
 * reading in a tick. */
static bool processes_follow(
	struct processes *p, struct process *process, const struct processes_now *now)
{
	struct target_facts facts;
	struct target target;
	if (!processes_name(p, process, &facts, &target))
		return false;
	process->is_ignored = target.is_ignored;
	if (process->is_ignored)
		return false;
	bool is_early = target.is_early && process->age_ms < PROCESSES_NAMELESS_MS;
	if (is_early || processes_replace(p, &target)) {
		process->age_ms = 0; /* looked at in the next tick */
		return false;
	}
	struct processes_followed *f = processes_followed_create(&target);
	f->kept = p->kept + PROCESSES_KEPT_EACH <= p->o.kept_max;
	p->kept += f->kept ? PROCESSES_KEPT_EACH : 0;
	f->cgroup = cgroups_take(p->cgroups, &facts.place);
	const struct slots_sitter who = {
		.service = f->service,
		.version = f->version,
		.program = target.role,
		.pid = process->pid,
		.start_ticks = process->start_ticks,
	};
	f->slot = slots_take(p->o.slots, &who, now->unix_ms);
	process->followed = f;
	process->kind = PROCESSES_FOLLOWED;
	p->followed++;
	return true;
}

static void processes_read_status(
	struct processes *p, const struct process *process, struct wire_values *out)
{
	struct processes_followed *f = process->followed;
	for (size_t i = 0; i < PROCESSES_STATUS_COUNT; i++)
		f->status[i] = -1;
	struct wire_values values = {0};
	if (!probes_read_process(
		    p->probes, &process_status_probe, process->pid, NULL, &values))
		return;
	for (size_t i = 0; i < PROCESSES_STATUS_COUNT; i++) {
		unsigned metric = processes_status_metrics[i];
		if (values.present >> metric & 1)
			f->status[i] = values.value[metric];
	}
	f->status_rss_kb = out->value[PROCESS_rss_kb];
	f->status_anon_kb = out->value[PROCESS_rss_anon_kb];
	f->status_minutes = PROCESSES_STATUS_MINUTES;
}

/* While a process sleeps, status says the same again, and it is dear: it is read when
 * RSS or its anonymous part has changed, and every ten minutes. */
static void processes_read_minutely(
	struct processes *p, const struct process *process, struct wire_values *out)
{
	struct processes_followed *f = process->followed;
	if (f->status_minutes == 0 || f->status_rss_kb != out->value[PROCESS_rss_kb] ||
		f->status_anon_kb != out->value[PROCESS_rss_anon_kb])
		processes_read_status(p, process, out);
	else
		f->status_minutes--;
	for (size_t i = 0; i < PROCESSES_STATUS_COUNT; i++)
		probe_put(out, processes_status_metrics[i], f->status[i]);
	probes_read_fds(p->probes, process->pid, &p->fds_left, out);
}

/* A new name is a sign that it runs another program, but not more than a sign. */
static bool processes_is_another(
	struct processes *p, struct process *process, const struct process_stat *stat)
{
	const struct processes_followed *f = process->followed;
	struct target_facts facts;
	struct target target;
	if (processes_has_name(process, stat))
		return false;
	snprintf(process->comm, sizeof process->comm, "%.15s", stat->comm);
	return !processes_name(p, process, &facts, &target) || target.is_ignored ||
	       strcmp(target.service, f->service) != 0 ||
	       strcmp(target.command, f->command) != 0;
}

/* False: it has ended, or runs another program, and is to be found anew. */
static bool processes_sample(
	struct processes *p, struct process *process, struct wire_values *out)
{
	struct processes_followed *f = process->followed;
	struct process_stat stat;
	const char *text = probes_text(
		p->probes, process->pid, "stat", f->kept ? &f->stat_fd : NULL, NULL);
	if (!text || !process_stat_parse(text, &stat) || stat.ended ||
		stat.start_ticks != process->start_ticks ||
		processes_is_another(p, process, &stat))
		return false;
	process_stat_emit(&stat, out);
	if (!probes_read_process(p->probes, &process_statm_probe, process->pid,
		    f->kept ? &f->statm_fd : NULL, out))
		return false;
	f->rss_kb = out->value[PROCESS_rss_kb];
	bool minutely = f->fresh || processes_is_minute(p, process->pid);
	if (minutely)
		processes_read_minutely(p, process, out);
	cgroups_read(p->cgroups, f->cgroup, p->tick, minutely, out);
	f->fresh = false;
	return true;
}

/* Only the time since boot is sure: a wall clock that was wrong at first must not be
 * believed for as long as the process lives. */
static int64_t processes_started_ms(
	const struct process *process, const struct processes_now *now)
{
	struct processes_followed *f = process->followed;
	int64_t started_ms = now->unix_ms - processes_age_ms(process->start_ticks, now);
	if (started_ms < WIRE_TIME_MIN_MS)
		started_ms = WIRE_TIME_MIN_MS;
	if (llabs(started_ms - f->started_unix_ms) > PROCESSES_CLOCK_MS)
		f->started_unix_ms = started_ms;
	return f->started_unix_ms;
}

/* It goes on, but is followed no longer, and not again. */
static void processes_retire(
	struct processes *p, struct process *process, int64_t unix_ms)
{
	const struct processes_followed *f = process->followed;
	slots_give(p->o.slots, f->service, f->slot, unix_ms);
	processes_close_files(p, process);
	process->kind = PROCESSES_REST;
	process->is_ignored = true;
}

static void processes_add_sample(
	struct processes *p, struct process *process, struct processes_work *work)
{
	if (process->followed->is_replaced) {
		processes_retire(p, process, work->now->unix_ms);
		return;
	}
	struct processes_tick *out = work->out;
	struct wire_sample *sample = &out->samples[out->count];
	if (!processes_sample(p, process, &sample->values)) {
		*sample = (struct wire_sample){0};
		processes_end(p, process, work->now->unix_ms);
		return;
	}
	const struct processes_followed *f = process->followed;
	sample->process = (uint32_t)out->count;
	work->sampled[out->count] = process;
	out->processes[out->count++] = (struct wire_process){
		.service = f->service,
		.version = f->version,
		.runtime = f->runtime,
		.rule = f->rule,
		.command = f->command,
		.slot = f->slot,
		.pid = (uint32_t)process->pid,
		.started_unix_ms = processes_started_ms(process, work->now),
		.start_ticks = process->start_ticks,
	};
}

static int64_t processes_now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t processes_pss_us(const struct processes_followed *f)
{
	return PROCESSES_PSS_US + f->rss_kb * PROCESSES_PSS_US_PER_MB / 1024;
}

static void processes_read_pss_of(
	struct processes *p, const struct process *process, struct wire_values *out)
{
	struct processes_followed *f = process->followed;
	f->pss_forbidden = !probes_read_process(
		p->probes, &process_pss_probe, process->pid, NULL, out);
	bool has_it = !f->pss_forbidden && out->present >> PROCESS_pss_kb & 1;
	f->pss_kb = has_it ? out->value[PROCESS_pss_kb] : -1;
	f->pss_rss_kb = out->value[PROCESS_rss_kb];
	f->pss_anon_kb = out->value[PROCESS_rss_anon_kb];
	f->pss_minutes = PROCESSES_PSS_MINUTES;
}

/* While neither RSS nor its anonymous part changes, PSS does so only when neighbours
 * that share with it come and go: it is said again for some minutes.  False: it is to
 * be read. */
static bool processes_say_pss(struct processes_followed *f, struct wire_values *out)
{
	if (f->pss_kb < 0 || f->pss_minutes == 0 ||
		f->pss_rss_kb != out->value[PROCESS_rss_kb] ||
		f->pss_anon_kb != out->value[PROCESS_rss_anon_kb])
		return false;
	f->pss_minutes--;
	probe_put(out, PROCESS_pss_kb, f->pss_kb);
	return true;
}

/* Goes on where the last tick stopped, so that everybody has a turn. */
static void processes_read_pss(struct processes *p, struct processes_work *work)
{
	size_t count = work->out->count;
	int64_t budget_us = p->o.pss_budget_ms * 1000;
	int64_t end_us = processes_now_us() + budget_us;
	for (size_t n = 0; n < count && budget_us > 0; n++) {
		size_t at = (p->pss_next + n) % count;
		struct processes_followed *f = work->sampled[at]->followed;
		bool lately = f->pss_tick &&
			      p->tick - f->pss_tick < p->ticks_per_minute;
		struct wire_values *values = &work->out->samples[at].values;
		if (f->pss_forbidden || lately || processes_pss_us(f) > budget_us)
			continue;
		if (processes_say_pss(f, values)) {
			f->pss_tick = p->tick;
			continue;
		}
		if (processes_now_us() + processes_pss_us(f) > end_us) {
			p->pss_next = at;
			return;
		}
		f->pss_tick = p->tick;
		processes_read_pss_of(p, work->sampled[at], values);
	}
}

/* Ends what is no longer listed, looks anew at what is due, and sums the rest. */
static void processes_go_through(
	struct processes *p, struct processes_work *work, struct arena *a)
{
	size_t room = HASH_COUNT(p->known);
	work->candidates = arena_array(a, room, sizeof(struct process *));
	struct process *process, *next;
	HASH_ITER(hh, p->known, process, next)
	{
		if (process->listed != p->listing) {
			processes_end(p, process, work->now->unix_ms);
			continue;
		}
		if (!processes_is_due(p, process))
			continue;
		if (!processes_look(p, process, work->now))
			processes_forget(p, process);
		else if (processes_is_candidate(p, process))
			work->candidates[work->candidate_count++] = process;
	}
}

static void processes_follow_candidates(
	struct processes *p, struct processes_work *work, bool waiting)
{
	for (size_t i = 0; i < work->candidate_count; i++) {
		struct process *process = work->candidates[i];
		if (!process || work->out->count >= WIRE_PROCESSES_MAX ||
			(waiting && !slots_waits(p->o.slots, process->pid,
					    process->start_ticks)))
			continue;
		work->candidates[i] = NULL;
		if (processes_follow(p, process, work->now))
			processes_add_sample(p, process, work);
	}
}

static void processes_count(const struct processes *p, struct wire_values *out)
{
	int64_t all = (int64_t)p->beyond, rest = all, rss_kb = 0, anon_kb = 0;
	for (const struct process *process = p->known; process;
		process = process->hh.next) {
		if (process->kind == PROCESSES_KERNEL)
			continue;
		all++;
		if (process->kind == PROCESSES_FOLLOWED)
			continue;
		rest++;
		rss_kb += process->rss_kb;
		anon_kb += process->anon_kb;
	}
	probe_put(out, HOST_processes, all);
	probe_put(out, HOST_rest_processes, rest);
	probe_put(out, HOST_rest_rss_kb, rss_kb);
	probe_put(out, HOST_rest_anon_kb, anon_kb);
}

bool processes_read(struct processes *p, const struct processes_now *now,
	struct arena *a, struct processes_tick *out, struct err *e)
{
	*out = (struct processes_tick){0};
	p->tick++;
	p->fds_left = p->o.fds_budget;
	int64_t forks; /* read before the listing, so that none is missed */
	probes_read_host(p->probes, &out->host, &forks);
	if (!processes_list_anew(p, forks))
		return err_errno(e, "cannot list %s", p->o.procfs);
	struct processes_work work = {.now = now, .out = out};
	processes_go_through(p, &work, a);
	size_t room = p->followed + work.candidate_count;
	out->processes = arena_array(a, room, sizeof *out->processes);
	out->samples = arena_array(a, room, sizeof *out->samples);
	work.sampled = arena_array(a, room, sizeof(struct process *));

	/* Ended ones leave their seats before new ones look for theirs. */
	struct process *process, *next;
	HASH_ITER(hh, p->known, process, next)
	{
		if (process->kind == PROCESSES_FOLLOWED)
			processes_add_sample(p, process, &work);
	}
	processes_follow_candidates(p, &work, true);
	slots_settle(p->o.slots, now->unix_ms);
	processes_follow_candidates(p, &work, false);
	processes_read_pss(p, &work);
	processes_count(p, &out->host);
	return true;
}
