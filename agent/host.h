/*
 * Host: what stays the same about this machine while the agent runs.
 *
 * One thread, at start.
 */
#ifndef TIDEMARK_AGENT_HOST_H
#define TIDEMARK_AGENT_HOST_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host {
	char boot_id[37];
	char kernel[128]; /* its release: "6.1.0-18-amd64" */
	uint32_t cpus;
};

/* ERR_IO when there is no procfs. */
bool host_read(const char *procfs, struct host *out, struct err *e);

/* Raises the limit of open descriptors as far as it goes without rights, and returns
 * how many may be kept open for reading processes. */
size_t host_raise_descriptors(void);

#endif
