/*
 * Route: what a way into a process has to offer to be a door.  Only for door.c and the
 * routes themselves.
 *
 * A route may count on being asked in order, and only what makes sense: open first,
 * close once after an open that succeeded.  When its open fails it cleans up itself.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_ROUTE_H
#define TIDEMARK_AGENT_CAPTURE_ROUTE_H

#include "agent/capture/door.h"
#include "agent/capture/handle.h"

struct json_t;

struct route {
	bool (*open)(struct door *d, struct err *e);
	bool (*statistics)(struct door *d, struct door_statistics *out, struct err *e);
	bool (*take)(struct door *d, const struct door_sink *sink, struct err *e);
	bool (*close)(struct door *d, struct err *e); /* frees `state` */
	/* NULL: this way asks nothing else. */
	bool (*evaluate)(struct door *d, const char *expression, int64_t limit_ms,
		struct json_t **value, struct err *e);
};

struct door {
	struct door_options options; /* its times are set, its facts are ours */
	struct facts facts;
	const struct route *route;
	struct handle handle;
	bool is_open;
	bool owes_closing;
	enum door_refusal refusal;
	char remark[160];
	void *state; /* the route's */
};

extern const struct route inspector_route, preload_route, signal_route;

/* Always false: `return route_refuse(d, DOOR_..., e)` behind err_set. */
bool route_refuse(struct door *d, enum door_refusal refusal);

#endif
