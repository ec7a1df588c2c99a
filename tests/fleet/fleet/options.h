/*
 * Options: what the simulated fleet is, from the command line.  Plain data.
 */
#ifndef TIDEMARK_TESTS_FLEET_FLEET_OPTIONS_H
#define TIDEMARK_TESTS_FLEET_FLEET_OPTIONS_H

#include "common/err.h"
#include "schema/token.h"

#include <stdbool.h>
#include <stdint.h>

struct options {
	uint32_t agents, first; /* hosts sim-<first> and on */
	uint32_t processes, services, metrics;
	uint64_t seed;
	int64_t interval_ms;
	const char *shapes;          /* names with commas between them, or "mixed" */
	const char *versions[2];     /* before and after a deploy */
	const char *leak_version;    /* NULL, or in place of versions[1] */
	double leak_pct_per_h;       /* of that version; 0: as the shape draws it */
	double deploy_h;             /* after the begin; 0: as the shape draws it */
	double span_h;               /* in which the shapes unfold */
	bool is_virtual;             /* from here on, as fast as the server takes it */
	bool goes_on;                /* in real time, when virtual time is over */
	int64_t from_ms, to_ms;      /* of virtual time */
	int64_t duration_ms;         /* of real time; 0: until a signal */
	uint32_t ticks;              /* in one batch */
	int64_t report_ms, drain_ms; /* drain: to wait for receipts at the end */
	int64_t resend_ms;           /* as agent/uplink.h has it */
	uint64_t spool_bytes;        /* of one agent */
	int io_threads;
	bool members;                  /* each agent in the JSON line */
	char host[TOKEN_HOST_MAX + 1]; /* "": the token's */
	uint16_t port;                 /* of batches; 0: as enrolment says */
	struct join_token token;
};

/* ERR_INPUT says what is wrong.  Strings are borrowed from argv. */
bool options_read(int argc, char **argv, struct options *out, struct err *e);

/* The manual page. */
extern const char options_help[];

#endif
