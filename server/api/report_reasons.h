/*
 * Report reasons: the evidence of a finding out of the JSON that the store keeps.
 *
 * Apart, because jansson's names clash with those of common/json.h.
 */
#ifndef TIDEMARK_SERVER_API_REPORT_REASONS_H
#define TIDEMARK_SERVER_API_REPORT_REASONS_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct report_reason {
	bool speaks_for;
	const char *text;
};

/* [{"for": true, "text": "..."}]; what is none is left out. */
size_t report_reasons_read(
	const char *json, struct arena *a, struct report_reason **out);

#endif
