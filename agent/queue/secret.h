/*
 * Secret: a password from its file: the first line, at most 512 bytes.
 */
#ifndef TIDEMARK_AGENT_QUEUE_SECRET_H
#define TIDEMARK_AGENT_QUEUE_SECRET_H

#include "common/err.h"

#include <stdbool.h>

enum { SECRET_BYTES_MAX = 512 };

/* ERR_INPUT: empty or too long; ERR_IO: it cannot be read. */
bool secret_read(const char *path, char out[SECRET_BYTES_MAX + 1], struct err *e);

/* Overwrites it. */
void secret_forget(char out[SECRET_BYTES_MAX + 1]);

#endif
