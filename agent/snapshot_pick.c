#include "agent/snapshot_pick.h"

#include "agent/processes.h"
#include "agent/state.h"
#include "common/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t snapshot_anonymous(const struct wire_sample *s)
{
	return s->values.value[PROCESS_rss_anon_kb];
}

/* Index of the sample that is meant; count when there is none. */
static size_t snapshot_choose(
	const struct processes_tick *tick, const char *whom, size_t *others)
{
	char *end;
	unsigned long pid = strtoul(whom, &end, 10);
	bool is_pid = *whom >= '0' && *whom <= '9' && !*end;
	size_t best = tick->count, matches = 0;
	for (size_t i = 0; i < tick->count; i++) {
		const struct wire_sample *s = &tick->samples[i];
		const struct wire_process *p = &tick->processes[s->process];
		if (is_pid ? p->pid != pid : strcmp(p->service, whom) != 0)
			continue;
		matches++;
		if (best == tick->count ||
			snapshot_anonymous(s) >
				snapshot_anonymous(&tick->samples[best]))
			best = i;
	}
	*others = matches ? matches - 1 : 0;
	return best;
}

static size_t snapshot_count(const struct processes_tick *tick, const char *service)
{
	size_t count = 0;
	for (size_t i = 0; i < tick->count; i++)
		count += strcmp(tick->processes[i].service, service) == 0;
	return count;
}

static void snapshot_copy(
	const struct wire_process *p, struct arena *a, struct wire_process *out)
{
	*out = *p;
	out->service = arena_strdup(a, p->service);
	out->version = arena_strdup(a, p->version);
	out->runtime = arena_strdup(a, p->runtime);
	out->rule = arena_strdup(a, p->rule);
	out->command = arena_strdup(a, p->command);
}

static bool snapshot_read_tick(const struct config *c, const char *whom,
	struct slots *slots, struct arena *a, struct snapshot_pick *out, struct err *e)
{
	const struct processes_options options = {
		.procfs = c->procfs,
		.cgroupfs = c->cgroupfs,
		.interval_ms = 1, /* also who has just begun */
		.min_rss_bytes = 0,
		.rules = c->rules,
		.rule_count = c->rule_count,
		.slots = slots,
	};
	struct processes *processes = NULL;
	struct processes_tick tick;
	const struct processes_now now = {clock_unix_ms(), clock_boot_ms()};
	bool ok = processes_open(&options, &processes, e) &&
		  processes_read(processes, &now, a, &tick, e);
	size_t chosen = ok ? snapshot_choose(&tick, whom, &out->others) : 0;
	if (ok && chosen == tick.count)
		ok = err_set(e, ERR_INPUT,
			"'%s' is neither a process nor a service that runs here; see "
			"'tidemark-agent services'",
			whom);
	if (ok) {
		const struct wire_process *p =
			&tick.processes[tick.samples[chosen].process];
		snapshot_copy(p, a, &out->process);
		out->others = snapshot_count(&tick, p->service) - 1;
	}
	processes_close(processes);
	return ok;
}

/* As the running agent numbers them. */
static struct slots *snapshot_read_slots(const struct config *c, const char *boot_id)
{
	struct slots *slots = slots_create(boot_id);
	struct buf text = {0};
	struct err ignored;
	bool found;
	if (state_read_slots(c->state_dir, &text, &found, &ignored) && found)
		slots_parse(slots, text.data, clock_unix_ms(), &ignored);
	buf_finish(&text);
	return slots;
}

/* Of an agent that has run here; its key is never made by us. */
static void snapshot_identify(const struct config *c, struct snapshot_pick *out)
{
	struct state_keys keys = {0};
	struct err e = {0};
	char path[4096];
	snprintf(path, sizeof path, "%s/agent.key", c->state_dir);
	if (access(path, R_OK | W_OK) != 0) {
		err_errno(&e, "%s", path);
		snprintf(out->no_state, sizeof out->no_state, "%.290s", e.text);
	} else if (!state_keys(c->state_dir, &keys, &e)) {
		snprintf(out->no_state, sizeof out->no_state, "%.290s", e.text);
	}
	identity_read(c->machine_id, c->hostname, &keys, &out->identity);
}

bool snapshot_pick_find(const struct config *c, const char *whom, struct arena *a,
	struct snapshot_pick *out, struct err *e)
{
	*out = (struct snapshot_pick){0};
	if (!host_read(c->procfs, &out->host, e))
		return false;
	struct slots *slots = snapshot_read_slots(c, out->host.boot_id);
	bool ok = snapshot_read_tick(c, whom, slots, a, out, e);
	slots_destroy(slots);
	if (!ok)
		return false;
	snapshot_identify(c, out);
	out->about = (struct wire_batch){
		.boot_id = out->host.boot_id,
		.machine_id = out->identity.machine_id,
		.hostname = out->identity.hostname,
		.kernel = out->host.kernel,
		.cpus = out->host.cpus,
		.interval_ms = (uint32_t)c->interval_ms,
		.processes = &out->process,
		.process_count = 1,
	};
	return true;
}
