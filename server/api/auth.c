#include "server/api/auth.h"

#include "server/store/sessions.h"
#include "server/store/tokens.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Browsers take a cookie whose name begins with __Host- only over TLS, from this very
 * host, for all of it: no neighbour and nobody on the way can set one. */
static const char *auth_cookie_name(bool is_secure)
{
	return is_secure ? "__Host-tidemark_session" : "tidemark_session";
}

const char *auth_cookie(const char *header, bool is_secure, struct arena *a)
{
	const char *name = auth_cookie_name(is_secure);
	size_t name_length = strlen(name);
	while (header && *header) {
		header += strspn(header, " ;");
		size_t length = strcspn(header, ";");
		if (strncmp(header, name, name_length) == 0 &&
			header[name_length] == '=') {
			header += name_length + 1;
			length -= name_length + 1;
			return length == SESSIONS_TOKEN_LENGTH
				       ? arena_strndup(a, header, length)
				       : NULL;
		}
		header += length;
	}
	return NULL;
}

const char *auth_session(const struct call *c)
{
	const struct http_request *r = c->request;
	return auth_cookie(http_header(r, "Cookie"), r->is_secure, c->arena);
}

bool auth_same_site(const char *origin, const char *host, bool is_secure)
{
	const char *authority = strstr(origin, "://");
	if (!authority || strcasecmp(authority + 3, host) != 0)
		return false;
	/* A page that came in the clear may be anybody's. */
	return !is_secure || strncasecmp(origin, "https://", 8) == 0;
}

static bool auth_by_token(struct call *c, const char *bearer, struct err *e)
{
	const char *id, *secret;
	struct db *db;
	enum tokens_fate fate;
	struct tokens_user user;
	if (!tokens_api_parse(bearer, c->arena, &id, &secret))
		return true;
	if (!(db = call_own_db(c, e)) ||
		!tokens_check_api(db, id, secret, c->now_ms, c->arena, &user, &fate, e))
		return false;
	if (fate != TOKENS_GOOD)
		return true;
	BUG_ON(!users_role_parse(user.role, &c->user.role));
	c->bearer = bearer;
	c->token = id;
	c->user.id = user.user_id;
	c->user.name = user.user;
	c->user.is_limited = user.is_limited;
	c->user.services = user.services;
	return true;
}

static bool auth_by_cookie(struct call *c, const char *token, struct err *e)
{
	struct db *db = call_own_db(c, e);
	struct users_row *user;
	if (!db || !sessions_find(db, token, c->now_ms, c->arena, &user, e))
		return false;
	if (!user)
		return true;
	c->user = *user;
	c->session = token;
	return true;
}

bool auth_identify(struct call *c, struct err *e)
{
	const char *authorization = http_header(c->request, "Authorization");
	if (authorization && strncasecmp(authorization, "Bearer ", 7) == 0)
		return auth_by_token(c, authorization + 7, e);
	const char *token = auth_session(c);
	return !token || auth_by_cookie(c, token, e);
}

static bool auth_is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t length = sizeof json - 1;
	return type && strncasecmp(type, json, length) == 0 &&
	       (type[length] == '\0' || type[length] == ';' || type[length] == ' ');
}

bool auth_check_origin(struct call *c, struct err *e)
{
	const struct http_request *r = c->request;
	bool has_body = r->body_length > 0 || strcmp(r->method, "POST") == 0;
	if (has_body && !auth_is_json(http_header(r, "Content-Type")))
		return call_problem(c, 415, e,
			"Content-Type must be application/json, also for an empty "
			"body");
	const char *site = http_header(r, "Sec-Fetch-Site");
	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return call_problem(c, 403, e, "asked for by a page of another site");
	const char *origin = http_header(r, "Origin");
	const char *host = http_header(r, "Host");
	if (origin && (!host || !auth_same_site(origin, host, r->is_secure)))
		return call_problem(c, 403, e, "asked for by a page of another origin");
	return true;
}

bool auth_is_loopback_host(const char *host)
{
	char name[64];
	bool is_v6 = *host == '[';
	size_t length = strcspn(host += is_v6, is_v6 ? "]" : ":");
	const char *port = host + length;
	if (length >= sizeof name || (is_v6 && *port++ != ']'))
		return false;
	if (*port && (*port != ':' || port[1 + strspn(port + 1, "0123456789")]))
		return false;
	snprintf(name, sizeof name, "%.*s", (int)length, host);
	return strcasecmp(name, "localhost") == 0 || proxies_is_loopback(name);
}

bool auth_is_local(const struct http_request *request)
{
	static const char *const passed_on[] = {
		"X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"};
	const char *host = http_header(request, "Host");
	if (!proxies_is_loopback(request->address) || !host ||
		!auth_is_loopback_host(host))
		return false;
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
		if (http_header(request, passed_on[i]))
			return false;
	return true;
}

void auth_set_cookie(struct call *c, const char *token)
{
	bool is_secure = c->request->is_secure;
	http_add_header(c->response, "Set-Cookie",
		arena_printf(c->arena,
			"%s=%s; Path=/; HttpOnly; SameSite=Strict; "
			"Max-Age=%lld%s",
			auth_cookie_name(is_secure), token ? token : "",
			token ? (long long)(SESSIONS_LIFETIME_MS / 1000) : 0LL,
			is_secure ? "; Secure" : ""));
}
