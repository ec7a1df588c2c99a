#include "agent/status.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

void status_format_time(int64_t unix_ms, struct buf *out)
{
	time_t seconds = unix_ms / 1000;
	struct tm utc;
	char text[32];
	gmtime_r(&seconds, &utc);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
	buf_text(out, text);
}

static void status_line_time(const char *label, int64_t unix_ms, struct buf *out)
{
	buf_printf(out, "%-12s", label);
	if (unix_ms)
		status_format_time(unix_ms, out);
	else
		buf_text(out, "never");
	buf_byte(out, '\n');
}

static void status_format_uplink(const struct status *s, struct buf *out)
{
	if (!s->enrolment) {
		buf_text(out, "server      not enrolled: run 'tidemark-agent join'\n");
		return;
	}
	const struct uplink_stats *u = &s->uplink;
	bool known = u->server.port != 0;
	buf_printf(out, "server      %s port %d, known there as agent %" PRIu32,
		known ? u->server.host : s->enrolment->host,
		known ? u->server.port : s->enrolment->port, s->enrolment->agent_id);
	if (u->servers > 1)
		buf_printf(out, "; choice %zu of %zu, changed %" PRIu64 " times",
			u->rank + 1, u->servers, u->moves);
	buf_byte(out, '\n');
	if (u->connected) {
		status_line_time("connected", u->connected_unix_ms, out);
	} else {
		buf_printf(out, "connected   no%s%s", u->last_error[0] ? ": " : "",
			u->last_error);
		if (u->retry_in_ms > 0)
			buf_printf(out, "; next try in %" PRId64 " s",
				(u->retry_in_ms + 999) / 1000);
		buf_byte(out, '\n');
	}
	status_line_time("last ack", u->last_receipt_unix_ms, out);
	buf_printf(out,
		"batches     %" PRIu64 " sent, %" PRIu64 " stored, %" PRIu64
		" repeated, %" PRIu64 " refused\n",
		u->sent, u->stored, u->repeated, u->refused);
	if (u->last_hold[0]) {
		buf_printf(out, "held        %s", u->last_hold);
		if (u->connected && u->retry_in_ms > 0)
			buf_printf(out, "; next try in %" PRId64 " s",
				(u->retry_in_ms + 999) / 1000);
		buf_byte(out, '\n');
	}
	if (u->last_refusal[0])
		buf_printf(out, "refused     %s\n", u->last_refusal);
}

void status_format(const struct status *s, int64_t now_unix_ms, struct buf *out)
{
	buf_printf(
		out, "agent       %s, process %d\n", TIDEMARK_VERSION, (int)getpid());
	buf_printf(out, "host        %s (%s)\n", s->identity->hostname,
		s->identity->machine_id);
	status_line_time("started", s->started_unix_ms, out);
	status_line_time("written", now_unix_ms, out);
	status_format_uplink(s, out);
	buf_printf(out,
		"spool       %" PRIu64 " batches, %" PRIu64 " bytes waiting; %" PRIu64
		" lost since it was made\n",
		s->spool.batches, s->spool.bytes, s->spool.lost);
	buf_printf(
		out, "following   %zu of %zu processes\n", s->followed, s->processes);
	buf_printf(out,
		"readings    %" PRIu64 ", one every %" PRId64
		" ms, the last took %" PRId64 " ms; %" PRIu64 " skipped\n",
		s->ticks, s->interval_ms, s->tick_ms, s->skipped);
	sight_format(&s->sight, out);
}
