#include "agent/capture/capture.h"

#include "agent/capture/gate.h"
#include "agent/capture/jvm.h"
#include "agent/capture/memory.h"
#include "agent/capture/opened.h"
#include "agent/capture/turn.h"
#include "agent/capture/warden.h"
#include "common/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* A busy process may be slow to answer, one that is building a snapshot silent
	 * for as long as the estimate says, and twice that. */
	CAPTURE_TAKE_MS = 60 * 1000,
	CAPTURE_PERMILLE = 1000,
	CAPTURE_BUILDING = 700, /* of these, before there are bytes */
};

struct capture {
	struct capture_options o;
	struct facts facts;
	struct ways ways;
	struct memory memory;
	struct room room;
	enum way way;
	struct card figures;
	struct snapshot_card card;
	struct buf reasons, notes;
	char runtime[64], mode[200], remark[200];

	struct turn turn;
	struct warden warden;
	struct door *door;
	bool is_left_open;
	bool is_noted; /* in the state directory, as opened */
	bool is_found; /* the way leads in */
	bool is_measured;
	struct door_statistics statistics;
	struct capture_cost cost;

	/* The closer's alone while it runs: door, warden, turn, remark. */
	pthread_t closer;
	bool is_closing, has_closer, closed;
	struct err close_trouble;

	const struct door_sink *sink; /* while taking */
	int64_t asked_mono_ms, first_byte_mono_ms;
	uint64_t permille, built_permille;
};

struct capture *capture_create(const struct capture_options *options)
{
	struct capture *c = calloc(1, sizeof *c);
	BUG_ON(!c);
	c->o = *options;
	c->way = options->way;
	c->turn.fd = c->warden.fd = -1;
	c->cost.closed_ms = -1;
	snprintf(c->runtime, sizeof c->runtime, "unknown");
	return c;
}

void capture_destroy(struct capture *c)
{
	struct err e;
	if (!c)
		return;
	capture_close(c, &e);
	buf_finish(&c->reasons);
	buf_finish(&c->notes);
	free(c);
}

/* How the analysis goes: in our own process, beside the target. */
static void capture_fit(struct capture *c)
{
	struct room ours;
	struct err e;
	char need[32], most[32];
	snprintf(c->mode, sizeof c->mode, "exact");
	if (!room_read(c->o.procfs, c->o.cgroupfs, (int)getpid(), &ours, &e))
		ours = c->room;
	card_fit(&c->figures, &ours, c->o.memory_max_bytes);
	if (c->figures.will_be_exact)
		return;
	room_format(c->figures.helper_bytes, need);
	room_format(c->figures.helper_max_bytes, most);
	snprintf(c->mode, sizeof c->mode,
		"shallow: the exact analysis needs about %s, it may use %s", need,
		most);
}

static void capture_make_card(struct capture *c, enum snapshot_gate gate)
{
	c->card = (struct snapshot_card){
		.gate = gate,
		.route = ways_name(c->way),
		.runtime = c->runtime,
		.heap_is_measured = c->figures.heap_is_measured,
		.heap_bytes = c->figures.heap_bytes,
		.pause_ms = c->figures.pause_ms,
		.need_bytes = c->figures.need_bytes,
		.free_bytes = c->room.free_bytes,
		.helper_bytes = c->figures.helper_bytes,
		.reasons = c->reasons.data ? c->reasons.data : "",
	};
}

static bool capture_will_measure(const struct capture *c)
{
	return !c->is_measured && (c->way == WAY_PRELOAD || c->way == WAY_INSPECTOR);
}

static bool capture_judge(struct capture *c, struct err *e)
{
	if (!room_read(c->o.procfs, c->o.cgroupfs, c->facts.pid, &c->room, e))
		return false;
	if (c->o.state_dir)
		memory_read(c->o.state_dir, c->o.service, &c->memory);
	capture_fit(c);
	const struct gate_question question = {
		.facts = &c->facts,
		.way = c->way,
		.ways = &c->ways,
		.card = &c->figures,
		.room = &c->room,
		.will_measure = capture_will_measure(c),
		.now_unix_ms = clock_unix_ms(),
		.pause_max_ms = c->o.pause_max_ms,
		.cooldown_ms = c->o.cooldown_ms,
		.last_unix_ms = c->memory.last_unix_ms,
	};
	buf_reset(&c->reasons);
	buf_reset(&c->notes);
	gate_note(&question, &c->notes);
	capture_make_card(c, gate_judge(&question, &c->reasons));
	c->card.reasons = c->reasons.data ? c->reasons.data : "";
	return true;
}

static bool capture_refuse(struct capture *c, const struct err *why)
{
	buf_reset(&c->reasons);
	capture_make_card(c, gate_refuse(&c->reasons, "%s", why->text));
	if (!c->is_found)
		c->card.route = ways_name(WAYS);
	c->card.reasons = c->reasons.data;
	return false;
}

bool capture_look(struct capture *c, struct err *e)
{
	if (!facts_read(c->o.procfs, c->o.pid, &c->facts, e))
		return capture_refuse(c, e);
	if (c->o.start_ticks && c->o.start_ticks != c->facts.start_ticks) {
		err_set(e, ERR_INPUT,
			"the process ended; its number %d belongs to another now",
			c->o.pid);
		return capture_refuse(c, e);
	}
	bool is_jvm = jvm_applies(c->o.procfs, &c->facts);
	if (c->o.state_dir)
		memory_read(c->o.state_dir, c->o.service, &c->memory);
	ways_look(&c->facts, is_jvm, c->memory.self_handled_unix_ms != 0, &c->ways);
	if (c->o.way == WAYS)
		c->way = ways_next(&c->ways, 0);
	snprintf(c->runtime, sizeof c->runtime, "%s",
		c->facts.is_node ? "node"
		: is_jvm         ? "java"
				 : c->facts.program);
	if (c->way == WAY_JVM)
		card_estimate_jvm(&c->figures, c->facts.anonymous_bytes);
	else
		card_estimate(&c->figures, c->facts.anonymous_bytes, false);
	return capture_judge(c, e);
}

static struct door_options capture_door_options(const struct capture *c)
{
	static const enum door_route routes[] = {
		[WAY_PRELOAD] = DOOR_PRELOAD,
		[WAY_INSPECTOR] = DOOR_INSPECTOR,
		[WAY_SIGNAL] = DOOR_SIGNAL,
	};
	return (struct door_options){
		.route = routes[c->way],
		.procfs = c->o.procfs,
		.facts = &c->facts,
		.stop_fd = c->o.stop_fd,
		.preload_directory = c->o.preload_dir,
		.take_ms = CAPTURE_TAKE_MS + 3 * c->figures.pause_ms,
	};
}

static struct opened capture_opened(const struct capture *c)
{
	return (struct opened){
		.state_dir = c->o.state_dir,
		.procfs = c->o.procfs,
		.report = c->o.warden_report,
		.context = c->o.warden_context,
	};
}

static void capture_settle(struct capture *c)
{
	const struct opened opened = capture_opened(c);
	if (c->is_noted)
		opened_settle(&opened, &c->facts);
	c->is_noted = false;
}

/* In the warden, whose maker may be gone. */
static void capture_warden_says(void *context, bool closed, const char *words)
{
	struct capture *c = context;
	if (closed)
		capture_settle(c);
	if (c->o.warden_report)
		c->o.warden_report(c->o.warden_context, closed, words);
}

static bool capture_start_warden(struct capture *c, struct err *e)
{
	if (c->way != WAY_INSPECTOR || c->facts.flags.inspect)
		return true;
	const struct warden_options options = {
		.door = capture_door_options(c),
		.report = capture_warden_says,
		.context = c,
		.report_fd = c->o.warden_fd,
	};
	const struct opened opened = capture_opened(c);
	if (c->o.state_dir && !opened_note(&opened, &c->facts, e))
		return false;
	c->is_noted = c->o.state_dir != NULL;
	if (warden_start(&c->warden, &options, e))
		return true;
	capture_settle(c);
	return false;
}

/* What a refusal of a door means for the next time. */
static void capture_learn(struct capture *c, enum door_refusal refusal)
{
	struct err ignored;
	const struct memory seen = {.self_handled_unix_ms = clock_unix_ms()};
	if (refusal == DOOR_SELF_HANDLED && c->o.state_dir)
		memory_write(c->o.state_dir, c->o.service, &seen, &ignored);
}

/* An inspector that may have opened late, or would not close. */
static bool capture_call_warden(struct capture *c)
{
	bool closed = warden_call(&c->warden);
	c->is_left_open = !closed;
	if (closed)
		capture_settle(c);
	return closed;
}

/* Nothing of ours is open. */
static void capture_dismiss_warden(struct capture *c)
{
	warden_dismiss(&c->warden);
	capture_settle(c);
}

static bool capture_open_route(struct capture *c, struct err *e, bool *try_next)
{
	*try_next = false;
	if (!capture_start_warden(c, e))
		return false;
	const struct door_options options = capture_door_options(c);
	c->door = door_create(&options);
	if (door_open(c->door, e))
		return true;
	enum door_refusal refusal = door_refusal(c->door);
	bool owes_closing = door_owes_closing(c->door);
	capture_learn(c, refusal);
	door_destroy(c->door);
	c->door = NULL;
	if (owes_closing)
		capture_call_warden(c);
	else
		capture_dismiss_warden(c);
	*try_next = refusal == DOOR_NO_ROUTE && c->o.way == WAYS;
	return false;
}

static bool capture_measure(struct capture *c, struct err *e)
{
	struct door_statistics *s = &c->statistics;
	if (c->way == WAY_SIGNAL)
		return capture_judge(c, e);
	if (!door_statistics(c->door, s, e))
		return false;
	c->is_measured = true;
	if (s->version[0])
		snprintf(c->runtime, sizeof c->runtime, "node %s", s->version);
	if (s->heap_used_bytes >= 0)
		card_estimate(&c->figures, (uint64_t)s->heap_used_bytes, true);
	return capture_judge(c, e);
}

bool capture_open(struct capture *c, struct err *e)
{
	bool try_next = false;
	if (c->turn.fd < 0 && !turn_take(&c->turn, e))
		return capture_refuse(c, e);
	const struct opened opened = capture_opened(c);
	if (c->o.state_dir)
		opened_close(&opened);
	if (c->way == WAY_JVM)
		return true;
	while (!capture_open_route(c, e, &try_next)) {
		enum way next = ways_next(&c->ways, c->way + 1);
		if (!try_next || next >= WAY_JVM)
			return capture_refuse(c, e);
		c->way = next;
	}
	c->is_found = true;
	if (capture_measure(c, e))
		return true;
	struct err ignored;
	capture_close(c, &ignored);
	return capture_refuse(c, e);
}

/* Of all that happens until the door is closed; never backwards. */
static void capture_tell(struct capture *c, uint64_t permille)
{
	if (permille > CAPTURE_PERMILLE)
		permille = CAPTURE_PERMILLE;
	if (permille <= c->permille || !c->sink->progress)
		return;
	c->permille = permille;
	c->sink->progress(c->sink->context, permille, CAPTURE_PERMILLE);
}

static bool capture_bytes(
	void *context, const void *bytes, size_t length, struct err *e)
{
	struct capture *c = context;
	if (!c->cost.stream_bytes)
		c->first_byte_mono_ms = clock_mono_ms();
	c->cost.stream_bytes += length;
	c->cost.last_byte_mono_ms = clock_mono_ms();
	uint64_t expected = c->figures.file_bytes ? c->figures.file_bytes : 1;
	uint64_t rest = CAPTURE_PERMILLE - c->built_permille;
	capture_tell(c, c->built_permille + c->cost.stream_bytes * rest / expected);
	return c->sink->bytes(c->sink->context, bytes, length, e);
}

/* The inspector says how far V8 has built; what others say are bytes, which are counted
 * already. */
static void capture_progress(void *context, uint64_t done, uint64_t total)
{
	struct capture *c = context;
	if (c->way != WAY_INSPECTOR || !total)
		return;
	c->built_permille = CAPTURE_BUILDING;
	capture_tell(c, (done < total ? done : total) * CAPTURE_BUILDING / total);
}

/* How long the process answered nothing.  A preload builds in one go and sends in
 * between its other work. */
static int64_t capture_pause_ms(const struct capture *c)
{
	int64_t end_ms = c->way == WAY_PRELOAD ? c->first_byte_mono_ms
					       : c->cost.last_byte_mono_ms;
	return end_ms > c->asked_mono_ms ? end_ms - c->asked_mono_ms : 0;
}

static void capture_begin(struct capture *c)
{
	struct err ignored;
	c->cost.taken_unix_ms = clock_unix_ms();
	c->cost.rss_before_bytes = c->facts.rss_bytes;
	const struct memory now = {.last_unix_ms = c->cost.taken_unix_ms};
	/* Without it the next capture may come too soon, which is no reason to fail. */
	if (c->o.state_dir)
		memory_write(c->o.state_dir, c->o.service, &now, &ignored);
	c->asked_mono_ms = clock_mono_ms();
}

static void capture_end(struct capture *c)
{
	struct facts after;
	struct err ignored;
	if (facts_read(c->o.procfs, c->o.pid, &after, &ignored) &&
		after.start_ticks == c->facts.start_ticks)
		c->cost.rss_after_bytes = after.rss_bytes;
}

static bool capture_close_now(struct capture *c, struct err *e)
{
	bool ok = true;
	if (c->door) {
		ok = door_close(c->door, e);
		snprintf(c->remark, sizeof c->remark, "%s", door_remark(c->door));
		if (!ok && c->warden.fd >= 0)
			ok = capture_call_warden(c);
		door_destroy(c->door);
		c->door = NULL;
	}
	bool had_port = c->warden.fd >= 0;
	if (had_port)
		capture_dismiss_warden(c);
	turn_give(&c->turn);
	if (ok && had_port && c->cost.stream_bytes)
		c->cost.closed_ms = clock_mono_ms() - c->cost.last_byte_mono_ms;
	return ok;
}

static void *capture_closer(void *context)
{
	struct capture *c = context;
	c->closed = capture_close_now(c, &c->close_trouble);
	return NULL;
}

/* The door is closed while the caller computes: neither has to wait for the other. */
static void capture_start_closing(struct capture *c)
{
	c->has_closer = pthread_create(&c->closer, NULL, capture_closer, c) == 0;
	if (!c->has_closer)
		capture_closer(c);
	c->is_closing = true;
}

bool capture_take(struct capture *c, const struct door_sink *sink, struct err *e)
{
	const struct door_sink through = {capture_bytes, capture_progress, c};
	BUG_ON(!c->door);
	c->sink = sink;
	capture_begin(c);
	bool ok = door_take(c->door, &through, e);
	c->cost.pause_ms = capture_pause_ms(c);
	capture_end(c);
	if (ok) {
		capture_start_closing(c);
		return true;
	}
	struct err ignored;
	capture_close_now(c, &ignored);
	return false;
}

bool capture_take_jvm(
	struct capture *c, struct arena *a, struct snapshot *out, struct err *e)
{
	capture_begin(c);
	bool ok = jvm_take(c->o.procfs, &c->facts, c->o.stop_fd, a, out, e);
	c->cost.pause_ms = clock_mono_ms() - c->asked_mono_ms;
	c->cost.last_byte_mono_ms = clock_mono_ms();
	capture_end(c);
	if (ok) {
		c->cost.pause_ms = out->process.pause_ms;
		c->cost.stream_bytes = out->stream_bytes;
		out->taken_unix_ms = c->cost.taken_unix_ms;
		out->process.uptime_ms = facts_age_ms(c->o.procfs, &c->facts);
	}
	turn_give(&c->turn);
	return ok;
}

bool capture_close(struct capture *c, struct err *e)
{
	if (!c->is_closing)
		return capture_close_now(c, e);
	if (c->has_closer)
		pthread_join(c->closer, NULL);
	c->is_closing = c->has_closer = false;
	if (!c->closed)
		*e = c->close_trouble;
	return c->closed;
}

bool capture_is_left_open(const struct capture *c)
{
	return c->is_left_open;
}

enum way capture_way(const struct capture *c)
{
	return c->way;
}

const char *capture_why_way(const struct capture *c)
{
	return c->way < WAYS ? c->ways.of[c->way].why : "no route leads in";
}

const char *capture_remark(const struct capture *c)
{
	return c->remark;
}

const struct facts *capture_facts(const struct capture *c)
{
	return &c->facts;
}

const struct card *capture_figures(const struct capture *c)
{
	return &c->figures;
}

const struct capture_cost *capture_cost(const struct capture *c)
{
	return &c->cost;
}

const struct snapshot_card *capture_card(const struct capture *c)
{
	return &c->card;
}

const char *capture_mode(const struct capture *c)
{
	return c->mode;
}

const char *capture_notes(const struct capture *c)
{
	return c->notes.length ? c->notes.data : "";
}

static uint64_t capture_positive(int64_t value)
{
	return value > 0 ? (uint64_t)value : 0;
}

void capture_describe(
	const struct capture *c, struct arena *a, struct snapshot_process *out)
{
	const struct door_statistics *s = &c->statistics;
	out->pause_ms = c->cost.pause_ms;
	out->peak_rss_bytes = c->cost.rss_after_bytes;
	out->runtime = arena_strdup(a, c->runtime);
	out->uptime_ms = facts_age_ms(c->o.procfs, &c->facts);
	if (!c->is_measured)
		return;
	out->heap_used_bytes = capture_positive(s->heap_used_bytes);
	out->external_bytes = capture_positive(s->external_bytes);
	out->heap_limit_bytes = capture_positive(s->heap_limit_bytes);
	if (s->uptime_s > 0)
		out->uptime_ms = (int64_t)(s->uptime_s * 1000);
	out->has_requests = s->requests >= 0;
	out->requests = capture_positive(s->requests);
}
