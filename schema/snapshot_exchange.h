/*
 * Snapshot exchange: what a server and an agent tell each other about snapshots,
 * besides the snapshot itself (snapshot.h, which includes this): cost cards, what
 * became of requests, orders, parts of raw files.
 *
 * Plain data; all memory is in somebody's arena.  Texts are never NULL.
 */
#ifndef TIDEMARK_SCHEMA_SNAPSHOT_EXCHANGE_H
#define TIDEMARK_SCHEMA_SNAPSHOT_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SNAPSHOT_RAW_PART_BYTES = 640 << 10, /* of a raw file, before compression */
};

/* The cost card: what a capture would cost, and whether it may be made. */
enum snapshot_gate {
	SNAPSHOT_ALLOWED = 1,
	SNAPSHOT_ASKS,    /* reasons that an operator may overrule */
	SNAPSHOT_REFUSED, /* reasons that nobody may */
};

struct snapshot_card {
	enum snapshot_gate gate;
	const char *route;
	const char *runtime;
	bool heap_is_measured; /* false: heap_bytes is the most that it can be */
	uint64_t heap_bytes;   /* live heap of the process */
	int64_t pause_ms;      /* estimated */
	uint64_t need_bytes, free_bytes; /* memory of the target's host or group */
	uint64_t helper_bytes;           /* what the analysis needs */
	const char *reasons;             /* one per line; "" when allowed */
};

/* What became of a request, in order; each is reported once. */
enum snapshot_state {
	SNAPSHOT_QUOTED = 1, /* a card was made; nothing else was asked for */
	SNAPSHOT_DENIED,     /* the gate refused; final */
	SNAPSHOT_RUNNING,    /* with progress */
	SNAPSHOT_DONE,       /* the summary is in the same or an earlier batch; final */
	SNAPSHOT_FAILED,     /* final */
};

struct snapshot_event {
	uint64_t capture; /* 0: by somebody on the host itself */
	int64_t at_unix_ms;
	enum snapshot_state state;
	uint32_t progress_permille;
	const char *text; /* why, for people; "" */
	const char
		*actor; /* capture 0: "command line by root", "directory /var/dumps" */
	bool has_card;
	struct snapshot_card card;
};

/* What a server asks of an agent. */
enum snapshot_order_kind {
	SNAPSHOT_ORDER_QUOTE = 1, /* make a card */
	SNAPSHOT_ORDER_TAKE,
	SNAPSHOT_ORDER_RAW,      /* send parts [part_from, part_to) of the raw file */
	SNAPSHOT_ORDER_RAW_DROP, /* forget the raw file */
	SNAPSHOT_ORDER_CENSUS,   /* count what the process holds, if it may be */
};

struct snapshot_order {
	uint64_t capture; /* of a census any number */
	enum snapshot_order_kind kind;
	/* The process: one life, as the agent itself named it. */
	uint32_t pid;
	uint64_t start_ticks;
	const char *service;
	const char *route; /* "" : the agent chooses */
	bool overrules;    /* an operator has seen the card and says yes */
	bool keep_raw;
	int64_t deadline_unix_ms; /* not to be begun after this */
	/* SNAPSHOT_ORDER_RAW: what is missing, in the order in which it is wanted.
	 * Parts that are on their way already need not be sent again. */
	uint32_t part_from, part_to;
};

/* One part of a raw file on its way. */
struct snapshot_raw_part {
	uint64_t capture;
	uint32_t number; /* from 0 */
	uint32_t parts;  /* in all; 0: there is no such file (any more), and no bytes */
	uint64_t file_bytes;
	uint8_t file_sha256[32];
	const void *bytes; /* of the file, compressed with zstd */
	size_t length;
	uint8_t sha256[32]; /* of this part's bytes before compression */
};

#endif
