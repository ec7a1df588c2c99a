/*
 * JSON path: one value of a document, by a path such as  stats.queues[0].depth
 *
 * A name may stand in quotes where it has other characters: stats."my.queue"[0].  A
 * list counts as its length and true as 1, so that a path may end at either.  Pure.
 */
#ifndef TIDEMARK_AGENT_QUEUE_JSON_PATH_H
#define TIDEMARK_AGENT_QUEUE_JSON_PATH_H

#include "common/err.h"

#include <jansson.h>

/* Borrowed of the document.  ERR_INPUT: the path is none, or leads nowhere. */
bool json_path_find(
	const json_t *document, const char *path, const json_t **out, struct err *e);

/* What is there as a number: also of a text of digits. */
bool json_path_number(
	const json_t *document, const char *path, double *out, struct err *e);

#endif
