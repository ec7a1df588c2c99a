/*
 * Exposition: the Prometheus text format, line by line, and the selectors that pick
 * series from it.
 *
 *     METRIC{name="value", ...} VALUE [TIMESTAMP]
 *
 * Comments, empty lines and exemplars are skipped; a line that breaks the format is
 * counted and skipped.  A selector names the metric and the labels that must have
 * exactly these values; others may be there.
 *
 * Pure; the text is not changed.  One struct exposition walks one text.
 */
#ifndef TIDEMARK_AGENT_QUEUE_EXPOSITION_H
#define TIDEMARK_AGENT_QUEUE_EXPOSITION_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { EXPOSITION_LABELS_MAX = 32, EXPOSITION_TEXT_MAX = 1024 };

struct exposition_label {
	const char *name, *value; /* unescaped, in the owner's `text` */
};

struct exposition_series {
	const char *metric;
	struct exposition_label labels[EXPOSITION_LABELS_MAX];
	size_t label_count;
	double value;
	char text[EXPOSITION_TEXT_MAX]; /* of the names and values above */
};

struct exposition {
	const char *at, *end;
	size_t refused; /* lines */
};

/* False at the end. */
bool exposition_next(struct exposition *x, struct exposition_series *out);

/* A selector: as a series, its value unused.  ERR_INPUT. */
bool exposition_select(const char *text, struct exposition_series *out, struct err *e);

bool exposition_matches(const struct exposition_series *selector,
	const struct exposition_series *series);

/* The value of a label, or NULL. */
const char *exposition_label(const struct exposition_series *s, const char *name);

#endif
