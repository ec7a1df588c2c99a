/*
 * Wire limits: what a message may hold.  Both sides keep them; part of wire.h.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_LIMITS_H
#define TIDEMARK_SCHEMA_WIRE_LIMITS_H

#include <stdint.h>

enum {
	WIRE_PROTOCOL = 1,

	/* Limits.  A frame within them always fits a server's memory. */
	WIRE_FRAME_BYTES_MAX = 1 << 20,    /* one ZeroMQ message */
	WIRE_UPLOAD_OVERHEAD_BYTES = 1024, /* what an upload adds around its batch */
	WIRE_BATCH_BYTES_MAX = 4 << 20,    /* a batch, inflated */
	WIRE_UNPACK_BYTES_MAX = 32 << 20,  /* what unpacking one frame may allocate */
	WIRE_NAMES_MAX = 20000,
	WIRE_NAME_BYTES_MAX = 256,
	WIRE_SENTENCE_BYTES_MAX = 1024, /* a verdict in words, an event's text */
	WIRE_PLACE_BYTES_MAX = 512,     /* path, line and column in a program */
	WIRE_REASONS_MAX = 16,          /* lines of a card, each like a name */
	WIRE_PROCESSES_MAX = 8192,
	WIRE_TICKS_MAX = 720,
	WIRE_SAMPLES_MAX = 65536, /* in all ticks of a batch together */
	WIRE_GAPS_MAX = 64,
	WIRE_SLOT_MAX = 65535,
	WIRE_SNAPSHOTS_MAX = 4,    /* in a batch */
	WIRE_EVENTS_MAX = 64,      /* of snapshots, in a batch */
	WIRE_ORDERS_MAX = 16,      /* in a receipt */
	WIRE_FINGERPRINTS_MAX = 4, /* in a batch */
	WIRE_CENSUSES_MAX = 16,
	WIRE_WARNINGS_MAX = 64,
	WIRE_QUEUES_MAX = 256,
	WIRE_SOURCES_MAX = 64,
	WIRE_SETTINGS_MAX = 64, /* in a receipt */
	WIRE_KEY_BYTES = 32,
	/* Services, versions, slots and process lives that an agent may bring in an
	 * hour; after that batches with more of them are held. */
	WIRE_NEW_PER_HOUR_MAX = 20000,
};

/* Sample times must lie in [WIRE_TIME_MIN_MS, server's now + WIRE_TIME_AHEAD_MS]. */
#define WIRE_TIME_MIN_MS   INT64_C(1577836800000) /* 2020-01-01 */
#define WIRE_TIME_AHEAD_MS INT64_C(3600000)
/* Of a time that is only shown: the end of the year 9999. */
#define WIRE_TIME_MAX_MS INT64_C(253402300799999)

#endif
