/*
 * Capture: from a process to the bytes of its heap, step by step.
 *
 *     struct capture *c = capture_create(&options);
 *     capture_look(c, &e)       reads procfs; the card with what the heap is at most
 *     capture_open(c, &e)       opens a door and measures; the card with true figures
 *     capture_take(c, sink, &e) streams a snapshot, then begins to close the door
 *     capture_close(c, &e)      waits until it is closed, proven
 *     capture_destroy(c)
 *
 * After each step the card says what the gate says; going on against it is the
 * caller's decision only while it ASKS.  A capture holds the host's turn from
 * capture_open on, and a warden closes the target's inspector when we die.
 *
 * What captures that were killed together with their wardens have left open is closed
 * first (opened.h), if there is a state directory; such ends are told as a warden's.
 * Every capture and what the gate must remember is noted in the state directory when
 * there is one.  Blocks; one thread, in a process of its own that may be ended.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_CAPTURE_H
#define TIDEMARK_AGENT_CAPTURE_CAPTURE_H

#include "agent/capture/card.h"
#include "agent/capture/door.h"
#include "agent/capture/ways.h"
#include "common/arena.h"
#include "common/err.h"
#include "schema/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/* Borrowed by the capture. */
struct capture_options {
	const char *procfs, *cgroupfs;
	const char *state_dir; /* NULL: nothing is remembered */
	const char *preload_dir;
	const char *service;
	int pid;
	uint64_t start_ticks; /* 0: whoever has the pid */
	enum way way;         /* WAYS: the first that works */
	int64_t pause_max_ms, cooldown_ms;
	uint64_t memory_max_bytes; /* of the analysis; 0: what the machine bears */
	int stop_fd;               /* -1: none */
	void (*warden_report)(void *context, bool closed, const char *words);
	void *warden_context;
	int warden_fd;
};

/* What it cost, after capture_take. */
struct capture_cost {
	int64_t taken_unix_ms;
	int64_t pause_ms;
	int64_t last_byte_mono_ms;
	int64_t closed_ms; /* from the last byte until nobody listened; -1: no port */
	uint64_t stream_bytes;
	uint64_t rss_before_bytes, rss_after_bytes;
};

struct capture;

struct capture *capture_create(const struct capture_options *options);
void capture_destroy(struct capture *c); /* closes first; NULL is fine */

/* False: there is no such process (any more). */
bool capture_look(struct capture *c, struct err *e);

/* False when no door opened; when that is for a reason that the gate knows, the card
 * is REFUSED and says it. */
bool capture_open(struct capture *c, struct err *e);

/* Not for WAY_JVM.  Progress is told in permille of an estimate.  False when the
 * snapshot is not whole; the door is then closed.  Otherwise it closes while the caller
 * goes on, until capture_close. */
bool capture_take(struct capture *c, const struct door_sink *sink, struct err *e);

/* For WAY_JVM instead: fills the summary, texts in the arena. */
bool capture_take_jvm(
	struct capture *c, struct arena *a, struct snapshot *out, struct err *e);

bool capture_close(struct capture *c, struct err *e);

/* An inspector that we opened and could not close: to be told loudly. */
bool capture_is_left_open(const struct capture *c);

enum way capture_way(const struct capture *c);
const char *capture_why_way(const struct capture *c);
const char *capture_remark(const struct capture *c); /* of the door; "" */
const struct facts *capture_facts(const struct capture *c);
const struct card *capture_figures(const struct capture *c);
const struct capture_cost *capture_cost(const struct capture *c);

/* What the process said of itself and what the capture cost; texts in the arena. */
void capture_describe(
	const struct capture *c, struct arena *a, struct snapshot_process *out);

/* The card; texts live until the next step. */
const struct snapshot_card *capture_card(const struct capture *c);

/* "exact", or why it will be shallow. */
const char *capture_mode(const struct capture *c);

/* What who decides should know besides (gate_note); "" until it is measured. */
const char *capture_notes(const struct capture *c);

#endif
