/*
 * Exposition: figures as text for Prometheus.  Pure.
 */
#ifndef TIDEMARK_SERVER_API_EXPOSITION_H
#define TIDEMARK_SERVER_API_EXPOSITION_H

#include "common/buf.h"

#include <stdbool.h>

#define EXPOSITION_TYPE_TEXT "text/plain; version=0.0.4; charset=utf-8"
#define EXPOSITION_TYPE_OPEN                                                           \
	"application/openmetrics-text; version=1.0.0; charset=utf-8"

/* "# HELP" and "# TYPE" lines; type is "counter", "gauge" or "summary".  The name of a
 * counter ends in "_total". */
void exposition_family(
	struct buf *out, const char *name, const char *type, const char *help);

/* Whether a client with this Accept header (NULL: none sent) wants OpenMetrics. */
bool exposition_wants_open(const char *accept);

/* Appends the same families as OpenMetrics 1.0: there a counter's family has no
 * "_total", and the text ends with "# EOF". */
void exposition_open(const char *text, struct buf *out);

#endif
