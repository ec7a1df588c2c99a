#include "agent/capture/gate.h"

#include <stdarg.h>
#include <stdio.h>

/* From this share of what a control group has left, its limit is worth a word. */
enum { GATE_NEAR_PCT = 20 };

static void __attribute__((format(printf, 2, 3)))
gate_say(struct buf *reasons, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	buf_printf(reasons, "%s%s", reasons->length ? "\n" : "", text);
}

enum snapshot_gate gate_refuse(struct buf *reasons, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	gate_say(reasons, "%s", text);
	return SNAPSHOT_REFUSED;
}

/* "2.5 s", "12 min", "3.0 h" */
static const char *gate_time(int64_t ms, char out[32])
{
	if (ms < 120 * 1000)
		snprintf(out, 32, "%.1f s", (double)ms / 1000);
	else if (ms < 120 * 60 * 1000)
		snprintf(out, 32, "%lld min", (long long)ms / 60000);
	else
		snprintf(out, 32, "%.1f h", (double)ms / 3600000);
	return out;
}

static bool gate_refuses_route(const struct gate_question *q, struct buf *reasons)
{
	char others[WAYS_WHY_MAX];
	if (q->facts->state == 'T' || q->facts->state == 't' ||
		q->facts->state == 'Z') {
		gate_say(reasons, "the process is %s and would not answer",
			q->facts->state == 'Z' ? "ended" : "stopped");
		return true;
	}
	if (q->way < WAYS && q->ways->of[q->way].works)
		return false;
	if (q->way == WAYS) {
		gate_say(reasons,
			"no route leads into '%s': it is neither Node.js nor a Java "
			"machine",
			q->facts->program);
		return true;
	}
	ways_others(q->ways, q->way, others);
	gate_say(reasons, "the route %s does not work: %s; routes that would work: %s",
		ways_name(q->way), q->ways->of[q->way].why, others);
	return true;
}

static bool gate_refuses_memory(const struct gate_question *q, struct buf *reasons)
{
	uint64_t safe = q->room->free_bytes / 100 * CARD_SAFE_PCT;
	if (q->will_measure || q->card->need_bytes < safe)
		return false;
	char need[32], most[32];
	room_format(q->card->need_bytes, need);
	room_format(safe, most);
	gate_say(reasons, "needs %s%s, 0.%d of what is free is %s (%s)",
		q->card->heap_is_measured ? "" : "up to ", need, CARD_SAFE_PCT / 10,
		most, q->room->where);
	return true;
}

static bool gate_asks_pause(const struct gate_question *q, struct buf *reasons)
{
	if (q->will_measure || q->card->pause_ms <= q->pause_max_ms)
		return false;
	char pause[32], most[32];
	gate_say(reasons, "the process would answer nothing for %s %s; the limit is %s",
		q->card->heap_is_measured ? "about" : "up to",
		gate_time(q->card->pause_ms, pause), gate_time(q->pause_max_ms, most));
	return true;
}

/* A last capture in the future is one from before the clock was set. */
static bool gate_asks_cooldown(const struct gate_question *q, struct buf *reasons)
{
	int64_t ago = q->now_unix_ms - q->last_unix_ms;
	if (!q->last_unix_ms || ago < 0 || ago >= q->cooldown_ms)
		return false;
	char text[32], least[32];
	gate_say(reasons,
		"the last capture of this service was %s ago; at least %s should lie "
		"between two",
		gate_time(ago, text), gate_time(q->cooldown_ms, least));
	return true;
}

enum snapshot_gate gate_judge(const struct gate_question *q, struct buf *reasons)
{
	bool refuses = gate_refuses_route(q, reasons);
	refuses = gate_refuses_memory(q, reasons) || refuses;
	bool asks = gate_asks_pause(q, reasons);
	asks = gate_asks_cooldown(q, reasons) || asks;
	return refuses ? SNAPSHOT_REFUSED : asks ? SNAPSHOT_ASKS : SNAPSHOT_ALLOWED;
}

/* V8 gives back little of what a snapshot took.  A Java machine only collects. */
void gate_note(const struct gate_question *q, struct buf *notes)
{
	char text[32];
	uint64_t need = q->card->need_bytes;
	if (q->will_measure || q->way == WAY_JVM || q->way == WAYS)
		return;
	room_format(q->facts->rss_bytes + need, text);
	buf_printf(notes,
		"it stays resident as large as the capture makes it, up to %s: a "
		"restart at a limit of resident memory, as pm2 does it, may follow",
		text);
	/* The machine is the tightest when no group is. */
	if (q->room->free_bytes >= q->room->available_bytes)
		return;
	unsigned share = q->room->free_bytes
				 ? (unsigned)(need * 100 / q->room->free_bytes)
				 : 100;
	if (share >= GATE_NEAR_PCT)
		buf_printf(notes,
			"; that takes up to %u %% of what is left below the limit of "
			"its %s",
			share, q->room->where);
}
