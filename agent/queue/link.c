#include "agent/queue/link.h"

#include "common/clock.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct link {
	int fd, stop_fd;
	bool is_tls;
	gnutls_session_t session;
	gnutls_certificate_credentials_t trusted;
};

static bool link_wait(
	const struct link *l, short events, int64_t deadline_mono_ms, struct err *e)
{
	struct pollfd fds[] = {
		{.fd = l->fd, .events = events}, {.fd = l->stop_fd, .events = POLLIN}};
	for (;;) {
		int64_t left_ms = deadline_mono_ms - clock_mono_ms();
		if (left_ms <= 0)
			return err_set(e, ERR_IO, "no answer in time");
		int ready = poll(fds, 2, (int)(left_ms < 3600000 ? left_ms : 3600000));
		if (ready < 0 && errno != EINTR)
			return err_errno(e, "poll");
		if (ready > 0 && fds[1].revents)
			return err_set(e, ERR_BUSY, "stopping");
		if (ready > 0)
			return true;
	}
}

static bool link_connect_to(struct link *l, const struct sockaddr *address,
	socklen_t length, int64_t deadline_mono_ms, struct err *e)
{
	l->fd = socket(
		address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return err_errno(e, "socket");
	int error = 0;
	socklen_t size = sizeof error;
	if (connect(l->fd, address, length) != 0) {
		if (errno != EINPROGRESS)
			return err_errno(e, "cannot connect");
		if (!link_wait(l, POLLOUT, deadline_mono_ms, e))
			return false;
	}
	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
		return true;
	errno = error;
	return err_errno(e, "cannot connect");
}

static bool link_connect_unix(
	struct link *l, const char *path, int64_t deadline_mono_ms, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path)
		return err_set(e, ERR_INPUT, "the path of the socket is too long");
	strcpy(address.sun_path, path);
	return link_connect_to(l, (const struct sockaddr *)&address, sizeof address,
		deadline_mono_ms, e);
}

static bool link_connect(struct link *l, const struct queue_url *at,
	int64_t deadline_mono_ms, struct err *e)
{
	if (!strcmp(at->scheme, "unix"))
		return link_connect_unix(l, at->path, deadline_mono_ms, e);
	struct addrinfo *found = NULL;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	int failure = getaddrinfo(at->host, at->port, &hints, &found);
	if (failure)
		return err_set(e, ERR_IO, "cannot find %s: %s", at->host,
			gai_strerror(failure));
	bool ok = false;
	for (const struct addrinfo *a = found; a && !ok; a = a->ai_next) {
		if (l->fd >= 0)
			close(l->fd);
		l->fd = -1;
		ok = link_connect_to(l, a->ai_addr, a->ai_addrlen, deadline_mono_ms, e);
		if (!ok && e->kind == ERR_BUSY)
			break;
	}
	freeaddrinfo(found);
	return ok;
}

static short link_direction(const struct link *l)
{
	return gnutls_record_get_direction(l->session) ? POLLOUT : POLLIN;
}

static bool link_trust(struct link *l, const struct link_options *o, struct err *e)
{
	if (gnutls_certificate_allocate_credentials(&l->trusted) < 0)
		return err_set(e, ERR_IO, "no memory for certificates");
	int count = o->ca_file[0]
			    ? gnutls_certificate_set_x509_trust_file(
				      l->trusted, o->ca_file, GNUTLS_X509_FMT_PEM)
			    : gnutls_certificate_set_x509_system_trust(l->trusted);
	if (count <= 0)
		return err_set(e, ERR_IO, "no certificate in %s: %s",
			o->ca_file[0] ? o->ca_file : "the system's list",
			count < 0 ? gnutls_strerror(count) : "it is empty");
	return true;
}

/* Why the certificate was not good enough. */
static bool link_explain(struct link *l, int failure, struct err *e)
{
	gnutls_datum_t text = {0};
	if (failure != GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR ||
		gnutls_certificate_verification_status_print(
			gnutls_session_get_verify_cert_status(l->session),
			GNUTLS_CRT_X509, &text, 0) < 0)
		return err_set(e, ERR_IO, "TLS: %s", gnutls_strerror(failure));
	err_set(e, ERR_IO, "TLS: %s", (const char *)text.data);
	gnutls_free(text.data);
	return false;
}

static bool link_shake_hands(struct link *l, const struct link_options *o,
	int64_t deadline_mono_ms, struct err *e)
{
	static const char versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	if (!link_trust(l, o, e))
		return false;
	if (gnutls_init(&l->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK) < 0)
		return err_set(e, ERR_IO, "no memory for TLS");
	l->is_tls = true;
	if (gnutls_priority_set_direct(l->session, versions, NULL) < 0 ||
		gnutls_credentials_set(l->session, GNUTLS_CRD_CERTIFICATE, l->trusted) <
			0)
		return err_set(e, ERR_IO, "TLS cannot be set up");
	/* An address is no server name, RFC 6066. */
	if (!strchr(o->at->host, ':') &&
		strspn(o->at->host, "0123456789.") != strlen(o->at->host))
		gnutls_server_name_set(
			l->session, GNUTLS_NAME_DNS, o->at->host, strlen(o->at->host));
	gnutls_session_set_verify_cert(l->session, o->at->host, 0);
	gnutls_transport_set_int(l->session, l->fd);
	for (;;) {
		int done = gnutls_handshake(l->session);
		if (done == GNUTLS_E_SUCCESS)
			return true;
		if (gnutls_error_is_fatal(done))
			return link_explain(l, done, e);
		if (done == GNUTLS_E_AGAIN &&
			!link_wait(l, link_direction(l), deadline_mono_ms, e))
			return false;
		if (clock_mono_ms() >= deadline_mono_ms)
			return err_set(e, ERR_IO, "no answer in time");
	}
}

struct link *link_open(
	const struct link_options *options, int64_t deadline_mono_ms, struct err *e)
{
	struct link *l = calloc(1, sizeof *l);
	BUG_ON(!l);
	l->fd = -1;
	l->stop_fd = options->stop_fd;
	if (link_connect(l, options->at, deadline_mono_ms, e) &&
		(!options->is_tls || link_shake_hands(l, options, deadline_mono_ms, e)))
		return l;
	link_close(l);
	return NULL;
}

void link_close(struct link *l)
{
	if (!l)
		return;
	if (l->is_tls)
		gnutls_deinit(l->session);
	if (l->trusted)
		gnutls_certificate_free_credentials(l->trusted);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

/* Whether to try again, after waiting for what is needed. */
static bool link_again(struct link *l, ssize_t done, short events,
	int64_t deadline_mono_ms, struct err *e)
{
	if (l->is_tls && gnutls_error_is_fatal((int)done))
		return err_set(e, ERR_IO, "TLS: %s", gnutls_strerror((int)done));
	if (l->is_tls)
		events = link_direction(l);
	else if (errno != EAGAIN && errno != EINTR)
		return err_errno(e, "the connection broke");
	return link_wait(l, events, deadline_mono_ms, e);
}

bool link_write(struct link *l, const void *bytes, size_t length,
	int64_t deadline_mono_ms, struct err *e)
{
	const char *at = bytes;
	while (length > 0) {
		ssize_t done = l->is_tls ? gnutls_record_send(l->session, at, length)
					 : send(l->fd, at, length, MSG_NOSIGNAL);
		if (done < 0) {
			if (!link_again(l, done, POLLOUT, deadline_mono_ms, e))
				return false;
			continue;
		}
		at += done;
		length -= (size_t)done;
	}
	return true;
}

bool link_read(struct link *l, void *bytes, size_t size, size_t *length,
	int64_t deadline_mono_ms, struct err *e)
{
	for (;;) {
		/* One that keeps sending is late as well. */
		if (clock_mono_ms() >= deadline_mono_ms)
			return err_set(e, ERR_IO, "no whole answer in time");
		ssize_t done = l->is_tls ? gnutls_record_recv(l->session, bytes, size)
					 : recv(l->fd, bytes, size, 0);
		if (done == 0)
			return err_set(e, ERR_IO, "the server closed the connection");
		if (done > 0) {
			*length = (size_t)done;
			return true;
		}
		if (!link_again(l, done, POLLIN, deadline_mono_ms, e))
			return false;
	}
}
