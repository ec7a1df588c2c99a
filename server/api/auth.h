/*
 * Auth: who asks, and whether a browser was tricked into asking.
 *
 * A user is known by the session cookie, or by an API token as "Authorization: Bearer".
 * Cookies are sent by browsers whatever page asks; so whatever changes something and
 * might come with a cookie must carry JSON and, as far as the browser tells, come from
 * our own pages.
 */
#ifndef TIDEMARK_SERVER_API_AUTH_H
#define TIDEMARK_SERVER_API_AUTH_H

#include "common/err.h"
#include "server/api/call.h"

#include <stdbool.h>

/* Fills call->user and call->session.  Nobody, and wrong proof, leave user.name NULL:
 * false means that the database could not be asked. */
bool auth_identify(struct call *c, struct err *e);

/* For requests other than GET and HEAD: 403 or 415 when it is not safe to obey. */
bool auth_check_origin(struct call *c, struct err *e);

/* Whether the peer is on this machine and not a proxy for others: it asks for a name of
 * this machine, and no header says that the request was passed on. */
bool auth_is_local(const struct http_request *request);

/* The session's token that came with this request, or NULL. */
const char *auth_session(const struct call *c);

/* Set-Cookie for a new session, or (token NULL) for none. */
void auth_set_cookie(struct call *c, const char *token);

/* Pure parts.  The cookie's value in a Cookie header, in the arena, or NULL.  Over TLS
 * its name begins with __Host-, and no other counts. */
const char *auth_cookie(const char *header, bool is_secure, struct arena *a);

/* Whether a Host header ("[::1]:8470") names this machine from within. */
bool auth_is_loopback_host(const char *host);

/* Whether Origin ("https://host:port") is of the site that Host names; of one that is
 * asked over TLS, only when it came over TLS itself. */
bool auth_same_site(const char *origin, const char *host, bool is_secure);

#endif
