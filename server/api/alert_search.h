/*
 * Alert search: what people type to find alerts.
 *
 *   is:new service:checkout kind:leak owner:me host:web-* cause:"@pm2/io" listener
 *
 * Terms are name:value, parted by spaces; a value with spaces stands in double quotes.
 * Several terms of one name are alternatives, different names must all fit.  Anything
 * else is a word that must occur in what the alert says; so must what is quoted as a
 * whole, colons and all.  A last quote may be missing: people are still typing.
 *
 *   is:       new, escalating, regressed, acknowledged, archived, resolved, or open for
 *             the first three
 *   service:  version: host:  a name, "*" any text and "?" any character
 *   kind:     leak, native, backlog, version
 *   cause:    part of it
 *   owner:    a user's name, me, none
 *
 * Pure; everything lives in the caller's arena.  Failures are ERR_INPUT and name the
 * term.
 */
#ifndef TIDEMARK_SERVER_API_ALERT_SEARCH_H
#define TIDEMARK_SERVER_API_ALERT_SEARCH_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/alerts.h"

#include <stdbool.h>

enum {
	ALERT_SEARCH_LENGTH_MAX = 500, /* bytes */
	ALERT_SEARCH_TERMS_MAX = 32,
};

/* Adds what `text` asks for to the filter's lists of texts, which it replaces; "me" is
 * `user`. */
bool alert_search_parse(const char *text, const char *user, struct arena *a,
	struct alerts_filter *filter, struct err *e);

#endif
