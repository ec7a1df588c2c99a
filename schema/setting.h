/*
 * Setting: what the centre may tell an agent, the list of setting.def as a table.
 *
 * A value is text as in agent.conf.  The server checks what people enter and keeps it
 * in its canonical form; the agent checks again what it is told.  Both know a set of
 * settings by its hash, so that a number that means something else by now (a database
 * that was put back) is noticed.
 *
 * Thread-safe: no state.
 */
#ifndef TIDEMARK_SCHEMA_SETTING_H
#define TIDEMARK_SCHEMA_SETTING_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_kind {
	SETTING_DURATION, /* milliseconds */
	SETTING_BYTES,
	SETTING_BOOL,
	SETTING_WORD,
	SETTING_LIST,
};

/* SETTING_AT_interval, ...: places in setting_table. */
enum {
#define SETTING(number, name, ...) SETTING_AT_##name,
#include "schema/setting.def"
#undef SETTING
	SETTING_COUNT
};

enum {
	SETTING_VALUE_MAX = 1024,                    /* bytes of a value */
	SETTING_NAMES_MAX = 64,                      /* names in a list */
	SETTING_NAME_MAX = 255,                      /* bytes of each */
	SETTING_EXCEPTIONS_MAX = SETTING_COUNT + 16, /* with those of newer servers */
};

/* Of the host's owner, who names the setting in his own file. */
enum setting_consent {
	SETTING_NOT_NEEDED,
	SETTING_NEEDED,
	/* For what lies beyond the host's own value only. */
	SETTING_TO_RAISE,
	SETTING_TO_LOWER,
	SETTING_ABOVE_1G, /* and beyond its own */
};

struct setting {
	uint32_t number; /* on the wire */
	const char *name;
	enum setting_kind kind;
	int64_t minimum, maximum; /* 0, 0: none */
	const char *words;        /* of a SETTING_WORD: "error,warn" */
	const char *fallback;
	enum setting_consent consent;
	const char *help;
};

extern const struct setting setting_table[SETTING_COUNT];
extern const char *const setting_kind_name[]; /* by enum setting_kind */

/* Place in the table; -1: there is none. */
int setting_named(const char *name);
int setting_numbered(uint32_t number);

/* The value in the form in which all keep it: "60s" becomes "1m".  ERR_INPUT does not
 * name the setting. */
bool setting_read(const struct setting *s, const char *text, struct arena *a,
	const char **value, struct err *e);

/* Whether that value of a number wants consent on a host that has `own`. */
bool setting_wants_consent(const struct setting *s, int64_t own, int64_t value);

/* "1s to 1h", "error, warn, info or debug"; "" where everything goes. */
void setting_bounds(const struct setting *s, struct buf *out);

/* A setting that the centre has set.  `number` may be one that this build does not
 * know. */
struct setting_value {
	uint32_t number;
	const char *value;
};

/* Of a set in order of their numbers; 0 of none, else never 0. */
uint64_t setting_hash(const struct setting_value *values, size_t count);

/* Why an agent does not run a setting that it was told. */
enum setting_fate {
	SETTING_APPLIED,
	SETTING_OVERRIDDEN, /* its own file has another value */
	SETTING_FORBIDDEN,  /* its own file does not let the centre set it */
	SETTING_UNKNOWN,    /* of a newer server */
	SETTING_BOUNDS,     /* the value is none that it takes */
	SETTING_FAILED,     /* with it the agent did not get through to a server */
	SETTING_FATES
};
extern const char *const setting_fate_name[SETTING_FATES];

struct setting_exception {
	uint32_t number;
	enum setting_fate fate;
};

/* What an agent says of itself with each upload. */
struct setting_state {
	uint64_t revision, hash; /* that it acknowledges; 0: its own file */
	struct setting_exception exceptions[SETTING_EXCEPTIONS_MAX];
	size_t exception_count;
	bool has_cost;      /* known since the settings are these */
	uint32_t cpu_ppm;   /* of one core: agent and scout */
	uint64_t rss_bytes; /* the same */
};

/* What an agent is told; revision 0 and none: its own file. */
struct setting_orders {
	uint64_t revision, hash;
	const struct setting_value *values; /* in order of their numbers */
	size_t count;
};

#endif
