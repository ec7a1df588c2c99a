/*
 * fleet: one process that is a fleet of agents; fleet --help tells how to use it.
 *
 * One thread makes readings and serves all connections, through epoll on libzmq's
 * descriptors; libzmq's own threads do the encryption.
 *
 * Readings come in the order of time.  They are numbered: number n is of agent n mod N,
 * and lies n mod N parts of the interval behind the begin of its interval, so that a
 * fleet does not read on one beat.  In real time a reading is made when its time has
 * come; in virtual time as soon as its agent's window has room for it, so that no agent
 * is ahead of another by more than that window.
 */
#include "common/clock.h"
#include "tests/fleet/fleet/joining.h"
#include "tests/fleet/fleet/report.h"

#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum {
	FLEET_EVENTS = 512,
	FLEET_TEND_MS = 250,
	FLEET_AT_ONCE = 256, /* readings between two looks at the connections */
};

struct fleet {
	struct options options;
	struct service *services;
	struct member *members;
	struct member_fleet shared;
	struct report report;
	uint64_t next, end; /* number of the next batch; none from this one on */
	int64_t next_tend_ms, next_report_ms;
};

static volatile sig_atomic_t fleet_stopped;

static void fleet_stop(int signal)
{
	(void)signal;
	fleet_stopped = 1;
}

/* Two descriptors for each agent. */
static bool fleet_raise_limits(const struct options *o, struct err *e)
{
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur >= 2 * (rlim_t)o->agents + 64)
		return true;
	return err_set(e, ERR_INPUT,
		"%u agents need %u open files and %llu are allowed: raise 'ulimit "
		"-Hn', "
		"or run two fleets with --first",
		o->agents, 2 * o->agents + 64, (unsigned long long)files.rlim_cur);
}

static bool fleet_open(struct fleet *f, struct err *e)
{
	const struct options *o = &f->options;
	f->shared.options = o;
	f->shared.host = *o->host ? o->host : o->token.host;
	arena_init(&f->shared.arena);
	f->shared.epoll = epoll_create1(EPOLL_CLOEXEC);
	f->shared.zmq = zmq_ctx_new();
	f->services = calloc(o->services, sizeof *f->services);
	f->members = calloc(o->agents, sizeof *f->members);
	BUG_ON(f->shared.epoll < 0 || !f->shared.zmq || !f->services || !f->members);
	zmq_ctx_set(f->shared.zmq, ZMQ_MAX_SOCKETS, (int)o->agents + 256);
	zmq_ctx_set(f->shared.zmq, ZMQ_IO_THREADS, o->io_threads);
	return fleet_raise_limits(o, e) && services_make(o, f->services, e);
}

static bool fleet_enrol(struct fleet *f, struct err *e)
{
	const struct options *o = &f->options;
	int64_t begin_ms = clock_mono_ms();
	for (uint32_t i = 0; i < o->agents; i++)
		member_init(&f->members[i], &f->shared, i, f->services, o->from_ms);
	if (!joining_run(&f->shared, f->members, o->agents, e))
		return false;
	fprintf(stderr, "fleet: %u agents enrolled in %.1f s\n", o->agents,
		(double)(clock_mono_ms() - begin_ms) / 1000);
	for (uint32_t i = 0; i < o->agents && o->port; i++)
		f->members[i].port = o->port;
	return true;
}

static void fleet_close(struct fleet *f)
{
	for (uint32_t i = 0; f->members && i < f->options.agents; i++)
		member_finish(&f->members[i]);
	zmq_ctx_term(f->shared.zmq);
	arena_finish(&f->shared.arena);
	buf_finish(&f->shared.batch);
	buf_finish(&f->shared.frame);
	free(f->members);
	free(f->services);
	token_wipe(&f->options.token);
}

/* The time of the first reading of batch number n. */
static int64_t fleet_at_ms(const struct fleet *f, uint64_t n)
{
	const struct options *o = &f->options;
	int64_t step_ms = o->interval_ms * o->ticks;
	/* Virtual time ends for all within an interval, from where real time goes on.
	 */
	int64_t spread_ms = o->is_virtual ? o->interval_ms : step_ms;
	return o->from_ms + (int64_t)(n / o->agents) * step_ms +
	       (int64_t)(n % o->agents) * spread_ms / o->agents;
}

/* Where virtual time, or the duration, ends. */
static uint64_t fleet_last(const struct options *o)
{
	int64_t step_ms = o->interval_ms * o->ticks, span_ms = o->duration_ms;
	if (o->is_virtual)
		span_ms = o->to_ms - o->from_ms;
	if (span_ms <= 0)
		return UINT64_MAX;
	return (uint64_t)(span_ms / step_ms) * o->agents;
}

/* When all its readings have their time, or its agent may have more under way. */
static bool fleet_is_due(const struct fleet *f, int64_t now_unix_ms)
{
	const struct options *o = &f->options;
	if (o->is_virtual)
		return f->members[f->next % o->agents].backlog.waiting < MEMBER_WINDOW;
	return fleet_at_ms(f, f->next) + (o->ticks - 1) * o->interval_ms <= now_unix_ms;
}

/* Makes what is due.  False: not all of it. */
static bool fleet_read(struct fleet *f, int64_t now_ms)
{
	int64_t now_unix_ms = clock_unix_ms();
	for (int i = 0; i < FLEET_AT_ONCE; i++) {
		if (f->next >= f->end || !fleet_is_due(f, now_unix_ms))
			return true;
		struct member *m = &f->members[f->next % f->options.agents];
		member_read(m, fleet_at_ms(f, f->next), now_ms);
		f->next++;
		member_turn(m, now_ms);
	}
	return false;
}

static void fleet_serve(struct fleet *f, int timeout_ms)
{
	struct epoll_event events[FLEET_EVENTS];
	int count = epoll_wait(f->shared.epoll, events, FLEET_EVENTS, timeout_ms);
	int64_t now_ms = clock_mono_ms();
	for (int i = 0; i < count; i++)
		member_turn(events[i].data.ptr, now_ms);
}

/* How long nothing is due. */
static int fleet_patience(const struct fleet *f, int64_t now_ms)
{
	int64_t left_ms = f->next_tend_ms - now_ms;
	if (!f->options.is_virtual && f->next < f->end) {
		int64_t due_ms = fleet_at_ms(f, f->next) +
				 (f->options.ticks - 1) * f->options.interval_ms -
				 clock_unix_ms();
		left_ms = due_ms < left_ms ? due_ms : left_ms;
	}
	return left_ms > 0 ? (int)left_ms : 0;
}

static void fleet_tend(struct fleet *f, int64_t now_ms)
{
	if (now_ms >= f->next_tend_ms) {
		f->next_tend_ms = now_ms + FLEET_TEND_MS;
		for (uint32_t i = 0; i < f->options.agents; i++)
			member_tend(&f->members[i], now_ms);
	}
	if (now_ms >= f->next_report_ms) {
		f->next_report_ms = now_ms + f->options.report_ms;
		report_line(&f->report, now_ms, stderr);
	}
}

/* From the end of virtual time on in real time, every reading by itself. */
static void fleet_go_on(struct fleet *f)
{
	struct options *o = &f->options;
	o->from_ms += (int64_t)(f->end / o->agents) * o->interval_ms * o->ticks;
	o->is_virtual = false;
	o->ticks = 1;
	f->next = 0;
	f->end = fleet_last(o);
}

static void fleet_run(struct fleet *f)
{
	struct options *o = &f->options;
	int64_t drain_until_ms = 0, now_ms = clock_mono_ms();
	/* Enrolling took its time. */
	if (!o->is_virtual)
		o->from_ms = clock_unix_ms() / 1000 * 1000;
	f->end = fleet_last(o);
	f->report = (struct report){.fleet = &f->shared,
		.members = f->members,
		.services = f->services,
		.begin_ms = now_ms,
		.first_at_ms = o->from_ms};
	f->next_report_ms = now_ms + o->report_ms;
	while (f->next < f->end || report_waiting(&f->report) > 0) {
		now_ms = clock_mono_ms();
		if (fleet_stopped)
			f->end = f->next;
		bool rested = fleet_read(f, now_ms);
		if (f->next >= f->end && o->is_virtual && o->goes_on && !fleet_stopped)
			fleet_go_on(f);
		if (f->next >= f->end && !drain_until_ms)
			drain_until_ms = now_ms + o->drain_ms;
		if (drain_until_ms && now_ms >= drain_until_ms)
			break;
		fleet_serve(f, rested ? fleet_patience(f, now_ms) : 0);
		fleet_tend(f, clock_mono_ms());
	}
	f->report.end_at_ms = o->from_ms +
			      (int64_t)((f->next + o->agents - 1) / o->agents) *
				      o->interval_ms * o->ticks;
}

int main(int argc, char **argv)
{
	struct fleet f = {0};
	struct err e;
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(options_help, stdout);
		return 0;
	}
	if (sodium_init() < 0 || !options_read(argc, argv, &f.options, &e)) {
		fprintf(stderr, "fleet: %s (see --help)\n", e.text);
		return 2;
	}
	signal(SIGTERM, fleet_stop);
	signal(SIGINT, fleet_stop);
	if (!fleet_open(&f, &e) || !fleet_enrol(&f, &e)) {
		fprintf(stderr, "fleet: %s\n", e.text);
		fleet_close(&f);
		return 1;
	}
	fleet_run(&f);
	report_line(&f.report, clock_mono_ms(), stderr);
	report_json(&f.report, clock_mono_ms(), stdout);
	bool whole = report_is_whole(&f.report);
	fleet_close(&f);
	return whole ? 0 : 1;
}
