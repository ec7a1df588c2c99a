/*
 * Agent shape: an agent as the answers about agents and about hosts give it.  Pure:
 * writes into the caller's writer.
 */
#ifndef TIDEMARK_SERVER_API_AGENT_SHAPE_H
#define TIDEMARK_SERVER_API_AGENT_SHAPE_H

#include "common/json.h"
#include "server/store/agent_list.h"

void agent_shape(struct json *j, const struct agent_list_row *a);

#endif
