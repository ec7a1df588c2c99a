/*
 * Values: what a runtime tells of itself as metrics of scope PROCESS.
 *
 * What is not known stays absent; a counter that does not begin with the process is
 * none of these.  Pure.
 */
#ifndef TIDEMARK_AGENT_INSIDES_VALUES_H
#define TIDEMARK_AGENT_INSIDES_VALUES_H

#include "agent/capture/door.h"
#include "agent/insides/hsperf.h"
#include "schema/wire.h"

#include <stdint.h>

/* What a reading has cost; negative: not known. */
struct values_cost {
	int64_t agent_us, bytes, pause_us;
};

/* The last full collection of a JVM, as far as it was seen. */
struct values_floor {
	bool is_counted;
	int64_t full_count; /* at the last reading */
	int64_t bytes;      /* 0: none was seen */
};

/* Nothing for a value below 0, or too large for the column. */
void values_put(struct wire_values *v, int metric, int64_t value);

void values_node(const struct door_statistics *s, struct wire_values *out);
void values_java(
	const struct hsperf *h, struct values_floor *floor, struct wire_values *out);
void values_cost(const struct values_cost *cost, struct wire_values *out);

#endif
