/*
 * Queue spec: what a [queue NAME] section says, and the load_ keys of [service NAME].
 *
 * Parsing and checking only, so that the agent refuses a bad file at start although
 * another program (agent/queue) does the reading.  Errors name the key; the section is
 * named by queue_specs_check and the callers of the others.  Memory is the caller's
 * arena; strings are never NULL, "" is what was not given.  Pure.
 */
#ifndef TIDEMARK_AGENT_QUEUE_SPEC_H
#define TIDEMARK_AGENT_QUEUE_SPEC_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	QUEUE_SPECS_MAX = 32, /* sections, and as many services with a load */
	QUEUE_SPEC_FIGURES = 8,
	QUEUE_SPEC_LIST_MAX = 16, /* names in one list */
	QUEUE_SPEC_WORDS_MAX = 32,
};

enum queue_kind {
	QUEUE_NONE,
	QUEUE_KUE,
	QUEUE_BULL,
	QUEUE_BULLMQ,
	QUEUE_REDIS,      /* plain lists, sets and streams */
	QUEUE_RABBITMQ,   /* the management API */
	QUEUE_PROMETHEUS, /* a text endpoint */
	QUEUE_JSON,       /* an HTTP endpoint */
	QUEUE_COMMAND,    /* a program's output */
	QUEUE_BACKLOG,    /* connections that wait on a port */
	QUEUE_FILES,      /* files in a directory */
	QUEUE_KINDS,
};

/* What is read by name or path, in the order of queue_spec_figure_name. */
enum queue_figure {
	QUEUE_FIGURE_DEPTH,
	QUEUE_FIGURE_WAITING,
	QUEUE_FIGURE_ACTIVE,
	QUEUE_FIGURE_DELAYED,
	QUEUE_FIGURE_ENTERED,
	QUEUE_FIGURE_COMPLETED,
	QUEUE_FIGURE_FAILURES,
	QUEUE_FIGURE_OLDEST, /* seconds, or the time since 1970 at which it came */
};

/* scheme://host:port/path, split.  A path alone is a socket of this machine. */
struct queue_url {
	const char *scheme; /* "redis", "rediss", "http", "https", "unix" */
	const char *host, *port;
	const char *path; /* from '/' on, with the query */
};

struct queue_list {
	const char **names; /* globs where the key says so */
	size_t count;
};

struct queue_spec {
	const char *name;
	enum queue_kind kind;
	const char *url;
	struct queue_url at; /* of url, when it was given */
	const char *user, *password_file, *ca_file;
	const char *prefix; /* of Redis keys: "bull", "q" */
	const char *label;  /* prometheus: a queue for each of its values */
	const char *figure[QUEUE_SPEC_FIGURES];
	struct queue_list queues, producers, workers;
	char **words; /* of the command; NULL-terminated, or NULL */
	const char *directory, *pattern;
	int port;                                    /* of backlog */
	int64_t given_interval_ms, given_timeout_ms; /* 0: not given */
	int64_t interval_ms, timeout_ms;             /* after the check */
};

/* Where a service's requests are counted: METRIC or METRIC{label="value"}. */
struct queue_load {
	const char *service, *url, *metric;
	struct queue_url at;
};

struct queue_specs {
	struct queue_spec *at;
	size_t count;
	struct queue_load *loads;
	size_t load_count;
};

const char *queue_spec_kind_name(enum queue_kind kind);
const char *queue_spec_figure_name(enum queue_figure figure);

/* Whether anything in the name is a glob's. */
bool queue_spec_is_glob(const char *name);

/* ERR_INPUT: no such scheme, or not a URL. */
bool queue_spec_url(
	const char *text, struct queue_url *out, struct arena *a, struct err *e);

/* One key of [queue NAME]; of [service NAME], where the key begins with "load_". */
bool queue_specs_key(struct queue_specs *q, const char *name, const char *key,
	const char *value, struct arena *a, struct err *e);
bool queue_specs_load_key(struct queue_specs *q, const char *service, const char *key,
	const char *value, struct arena *a, struct err *e);

/* After the last key; fills in what depends on other settings.  May be called again. */
bool queue_specs_check(struct queue_specs *q, int64_t interval_ms, bool allows_commands,
	struct err *e);

/* The commented section of the example file. */
extern const char *const queue_spec_example;

#endif
