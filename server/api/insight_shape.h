/*
 * Insight shape: the parts of answers that the API and the commands of tidemark-server
 * share, as schema/openapi.yaml gives them.  Pure: writes into the caller's writer.
 */
#ifndef TIDEMARK_SERVER_API_INSIGHT_SHAPE_H
#define TIDEMARK_SERVER_API_INSIGHT_SHAPE_H

#include "common/json.h"
#include "server/store/fingerprints.h"
#include "server/store/queues.h"

void insight_shape_use(struct json *j, const struct fingerprints_use *use);
void insight_shape_queue(struct json *j, const struct queues_row *queue);

#endif
