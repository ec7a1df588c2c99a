/*
 * Image: what a process's container was made from.
 *
 * From Docker's file of the container, or podman's in it, where they may be read (as
 * root mostly); nobody is asked.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_IMAGE_H
#define TIDEMARK_AGENT_FINGERPRINT_IMAGE_H

#include "agent/fingerprint/look.h"

enum { IMAGE_SIZE = 257 };

/* "" when it is in none, or nothing says it. */
void image_find(const struct look *l, char out[IMAGE_SIZE]);

/* Pure.  "Image" of "Config" in Docker's config.v2.json. */
void image_parse_docker(const void *text, size_t length, char out[IMAGE_SIZE]);

/* Pure.  The line image="..." of /run/.containerenv. */
void image_parse_podman(const char *text, char out[IMAGE_SIZE]);

#endif
