/*
 * Outlier: one host against its peers, which run the same version at the same age.
 *
 * z = (x - median) / spread of the others, with the spread from their median absolute
 * deviation (robust.h) and never below a floor; from 3.5 on a host stands out, as
 * Iglewicz and Hoaglin (1993) advise.  With few peers the spread itself is uncertain:
 * 3.5 is raised to the quantile of Student's t with as many degrees of freedom as
 * peers less one that normal noise would exceed as rarely.  Slots of one host are
 * joined by their median.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_OUTLIER_H
#define TIDEMARK_SERVER_ANALYSE_OUTLIER_H

#include "common/arena.h"
#include "server/analyse/analyse.h"

enum { OUTLIER_PEERS_MIN = 4 };

struct outlier_slot {
	int64_t host_id;
	double slope_kb_h, level_kb; /* NAN: not known; level at equal age */
};

struct outlier_result {
	bool known;      /* four hosts beside it at least */
	bool stands_out; /* higher than the others; lower is nobody's concern */
	bool by_slope;   /* else by level */
	double z, value, median, spread, limit_z;
	size_t peers;
	const char *sentence; /* "" unless it stands out */
};

/* Of `host_id` among the slots of all hosts.  Smaller differences than the floors (KiB
 * per hour, KiB) are nobody's concern. */
struct outlier_input {
	const struct outlier_slot *slots;
	size_t count;
	int64_t host_id;
	double floor_kb_h, floor_kb;
};
void outlier_judge(
	const struct outlier_input *in, struct arena *a, struct outlier_result *out);

#endif
