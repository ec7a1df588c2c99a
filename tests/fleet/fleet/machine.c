#include "tests/fleet/fleet/machine.h"

#include "schema/wire.h"
#include "tests/fleet/fleet/values.h"
#include "tests/fleet/simulate/process.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MACHINE_FIRST_PID = 1000, MACHINE_CPUS = 8 };

struct machine_process {
	struct service *service;
	struct recipe recipe;
	struct process process;
	struct values_life life;   /* counters since the start */
	uint32_t slot, pid, entry; /* entry: in the batch being made; 0: none yet */
	int64_t started_ms, uptime_s;
	int version;
};

static uint64_t machine_seed(const struct options *o, uint32_t number, uint32_t process)
{
	return (o->seed * UINT64_C(1000003) + o->first + number) * UINT64_C(1009) +
	       process;
}

static void machine_start(struct machine *m, struct machine_process *p, int64_t at_ms)
{
	p->pid = m->next_pid++;
	p->started_ms = at_ms - p->uptime_s * 1000;
	p->life = (struct values_life){0};
}

static void machine_place(struct machine *m, uint32_t j, int64_t begin_ms)
{
	const struct options *o = m->options;
	struct machine_process *p = &m->processes[j];
	uint64_t first = (uint64_t)(o->first - 1 + m->number) * o->processes;
	p->service = &m->services[(first + j) % o->services];
	for (uint32_t i = 0; i < j; i++)
		p->slot += m->processes[i].service == p->service;
	service_place(p->service, machine_seed(o, m->number, j), m->number, o->agents,
		&p->recipe);
	process_init(&p->process, &p->recipe);
	p->uptime_s = (int64_t)(p->recipe.age_h * 3600);
	machine_start(m, p, begin_ms);
}

void machine_init(struct machine *m, const struct options *o, struct service *services,
	uint32_t number, const uint8_t public_key[32], int64_t begin_ms)
{
	uint8_t seed[32] = {0}, boot[16];
	*m = (struct machine){.options = o,
		.services = services,
		.number = number,
		.next_pid = MACHINE_FIRST_PID};
	snprintf(m->hostname, sizeof m->hostname, "sim-%03u", o->first + number);
	sodium_bin2hex(m->machine_id, sizeof m->machine_id, public_key, 16);
	memcpy(seed, public_key, 16);
	memcpy(seed + 16, &begin_ms, sizeof begin_ms);
	randombytes_buf_deterministic(boot, sizeof boot, seed);
	snprintf(m->boot_id, sizeof m->boot_id,
		"%02x%02x%02x%02x-%02x%02x-4%01x%02x-8%01x%02x-%02x%02x%02x%02x%02x%"
		"02x",
		boot[0], boot[1], boot[2], boot[3], boot[4], boot[5], boot[6] & 15,
		boot[7], boot[8] & 15, boot[9], boot[10], boot[11], boot[12], boot[13],
		boot[14], boot[15]);
	m->processes = calloc(o->processes, sizeof *m->processes);
	BUG_ON(!m->processes);
	for (uint32_t j = 0; j < o->processes; j++)
		machine_place(m, j, begin_ms);
}

void machine_finish(struct machine *m)
{
	free(m->processes);
	*m = (struct machine){0};
}

static void machine_describe(const struct machine *m, const struct machine_process *p,
	struct wire_process *out)
{
	const struct service *s = p->service;
	*out = (struct wire_process){.service = s->name,
		.version = s->versions[p->version],
		.runtime = s->runtime,
		.rule = "simulated",
		.command = p->recipe.heap.managed ? "node app.js" : "/usr/bin/app",
		.slot = p->slot,
		.pid = p->pid,
		.started_unix_ms = p->started_ms,
		.start_ticks = (uint64_t)p->pid * 100 + (uint64_t)(m->number % 100)};
}

/* One process at one time.  A process that began anew is another entry of the batch. */
static void machine_read(struct machine *m, struct machine_process *p,
	struct wire_batch *batch, struct wire_tick *tick)
{
	struct process_sample s;
	if (!process_step(&p->process, &s) || s.missing)
		return;
	bool anew = s.uptime_s < p->uptime_s || s.version != p->version;
	p->uptime_s = s.uptime_s;
	p->version = s.version;
	if (anew)
		machine_start(m, p, tick->at_unix_ms);
	if (anew || !p->entry) {
		machine_describe(m, p, &batch->processes[batch->process_count]);
		p->entry = (uint32_t)++batch->process_count;
	}
	struct wire_sample *out = &tick->samples[tick->sample_count++];
	out->process = p->entry - 1;
	values_process(&p->recipe, &s, m->options->metrics, &p->life, &out->values);
	p->service->samples[p->version]++;
}

uint32_t machine_batch(struct machine *m, int64_t at_ms, uint32_t ticks,
	struct arena *scratch, struct buf *out)
{
	const struct options *o = m->options;
	uint32_t count = 0;
	struct err e;
	struct wire_batch batch = {.boot_id = m->boot_id,
		.machine_id = m->machine_id,
		.hostname = m->hostname,
		.kernel = "6.1.0-simulated",
		.cpus = MACHINE_CPUS,
		.interval_ms = (uint32_t)o->interval_ms,
		.tick_count = ticks};
	batch.processes = arena_array(
		scratch, (size_t)o->processes * ticks, sizeof *batch.processes);
	batch.ticks = arena_array(scratch, ticks, sizeof *batch.ticks);
	for (uint32_t j = 0; j < o->processes; j++)
		m->processes[j].entry = 0;
	for (uint32_t t = 0; t < ticks; t++) {
		struct wire_tick *tick = &batch.ticks[t];
		tick->at_unix_ms = at_ms + (int64_t)t * o->interval_ms;
		tick->samples = arena_array(
			scratch, o->processes, sizeof *tick->samples);
		for (uint32_t j = 0; j < o->processes; j++)
			machine_read(m, &m->processes[j], &batch, tick);
		values_host(m->number, m->host_ticks++, o->interval_ms, MACHINE_CPUS,
			tick, &tick->host);
		count += (uint32_t)tick->sample_count;
	}
	buf_reset(out);
	BUG_ON(!wire_batch_encode(&batch, out, &e));
	return count;
}
