/*
 * Door: a way into a live Node.js process, to read its statistics and its heap.
 *
 * Three routes behind one interface; which are allowed is the caller's decision:
 *
 *     inspector   SIGUSR1 opens the inspector on loopback, for as long as the door is
 *                 open; closed by the process itself, and proven closed.  A process
 *                 that was started with --inspect is used as it is and left open.
 *     preload     the socket that deploy/preload/tidemark-preload.js listens on
 *     signal      --heapsnapshot-signal writes a file, which is read and removed;
 *                 knows no statistics
 *
 *     struct door *d = door_create(&options);
 *     ok = door_open(d, &e) && door_statistics(d, &s, &e) && door_take(d, &sink, &e);
 *     if (!door_close(d, &e)) ...  an alarm when door_refusal says DOOR_STILL_OPEN
 *     door_destroy(d);
 *
 * Everything blocks, with a deadline on each wait; `stop_fd` ends any wait at once, but
 * not the one for an inspector that we have asked for (open_ms), nor closing it.  Meant
 * for a helper process of one thread, which may die: see inspector_close_leftover.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_DOOR_H
#define TIDEMARK_AGENT_CAPTURE_DOOR_H

#include "agent/capture/facts.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum door_route { DOOR_INSPECTOR, DOOR_PRELOAD, DOOR_SIGNAL, DOOR_ROUTES };

/* Why a door did not open or not do its work, for those who must act on it. */
enum door_refusal {
	DOOR_NO_REFUSAL,   /* all well, or a failure that needs no other action */
	DOOR_NOT_NODE,     /* the signal would end it, or do nothing */
	DOOR_FORBIDDEN,    /* we lack a right (setns, the socket's mode) */
	DOOR_NO_ROUTE,     /* the process was not started for this route */
	DOOR_SELF_HANDLED, /* took SIGUSR1 and opened nothing: never again */
	DOOR_SILENT,       /* took SIGUSR1 but was too busy to open within the time */
	DOOR_PORT_TAKEN,   /* something else listens on the inspector's port */
	DOOR_ALREADY_OPEN, /* its inspector is open, by somebody else's hand */
	DOOR_LOCKED,       /* another capture runs in this network namespace */
	DOOR_WRONG_PROCESS,
	DOOR_STOPPED,    /* stop_fd */
	DOOR_ENDED,      /* the process ended meanwhile */
	DOOR_STILL_OPEN, /* the inspector could not be closed: alarm */
};

struct door_options {
	enum door_route route;
	const char *procfs;
	const struct facts *facts;     /* copied */
	int stop_fd;                   /* readable or hung up: give up; -1: none */
	const char *preload_directory; /* looked at first; NULL: the usual places */
	/* Milliseconds, 0: the default. */
	int64_t open_ms;       /* 3000, once the signal is sent */
	int64_t lock_ms;       /* 5000, for another capture in this namespace */
	int64_t statistics_ms; /* 5000 */
	int64_t take_ms;       /* 600000, from the request to the last byte */
	int64_t close_ms;      /* 10000, until the process has taken the request */
};

enum { DOOR_RESOURCES_MAX = 32, DOOR_WARNINGS_MAX = 16 };

struct door_resource {
	char name[64]; /* "Timeout", "TCPSocketWrap" */
	int64_t count;
};

/* A MaxListenersExceededWarning that the process has seen, of one class and event. */
struct door_warning {
	char emitter[64], event[64]; /* "MonitorQueue" "error" */
	int64_t count;               /* most listeners of one emitter so far */
	int64_t times;               /* emitters that it was given for */
	int64_t first_ms;            /* since 1970 */
	char stack[1024];            /* "path:line:column", by line; "" unknown */
};

/* -1 where the route or the version of Node.js does not say. */
struct door_statistics {
	int pid;          /* what the process thinks it is */
	char version[32]; /* "20.20.2" */
	double uptime_s;
	int64_t rss_bytes, heap_used_bytes, heap_total_bytes, heap_limit_bytes;
	int64_t external_bytes, array_buffers_bytes, malloced_bytes;
	int64_t contexts, detached_contexts;
	int64_t space_new_bytes, space_old_bytes, space_large_bytes, space_code_bytes,
		space_other_bytes;
	struct door_resource resources[DOOR_RESOURCES_MAX]; /* most first */
	size_t resource_count;
	int64_t resources_all; /* of all names */

	/* Of the preload route alone. */
	double loop_delay_p99_ms, loop_delay_max_ms, loop_utilization_ratio;
	int64_t gc_count, gc_full_count, requests;
	double gc_ms;
	int64_t heap_floor_bytes; /* alive at the last full collection, at most */
	/* Of its time: of the one before this, and of all before this. */
	int64_t last_reading_us, longest_reading_us;
	int64_t listeners; /* most on one emitter, of those that it was warned of */
	struct door_warning warnings[DOOR_WARNINGS_MAX];
	size_t warning_count;
};

/* Where a snapshot goes.  `bytes` must not dawdle: what it does not take the target
 * holds in its memory.  `progress` may be NULL; total is 0 while unknown. */
struct door_sink {
	bool (*bytes)(void *context, const void *bytes, size_t length, struct err *e);
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

struct door;
struct json_t;

const char *door_refusal_name(enum door_refusal refusal); /* "self-handled" */

struct door *door_create(const struct door_options *options);

/* Closes first when it is open; what then fails is lost. */
void door_destroy(struct door *d);

/* A failure leaves nothing open, or refusal DOOR_STILL_OPEN. */
bool door_open(struct door *d, struct err *e);
bool door_statistics(struct door *d, struct door_statistics *out, struct err *e);

/* By the inspector alone (else ERR_INPUT): the value of an expression, the caller's to
 * json_decref.  The process does nothing else meanwhile. */
bool door_evaluate(struct door *d, const char *expression, int64_t limit_ms,
	struct json_t **value, struct err *e);

/* One whole snapshot; false when it is not whole, whatever the sink got.  On an error
 * of the sink, that error. */
bool door_take(struct door *d, const struct door_sink *sink, struct err *e);

/* Nothing to do for a door that is not open. */
bool door_close(struct door *d, struct err *e);

/* What we have asked to open its inspector is not proven to have closed it: while the
 * door is open, and after a failure that leaves it to inspector_close_leftover. */
bool door_owes_closing(const struct door *d);

/* Of the last failure. */
enum door_refusal door_refusal(const struct door *d);

/* A sentence to show beside a success, "" for none: "the inspector was open before
 * and stays open", "its owner could only be told after connecting". */
const char *door_remark(const struct door *d);

#endif
