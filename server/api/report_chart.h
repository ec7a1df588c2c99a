/*
 * Report chart: lines over time as an inline SVG.  Pure.
 *
 * Colours and strokes come from the styles of report_doc.h; leaking lines are solid,
 * others dashed.
 */
#ifndef TIDEMARK_SERVER_API_REPORT_CHART_H
#define TIDEMARK_SERVER_API_REPORT_CHART_H

#include "common/arena.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report_line {
	bool leaks;
	const char *name;     /* "web-1 #2 1.1.0" */
	const double *values; /* KiB; NAN: a gap */
};

struct report_chart {
	const char *title;
	const struct report_line *lines;
	size_t count, steps;
	int64_t from_ms, step_ms;
	int64_t mark_ms; /* 0: none */
};

/* Writes nothing when there are no values. */
void report_chart_write(const struct report_chart *c, struct arena *a, struct buf *out);

#endif
