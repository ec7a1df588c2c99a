/*
 * Reach: where agents reach the running server, noted in its data folder.
 *
 * `tidemark-server token create` is another process, with perhaps fewer options than
 * the server was started with; the join token that it prints must name the address of
 * the server that runs.  Written at start, read by commands.  Plain data: a host and
 * the port of the enrol socket.
 */
#ifndef TIDEMARK_SERVER_REACH_H
#define TIDEMARK_SERVER_REACH_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { REACH_HOST_MAX = 254 };

struct reach {
	char host[REACH_HOST_MAX];
	uint16_t enrol_port;
};

/* Replaces the note; ERR_IO when the folder cannot be written. */
bool reach_save(const char *data_dir, const struct reach *reach, struct err *e);

/* False without an error text when no server has run on this folder yet. */
bool reach_load(const char *data_dir, struct reach *out);

#endif
