#include "tests/fleet/fleet/report.h"

#include <inttypes.h>

struct report_spools {
	uint64_t batches, bytes, given_up;
	int64_t oldest_ms; /* age of the oldest batch without a receipt */
};

static struct report_spools report_spools(const struct report *r, int64_t now_ms)
{
	struct report_spools s = {0};
	for (uint32_t i = 0; i < r->fleet->options->agents; i++) {
		const struct backlog *b = &r->members[i].backlog;
		s.batches += b->waiting;
		s.bytes += b->bytes;
		s.given_up += b->given_up;
		if (b->count > 0 && now_ms - backlog_at(b, 0)->made_ms > s.oldest_ms)
			s.oldest_ms = now_ms - backlog_at(b, 0)->made_ms;
	}
	return s;
}

uint64_t report_waiting(const struct report *r)
{
	uint64_t waiting = 0;
	for (uint32_t i = 0; i < r->fleet->options->agents; i++)
		waiting += r->members[i].backlog.waiting;
	return waiting;
}

bool report_is_whole(const struct report *r)
{
	const struct member_totals *t = &r->fleet->totals;
	return t->refused == 0 && t->made == t->stored + t->repeated;
}

void report_line(const struct report *r, int64_t now_ms, FILE *out)
{
	const struct member_totals *t = &r->fleet->totals;
	struct report_spools s = report_spools(r, now_ms);
	fprintf(out,
		"fleet: t=%.1f connected=%u/%u made=%" PRIu64 " sent=%" PRIu64
		" acknowledged=%" PRIu64 " samples=%" PRIu64 " spooled=%" PRIu64
		" oldest_s=%.1f reconnects=%" PRIu64 " resent=%" PRIu64
		" refused=%" PRIu64 " held=%" PRIu64 "%s%s\n",
		(double)(now_ms - r->begin_ms) / 1000, t->connected,
		r->fleet->options->agents, t->made, t->sent, t->stored + t->repeated,
		t->settled_samples, s.batches, (double)s.oldest_ms / 1000,
		t->reconnects, t->resent, t->refused, t->held,
		t->refused + t->held ? " reason=" : "", t->last_reason);
	fflush(out);
}

static void report_services(const struct report *r, FILE *out)
{
	fputs(",\"services\":[", out);
	for (uint32_t i = 0; i < r->fleet->options->services; i++) {
		const struct service *s = &r->services[i];
		const char *comma = "";
		fprintf(out,
			"%s{\"name\":\"%s\",\"runtime\":\"%s\",\"shape\":\"%s\","
			"\"leaks\":%s,\"leaking_version\":",
			i ? "," : "", s->name, s->runtime, s->shape,
			s->leaks ? "true" : "false");
		if (s->leaks && s->recipe.deploy_at_h > 0)
			fprintf(out, "\"%s\"", s->versions[1]);
		else
			fputs("null", out);
		fputs(",\"samples\":{", out);
		for (int v = 0; v < 2; v++) {
			if (s->samples[v] == 0)
				continue;
			fprintf(out, "%s\"%s\":%" PRIu64, comma, s->versions[v],
				s->samples[v]);
			comma = ",";
		}
		fputs("}}", out);
	}
	fputs("]", out);
}

static void report_members(const struct report *r, FILE *out)
{
	fputs(",\"members\":[", out);
	for (uint32_t i = 0; i < r->fleet->options->agents; i++) {
		const struct member *m = &r->members[i];
		fprintf(out,
			"%s{\"host\":\"%s\",\"agent_id\":%d,\"epoch\":\"%" PRIu64
			"\",\"last_sequence\":%" PRIu64 ",\"waiting\":%u"
			",\"samples\":%" PRIu64 ",\"acknowledged_samples\":%" PRIu64
			"}",
			i ? "," : "", m->machine.hostname, m->agent_id, m->epoch,
			m->backlog.next_sequence - 1, m->backlog.waiting, m->samples,
			m->settled_samples);
	}
	fputs("]", out);
}

void report_json(const struct report *r, int64_t now_ms, FILE *out)
{
	const struct options *o = r->fleet->options;
	const struct member_totals *t = &r->fleet->totals;
	struct report_spools s = report_spools(r, now_ms);
	fprintf(out,
		"{\"agents\":%u,\"processes\":%u,\"metrics\":%u,\"interval_ms\":"
		"%" PRId64 ",\"seed\":\"%" PRIu64 "\",\"first_at_ms\":%" PRId64
		",\"end_at_ms\":%" PRId64 ",\"elapsed_ms\":%" PRId64,
		o->agents, o->processes, o->metrics, o->interval_ms, o->seed,
		r->first_at_ms, r->end_at_ms, now_ms - r->begin_ms);
	fprintf(out,
		",\"batches\":%" PRIu64 ",\"samples\":%" PRIu64
		",\"host_samples\":%" PRIu64 ",\"sent\":%" PRIu64 ",\"resent\":%" PRIu64
		",\"stored\":%" PRIu64 ",\"repeated\":%" PRIu64 ",\"refused\":%" PRIu64
		",\"held\":%" PRIu64 ",\"strange\":%" PRIu64,
		t->made, t->made_samples, t->host_samples, t->sent, t->resent,
		t->stored, t->repeated, t->refused, t->held, t->strange);
	fprintf(out,
		",\"acknowledged_samples\":%" PRIu64 ",\"given_up\":%" PRIu64
		",\"unacknowledged\":%" PRIu64 ",\"connects\":%" PRIu64
		",\"reconnects\":%" PRIu64 ",\"reopened\":%" PRIu64,
		t->settled_samples, s.given_up, s.batches, t->connects, t->reconnects,
		t->reopened);
	report_services(r, out);
	if (o->members)
		report_members(r, out);
	fputs("}\n", out);
	fflush(out);
}
