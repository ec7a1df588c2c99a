/*
 * Replay: records through the detector, on virtual time, as the watch would have heard
 * them.
 *
 * All series go through one fleet, merged by time; it is stepped at the end of each
 * minute in which something was read.  Nothing is told before its time: versions and
 * deploys with the first reading of theirs.  Equal records give equal results.
 *
 * Texts of the result live in the caller's arena or are those of the labels.
 */
#ifndef TIDEMARK_SERVER_REPLAY_REPLAY_H
#define TIDEMARK_SERVER_REPLAY_REPLAY_H

#include "common/arena.h"
#include "server/replay/alarms.h"
#include "server/replay/record.h"

struct replay_input {
	const struct labels_series *series; /* where they sit */
	const struct record *records;       /* one for each */
	size_t count;
	enum analyse_sensitivity sensitivity;
};

struct replay_series {
	struct alarms alarms;
	enum analyse_verdict verdict; /* at the end */
	int64_t wait_s;               /* for ANALYSE_LEARNING */
	const char *summary;
};

struct replay_version {
	const char *name;
	struct alarms alarms;
};

struct replay_service {
	const char *name;
	struct replay_version *versions; /* as they came */
	size_t count;
};

struct replay_result {
	struct replay_series *series; /* as in the input */
	size_t count;
	struct replay_service *services; /* as they first stand in the input */
	size_t service_count;
	size_t steps, refused; /* readings that the detector would not take */
};

/* Whether a runtime ("java 17.0.2", "node") fills a heap of set size before it collects
 * in earnest. */
bool replay_collects_late(const char *runtime);

void replay_run(
	const struct replay_input *in, struct arena *a, struct replay_result *out);

#endif
