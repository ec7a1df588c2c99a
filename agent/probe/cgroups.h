/*
 * Cgroups: memory use, limit and OOM kills of control groups, version 1 and 2.
 *
 * Many processes share a group, so each group is one object with a count of users:
 * cgroups_take finds or makes it, cgroups_give lets it go.  Its usage is read once per
 * tick however many processes ask, limit and kills when a caller asks for them anew
 * (once a minute); in between the last ones are repeated.
 *
 * The limit is the tightest one on the way up to the root, since that is the one that
 * kills.  The root group itself is the machine, which has values of its own: it
 * emits nothing.
 *
 * The table owns its groups and one descriptor for each.  One thread.
 */
#ifndef TIDEMARK_AGENT_PROBE_CGROUPS_H
#define TIDEMARK_AGENT_PROBE_CGROUPS_H

#include "schema/wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { CGROUPS_PATH_MAX = 512 };

/* Where a process is, by /proc/PID/cgroup.  "" where it is in no group of the kind,
 * or in one that cannot be seen from here (outside our own namespace). */
struct cgroups_place {
	char memory[CGROUPS_PATH_MAX]; /* group that counts its memory */
	bool version1;                 /* of that group's hierarchy */
	char name[CGROUPS_PATH_MAX];   /* group that says the most about who it is */
};

/* Pure. */
void cgroups_parse(const char *text, struct cgroups_place *out);

struct cgroups;
struct cgroup;

/* A root that does not exist makes a table that emits nothing. */
struct cgroups *cgroups_open(const char *cgroupfs);
void cgroups_close(struct cgroups *cs);

/* NULL when there is nothing to read for the place. */
struct cgroup *cgroups_take(struct cgroups *cs, const struct cgroups_place *place);
void cgroups_give(struct cgroups *cs, struct cgroup *g);

/* `tick` counts from 1.  `minutely` reads limit and kills anew.  NULL emits nothing. */
void cgroups_read(struct cgroups *cs, struct cgroup *g, uint64_t tick, bool minutely,
	struct wire_values *out);

/* Outside the ticks: the kills of the group as they are now, -1 when they cannot be
 * read, and the file that counts them, below cgroupfs. */
int64_t cgroups_kills(const struct cgroups *cs, const struct cgroup *g);
void cgroups_kills_file(const struct cgroup *g, char path[CGROUPS_PATH_MAX + 64]);

#endif
