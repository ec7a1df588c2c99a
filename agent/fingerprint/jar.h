/*
 * Jar: name and version of a jar, and the jars inside of an executable one.
 *
 * Only the archive's directory at its end is read.  Format: PKWARE's APPNOTE, 4.3.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_JAR_H
#define TIDEMARK_AGENT_FINGERPRINT_JAR_H

#include "agent/fingerprint/packages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JAR_DIRECTORY_BYTES_MAX = 16 << 20 };

/* "spring-core" and "5.3.1" of "/srv/lib/spring-core-5.3.1.jar".  Pure. */
void jar_add(const char *path, struct packages *out);

/* Adds the jars that stand in the archive.  False: it is no such archive. */
bool jar_add_inner(int fd, struct packages *out);

/* The same in the bytes of a central directory.  Pure. */
bool jar_add_directory(const uint8_t *bytes, size_t length, struct packages *out);

#endif
