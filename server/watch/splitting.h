/*
 * Splitting: what people split off goes its own way.
 *
 * The detector finds one cause; people may have given some of its seats an alert of
 * their own (server/store/cases.h).  Here each found cause is divided accordingly: what
 * it says of those seats is a finding of its own, under the id that it is stored with,
 * and the rest goes on without them.  Of a cause that only a version as a whole shows,
 * nothing can be divided.
 *
 * Results live in the arena.
 */
#ifndef TIDEMARK_SERVER_WATCH_SPLITTING_H
#define TIDEMARK_SERVER_WATCH_SPLITTING_H

#include "common/arena.h"
#include "common/err.h"
#include "server/analyse/fleet.h"
#include "server/store/evidence.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seats that were split off to one finding. */
struct splitting_part {
	int64_t finding_id, service_id;
	bool is_backlog;  /* else growth: the two are never one */
	const char *name; /* "checkout 1.1.0" */
	const int64_t *slots;
	size_t slot_count;
};

/* On which host a seat is. */
struct splitting_seat {
	int64_t slot_id, host_id;
};

struct splitting_input {
	const struct fleet_finding *findings;
	size_t count;
	const struct splitting_part *parts;
	size_t part_count;
	const struct splitting_seat *seats; /* of the findings and the parts */
	size_t seat_count;
};

struct splitting {
	struct fleet_finding *findings;
	int64_t *parts; /* side by side: the finding that was split off; 0: the rest */
	size_t count;
	struct figures_ids all; /* known findings that were split off */
};

/* Pure. */
void splitting_divide(
	const struct splitting_input *in, struct arena *a, struct splitting *out);

/* Divides the findings of a report by what was split off to the known ones. */
bool splitting_read(struct db *db, const struct fleet_report *report,
	const struct evidence_finding *known, size_t known_count, struct arena *a,
	struct splitting *out, struct err *e);

#endif
