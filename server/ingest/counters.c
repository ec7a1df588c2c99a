#include "server/ingest/counters.h"

#include "server/ingest/ingest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_uint_fast64_t counters_value[COUNTERS_COUNT];

static pthread_mutex_t counters_lock = PTHREAD_MUTEX_INITIALIZER;
static char counters_trouble[400]; /* guarded by the lock; "": none */

void counters_add(enum counters_name name, uint64_t more)
{
	atomic_fetch_add_explicit(&counters_value[name], more, memory_order_relaxed);
}

void counters_set(enum counters_name name, uint64_t value)
{
	atomic_store_explicit(&counters_value[name], value, memory_order_relaxed);
}

uint64_t counters_get(enum counters_name name)
{
	return atomic_load_explicit(&counters_value[name], memory_order_relaxed);
}

void counters_set_trouble(const char *why)
{
	pthread_mutex_lock(&counters_lock);
	snprintf(counters_trouble, sizeof counters_trouble, "%s", why ? why : "");
	pthread_mutex_unlock(&counters_lock);
}

void ingest_trouble(struct buf *out)
{
	pthread_mutex_lock(&counters_lock);
	buf_text(out, counters_trouble);
	pthread_mutex_unlock(&counters_lock);
}

void ingest_counters(struct ingest_counters *out)
{
	*out = (struct ingest_counters){
		.frames = counters_get(COUNTERS_FRAMES),
		.frame_bytes = counters_get(COUNTERS_FRAME_BYTES),
		.frames_dropped = counters_get(COUNTERS_FRAMES_DROPPED),
		.frames_revoked = counters_get(COUNTERS_FRAMES_REVOKED),
		.batches_stored = counters_get(COUNTERS_BATCHES_STORED),
		.batches_repeated = counters_get(COUNTERS_BATCHES_REPEATED),
		.batches_refused = counters_get(COUNTERS_BATCHES_REFUSED),
		.batches_held = counters_get(COUNTERS_BATCHES_HELD),
		.process_samples = counters_get(COUNTERS_PROCESS_SAMPLES),
		.host_samples = counters_get(COUNTERS_HOST_SAMPLES),
		.values_refused = counters_get(COUNTERS_VALUES_REFUSED),
		.commits = counters_get(COUNTERS_COMMITS),
		.commit_failures = counters_get(COUNTERS_COMMIT_FAILURES),
		.commit_us_total = (int64_t)counters_get(COUNTERS_COMMIT_US),
		.handshakes_accepted = counters_get(COUNTERS_HANDSHAKES_ACCEPTED),
		.handshakes_refused = counters_get(COUNTERS_HANDSHAKES_REFUSED),
		.enrolled = counters_get(COUNTERS_ENROLLED),
		.enrol_refused = counters_get(COUNTERS_ENROL_REFUSED),
		.snapshots_stored = counters_get(COUNTERS_SNAPSHOTS_STORED),
		.snapshots_foreign = counters_get(COUNTERS_SNAPSHOTS_FOREIGN),
		.events_taken = counters_get(COUNTERS_EVENTS_TAKEN),
		.events_ignored = counters_get(COUNTERS_EVENTS_IGNORED),
		.parts_taken = counters_get(COUNTERS_PARTS_TAKEN),
		.parts_refused = counters_get(COUNTERS_PARTS_REFUSED),
		.known_keys = counters_get(COUNTERS_KNOWN_KEYS),
		.last_commit_ms = (int64_t)counters_get(COUNTERS_LAST_COMMIT_MS),
	};
}

/* A family is a head and the lines that follow it without one. */
static const struct {
	const char *name, *labels, *type, *help;
	enum counters_name value;
	double scale;
} counters_lines[] = {
	{"tidemark_ingest_frames_total", "", "counter", "Frames received from agents",
		COUNTERS_FRAMES, 1},
	{"tidemark_ingest_frame_bytes_total", "", "counter", "Bytes of those frames",
		COUNTERS_FRAME_BYTES, 1},
	{"tidemark_ingest_frames_dropped_total", "", "counter",
		"Frames that found no room; their agents send them again",
		COUNTERS_FRAMES_DROPPED, 1},
	{"tidemark_ingest_frames_revoked_total", "", "counter",
		"Frames over connections whose agents were revoked; none was read",
		COUNTERS_FRAMES_REVOKED, 1},
	{"tidemark_ingest_batches_total", "{fate=\"stored\"}", "counter",
		"Batches of samples by what became of them", COUNTERS_BATCHES_STORED,
		1},
	{"tidemark_ingest_batches_total", "{fate=\"repeated\"}", NULL, NULL,
		COUNTERS_BATCHES_REPEATED, 1},
	{"tidemark_ingest_batches_total", "{fate=\"refused\"}", NULL, NULL,
		COUNTERS_BATCHES_REFUSED, 1},
	{"tidemark_ingest_batches_total", "{fate=\"held\"}", NULL, NULL,
		COUNTERS_BATCHES_HELD, 1},
	{"tidemark_ingest_samples_total", "{scope=\"process\"}", "counter",
		"Rows stored", COUNTERS_PROCESS_SAMPLES, 1},
	{"tidemark_ingest_samples_total", "{scope=\"host\"}", NULL, NULL,
		COUNTERS_HOST_SAMPLES, 1},
	{"tidemark_ingest_values_refused_total", "", "counter",
		"Single values left out as impossible", COUNTERS_VALUES_REFUSED, 1},
	{"tidemark_ingest_commits_total", "", "counter", "Transactions committed",
		COUNTERS_COMMITS, 1},
	{"tidemark_ingest_commit_failures_total", "", "counter",
		"Transactions that failed and were tried again",
		COUNTERS_COMMIT_FAILURES, 1},
	{"tidemark_ingest_commit_seconds_total", "", "counter", "Time in transactions",
		COUNTERS_COMMIT_US, 1e-6},
	{"tidemark_ingest_commit_last_seconds", "", "gauge",
		"Time of the last transaction", COUNTERS_COMMIT_LAST_US, 1e-6},
	{"tidemark_ingest_last_commit_timestamp_seconds", "", "gauge",
		"When a transaction was last committed", COUNTERS_LAST_COMMIT_MS, 1e-3},
	{"tidemark_ingest_handshakes_total", "{result=\"accepted\"}", "counter",
		"Connections by whether they were let in", COUNTERS_HANDSHAKES_ACCEPTED,
		1},
	{"tidemark_ingest_handshakes_total", "{result=\"refused\"}", NULL, NULL,
		COUNTERS_HANDSHAKES_REFUSED, 1},
	{"tidemark_ingest_enrolments_total", "{result=\"enrolled\"}", "counter",
		"Requests to enrol by their result", COUNTERS_ENROLLED, 1},
	{"tidemark_ingest_enrolments_total", "{result=\"refused\"}", NULL, NULL,
		COUNTERS_ENROL_REFUSED, 1},
	{"tidemark_ingest_snapshots_total", "{asked=\"yes\"}", "counter",
		"Heap snapshots stored; of another capture than they name: no",
		COUNTERS_SNAPSHOTS_STORED, 1},
	{"tidemark_ingest_snapshots_total", "{asked=\"no\"}", NULL, NULL,
		COUNTERS_SNAPSHOTS_FOREIGN, 1},
	{"tidemark_ingest_snapshot_events_total", "{result=\"taken\"}", "counter",
		"Reports of captures by what became of them", COUNTERS_EVENTS_TAKEN, 1},
	{"tidemark_ingest_snapshot_events_total", "{result=\"ignored\"}", NULL, NULL,
		COUNTERS_EVENTS_IGNORED, 1},
	{"tidemark_ingest_raw_parts_total", "{result=\"taken\"}", "counter",
		"Parts of raw heap files by what became of them", COUNTERS_PARTS_TAKEN,
		1},
	{"tidemark_ingest_raw_parts_total", "{result=\"refused\"}", NULL, NULL,
		COUNTERS_PARTS_REFUSED, 1},
	{"tidemark_ingest_insights_total", "{kind=\"content\"}", "counter",
		"What stored batches said beside samples", COUNTERS_CONTENTS, 1},
	{"tidemark_ingest_insights_total", "{kind=\"census\"}", NULL, NULL,
		COUNTERS_CENSUSES, 1},
	{"tidemark_ingest_insights_total", "{kind=\"warning\"}", NULL, NULL,
		COUNTERS_WARNINGS, 1},
	{"tidemark_ingest_insights_total", "{kind=\"queue\"}", NULL, NULL,
		COUNTERS_QUEUE_SAMPLES, 1},
	{"tidemark_ingest_insights_left_out_total", "", "counter",
		"Of those, how many were more than an agent may say",
		COUNTERS_INSIGHTS_LEFT_OUT, 1},
	{"tidemark_ingest_known_keys", "", "gauge", "Agents that may connect",
		COUNTERS_KNOWN_KEYS, 1},
};

void ingest_metrics(void *context, struct buf *out)
{
	(void)context;
	for (size_t i = 0; i < sizeof counters_lines / sizeof *counters_lines; i++) {
		const char *name = counters_lines[i].name;
		if (counters_lines[i].help)
			buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name,
				counters_lines[i].help, name, counters_lines[i].type);
		buf_printf(out, "%s%s %.15g\n", name, counters_lines[i].labels,
			(double)counters_get(counters_lines[i].value) *
				counters_lines[i].scale);
	}
}
