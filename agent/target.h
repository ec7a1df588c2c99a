/*
 * Target: what a process is called.
 *
 * The first of these that applies finds the service:
 *
 *     pm2            pm2's name for it (agent/pm2.h); its daemon is "pm2"
 *     package.json   of a Node.js script, from its folder upwards: name and version,
 *                    and which of the package's programs it is (agent/entry.h)
 *     unit           the systemd service it runs in, without the instance behind
 *                    '@'; not a session, and not a unit that starts programs of
 *                    others (cron, ssh, docker, a user's manager ...); our server's
 *                    own PostgreSQL is "tidemark-postgres"
 *     script         of any interpreter: script, module, jar or main class
 *     program        the program's own name
 *
 * A [service NAME] section of the configuration whose conditions all hold gives it
 * another name ("configured"), or leaves it out; the first section wins.
 *
 * In a container the last two say so ("script in container"); a unit around it is the
 * engine's and never names it, but for podman's, which are one container each.  The
 * version is the package's also when a rule or nothing else of the package is used.
 *
 * Nothing here remembers: names are found anew when asked for.  One thread (that of
 * the probes).
 */
#ifndef TIDEMARK_AGENT_TARGET_H
#define TIDEMARK_AGENT_TARGET_H

#include "agent/command.h"
#include "agent/package.h"
#include "agent/probe/cgroups.h"
#include "agent/probe/probes.h"
#include "agent/unit.h"

#include <stdbool.h>
#include <stddef.h>

/* A [service NAME] section.  Patterns are globs in which '*' also matches '/'; NULL
 * where the section says nothing.  A section without a condition names no process.
 * Strings belong to the configuration. */
struct target_rule {
	const char *service;
	const char *command; /* against "program" or "program script" */
	const char *unit;    /* against "redis-server" or "redis-server.service" */
	const char *cgroup;  /* against the path of the group */
	const char *found; /* a list (agent/list.h), against the name that was found */
	bool has_user;
	uid_t user;
	bool ignore;       /* such processes are not followed */
	const char *dumps; /* where its heap snapshots appear: no condition */
	bool is_quiet;     /* its lines in the journal are not read: no condition */
};

/* What can be seen of a process. */
struct target_facts {
	int pid;
	struct package_user user;
	struct command command;
	struct cgroups_place place;
	struct unit unit;
};

struct target {
	char service[201], version[65];
	char command[257]; /* program and script, no arguments */
	char role[257];    /* the same without folders: one of a service\'s programs */
	const char *runtime, *rule; /* constant texts */
	bool is_ignored;
	bool is_early; /* pm2 started it and has not said yet what it is called */
	/* Which of pm2's processes it is; one that has the same took the other's place.
	 * Without a daemon (0): none, or it stands behind npm. */
	struct target_place {
		int daemon_pid, number;
	} place;
};

/* `comm` is the kernel's name for it.  False when the process is gone. */
bool target_look(struct probes *p, int pid, const char *comm, struct target_facts *out);

/* The first rule that matches, or NULL.  `found` is the name that was found for it;
 * while that is NULL, rules that ask for it do not match. */
const struct target_rule *target_match(const struct target_rule *rules, size_t count,
	const struct target_facts *facts, const char *found);

/* Names are valid UTF-8 without control bytes. */
void target_name(struct probes *p, const struct target_facts *facts,
	const struct target_rule *rules, size_t count, struct target *out);

#endif
