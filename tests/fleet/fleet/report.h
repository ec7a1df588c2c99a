/*
 * Report: how the fleet fares, as a line now and then and as JSON at the end.
 */
#ifndef TIDEMARK_TESTS_FLEET_FLEET_REPORT_H
#define TIDEMARK_TESTS_FLEET_FLEET_REPORT_H

#include "tests/fleet/fleet/member.h"

#include <stdio.h>

struct report {
	const struct member_fleet *fleet;
	const struct member *members;
	const struct service *services;
	int64_t begin_ms;               /* monotonic: the first reading */
	int64_t first_at_ms, end_at_ms; /* of the readings; the end is not included */
};

/* Words "name=value", always the same ones in the same order. */
void report_line(const struct report *r, int64_t now_ms, FILE *out);

/* One line of JSON. */
void report_json(const struct report *r, int64_t now_ms, FILE *out);

/* Batches that have no receipt. */
uint64_t report_waiting(const struct report *r);

/* Whether all that was made is in the database. */
bool report_is_whole(const struct report *r);

#endif
