/*
 * Suspects, inside: the two halves of suspects.h.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_SUSPECTS_INSIDE_H
#define TIDEMARK_SERVER_ANALYSE_SUSPECTS_INSIDE_H

#include "server/analyse/suspects.h"

/* The version of the code, packages and the runtime. */
void suspects_parts_examine(
	const struct suspects_case *c, struct arena *a, struct suspects_rows *out);

/* Queues, load, warm-up, fragmentation, restarts. */
void suspects_course_examine(
	const struct suspects_case *c, struct arena *a, struct suspects_rows *out);

#endif
