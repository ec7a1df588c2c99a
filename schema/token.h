/*
 * Token: the text that lets one host join.
 *
 *     tmk1.<server public key>.<token id>.<secret>@HOST:PORT[,HOST:PORT...]
 *
 * The key is the server's CURVE public key, 32 bytes as base64url without padding,
 * so that the token itself pins the server.  Id and secret are 1 to 64 characters
 * of A-Z a-z 0-9 _ -; the server chooses them.  HOST:PORT is the enrol endpoint
 * (data port + 1 unless configured otherwise); an IPv6 address stands in brackets,
 * which `host` does not hold.  More of them are other servers of the same key, any of
 * which will do.
 *
 * The struct is plain data of the caller, who wipes it with token_wipe when done:
 * no message of this module ever contains the secret.  Pure, thread-safe.
 */
#ifndef TIDEMARK_SCHEMA_TOKEN_H
#define TIDEMARK_SCHEMA_TOKEN_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/endpoints.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	TOKEN_KEY_BYTES = 32,
	TOKEN_PART_MAX = 64, /* characters of id, of secret */
	TOKEN_HOST_MAX = ENDPOINTS_HOST_MAX,
};

struct join_token {
	uint8_t public_key[TOKEN_KEY_BYTES];
	char id[TOKEN_PART_MAX + 1];
	char secret[TOKEN_PART_MAX + 1];
	char host[TOKEN_HOST_MAX + 1];
	uint16_t port;
	struct endpoints others; /* without that one */
};

/* White space around the text is skipped.  ERR_INPUT says which part is wrong. */
bool token_parse(const char *text, struct join_token *out, struct err *e);

/* Appends the text.  ERR_INPUT when a part could not be parsed back. */
bool token_format(const struct join_token *token, struct buf *out, struct err *e);

/* Where the host can enrol: the first is host and port, the rest the others. */
void token_set_places(struct join_token *token, const struct endpoints *places);

/* "HOST:PORT" or "[ADDRESS]:PORT"; host has room for TOKEN_HOST_MAX + 1. */
bool token_parse_endpoint(const char *text, char *host, uint16_t *port, struct err *e);

/* Appends "HOST:PORT", with brackets around an IPv6 address. */
void token_format_endpoint(const char *host, uint16_t port, struct buf *out);

/* Overwrites the token in memory. */
void token_wipe(struct join_token *token);

#endif
