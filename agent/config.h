/*
 * Config: the agent's settings, and the rules that name services.
 *
 * Read once before anything starts; constant from then on.  Strings and rules live
 * in the caller's arena.
 */
#ifndef TIDEMARK_AGENT_CONFIG_H
#define TIDEMARK_AGENT_CONFIG_H

#include "agent/log_spec.h"
#include "agent/queue_spec.h"
#include "agent/target.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/log.h"
#include "schema/setting.h"

#include <stddef.h>
#include <stdint.h>

enum {
	CONFIG_RULES_MAX = 256,
	CONFIG_LIST_MAX = 64,  /* names in one list */
	CONFIG_NAME_MAX = 256, /* bytes of each */
	CONFIG_OPTIONS_MAX = 64,
};

struct config {
	const char *state_dir;
	int64_t interval_ms;
	int64_t spool_max_bytes;
	const char *server;  /* "HOST:PORT" or "" */
	const char *servers; /* several of them, by commas, or "" */
	const char *machine_id, *hostname;
	const char *procfs, *cgroupfs;
	int64_t min_rss_bytes;
	int64_t pss_budget_ms;
	/* Heap snapshots; the two first are lists (agent/list.h). */
	const char *snapshots; /* services that the server may ask for; "": none */
	const char *snapshot_dirs;
	int64_t snapshot_pause_max_ms, snapshot_cooldown_ms;
	int64_t snapshot_memory_bytes, snapshot_raw_max_bytes;
	const char *preload_dir; /* "" */
	/* Lists of services: read by preload or hsperfdata; by opening the inspector.
	 */
	const char *insides, *inspect;
	int64_t insides_interval_ms; /* 0: as interval_ms */
	int64_t census_interval_ms;  /* 0: never */
	int64_t census_pause_max_ms; /* for it the heap is not walked longer */
	/* Lists: names of variables, and directories. */
	const char *fingerprint_env, *fingerprint_pm2;
	const char *token_file; /* of join; "" */
	bool journal;           /* whether the scout listens to it */
	const char *log_level;
	enum log_level least; /* of log_level */
	const char *central; /* what a server may set: "yes", "no", names of settings */
	/* Where each option comes from: enum conf_source; first those of setting.def.
	 */
	unsigned char sources[CONFIG_OPTIONS_MAX];

	char **arguments; /* of the program, for the scout's; NULL-terminated, or NULL
			   */
	struct target_rule *rules;
	size_t rule_count;
	struct log_spec *logs;
	size_t log_count;
	bool allow_commands; /* of [queue] sections */
	struct queue_specs queues;
};

/* Defaults, then `path` (NULL: none), then the environment. */
bool config_load(struct config *c, const char *path, struct arena *a, struct err *e);

/* Options from argv[start] on; *rest is the first argument that is none. */
bool config_arguments(struct config *c, int argc, char **argv, int start, int *rest,
	struct arena *a, struct err *e);

/* "HOST:PORT", "[IPv6]:PORT".  ERR_INPUT otherwise. */
bool config_parse_endpoint(
	const char *text, char *host, size_t size, uint16_t *port, struct err *e);

/* The file to read: that of --config, else the usual one where it can be read, else
 * NULL. */
const char *config_find(int argc, char **argv);

/* Whether the owner of the host lets a server set that place of setting_table. */
bool config_lets_set(const struct config *c, int setting);

/* The same of that value, as setting_read makes it, in the place of the owner's. */
bool config_lets_value(const struct config *own, int setting, const char *value);

/* Sets it, to a value as setting_read makes it. */
bool config_set(struct config *c, int setting, const char *value, struct arena *a,
	struct err *e);

/* Its value, as it would stand in the file. */
void config_show(const struct config *c, int setting, struct buf *out);

void config_help(struct buf *out);
void config_example(struct buf *out);

/* The table, and the sections that are none of its, with an explanation of each. */
const struct conf_table *config_settings(void);
void config_sections(struct buf *out);

#endif
