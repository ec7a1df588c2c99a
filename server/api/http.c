#include "server/api/http.h"

#include "common/clock.h"
#include "server/api/encoding.h"
#include "server/api/listen.h"
#include "server/api/reaper.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	HTTP_UPLOAD_DISCARD_MAX = 16 << 20, /* read to its end, so that 413 arrives */
	HTTP_REAPER_PERIOD_MS = 250,
	HTTP_CONNECTION_MEMORY = 32 * 1024, /* request line and headers */
	HTTP_CONTENT_BLOCK = 64 * 1024,
};

struct http {
	struct http_options options;
	struct MHD_Daemon *daemon;
	struct reaper *reaper;
	uint16_t port;
	pthread_t reaper_thread;
	pthread_mutex_t lock; /* guards `stopping` */
	pthread_cond_t wake;
	bool stopping;
};

/* One request and its answer, from the request line to the last byte. */
struct http_exchange {
	struct http *http;
	struct MHD_Connection *connection;
	struct arena arena;
	struct http_request request;
	struct buf body;
	bool begun;
	size_t uploaded; /* bytes of the body, also those that were forgotten */
	char address[INET6_ADDRSTRLEN], client[PROXIES_TEXT_MAX];
};

/* One connection, from accept to close: before and between its exchanges, too. */
struct http_link {
	struct http *http;
	struct reaper_entry *entry;
	char address[INET6_ADDRSTRLEN];
};

struct http_stream {
	struct http_source source;
	struct http *http;
	struct MHD_Connection *connection;
	pthread_mutex_t lock; /* guards what follows */
	bool suspended, woken;
};

const char *http_header(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

void http_add_header(
	struct http_response *response, const char *name, const char *value)
{
	BUG_ON(response->header_count == HTTP_HEADERS_MAX);
	response->headers[response->header_count++] = (struct http_field){name, value};
}

static struct http_link *http_link(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

static void http_enter(
	struct http *http, struct MHD_Connection *connection, enum reaper_phase phase)
{
	struct http_link *link = http_link(connection);
	if (link)
		reaper_enter(http->reaper, link->entry, phase, clock_mono_ms());
}

struct http_stream *http_stream_create(const struct http_source *source)
{
	struct http_stream *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->source = *source;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void http_stream_wake(struct http_stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->woken = true;
	if (s->suspended)
		MHD_resume_connection(s->connection);
	s->suspended = false;
	pthread_mutex_unlock(&s->lock);
}

/* Whether the connection sleeps now; not when it was woken meanwhile. */
static bool http_stream_sleep(struct http_stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->suspended = !s->woken;
	s->woken = false;
	bool suspended = s->suspended;
	if (suspended)
		MHD_suspend_connection(s->connection);
	pthread_mutex_unlock(&s->lock);
	return suspended;
}

static ssize_t http_stream_read(void *context, uint64_t position, char *to, size_t room)
{
	struct http_stream *s = context;
	(void)position;
	http_enter(s->http, s->connection, REAPER_STREAMING);
	for (;;) {
		ssize_t length = s->source.read(s->source.context, to, room);
		if (length < 0)
			return MHD_CONTENT_READER_END_OF_STREAM;
		if (length > 0 || http_stream_sleep(s))
			return length;
	}
}

static void http_stream_close(void *context)
{
	struct http_stream *s = context;
	s->source.close(s->source.context);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static ssize_t http_content_read(
	void *context, uint64_t position, char *to, size_t room)
{
	struct http_content *content = context;
	ssize_t length = content->read(content->context, position, to, room);
	return length > 0 ? length : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void http_content_close(void *context)
{
	struct http_content *content = context;
	content->close(content->context);
}

static struct MHD_Response *http_make_response(
	struct http_exchange *x, struct http_response *r)
{
	if (r->content)
		return MHD_create_response_from_callback(r->content->length,
			HTTP_CONTENT_BLOCK, http_content_read, r->content,
			http_content_close);
	if (r->stream) {
		r->stream->http = x->http;
		r->stream->connection = x->connection;
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096,
			http_stream_read, r->stream, http_stream_close);
	}
	if (r->constant)
		return MHD_create_response_from_buffer(r->constant_length,
			(void *)(uintptr_t)r->constant, MHD_RESPMEM_PERSISTENT);
	struct buf body = r->body;
	r->body = (struct buf){0};
	if (!body.length) {
		buf_finish(&body);
		return MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
	}
	return MHD_create_response_from_buffer(
		body.length, body.data, MHD_RESPMEM_MUST_FREE);
}

/* The ETag that the response has or gets; NULL when it is not of the kind that has
 * one. */
static const char *http_find_etag(struct http_exchange *x, struct http_response *r)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (strcmp(r->headers[i].name, "ETag") == 0)
			return r->headers[i].value;
	bool is_read = strcmp(x->request.method, "GET") == 0 ||
		       strcmp(x->request.method, "HEAD") == 0;
	if (!is_read || r->status != 200 || r->stream || !r->body.length)
		return NULL;
	char etag[ENCODING_ETAG_SIZE];
	encoding_etag(r->body.data, r->body.length, etag);
	http_add_header(r, "ETag", arena_strdup(&x->arena, etag));
	return r->headers[r->header_count - 1].value;
}

static void http_make_conditional(struct http_exchange *x, struct http_response *r)
{
	const char *etag = http_find_etag(x, r);
	const char *wanted = http_header(&x->request, "If-None-Match");
	if (!etag || !wanted || (r->status != 200 && r->status != 206) ||
		!encoding_etag_matches(wanted, etag))
		return;
	r->status = 304;
	if (r->content)
		http_content_close(r->content);
	r->content = NULL;
	r->constant = NULL;
	r->is_encoded = false;
	r->type = NULL;
	buf_reset(&r->body);
}

/* Gzips a long answer for a client that takes it. */
static void http_compress(struct http_exchange *x, struct http_response *r)
{
	if (r->is_encoded || r->body.length < ENCODING_GZIP_MIN_BYTES ||
		!encoding_takes_gzip(http_header(&x->request, "Accept-Encoding")))
		return;
	struct buf small = {0};
	encoding_gzip(r->body.data, r->body.length, &small);
	buf_finish(&r->body);
	r->body = small;
	r->is_encoded = true;
	for (size_t i = 0; i < r->header_count; i++) {
		if (strcmp(r->headers[i].name, "ETag") != 0)
			continue;
		char etag[ENCODING_ETAG_SIZE];
		encoding_etag_gzip(r->headers[i].value, etag);
		r->headers[i].value = arena_strdup(&x->arena, etag);
	}
}

static void http_add_strict_transport(
	const struct http_exchange *x, struct MHD_Response *out)
{
	char value[64];
	if (!x->request.is_secure || !x->http->options.hsts_s)
		return;
	snprintf(value, sizeof value, "max-age=%" PRId64, x->http->options.hsts_s);
	MHD_add_response_header(out, "Strict-Transport-Security", value);
}

static void http_add_fields(const struct http_exchange *x, struct MHD_Response *out,
	const struct http_response *r)
{
	static const struct http_field always[] = {
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Vary", "Accept-Encoding"},
	};
	static const char policy[] = "Content-Security-Policy";
	bool has_policy = false;
	http_add_strict_transport(x, out);
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		MHD_add_response_header(out, always[i].name, always[i].value);
	for (size_t i = 0; i < r->header_count; i++)
		has_policy |= strcmp(r->headers[i].name, policy) == 0;
	if (!has_policy)
		MHD_add_response_header(
			out, policy, "default-src 'none'; frame-ancestors 'none'");
	if (r->type)
		MHD_add_response_header(out, "Content-Type", r->type);
	if (r->is_encoded)
		MHD_add_response_header(out, "Content-Encoding", "gzip");
	for (size_t i = 0; i < r->header_count; i++)
		MHD_add_response_header(out, r->headers[i].name, r->headers[i].value);
}

static enum MHD_Result http_answer(struct http_exchange *x)
{
	struct http *http = x->http;
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	http_enter(http, x->connection, REAPER_ANSWERING);

	struct http_response r = {.status = 200};
	http->options.handle(http->options.context, &x->request, &r);
	http_make_conditional(x, &r);
	http_compress(x, &r);
	if (r.stream)
		http_enter(http, x->connection, REAPER_STREAMING);
	if (r.content)
		http_enter(http, x->connection, REAPER_SENDING);

	struct MHD_Response *out = http_make_response(x, &r);
	BUG_ON(!out);
	http_add_fields(x, out, &r);
	enum MHD_Result queued = MHD_queue_response(
		x->connection, (unsigned)r.status, out);
	MHD_destroy_response(out);
	clock_gettime(CLOCK_MONOTONIC, &end);
	http->options.done(http->options.context, &r,
		(end.tv_sec - start.tv_sec) * 1000000 +
			(end.tv_nsec - start.tv_nsec) / 1000);
	buf_finish(&r.body);
	return queued;
}

/* All values of a header that may stand on several lines, in one. */
struct http_gather {
	const char *name;
	struct buf text;
};

static enum MHD_Result http_gather(
	void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct http_gather *gather = context;
	(void)kind;
	if (value && strcasecmp(name, gather->name) == 0)
		buf_printf(
			&gather->text, "%s%s", gather->text.length ? "," : "", value);
	return MHD_YES;
}

/* NULL when it was not sent. */
static const char *http_list(struct http_exchange *x, const char *name)
{
	struct http_gather gather = {.name = name};
	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, http_gather, &gather);
	const char *list = gather.text.length
				   ? arena_strdup(&x->arena, gather.text.data)
				   : NULL;
	buf_finish(&gather.text);
	return list;
}

/* Whether the nearest proxy says that it was asked over TLS. */
static bool http_was_secure(struct http_exchange *x)
{
	const char *schemes = http_list(x, "X-Forwarded-Proto");
	const char *comma = schemes ? strrchr(schemes, ',') : NULL;
	const char *last = comma ? comma + 1 : schemes;
	return last && strncasecmp(last + strspn(last, " \t"), "https", 5) == 0;
}

/* Once the headers are known: who asks. */
static void http_read_client(struct http_exchange *x)
{
	const struct proxies *proxies = x->http->options.proxies;
	bool is_trusted = proxies_trust(proxies, x->address);
	proxies_client(proxies, x->address,
		is_trusted ? http_list(x, "X-Forwarded-For") : NULL, x->client);
	x->request.client = x->client;
	x->request.is_secure = x->http->options.tls ||
			       (is_trusted && http_was_secure(x));
}

static void http_address(const struct sockaddr *address, char out[INET6_ADDRSTRLEN])
{
	char text[INET6_ADDRSTRLEN] = "";
	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr,
			text, sizeof text);
	else if (address && address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr,
			text, sizeof text);
	/* What came over IPv4 to a socket for both looks like IPv4. */
	bool is_mapped = strncmp(text, "::ffff:", 7) == 0 && strchr(text, '.');
	snprintf(out, INET6_ADDRSTRLEN, "%s", text + (is_mapped ? 7 : 0));
}

/* The first word of a request: everything before its headers is known. */
static void *http_begin(
	void *context, const char *uri, struct MHD_Connection *connection)
{
	struct http_exchange *x = calloc(1, sizeof *x);
	BUG_ON(!x);
	x->http = context;
	x->connection = connection;
	arena_init(&x->arena);
	size_t length = strlen(uri);
	char *path = arena_strndup(
		&x->arena, uri, length < HTTP_URI_MAX ? length : HTTP_URI_MAX);
	char *mark = strchr(path, '?');
	if (mark)
		*mark++ = '\0';
	x->request = (struct http_request){
		.path = path,
		.query = mark ? mark : "",
		.body = "",
		.refused = length > HTTP_URI_MAX ? 414 : 0,
		.arena = &x->arena,
		.connection = connection,
	};
	snprintf(x->address, sizeof x->address, "%s", http_link(connection)->address);
	x->request.address = x->request.client = x->address;
	http_enter(x->http, connection, REAPER_READING);
	return x;
}

static void http_completed(void *context, struct MHD_Connection *connection,
	void **exchange, enum MHD_RequestTerminationCode code)
{
	struct http *http = context;
	struct http_exchange *x = *exchange;
	(void)code;
	http_enter(http, connection, REAPER_IDLE);
	*exchange = NULL;
	if (!x)
		return;
	buf_finish(&x->body);
	arena_finish(&x->arena);
	free(x);
}

/* Takes a piece of the body; what is beyond the limit is read and forgotten. */
static void http_take_body(struct http_exchange *x, const char *piece, size_t length)
{
	if (x->body.length + length > HTTP_BODY_MAX)
		x->request.refused = 413;
	else
		buf_append(&x->body, piece, length);
}

static enum MHD_Result http_access(void *context, struct MHD_Connection *connection,
	const char *url, const char *method, const char *version, const char *upload,
	size_t *upload_length, void **exchange)
{
	struct http_exchange *x = *exchange;
	(void)context;
	(void)connection;
	(void)url;
	(void)version;
	BUG_ON(!x);
	if (!x->begun) {
		x->begun = true;
		x->request.method = arena_strdup(&x->arena, method);
		http_read_client(x);
		const char *announced = http_header(&x->request, "Content-Length");
		if (!announced ||
			strtoull(announced, NULL, 10) <= HTTP_UPLOAD_DISCARD_MAX)
			return MHD_YES;
		x->request.refused = 413;
		return http_answer(x);
	}
	if (*upload_length) {
		/* Who does not announce a length could go on for ever. */
		x->uploaded += *upload_length;
		if (x->uploaded > HTTP_UPLOAD_DISCARD_MAX)
			return MHD_NO;
		http_take_body(x, upload, *upload_length);
		*upload_length = 0;
		return MHD_YES;
	}
	if (x->body.length) {
		x->request.body = x->body.data;
		x->request.body_length = x->body.length;
	}
	return http_answer(x);
}

/* Before anything is kept of a connection: whether it may be. */
static enum MHD_Result http_accept(
	void *context, const struct sockaddr *peer, socklen_t length)
{
	const struct http_options *o = &((struct http *)context)->options;
	char address[INET6_ADDRSTRLEN];
	(void)length;
	http_address(peer, address);
	return proxies_trust(o->proxies, address) ||
			       !clients_are_many(o->clients, address)
		       ? MHD_YES
		       : MHD_NO;
}

static void http_connection(void *context, struct MHD_Connection *connection,
	void **socket_context, enum MHD_ConnectionNotificationCode code)
{
	struct http *http = context;
	struct http_link *link = *socket_context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info = MHD_get_connection_info(
			connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		link = calloc(1, sizeof *link);
		BUG_ON(!link);
		link->http = http;
		http_address(MHD_get_connection_info(
				     connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
				     ->client_addr,
			link->address);
		clients_connect(http->options.clients, link->address, clock_mono_ms());
		link->entry = reaper_add(
			http->reaper, info->connect_fd, clock_mono_ms());
		*socket_context = link;
	} else if (link) {
		reaper_remove(http->reaper, link->entry);
		clients_disconnect(http->options.clients, link->address);
		free(link);
		*socket_context = NULL;
	}
}

/* Within a handshake; libmicrohttpd makes its connection the session's pointer
 * (new_connection_prepare_ in daemon.c of 0.9.75), and has no other context for us. */
static int http_certificate(gnutls_session_t session,
	const struct gnutls_cert_retr_st *info, gnutls_pcert_st **chain,
	unsigned *chain_length, gnutls_ocsp_data_st **ocsp, unsigned *ocsp_length,
	gnutls_privkey_t *key, unsigned *flags)
{
	struct http_link *link = http_link(gnutls_session_get_ptr(session));
	struct tls_copy copy;
	(void)info;
	if (!link || !tls_give(link->http->options.tls, &copy))
		return -1;
	*chain = copy.chain;
	*chain_length = copy.count;
	*key = copy.key;
	*ocsp = NULL;
	*ocsp_length = 0;
	*flags = GNUTLS_CERT_RETR_DEINIT_ALL;
	return 0;
}

static void *http_reap(void *context)
{
	struct http *http = context;
	pthread_mutex_lock(&http->lock);
	while (!http->stopping) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += HTTP_REAPER_PERIOD_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&http->wake, &http->lock, &until);
		reaper_cut(http->reaper, clock_mono_ms());
	}
	pthread_mutex_unlock(&http->lock);
	return NULL;
}

static void http_no_log(void *context, const char *format, va_list arguments)
{
	(void)context;
	(void)format;
	(void)arguments;
}

static bool http_start_daemon(struct http *http, struct err *e)
{
	bool is_ipv6 = false;
	int fd = listen_open(
		http->options.host, http->options.port, &http->port, &is_ipv6, e);
	if (fd < 0)
		return false;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_USE_ERROR_LOG | (is_ipv6 ? MHD_USE_IPv6 : 0) |
			 (http->options.tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_CERT_CALLBACK2, 0,
					       (void *)(uintptr_t)http_certificate},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
		{MHD_OPTION_END, 0, NULL}};
	http->daemon = MHD_start_daemon(flags, 0, http_accept, http, http_access, http,
		MHD_OPTION_EXTERNAL_LOGGER, http_no_log, NULL, MHD_OPTION_LISTEN_SOCKET,
		fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)HTTP_THREADS,
		MHD_OPTION_URI_LOG_CALLBACK, http_begin, http,
		MHD_OPTION_NOTIFY_COMPLETED, http_completed, http,
		MHD_OPTION_NOTIFY_CONNECTION, http_connection, http,
		MHD_OPTION_CONNECTION_LIMIT, http->options.connections_max,
		MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)(http->options.idle_ms / 1000 + 1),
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONNECTION_MEMORY,
		MHD_OPTION_ARRAY, http->options.tls ? tls : tls + 2, MHD_OPTION_END);
	if (http->daemon)
		return true;
	close(fd);
	return err_set(e, ERR_IO, "http: cannot start its threads");
}

struct http *http_start(const struct http_options *options, struct err *e)
{
	struct http *http = calloc(1, sizeof *http);
	BUG_ON(!http);
	http->options = *options;
	const int64_t limits[REAPER_PHASES] = {
		[REAPER_READING] = options->read_ms,
		[REAPER_ANSWERING] = options->answer_ms,
		[REAPER_SENDING] = options->send_ms,
		[REAPER_IDLE] = options->idle_ms,
		[REAPER_STREAMING] = options->stream_ms,
	};
	http->reaper = reaper_create(limits);
	pthread_mutex_init(&http->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&http->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	if (!http_start_daemon(http, e))
		goto fail;
	if (pthread_create(&http->reaper_thread, NULL, http_reap, http) != 0) {
		err_set(e, ERR_IO, "http: cannot start its threads");
		goto fail;
	}
	return http;
fail:
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	reaper_destroy(http->reaper);
	free(http);
	return NULL;
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	pthread_mutex_lock(&http->lock);
	http->stopping = true;
	pthread_cond_signal(&http->wake);
	pthread_mutex_unlock(&http->lock);
	pthread_join(http->reaper_thread, NULL);
	MHD_stop_daemon(http->daemon);
	reaper_destroy(http->reaper);
	pthread_cond_destroy(&http->wake);
	pthread_mutex_destroy(&http->lock);
	free(http);
}

uint16_t http_port(const struct http *http)
{
	return http->port;
}

void http_count(struct http *http, size_t *open, size_t *cut)
{
	reaper_count(http->reaper, open, cut);
}
