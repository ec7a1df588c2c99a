/*
 * Insight: what the agent finds out about processes beyond procfs, as plain structs.
 *
 *     fingerprint  what a process runs: application, runtime, resolved dependencies
 *     census       what it holds, counted: listeners, timers, closures, resources
 *     warning      a sign of trouble that it or its surroundings gave
 *     queue_place  which queue a reading is of, and whose it is
 *     source_state how a source of queues, logs or load does
 *
 * Texts are UTF-8 without control bytes, never NULL, and belong to whoever made the
 * struct.  Names only: what people typed into the application never stands in here.
 */
#ifndef TIDEMARK_SCHEMA_INSIGHT_H
#define TIDEMARK_SCHEMA_INSIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FINGERPRINT_HASH_DIGITS = 32, /* hexadecimal, of BLAKE2b-128 */
	FINGERPRINT_PACKAGES_MAX = 20000,
	FINGERPRINT_PACKAGES_BYTES_MAX = 900 << 10, /* all, so that one fits a frame */
	FINGERPRINT_TEXT_BYTES_MAX = 512,           /* a package, a variable */
	FINGERPRINT_ENVIRONMENT_MAX = 16,
	FINGERPRINT_REMARKS_MAX = 8,
	CENSUS_ITEMS_MAX = 256,
	WARNING_FIELDS_MAX = 16, /* names and values together */
	QUEUE_SERVICES_MAX = 16, /* globs of each list */
};

/* What a process runs.  The hash is of everything but `remarks`, by fingerprint_hash
 * (schema/fingerprint.h), so that equal contents on any host are one.  "" is what is
 * not known. */
struct fingerprint {
	const char *hash;
	const char *app, *app_version; /* package.json, or an allowed variable */
	const char *git_head;          /* commit, 40 or 64 hexadecimal digits */
	const char *build_id;          /* of the ELF program, hexadecimal */
	const char *image;             /* of the container */
	const char *runtime, *runtime_version;
	/* Where the packages stand: the name of a lock file, also inside node_modules
	 * ("node_modules/.package-lock.json"), "node_modules", "class path",
	 * "site-packages", "mapped libraries", "". */
	const char *source;
	bool is_cut;              /* there are more packages than are listed */
	const char **environment; /* "NAME=value", sorted */
	size_t environment_count;
	const char **packages; /* "name@version", sorted bytewise, each once */
	size_t package_count;
	const char **remarks; /* what could not be read, and why */
	size_t remark_count;
};

enum census_kind {
	CENSUS_LISTENERS = 1, /* name "Emitter event", location of one listener */
	CENSUS_TIMERS,        /* name "Timeout" or "Interval", where it was set */
	CENSUS_CLOSURES,      /* name of the function, where it is defined */
	CENSUS_RESOURCES,     /* name of the type */
	CENSUS_CLASSES,       /* name of the class: instances */
};

struct census_item {
	enum census_kind kind;
	const char *name, *location; /* "path:line:column", "" when not known */
	uint64_t count;
};

struct census {
	const char *route; /* "preload", "inspector", "jvm" */
	int64_t at_unix_ms;
	uint64_t took_us;          /* that the process could do nothing else */
	bool is_cut;               /* small items are left out */
	struct census_item *items; /* largest first */
	size_t item_count;
};

enum warning_kind {
	WARNING_MAX_LISTENERS = 1,  /* emitter, event, count, stack */
	WARNING_HEAP_OUT_OF_MEMORY, /* the runtime gave up: heap_mb, limit_mb */
	WARNING_OOM_KILL,           /* by the kernel: scope, anon_kb */
	WARNING_UNCAUGHT_EXCEPTION, /* error */
	WARNING_PATTERN,            /* of the configuration: pattern, and its fields */
};

struct warning {
	enum warning_kind kind;
	const char *source; /* "preload", "journal", "log NAME", "cgroup", "kernel" */
	int64_t at_unix_ms;
	uint64_t count;      /* how often since the last one of the same words */
	const char **fields; /* name, value, name, value ... */
	size_t field_count;
};

/* (host, source, name) is the identity of a queue. */
struct queue_place {
	const char *source;                /* of the configuration: [queue SOURCE] */
	const char *kind;                  /* "bullmq", "rabbitmq", ... */
	const char *name;                  /* type or name of the queue */
	const char **producers, **workers; /* globs over names of services */
	size_t producer_count, worker_count;
};

struct source_state {
	const char *name, *kind; /* "jobs", "bullmq" */
	int64_t at_unix_ms;
	bool works;
	uint64_t took_us;
	const char *text; /* what is wrong, "" when it works */
};

#endif
