/*
 * Values: what an agent would read of a simulated process, and of its host.
 *
 * The simulator knows memory, load and heaps; the other metrics are made of them so
 * that they move as real ones do: counters grow with load and begin at 0 with each
 * life, descriptors follow load, a level stays a level.  Pure.
 */
#ifndef TIDEMARK_TESTS_FLEET_FLEET_VALUES_H
#define TIDEMARK_TESTS_FLEET_FLEET_VALUES_H

#include "schema/wire.h"
#include "tests/fleet/simulate/process.h"

/* Totals of one life. */
struct values_life {
	double cpu_ms, requests, minor_faults;
};

/* `count` metrics, or as many as such a process has: 16 of a native one. */
void values_process(const struct recipe *r, const struct process_sample *s,
	uint32_t count, struct values_life *life, struct wire_values *out);

/* At tick number `ticks` of host `number`, whose processes are read. */
void values_host(uint32_t number, int64_t ticks, int64_t interval_ms, int cpus,
	const struct wire_tick *tick, struct wire_values *out);

#endif
