#include "agent/capture/door.h"

#include "agent/capture/channel.h"
#include "agent/capture/route.h"

#include <stdlib.h>

enum { DOOR_END_MS = 200 };

static const struct route *const door_routes[DOOR_ROUTES] = {
	[DOOR_INSPECTOR] = &inspector_route,
	[DOOR_PRELOAD] = &preload_route,
	[DOOR_SIGNAL] = &signal_route,
};

const char *door_refusal_name(enum door_refusal refusal)
{
	static const char *const names[] = {
		[DOOR_NO_REFUSAL] = "none",
		[DOOR_NOT_NODE] = "not-node",
		[DOOR_FORBIDDEN] = "forbidden",
		[DOOR_NO_ROUTE] = "no-route",
		[DOOR_SELF_HANDLED] = "self-handled",
		[DOOR_SILENT] = "silent",
		[DOOR_PORT_TAKEN] = "port-taken",
		[DOOR_ALREADY_OPEN] = "already-open",
		[DOOR_LOCKED] = "locked",
		[DOOR_WRONG_PROCESS] = "wrong-process",
		[DOOR_STOPPED] = "stopped",
		[DOOR_ENDED] = "ended",
		[DOOR_STILL_OPEN] = "still-open",
	};
	return names[refusal];
}

bool route_refuse(struct door *d, enum door_refusal refusal)
{
	d->refusal = refusal;
	return false;
}

static int64_t door_time(int64_t ms, int64_t fallback_ms)
{
	return ms > 0 ? ms : fallback_ms;
}

struct door *door_create(const struct door_options *options)
{
	struct door *d = calloc(1, sizeof *d);
	BUG_ON(!d);
	d->options = *options;
	d->facts = *options->facts;
	d->options.facts = &d->facts;
	d->route = door_routes[options->route];
	d->handle.fd = -1;
	d->options.open_ms = door_time(options->open_ms, 3000);
	d->options.lock_ms = door_time(options->lock_ms, 5000);
	d->options.statistics_ms = door_time(options->statistics_ms, 5000);
	d->options.take_ms = door_time(options->take_ms, 600000);
	d->options.close_ms = door_time(options->close_ms, 10000);
	return d;
}

void door_destroy(struct door *d)
{
	if (!d)
		return;
	struct err ignored;
	door_close(d, &ignored);
	handle_finish(&d->handle);
	free(d);
}

/* A failure that the route has not explained itself may have one of two causes that
 * matter to the caller. */
static bool door_explain(struct door *d, struct err *e)
{
	if (d->refusal != DOOR_NO_REFUSAL)
		return false;
	int wait_ms = e->kind == ERR_IO ? DOOR_END_MS : 0;
	if (d->handle.fd >= 0 && handle_ends(&d->handle, wait_ms)) {
		d->refusal = DOOR_ENDED;
		return err_wrap(e, "process %d has ended meanwhile", d->facts.pid);
	}
	if (channel_is_stopped(d->options.stop_fd))
		d->refusal = DOOR_STOPPED;
	return false;
}

bool door_open(struct door *d, struct err *e)
{
	BUG_ON(d->is_open);
	d->refusal = DOOR_NO_REFUSAL;
	d->remark[0] = '\0';
	if (!d->facts.is_node) {
		err_set(e, ERR_INPUT, "process %d is '%s', not Node.js", d->facts.pid,
			d->facts.program);
		return route_refuse(d, DOOR_NOT_NODE);
	}
	if (d->handle.fd < 0 &&
		!handle_init(&d->handle, d->options.procfs, &d->facts, e))
		return route_refuse(d, DOOR_ENDED);
	if (!d->route->open(d, e))
		return door_explain(d, e);
	d->is_open = true;
	return true;
}

bool door_statistics(struct door *d, struct door_statistics *out, struct err *e)
{
	BUG_ON(!d->is_open);
	d->refusal = DOOR_NO_REFUSAL;
	return d->route->statistics(d, out, e) || door_explain(d, e);
}

bool door_evaluate(struct door *d, const char *expression, int64_t limit_ms,
	struct json_t **value, struct err *e)
{
	BUG_ON(!d->is_open);
	d->refusal = DOOR_NO_REFUSAL;
	if (!d->route->evaluate)
		return err_set(e, ERR_INPUT, "only an inspector evaluates");
	return d->route->evaluate(d, expression, limit_ms, value, e) ||
	       door_explain(d, e);
}

bool door_take(struct door *d, const struct door_sink *sink, struct err *e)
{
	BUG_ON(!d->is_open);
	d->refusal = DOOR_NO_REFUSAL;
	return d->route->take(d, sink, e) || door_explain(d, e);
}

bool door_close(struct door *d, struct err *e)
{
	if (!d->is_open)
		return true;
	d->is_open = false;
	d->refusal = DOOR_NO_REFUSAL;
	return d->route->close(d, e) || door_explain(d, e);
}

bool door_owes_closing(const struct door *d)
{
	return d->owes_closing;
}

enum door_refusal door_refusal(const struct door *d)
{
	return d->refusal;
}

const char *door_remark(const struct door *d)
{
	return d->remark;
}
