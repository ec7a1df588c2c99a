/*
 * Unit: what a control group's path says about the service in it.
 *
 * systemd puts each service into ".../NAME.service", container engines each
 * container into a folder that carries its id.  Pure.
 */
#ifndef TIDEMARK_AGENT_UNIT_H
#define TIDEMARK_AGENT_UNIT_H

#include <stdbool.h>

enum { UNIT_NAME_MAX = 256 };

struct unit {
	char name[UNIT_NAME_MAX]; /* "redis-server"; "" when in no service */
	/* The unit starts programs of others (cron, sshd, docker, a user's manager),
	 * so that its name says nothing about what they are. */
	bool launcher;
	/* The container is the unit's own (a quadlet of podman), so that its name
	 * stays. */
	bool is_its_own;
	char container[13]; /* start of the container's id; "" when in none */
};

void unit_parse(const char *cgroup_path, struct unit *out);

#endif
