#include "agent/capture/inspector.h"

#include "agent/capture/channel.h"
#include "agent/capture/listeners.h"
#include "agent/capture/procfile.h"
#include "agent/capture/route.h"
#include "agent/capture/session.h"
#include "agent/capture/shutter.h"
#include "agent/capture/statistics.h"
#include "common/clock.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	INSPECTOR_POLL_MS = 10,
	INSPECTOR_LOCK_POLL_MS = 50,
	INSPECTOR_STRANGERS_MAX = 16,
	INSPECTOR_IDLE_SHARE = 20, /* one look in so many */
};

struct inspector {
	struct door *door;
	struct netns netns;
	int lock;
	bool is_ours;   /* we have opened it, so we close it */
	bool is_proven; /* the listener is the process's: the kernel says so */
	struct listener listener;
	struct session_target target;
	struct session *session;                     /* NULL: not found (yet) */
	uint64_t strangers[INSPECTOR_STRANGERS_MAX]; /* sockets that are no inspector */
	size_t stranger_count;
	struct listeners before, now;
};

static const char inspector_statistics_expression[] =
	"(function(){var b=process.hrtime();"
	"var R=typeof require==='function'?require:process.mainModule?"
	"process.mainModule.require.bind(process.mainModule):process.getBuiltinModule;"
	"var s={pid:process.pid,version:process.versions.node,uptime:process.uptime(),"
	"memory:process.memoryUsage()};"
	"try{s.heap=R('v8').getHeapStatistics()}catch(e){}"
	"try{s.spaces={};R('v8').getHeapSpaceStatistics().forEach(function(p){"
	"s.spaces[p.space_name]=p.space_used_size})}catch(e){}"
	"try{var a=process.getActiveResourcesInfo(),r={};"
	"for(var i=0;i<a.length;i++)r[a[i]]=(r[a[i]]||0)+1;s.resources=r}catch(e){}"
	"b=process.hrtime(b);s.last=Math.round(b[0]*1e6+b[1]/1e3);return s})()";

static bool inspector_may_signal(struct door *d, struct err *e)
{
	const struct facts *f = &d->facts;
	if (f->state == 'T' || f->state == 't') {
		err_set(e, ERR_BUSY,
			"process %d is stopped: it would open its inspector "
			"whenever it goes on",
			f->pid);
		return route_refuse(d, DOOR_NO_ROUTE);
	}
	if (f->flags.disable_sigusr1)
		err_set(e, ERR_INPUT,
			"process %d was started with --disable-sigusr1: it "
			"opens no inspector",
			f->pid);
	else if (f->flags.permission)
		err_set(e, ERR_INPUT,
			"process %d was started with --permission: it opens "
			"no inspector",
			f->pid);
	else if (f->flags.inspect_exposed)
		err_set(e, ERR_INPUT,
			"process %d would open its inspector to the network "
			"(--inspect-port with an address beyond loopback)",
			f->pid);
	else if (!facts_catches(f, SIGUSR1))
		err_set(e, ERR_INPUT, "process %d has no handler for SIGUSR1: %s",
			f->pid,
			(f->signals_ignored & UINT64_C(1) << (SIGUSR1 - 1))
				? "it ignores it"
				: "it was told to open no inspector, or the signal "
				  "would "
				  "end it");
	else
		return true;
	return route_refuse(d, DOOR_NO_ROUTE);
}

static bool inspector_take_lock(struct inspector *i, struct err *e)
{
	struct door *d = i->door;
	int64_t end = clock_mono_ms() + d->options.lock_ms;
	for (;;) {
		i->lock = netns_lock(&i->netns, e);
		if (i->lock >= 0)
			return true;
		if (errno != EADDRINUSE)
			return false;
		if (clock_mono_ms() >= end) {
			err_set(e, ERR_BUSY,
				"another capture runs in the network of process %d",
				d->facts.pid);
			return route_refuse(d, DOOR_LOCKED);
		}
		if (!channel_sleep(d->options.stop_fd, INSPECTOR_LOCK_POLL_MS))
			return err_set(e, ERR_BUSY, "stopped");
	}
}

static bool inspector_is_stranger(const struct inspector *i, uint64_t inode)
{
	for (size_t k = 0; k < i->stranger_count; k++) {
		if (i->strangers[k] == inode)
			return true;
	}
	return false;
}

/* The port is certain when everything that could have set it was read. */
static bool inspector_has_port(const struct facts *f, int port)
{
	const struct facts_flags *flags = &f->flags;
	bool certain = flags->is_command_known && flags->is_options_known &&
		       flags->inspect_port > 0;
	return !certain || port == flags->inspect_port;
}

/* The next listening socket that could be the inspector of the process.  Sockets that
 * were there `before` are not, unless that is NULL. */
static const struct listener *inspector_candidate(
	struct inspector *i, const struct listeners *before, bool *is_proven)
{
	const struct door *d = i->door;
	for (size_t k = 0; k < i->now.count; k++) {
		const struct listener *l = &i->now.at[k];
		if (l->reach == LISTENERS_OTHER || inspector_is_stranger(i, l->inode) ||
			!inspector_has_port(&d->facts, l->port) ||
			(before && listeners_find(before, l->inode)))
			continue;
		enum listeners_owner owner = listeners_owner(
			d->options.procfs, d->facts.pid, l->inode);
		*is_proven = owner == LISTENERS_OWN;
		if (*is_proven ||
			(owner == LISTENERS_UNKNOWN && l->uid == d->facts.uid))
			return l;
	}
	return NULL;
}

/* Asked before anything else, so that a wrong process is told nothing.  Where the
 * kernel says whose the socket is, what the process calls itself does not matter. */
static bool inspector_check_pid(struct inspector *i, int64_t deadline_ms, struct err *e)
{
	struct door *d = i->door;
	json_t *value;
	if (i->is_proven)
		return true;
	if (!session_evaluate(i->session, "process.pid", deadline_ms, &value, e))
		return false;
	json_int_t pid = json_integer_value(value);
	json_decref(value);
	if (pid == d->facts.inner_pid)
		return true;
	err_set(e, ERR_INPUT, "behind port %u is process %lld, not %d", i->target.port,
		(long long)pid, d->facts.inner_pid);
	return route_refuse(d, DOOR_WRONG_PROCESS);
}

static bool inspector_connect(struct inspector *i, const struct listener *l,
	int64_t deadline_ms, struct err *e)
{
	i->listener = *l;
	i->target = (struct session_target){.netns = &i->netns,
		.port = l->port,
		.is_v6 = l->is_v6 && l->reach == LISTENERS_LOOPBACK};
	if (!session_open(
		    &i->target, i->door->options.stop_fd, deadline_ms, &i->session, e))
		return false;
	if (inspector_check_pid(i, deadline_ms, e))
		return true;
	/* Not for us to close. */
	if (i->door->refusal == DOOR_WRONG_PROCESS)
		i->listener.inode = 0;
	session_close(i->session);
	i->session = NULL;
	return false;
}

/* Tries the sockets that could be it.  True with a session; false without a kind in
 * `e` when there is nothing yet. */
static bool inspector_try(struct inspector *i, const struct listeners *before,
	int64_t deadline_ms, struct err *e)
{
	struct door *d = i->door;
	const struct listener *l;
	e->kind = ERR_NONE;
	if (!listeners_read(&i->now, d->options.procfs, d->facts.pid, e))
		return false;
	while ((l = inspector_candidate(i, before, &i->is_proven))) {
		if (inspector_connect(i, l, deadline_ms, e)) {
			if (!i->is_proven)
				snprintf(d->remark, sizeof d->remark,
					"whose inspector it is could only be told "
					"after "
					"connecting");
			return true;
		}
		/* With a known port there is nothing else that it could be. */
		if (d->facts.flags.inspect_port == l->port || e->kind != ERR_INPUT ||
			i->stranger_count == INSPECTOR_STRANGERS_MAX)
			return false;
		i->strangers[i->stranger_count++] = l->inode;
		i->listener.inode = 0;
		e->kind = ERR_NONE;
	}
	return false;
}

/* Whether the main thread waits for something to do: not when it computes, and not
 * when it is stuck in the kernel. */
static bool inspector_is_idle(const struct door *d)
{
	char name[48];
	snprintf(name, sizeof name, "task/%d/stat", d->facts.pid);
	struct buf text = {0};
	bool idle = true;
	if (procfile_read(d->options.procfs, d->facts.pid, name, &text)) {
		const char *end = strrchr(text.data, ')');
		idle = !end || strncmp(end, ") S", 3) == 0;
	}
	buf_finish(&text);
	return idle;
}

/* Nothing has opened: because the signal is handled by the service itself, because
 * somebody was faster at the port, or because the process had no time for it. */
static bool inspector_explain_silence(struct inspector *i, bool was_idle, struct err *e)
{
	struct door *d = i->door;
	int pid = d->facts.pid, port = d->facts.flags.inspect_port;
	const struct listener *other = listeners_on_port(&i->now, port);
	if (port > 0 && other && !listeners_find(&i->before, other->inode)) {
		err_set(e, ERR_BUSY, "port %d was taken by another process meanwhile",
			port);
		return route_refuse(d, DOOR_PORT_TAKEN);
	}
	if (!was_idle) {
		err_set(e, ERR_BUSY,
			"process %d was too busy to open its inspector; it may "
			"still do so",
			pid);
		return route_refuse(d, DOOR_SILENT);
	}
	err_set(e, ERR_INPUT,
		"process %d took SIGUSR1 and opened no inspector: it handles "
		"the signal itself; never again",
		pid);
	return route_refuse(d, DOOR_SELF_HANDLED);
}

/* Not to be stopped: what the signal has begun must be found, to be closed. */
static bool inspector_wait(struct inspector *i, struct err *e)
{
	struct door *d = i->door;
	int64_t end = clock_mono_ms() + d->options.open_ms;
	int looks = 0, idle_looks = 0;
	while (clock_mono_ms() < end) {
		if (inspector_try(i, &i->before, end, e))
			return true;
		if (e->kind != ERR_NONE)
			return false;
		if (handle_has_ended(&d->handle))
			return err_set(e, ERR_IO, "process %d has ended", d->facts.pid);
		looks++;
		idle_looks += inspector_is_idle(d);
		channel_sleep(-1, INSPECTOR_POLL_MS);
	}
	/* However much a loop has to do, between two rounds it waits; and one that goes
	 * round at all would have opened. */
	return inspector_explain_silence(
		i, idle_looks * INSPECTOR_IDLE_SHARE > looks, e);
}

static bool inspector_is_free(struct inspector *i, struct err *e)
{
	struct door *d = i->door;
	int port = d->facts.flags.inspect_port;
	const struct listener *l = port > 0 ? listeners_on_port(&i->before, port)
					    : NULL;
	if (i->before.is_cut)
		return err_set(e, ERR_BUSY,
			"there are too many listening sockets to tell "
			"the inspector from");
	if (!l)
		return true;
	if (listeners_owner(d->options.procfs, d->facts.pid, l->inode) ==
		LISTENERS_OWN) {
		err_set(e, ERR_BUSY,
			"the inspector of process %d is open already, by "
			"somebody else's hand",
			d->facts.pid);
		return route_refuse(d, DOOR_ALREADY_OPEN);
	}
	err_set(e, ERR_BUSY, "port %d is taken by another process (of user %u)", port,
		l->uid);
	return route_refuse(d, DOOR_PORT_TAKEN);
}

static bool inspector_reach(struct inspector *i, struct err *e)
{
	struct door *d = i->door;
	int64_t deadline_ms = clock_mono_ms() + d->options.open_ms;
	if (d->facts.flags.inspect) {
		if (inspector_try(i, NULL, deadline_ms, e)) {
			snprintf(d->remark, sizeof d->remark,
				"its inspector was open before and stays open");
			return true;
		}
		if (e->kind != ERR_NONE)
			return false;
	}
	if (!inspector_may_signal(d, e) ||
		!listeners_read(&i->before, d->options.procfs, d->facts.pid, e) ||
		!inspector_is_free(i, e))
		return false;
	if (channel_is_stopped(d->options.stop_fd))
		return err_set(e, ERR_BUSY, "stopped");
	if (!handle_signal(&d->handle, d->options.procfs, &d->facts, SIGUSR1, e))
		return false;
	i->is_ours = d->owes_closing = true;
	if (!inspector_wait(i, e))
		return false;
	if (i->listener.reach == LISTENERS_LOOPBACK)
		return true;
	err_set(e, ERR_INPUT,
		"process %d has opened its inspector to the network: it was "
		"closed at once",
		d->facts.pid);
	return route_refuse(d, DOOR_NO_ROUTE);
}

static bool inspector_shut(struct inspector *i, struct err *e)
{
	struct door *d = i->door;
	struct session *session = i->session;
	i->session = NULL;
	struct shutter shutter = {.procfs = d->options.procfs,
		.facts = &d->facts,
		.handle = &d->handle,
		.target = &i->target,
		.inode = i->listener.inode,
		.is_proven = i->is_proven};
	if (shutter_close(&shutter, session, clock_mono_ms() + d->options.close_ms, e))
		return true;
	return route_refuse(d, DOOR_STILL_OPEN);
}

/* Ends everything; false when something of ours stays open. */
static bool inspector_end(struct inspector *i, struct err *e)
{
	bool ok = true;
	if (i->is_ours && i->listener.inode) {
		ok = inspector_shut(i, e);
		i->door->owes_closing = !ok;
	}
	session_close(i->session);
	if (i->lock >= 0)
		close(i->lock);
	netns_finish(&i->netns);
	i->door->state = NULL;
	free(i);
	return ok;
}

static struct inspector *inspector_create(struct door *d)
{
	struct inspector *i = calloc(1, sizeof *i);
	BUG_ON(!i);
	i->door = d;
	i->lock = -1;
	i->netns.fd = -1;
	return i;
}

static bool inspector_prepare(struct inspector *i, struct err *e)
{
	struct door *d = i->door;
	if (!netns_init(&i->netns, d->options.procfs, &d->facts, e))
		return route_refuse(d, DOOR_FORBIDDEN);
	return inspector_take_lock(i, e);
}

static bool inspector_open(struct door *d, struct err *e)
{
	/* Before the lock: these reasons do not pass. */
	if (!d->facts.flags.inspect && !inspector_may_signal(d, e))
		return false;
	struct inspector *i = inspector_create(d);
	if (inspector_prepare(i, e) && inspector_reach(i, e)) {
		d->state = i;
		return true;
	}
	struct err closing;
	if (!inspector_end(i, &closing))
		*e = closing;
	return false;
}

static bool inspector_statistics(
	struct door *d, struct door_statistics *out, struct err *e)
{
	struct inspector *i = d->state;
	json_t *value;
	if (!session_evaluate(i->session, inspector_statistics_expression,
		    clock_mono_ms() + d->options.statistics_ms, &value, e))
		return false;
	bool ok = statistics_parse(value, out, e);
	json_decref(value);
	return ok;
}

static bool inspector_evaluate(struct door *d, const char *expression, int64_t limit_ms,
	struct json_t **value, struct err *e)
{
	struct inspector *i = d->state;
	return session_evaluate(
		i->session, expression, clock_mono_ms() + limit_ms, value, e);
}

static bool inspector_take(struct door *d, const struct door_sink *sink, struct err *e)
{
	struct inspector *i = d->state;
	return session_take(i->session, sink, clock_mono_ms() + d->options.take_ms, e);
}

static bool inspector_close(struct door *d, struct err *e)
{
	return inspector_end(d->state, e);
}

const struct route inspector_route = {
	.open = inspector_open,
	.statistics = inspector_statistics,
	.take = inspector_take,
	.close = inspector_close,
	.evaluate = inspector_evaluate,
};

/* A helper that was killed just behind its signal leaves an inspector that opens only
 * now: an empty port is looked at for as long as a door would wait. */
static bool inspector_close_found(struct inspector *i, bool *was_open, struct err *e)
{
	struct door *d = i->door;
	int64_t now_ms = clock_mono_ms();
	int64_t late_ms = now_ms + d->options.open_ms;
	if (!inspector_prepare(i, e))
		return false;
	do {
		i->is_ours = inspector_try(i, NULL, now_ms + d->options.close_ms, e);
		if (i->is_ours || e->kind != ERR_NONE || handle_has_ended(&d->handle))
			break;
	} while (channel_sleep(d->options.stop_fd, INSPECTOR_POLL_MS) &&
		 clock_mono_ms() < late_ms);
	*was_open = i->is_ours;
	/* Nothing there, or only what is another's. */
	return i->is_ours || e->kind == ERR_NONE || d->refusal == DOOR_WRONG_PROCESS;
}

bool inspector_close_leftover(
	const struct door_options *options, bool *was_open, struct err *e)
{
	bool ignored;
	was_open = was_open ? was_open : &ignored;
	*was_open = false;
	if (options->facts->flags.inspect)
		return true;
	struct door *d = door_create(options);
	if (!handle_init(&d->handle, options->procfs, options->facts, e)) {
		door_destroy(d);
		return e->kind == ERR_INPUT; /* it has ended */
	}
	struct inspector *i = inspector_create(d);
	bool found = inspector_close_found(i, was_open, e);
	struct err closing;
	bool closed = inspector_end(i, &closing);
	if (!closed)
		*e = closing;
	bool ended = handle_has_ended(&d->handle);
	door_destroy(d);
	return ended || (found && closed);
}
