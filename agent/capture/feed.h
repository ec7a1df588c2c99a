/*
 * Feed: a finished heap snapshot from a file into a sink, unpacked when it is gzip or
 * zstd.
 *
 * ERR_INPUT: no such file, or damaged.  Blocks; one thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_FEED_H
#define TIDEMARK_AGENT_CAPTURE_FEED_H

#include "agent/capture/door.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

/* stop_fd (-1: none), readable or hung up, ends it. */
bool feed_file(
	const char *path, int stop_fd, const struct door_sink *sink, struct err *e);

/* When the file was last written, by the file system; now, when that is unknown. */
int64_t feed_time_ms(const char *path);

#endif
