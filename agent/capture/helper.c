#include "agent/capture/helper.h"

#include "agent/capture/analysis.h"
#include "agent/capture/brief.h"
#include "agent/capture/capture.h"
#include "agent/capture/feed.h"
#include "agent/capture/frames.h"
#include "agent/capture/limits.h"
#include "agent/capture/notice.h"
#include "agent/capture/raw.h"
#include "common/clock.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	HELPER_PROGRESS_MS = 1000,
	HELPER_STREAMED = 900, /* permille, when everything is read */
};

struct helper {
	struct brief brief;
	struct arena arena;
	struct capture *capture; /* NULL for a file */
	struct heap *heap;
	struct raw_writer *raw;
	char raw_trouble[300];
	int64_t said_mono_ms;
	uint32_t said_permille;
	bool is_deaf; /* nobody hears us any more */
};

static bool helper_read_all(void *bytes, size_t length)
{
	char *at = bytes;
	while (length) {
		ssize_t got = read(STDIN_FILENO, at, length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		length -= (size_t)got;
	}
	return true;
}

static bool helper_read_brief(struct helper *h, struct err *e)
{
	uint32_t length;
	if (!helper_read_all(&length, sizeof length) || length > BRIEF_BYTES_MAX)
		return err_set(e, ERR_INPUT, "there is no order on the input");
	char *bytes = arena_alloc(&h->arena, length);
	if (!helper_read_all(bytes, length))
		return err_set(e, ERR_INPUT, "the order on the input is cut");
	return brief_decode(bytes, length, &h->arena, &h->brief, e);
}

struct helper_word {
	enum snapshot_state state;
	uint32_t permille;
	const char *text;
	const struct snapshot_card *card;
	const struct snapshot *summary;
};

static bool helper_say(struct helper *h, const struct helper_word *w, struct err *e)
{
	struct buf batch = {0};
	struct snapshot_event event = {
		.capture = h->brief.order.capture,
		.at_unix_ms = clock_unix_ms(),
		.state = w->state,
		.progress_permille = w->permille,
		.text = w->text ? w->text : "",
		.actor = h->brief.actor,
		.has_card = w->card != NULL,
	};
	if (w->card)
		event.card = *w->card;
	bool ok = notice_encode(&h->brief.about, &event, w->summary, &batch, e);
	enum frames_kind kind = w->state == SNAPSHOT_RUNNING ? FRAMES_BATCH
							     : FRAMES_LAST;
	if (ok && !frames_write(STDOUT_FILENO, kind, batch.data, batch.length)) {
		h->is_deaf = true;
		ok = err_errno(e, "the agent hears no more");
	}
	buf_finish(&batch);
	return ok;
}

static void helper_say_last(struct helper *h, enum snapshot_state state,
	const char *text, const struct snapshot_card *card)
{
	struct err ignored;
	const struct helper_word word = {.state = state, .text = text, .card = card};
	helper_say(h, &word, &ignored);
}

static void helper_fail(struct helper *h, const struct err *e)
{
	char text[600];
	struct err closing;
	/* It may be closing yet: what is said is the last word. */
	bool alarm = h->capture && (!capture_close(h->capture, &closing) ||
					   capture_is_left_open(h->capture));
	snprintf(text, sizeof text, "%.500s%s", e->text,
		alarm && !strstr(e->text, "STILL OPEN")
			? "; ITS INSPECTOR IS STILL OPEN"
			: "");
	helper_say_last(h, SNAPSHOT_FAILED, text, NULL);
}

/* At most one word a second, and only when there is something new. */
static void helper_progress(void *context, uint64_t done, uint64_t total)
{
	struct helper *h = context;
	struct err ignored;
	int64_t now_ms = clock_mono_ms();
	uint64_t permille = total ? done * HELPER_STREAMED / total : 0;
	if (permille > HELPER_STREAMED)
		permille = HELPER_STREAMED;
	if (now_ms - h->said_mono_ms < HELPER_PROGRESS_MS ||
		permille <= h->said_permille)
		return;
	h->said_mono_ms = now_ms;
	h->said_permille = (uint32_t)permille;
	const struct helper_word word = {
		.state = SNAPSHOT_RUNNING, .permille = h->said_permille};
	helper_say(h, &word, &ignored);
}

static void helper_begin_raw(struct helper *h)
{
	const struct brief *b = &h->brief;
	struct err e;
	if (!b->order.keep_raw || !b->order.capture)
		return;
	bool ok = b->settings.state_dir
			  ? raw_create(b->settings.state_dir, b->order.capture,
				    b->settings.raw_max_bytes, &h->raw, &e)
			  : err_set(&e, ERR_INPUT, "there is no state directory");
	if (!ok)
		snprintf(h->raw_trouble, sizeof h->raw_trouble,
			"the raw file was not kept: %.200s", e.text);
}

static void helper_give_up_raw(struct helper *h, const struct err *e)
{
	snprintf(h->raw_trouble, sizeof h->raw_trouble,
		"the raw file was not kept: %.200s", e->text);
	raw_destroy(h->raw);
	h->raw = NULL;
}

static bool helper_bytes(void *context, const void *bytes, size_t length, struct err *e)
{
	struct helper *h = context;
	struct err trouble;
	if (h->is_deaf)
		return err_set(e, ERR_IO, "the agent hears no more");
	if (h->raw && !raw_add(h->raw, bytes, length, &trouble))
		helper_give_up_raw(h, &trouble);
	return heap_feed(h->heap, bytes, length, e);
}

static void helper_end_raw(struct helper *h, struct snapshot *s)
{
	struct err trouble;
	if (!h->raw)
		return;
	if (raw_end(h->raw, &s->raw_bytes, s->raw_sha256, &trouble)) {
		raw_destroy(h->raw);
		h->raw = NULL;
	} else {
		helper_give_up_raw(h, &trouble);
	}
}

/* The address space bounds what the bound of the heap does not see. */
static void helper_make_heap(struct helper *h, uint64_t max_bytes)
{
	const struct heap_options options = {
		.mode = HEAP_AUTO, .memory_max_bytes = max_bytes};
	limits_analysis(max_bytes);
	h->heap = heap_create(&options);
}

static const char *helper_words(struct helper *h, const char *remark)
{
	const char *door = h->capture ? capture_remark(h->capture) : "";
	return arena_printf(&h->arena, "%s%s%s%s%s", remark,
		*remark && h->raw_trouble[0] ? "; " : "", h->raw_trouble,
		*door && (*remark || h->raw_trouble[0]) ? "; " : "", door);
}

static bool helper_finish(
	struct helper *h, struct snapshot *s, const char *remark, struct err *e)
{
	s->capture = h->brief.order.capture;
	const struct helper_word word = {
		.state = SNAPSHOT_DONE,
		.permille = 1000,
		.text = helper_words(h, remark),
		.summary = s,
	};
	return helper_say(h, &word, e);
}

/* Everything is read: the table, the comparison, the last word. */
static bool helper_analyse(struct helper *h, const char *route, struct err *e)
{
	const struct brief *b = &h->brief;
	limits_be_slow();
	int64_t begun_ms = clock_mono_ms();
	struct snapshot s = {0};
	const char *remark = "";
	const struct digests_owner owner = {
		b->about.boot_id, b->process.pid, b->process.start_ticks};
	bool is_live = h->capture != NULL;
	const struct analysis_options options = {
		.state_dir = b->settings.state_dir,
		.owner = is_live && b->about.process_count ? &owner : NULL,
		.max_bytes = LIMITS_BASE_BYTES,
		.ids_hold = is_live && capture_way(h->capture) != WAY_INSPECTOR,
		.taken_unix_ms = is_live ? capture_cost(h->capture)->taken_unix_ms
					 : feed_time_ms(b->file),
	};
	if (!heap_end(h->heap, e) || (is_live && !capture_close(h->capture, e)))
		return false;
	analysis_run(h->heap, &options, &h->arena, &s, &remark);
	helper_end_raw(h, &s);
	s.route = route;
	s.process.runtime = "node";
	if (is_live)
		capture_describe(h->capture, &h->arena, &s.process);
	s.process.analysis_ms = clock_mono_ms() - begun_ms;
	return helper_finish(h, &s, remark, e);
}

static void helper_warden_says(void *context, bool closed, const char *words)
{
	char text[700];
	(void)context;
	int length = snprintf(text, sizeof text, "%c%s", closed ? 'y' : 'n', words);
	frames_write(STDOUT_FILENO, FRAMES_WARDEN, text, (size_t)length);
}

/* How it will be read, and the notes. */
static const char *helper_quote_words(struct helper *h)
{
	const char *notes = capture_notes(h->capture);
	return arena_printf(&h->arena, "%s%s%s", capture_mode(h->capture),
		*notes ? "; " : "", notes);
}

static bool helper_may_go_on(const struct helper *h)
{
	enum snapshot_gate gate = capture_card(h->capture)->gate;
	return gate == SNAPSHOT_ALLOWED ||
	       (gate == SNAPSHOT_ASKS && h->brief.order.overrules);
}

/* True when the door is open and the capture may be made. */
static bool helper_knock(struct helper *h)
{
	struct err e;
	const struct snapshot_order *o = &h->brief.order;
	bool is_quote = o->kind == SNAPSHOT_ORDER_QUOTE;
	if (o->deadline_unix_ms && clock_unix_ms() > o->deadline_unix_ms) {
		helper_say_last(h, SNAPSHOT_FAILED,
			"the order came too late: its time was over", NULL);
		return false;
	}
	bool ok = capture_look(h->capture, &e);
	enum snapshot_gate gate = capture_card(h->capture)->gate;
	if (ok && gate != SNAPSHOT_REFUSED && (is_quote || helper_may_go_on(h)))
		ok = capture_open(h->capture, &e);
	if (!ok || is_quote || !helper_may_go_on(h)) {
		struct err closing;
		bool closed = capture_close(h->capture, ok ? &e : &closing);
		const struct snapshot_card *card = capture_card(h->capture);
		enum snapshot_state state = is_quote && card->gate != SNAPSHOT_REFUSED
						    ? SNAPSHOT_QUOTED
						    : SNAPSHOT_DENIED;
		if (!closed || capture_is_left_open(h->capture))
			helper_fail(h, &e);
		else
			/* A refusal is told by the reasons of the card. */
			helper_say_last(h, state,
				state == SNAPSHOT_QUOTED ? helper_quote_words(h) : "",
				card);
		return false;
	}
	return true;
}

static bool helper_take_jvm(struct helper *h, struct err *e)
{
	const struct brief *b = &h->brief;
	const char *remark = "";
	struct snapshot s = {0};
	if (!capture_take_jvm(h->capture, &h->arena, &s, e))
		return false;
	const struct digests_owner owner = {
		b->about.boot_id, b->process.pid, b->process.start_ticks};
	const struct analysis_options options = {
		.state_dir = b->settings.state_dir,
		.owner = b->about.process_count ? &owner : NULL,
		.taken_unix_ms = s.taken_unix_ms,
	};
	analysis_run_jvm(&options, &h->arena, &s, &remark);
	return helper_finish(h, &s, remark, e);
}

static bool helper_take_v8(struct helper *h, struct err *e)
{
	const struct card *figures = capture_figures(h->capture);
	const struct door_sink sink = {helper_bytes, helper_progress, h};
	helper_begin_raw(h);
	helper_make_heap(h, figures->helper_max_bytes);
	return capture_take(h->capture, &sink, e) &&
	       helper_analyse(h, ways_name(capture_way(h->capture)), e);
}

static void helper_take(struct helper *h)
{
	struct err e;
	const struct brief *b = &h->brief;
	const struct capture_options options = {
		.procfs = b->settings.procfs,
		.cgroupfs = b->settings.cgroupfs,
		.state_dir = b->settings.state_dir,
		.preload_dir = b->settings.preload_dir,
		.service = b->order.service,
		.pid = (int)b->order.pid,
		.start_ticks = b->order.start_ticks,
		.way = ways_parse(b->order.route),
		.pause_max_ms = b->settings.pause_max_ms,
		.cooldown_ms = b->settings.cooldown_ms,
		.memory_max_bytes = b->settings.memory_max_bytes,
		.stop_fd = STDIN_FILENO,
		.warden_report = helper_warden_says,
		.warden_fd = STDOUT_FILENO,
	};
	h->capture = capture_create(&options);
	if (!helper_knock(h))
		return;
	h->said_mono_ms = clock_mono_ms();
	const struct helper_word word = {
		.state = SNAPSHOT_RUNNING, .card = capture_card(h->capture)};
	bool ok = helper_say(h, &word, &e);
	if (ok && capture_way(h->capture) == WAY_JVM)
		ok = helper_take_jvm(h, &e);
	else if (ok)
		ok = helper_take_v8(h, &e);
	if (!ok)
		helper_fail(h, &e);
}

static void helper_summarise(struct helper *h)
{
	struct err e;
	const struct brief *b = &h->brief;
	struct card figures = {0};
	struct room room;
	uint64_t max_bytes = b->settings.memory_max_bytes;
	if (room_read(b->settings.procfs, b->settings.cgroupfs, (int)getpid(), &room,
		    &e)) {
		card_fit(&figures, &room, max_bytes);
		max_bytes = figures.helper_max_bytes;
	}
	const struct door_sink sink = {helper_bytes, helper_progress, h};
	h->said_mono_ms = clock_mono_ms();
	limits_be_slow();
	helper_begin_raw(h);
	helper_make_heap(h, max_bytes);
	if (feed_file(b->file, STDIN_FILENO, &sink, &e) &&
		helper_analyse(h, "file", &e))
		return;
	const char *slash = strrchr(b->file, '/');
	err_wrap(&e, "%.120s", slash ? slash + 1 : b->file);
	helper_fail(h, &e);
}

int helper_run(void)
{
	struct helper h = {0};
	struct err e;
	signal(SIGPIPE, SIG_IGN);
	mallopt(M_ARENA_MAX, 1); /* threads reserve address space, which is bounded */
	prctl(PR_SET_NAME, "tidemark-job"); /* not "exe", as it was started */
	limits_end_with_parent();
	limits_be_modest();
	limits_processor(LIMITS_CPU_S);
	arena_init(&h.arena);
	if (!helper_read_brief(&h, &e)) {
		fprintf(stderr, "tidemark-agent snapshot-job: %s\n", e.text);
		return 2;
	}
	if (h.brief.file)
		helper_summarise(&h);
	else
		helper_take(&h);
	raw_destroy(h.raw);
	capture_destroy(h.capture);
	heap_destroy(h.heap);
	arena_finish(&h.arena);
	return 0;
}
