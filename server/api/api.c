#include "server/api/api.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/api/auth.h"
#include "server/api/call.h"
#include "server/api/downloads.h"
#include "server/api/handlers.h"
#include "server/api/problem.h"
#include "server/api/routes.h"
#include "server/api/shared.h"
#include "server/api/trouble.h"
#include "server/store/roles.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	API_READ_MS = 5000,    /* for a whole request */
	API_IDLE_MS = 60000,   /* between two requests */
	API_LIMITED = 4,       /* connections for users who are limited to services */
	API_GRACE_MS = 2000,   /* for answers under way, when stopping */
	API_ANSWER_MS = 60000, /* to make and to send an answer */
	API_SEND_MS = 3600000, /* to send a file; who is slower asks for the rest */
	API_STREAM_MS = 6 * LIVE_HEARTBEAT_MS,
	API_CERTIFICATE_DAYS = 14, /* left, below which it is told each day */
	API_CONNECTIONS_MAX = 4096,
};

struct api {
	struct api_shared shared;
	int64_t warned_ms; /* of api_refresh */
};

/* The row of the tally for what is in no route. */
static size_t api_tally_row(const struct route *route)
{
	return route ? (size_t)(route - routes) : routes_count;
}

/* What people may know of an error, with its status.  Texts of the database stay in the
 * log. */
static const char *api_explain(const struct call *c, struct err *e, int *status)
{
	*status = c->status;
	bool is_database = strncmp(e->text, "database: ", 10) == 0;
	if (*status == 0 && e->kind == ERR_INPUT && !is_database)
		*status = 400;
	if (*status)
		return e->text;
	log_warn("api: %s %s: %s", c->request->method, c->request->path, e->text);
	*status = e->kind == ERR_INPUT ? 400 : 503;
	if (e->kind == ERR_INPUT)
		return "the database refuses a value of this request";
	if (call_was_slow(c))
		return "this took too long; ask for a shorter span";
	if (e->kind == ERR_BUSY)
		return "the server is busy; try again in a moment";
	struct room room;
	trouble_room(c->shared, &room);
	return room.full ? "the database cannot answer now: its disk is full"
			 : "the database cannot answer now";
}

static void api_write_problem(struct call *c, struct err *e)
{
	struct http_response *r = c->response;
	struct problem problem = {.instance = c->request->path, .pointer = c->pointer};
	problem.detail = api_explain(c, e, &problem.status);
	buf_reset(&r->body);
	problem_write(&problem, &r->body);
	r->status = problem.status;
	r->type = PROBLEM_TYPE;
	if (problem.status == 401)
		http_add_header(r, "WWW-Authenticate", "Bearer realm=\"tidemark\"");
	http_add_header(r, "Cache-Control", "no-store");
}

static enum users_role api_least_role(const struct route *route)
{
	switch (route->access) {
	case ROUTES_ADMIN:
		return USERS_ADMIN;
	case ROUTES_OPERATOR:
	case ROUTES_OPERATOR_OF_ALL:
		return USERS_OPERATOR;
	default:
		return USERS_VIEWER;
	}
}

static bool api_check_access(struct call *c, const struct route *route, struct err *e)
{
	bool changes = strcmp(route->method, "GET") != 0;
	if (changes && !auth_check_origin(c, e))
		return false;
	if (route->access == ROUTES_OPEN ||
		(route->access == ROUTES_LOCAL && auth_is_local(c->request)))
		return true;
	if (!auth_identify(c, e))
		return false;
	if (!c->user.name)
		return call_problem(c, 401, e, "log in first, or send an API token");
	enum users_role least = api_least_role(route);
	if (c->user.role < least)
		return call_problem(c, 403, e, "this needs the role %s; yours is %s",
			users_role_name(least), users_role_name(c->user.role));
	if (c->user.is_limited && route->access >= ROUTES_VIEWER_OF_ALL)
		return call_problem(c, 403, e,
			"this concerns all services; you are limited to some");
	return true;
}

static bool api_is_read(const struct http_request *request)
{
	return strcmp(request->method, "GET") == 0 ||
	       strcmp(request->method, "HEAD") == 0;
}

/* Paths of the API, where index.html would be a wrong answer. */
static bool api_owns(const char *path)
{
	return strncmp(path, "/api/", 5) == 0 || strcmp(path, "/api") == 0;
}

static bool api_no_route(
	struct call *c, const struct routes_match *match, struct err *e)
{
	if (match->allow || !api_is_read(c->request)) {
		http_add_header(c->response, "Allow",
			match->allow ? match->allow : "GET, HEAD");
		if (match->allow || !api_owns(c->request->path))
			return call_problem(c, 405, e, "%.16s is not possible here",
				c->request->method);
	}
	if (api_owns(c->request->path))
		return call_problem(c, 404, e, "the API has no such route");
	return assets_route_get(c, e);
}

static bool api_dispatch(
	struct call *c, const struct routes_match *match, struct err *e)
{
	if (c->request->refused == 414)
		return call_problem(
			c, 414, e, "the address is longer than %d bytes", HTTP_URI_MAX);
	if (!call_pay(c, 1, e))
		return false;
	if (!match->route)
		return api_no_route(c, match, e);
	if (c->request->refused == 413)
		return call_problem(
			c, 413, e, "the body is longer than %d bytes", HTTP_BODY_MAX);
	c->argument = match->argument;
	c->key = match->key;
	return query_parse(c->request->query, c->arena, &c->query, e) &&
	       api_check_access(c, match->route, e) && match->route->handle(c, e);
}

static void api_handle(
	void *context, struct http_request *request, struct http_response *response)
{
	struct api_shared *shared = context;
	struct call c = {
		.shared = shared,
		.request = request,
		.response = response,
		.arena = request->arena,
		.now_ms = shared->options.now_ms(),
	};
	struct err e;
	struct routes_match match = routes_find(
		request->method, request->path, request->arena);
	json_init(&c.json, &response->body);
	response->type = "application/json";
	response->row = api_tally_row(match.route);
	if (!api_dispatch(&c, &match, &e))
		api_write_problem(&c, &e);
	else if (match.route && match.route->handle != assets_route_openapi)
		http_add_header(response, "Cache-Control",
			api_is_read(request) && !response->content ? "private, no-cache"
								   : "no-store");
	call_finish(&c);
}

static void api_done(void *context, const struct http_response *response, int64_t us)
{
	struct api_shared *shared = context;
	tally_count(shared->tally, response->row, response->status, us);
}

static bool api_start_http(struct api_shared *shared, struct err *e)
{
	const struct api_options *o = &shared->options;
	if (o->tls_certificate &&
		!(shared->tls = tls_open(o->tls_certificate, o->tls_key, e)))
		return false;
	shared->http = http_start(
		&(struct http_options){
			.host = shared->options.http_host,
			.port = shared->options.http_port,
			.read_ms = API_READ_MS,
			.idle_ms = API_IDLE_MS,
			.answer_ms = API_ANSWER_MS,
			.send_ms = API_SEND_MS,
			.stream_ms = API_STREAM_MS,
			.tls = shared->tls,
			.hsts_s = shared->options.hsts_ms / 1000,
			.proxies = &shared->options.proxies,
			.connections_max = API_CONNECTIONS_MAX,
			.clients = shared->clients,
			.context = shared,
			.handle = api_handle,
			.done = api_done,
		},
		e);
	return shared->http != NULL;
}

struct api *api_start(const struct api_options *options, struct err *e)
{
	struct api *api = calloc(1, sizeof *api);
	BUG_ON(!api);
	struct api_shared *shared = &api->shared;
	shared->options = *options;
	if (!shared->options.now_ms)
		shared->options.now_ms = clock_unix_ms;
	if (!users_init(e))
		goto fail;
	pthread_mutex_init(&shared->sizes_lock, NULL);
	shared->throttle = throttle_create();
	shared->tally = tally_create(routes_count + 1);
	shared->package_downloads = downloads_create();
	shared->packages = packages_create(
		options->packages_dir ? options->packages_dir : "");
	shared->clients = clients_create();
	shared->pool = pool_create(&(struct db_options){.uri = options->database_uri,
					   .application_name = "tidemark api",
					   .role = ROLES_API,
					   .statement_timeout_ms = CALL_STATEMENT_MS},
		HTTP_THREADS);
	shared->limited = pool_create(&(struct db_options){.uri = options->database_uri,
					      .application_name = "tidemark limited",
					      .statement_timeout_ms = CALL_STATEMENT_MS,
					      .role = ROLES_LIMITED,
					      .role_is_needed = true},
		API_LIMITED);
	shared->live = live_start(options->database_uri, shared->options.now_ms, e);
	if (shared->live && api_start_http(shared, e))
		return api;
fail:
	api_stop(api);
	return NULL;
}

void api_stop(struct api *api)
{
	if (!api)
		return;
	struct api_shared *shared = &api->shared;
	if (shared->live)
		live_stop(shared->live);
	if (shared->limited)
		pool_close(shared->limited, API_GRACE_MS);
	if (shared->pool)
		pool_close(shared->pool, API_GRACE_MS);
	http_stop(shared->http);
	tls_close(shared->tls);
	live_destroy(shared->live);
	if (shared->limited)
		pool_destroy(shared->limited);
	if (shared->pool)
		pool_destroy(shared->pool);
	clients_destroy(shared->clients);
	tally_destroy(shared->tally);
	packages_destroy(shared->packages);
	downloads_destroy(shared->package_downloads);
	throttle_destroy(shared->throttle);
	pthread_mutex_destroy(&shared->sizes_lock);
	free(api);
}

uint16_t api_port(const struct api *api)
{
	return http_port(api->shared.http);
}

/* Once a day, when the certificate has few days left. */
static void api_warn_of_end(struct api *api, int64_t now_ms)
{
	struct tls_state state = tls_state(api->shared.tls);
	int64_t days = (state.expires_ms - now_ms) / 86400000;
	if (days >= API_CERTIFICATE_DAYS || now_ms - api->warned_ms < 86400000)
		return;
	api->warned_ms = now_ms;
	if (state.expires_ms <= now_ms)
		log_warn("http: the certificate has run out");
	else
		log_warn("http: the certificate is good for %" PRId64 " more days",
			days);
}

void api_refresh(struct api *api, bool at_once)
{
	struct tls *tls = api->shared.tls;
	if (tls)
		api_warn_of_end(api, clock_unix_ms());
	struct err why;
	enum tls_news news = tls ? tls_refresh(tls, at_once, &why) : TLS_SAME;
	if (news == TLS_TAKEN)
		log_info("http: new connections get the certificate that is there now");
	if (news == TLS_KEPT)
		log_warn("http: the certificate that was there before stays: %s",
			why.text);
}
