/*
 * Config shape: the parts of answers about central configuration that several routes
 * share, as schema/openapi.yaml gives them.  Pure: writes into the caller's writer.
 */
#ifndef TIDEMARK_SERVER_API_CONFIG_SHAPE_H
#define TIDEMARK_SERVER_API_CONFIG_SHAPE_H

#include "common/json.h"
#include "server/store/config_agents.h"
#include "server/store/config_groups.h"

/* NULL is null. */
void config_shape_revision(struct json *j, const struct config_revisions_row *r);
void config_shape_group(struct json *j, const struct config_groups_row *g);
void config_shape_agent(struct json *j, const struct config_agents_row *a);

/* {"id": 1, "name": "..."}; null for id 0. */
void config_shape_put_group(
	struct json *j, const char *key, const struct figures_name *group);

/* A revision's number; null for 0. */
void config_shape_put_id(struct json *j, const char *key, int64_t id);

/* "cpu_pct" and "rss_bytes"; -1 is null. */
void config_shape_put_cost(struct json *j, int64_t cpu_ppm, int64_t rss_bytes);

/* The command that brings agents of these versions to the server's, null when none is
 * older; `versions` as in struct config_groups_row. */
void config_shape_put_upgrade(struct json *j, const char *key, const char *versions);

#endif
