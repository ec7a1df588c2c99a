/*
 * A snapshot that says something in every field, and the batch around it.
 */
#ifndef TIDEMARK_TESTS_UNIT_SCHEMA_SNAPSHOT_FIXTURE_H
#define TIDEMARK_TESTS_UNIT_SCHEMA_SNAPSHOT_FIXTURE_H

#include "schema/wire.h"

#include <string.h>

#define SNAPSHOT_FIXTURE_NOW INT64_C(1800000000000)

struct snapshot_fixture {
	struct snapshot_class classes[3];
	struct snapshot_step steps[2];
	struct snapshot_holder holders[2];
	struct snapshot_change change;
	struct wire_process process;
	struct wire_snapshot snapshot;
	struct wire_snapshot_event events[2];
	struct wire_batch batch;
};

static inline void snapshot_fixture_fill(struct snapshot *s, struct snapshot_fixture *f)
{
	*s = (struct snapshot){
		.capture = 4711,
		.taken_unix_ms = SNAPSHOT_FIXTURE_NOW - 5000,
		.kind = SNAPSHOT_V8,
		.route = "inspector",
		.rules = "DevTools 1.0.1705227",
		.why_shallow = "",
		.process = {.pause_ms = 800,
			.analysis_ms = 90,
			.peak_rss_bytes = 1 << 28,
			.heap_used_bytes = 1 << 24,
			.external_bytes = 4096,
			.heap_limit_bytes = UINT64_C(1) << 32,
			.uptime_ms = 3600000,
			.requests = 1500,
			.has_requests = true,
			.runtime = "node 20.20.2"},
		.stream_bytes = 85 << 20,
		.node_count = 1200000,
		.edge_count = 4000000,
		.total_bytes = 47 << 20,
		.class_count = 231,
		.statistics = {1, 2, 3, 4, 5, 6},
		.classes = f->classes,
		.classes_length = 3,
		.accumulators = f->holders,
		.accumulator_count = 1,
		.fanout = f->holders + 1,
		.fanout_count = 1,
		.growth = {.verdict = SNAPSHOT_ACCUMULATION,
			.before_unix_ms = SNAPSHOT_FIXTURE_NOW - 600000,
			.before_total_bytes = 30 << 20,
			.grown_bytes = 17 << 20,
			.holder = f->holders[0],
			.explained_bytes = 16 << 20,
			.changes = &f->change,
			.change_count = 1,
			.words = "`error` in {error} holds 95 % of what grew"},
		.raw_bytes = 85 << 20,
		.raw_sha256 = {1, 2, [31] = 32},
	};
}

static inline void snapshot_fixture_init(struct snapshot_fixture *f)
{
	memset(f, 0, sizeof *f);
	f->classes[0] = (struct snapshot_class){
		{"Server", "lib/server.js:522:16"}, 1, 200, 9000, 2};
	f->classes[1] = (struct snapshot_class){{"Function", ""}, 30000, 2000000, 1, 3};
	f->classes[2] = (struct snapshot_class){{"{a, b}", ""}, 7, 700, 700, -5};
	f->steps[0] = (struct snapshot_step){"error", {"{error}", ""}};
	f->steps[1] = (struct snapshot_step){
		"_events", {"MonitorQueue", "app/queue.js:11:42"}};
	f->holders[0] = (struct snapshot_holder){.is = {"Array", ""},
		.path = {f->steps, 2, true},
		.child = {"Function", "app/koa.js:11:42"},
		.child_count = 2040,
		.child_bytes = 17000000,
		.retained_bytes = 17100000};
	f->holders[1] = (struct snapshot_holder){.is = {"Map", ""},
		.child = {"Array", ""},
		.child_count = 10,
		.child_bytes = 20,
		.retained_bytes = 30};
	f->change = (struct snapshot_change){
		{"Function", "app/koa.js:11:42"}, 2040, 3, 17000000, 200};
	f->process = (struct wire_process){.service = "checkout",
		.version = "1.1.0",
		.runtime = "node",
		.rule = "systemd",
		.command = "node app.js",
		.slot = 1,
		.pid = 4711,
		.started_unix_ms = SNAPSHOT_FIXTURE_NOW - 86400000,
		.start_ticks = 123456};
	snapshot_fixture_fill(&f->snapshot.is, f);
	f->events[0] = (struct wire_snapshot_event){
		.is = {.capture = 4711,
			.at_unix_ms = SNAPSHOT_FIXTURE_NOW - 9000,
			.state = SNAPSHOT_QUOTED,
			.text = "",
			.actor = "",
			.has_card = true,
			.card = {SNAPSHOT_ASKS, "inspector", "node 20.20.2", true,
				1 << 24, 1600, 1 << 28, 1 << 30, 1 << 26,
				"the pause is long\nthe memory is short"}}};
	f->events[1] = (struct wire_snapshot_event){.has_process = true,
		.is = {.at_unix_ms = SNAPSHOT_FIXTURE_NOW - 4000,
			.state = SNAPSHOT_FAILED,
			.progress_permille = 333,
			.text = "the process ended",
			.actor = "command line by root"}};
	f->batch = (struct wire_batch){.boot_id = "boot",
		.machine_id = "c0ffee",
		.hostname = "web-1",
		.kernel = "6.1.0",
		.cpus = 4,
		.interval_ms = 10000,
		.processes = &f->process,
		.process_count = 1,
		.snapshots = &f->snapshot,
		.snapshot_count = 1,
		.events = f->events,
		.event_count = 2};
}

#endif
