/*
 * Config desired: what each agent is to run, for those who carry it there.
 *
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_CONFIG_DESIRED_H
#define TIDEMARK_SERVER_STORE_CONFIG_DESIRED_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/setting.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_desired_agent {
	int32_t agent_id;
	size_t orders; /* place in the table's orders */
};

/* Agents by their ids; those that are to run their own files are not in it. */
struct config_desired {
	struct setting_orders *orders; /* by revision */
	bool *whole; /* of each: this build can spell all of it, as a newer one meant it
		      */
	size_t order_count;
	struct config_desired_agent *agents;
	size_t agent_count;
};

bool config_desired_read(
	struct db *db, struct arena *a, struct config_desired *out, struct err *e);

#endif
