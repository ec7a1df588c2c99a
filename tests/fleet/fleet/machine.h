/*
 * Machine: one simulated host with its processes; makes batches of their readings.
 *
 * What it says of a time depends on the options and the number of the host alone.  The
 * machine borrows the options and the services, and counts there what it makes.
 */
#ifndef TIDEMARK_TESTS_FLEET_FLEET_MACHINE_H
#define TIDEMARK_TESTS_FLEET_FLEET_MACHINE_H

#include "common/arena.h"
#include "common/buf.h"
#include "tests/fleet/fleet/options.h"
#include "tests/fleet/fleet/service.h"

#include <stdint.h>

struct machine_process;

struct machine {
	const struct options *options;
	struct service *services;
	uint32_t number; /* from 0 within this run */
	char hostname[24], machine_id[33], boot_id[37];
	struct machine_process *processes;
	uint32_t next_pid;
	int64_t host_ticks;
};

/* `public_key` makes the machine's id; `begin_ms` its boot. */
void machine_init(struct machine *m, const struct options *o, struct service *services,
	uint32_t number, const uint8_t public_key[32], int64_t begin_ms);
void machine_finish(struct machine *m);

/* Replaces `out` by an encoded batch of the next `ticks` readings, the first one at
 * at_ms; returns how many readings of processes it holds. */
uint32_t machine_batch(struct machine *m, int64_t at_ms, uint32_t ticks,
	struct arena *scratch, struct buf *out);

#endif
