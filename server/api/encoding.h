/*
 * Encoding: gzip and ETags, as answers and conditional requests need them.
 *
 * Pure; bufs belong to the caller.
 */
#ifndef TIDEMARK_SERVER_API_ENCODING_H
#define TIDEMARK_SERVER_API_ENCODING_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Answers shorter than this gain nothing from gzip. */
enum { ENCODING_GZIP_MIN_BYTES = 1024, ENCODING_ETAG_SIZE = 40 };

/* Whether a client with this Accept-Encoding (NULL: none sent) takes gzip. */
bool encoding_takes_gzip(const char *accept_encoding);

/* Appends. */
void encoding_gzip(const void *bytes, size_t length, struct buf *out);

/* Appends; false when the bytes are no whole gzip stream of at most `most` bytes. */
bool encoding_gunzip(const void *bytes, size_t length, size_t most, struct buf *out);

/* A strong ETag of the bytes, quotes included. */
void encoding_etag(const void *bytes, size_t length, char etag[ENCODING_ETAG_SIZE]);

/* The ETag of the same content gzipped: the two forms differ byte by byte. */
void encoding_etag_gzip(const char *etag, char out[ENCODING_ETAG_SIZE]);

/* Whether a list as in If-None-Match names the ETag, in any form of the content. */
bool encoding_etag_matches(const char *list, const char *etag);

#endif
