/*
 * Tls: certificates for tests, made on the spot, and a client that speaks TLS.
 *
 * What fails on the way ends the test program.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_TLS_H
#define TIDEMARK_TESTS_SUPPORT_TLS_H

#include "tests/support/http.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>

static inline void tls_need(int status, const char *what)
{
	if (status >= 0)
		return;
	fprintf(stderr, "tls: %s: %s\n", what, gnutls_strerror(status));
	exit(99);
}

static inline void tls_write(const char *path, const void *bytes, size_t length)
{
	char part[512];
	snprintf(part, sizeof part, "%s.part", path);
	FILE *file = fopen(part, "w");
	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0 ||
		rename(part, path) != 0)
		http_die(path);
}

/* Writes a self-signed certificate for "localhost" with this serial number, and its key
 * (ECDSA, P-256). */
static inline void tls_make(const char *certificate, const char *key, uint8_t serial)
{
	gnutls_x509_privkey_t k;
	gnutls_x509_crt_t c;
	gnutls_datum_t text;
	time_t now = time(NULL);
	gnutls_x509_privkey_init(&k);
	gnutls_x509_crt_init(&c);
	tls_need(gnutls_x509_privkey_generate(k, GNUTLS_PK_ECDSA,
			 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		"key");
	gnutls_x509_crt_set_version(c, 3);
	gnutls_x509_crt_set_serial(c, &serial, 1);
	gnutls_x509_crt_set_activation_time(c, now - 3600);
	gnutls_x509_crt_set_expiration_time(c, now + 86400);
	gnutls_x509_crt_set_dn(c, "CN=localhost", NULL);
	gnutls_x509_crt_set_key(c, k);
	tls_need(gnutls_x509_crt_sign2(c, c, k, GNUTLS_DIG_SHA256, 0), "sign");
	tls_need(gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_PEM, &text), "export");
	tls_write(certificate, text.data, text.size);
	gnutls_free(text.data);
	tls_need(gnutls_x509_privkey_export2(k, GNUTLS_X509_FMT_PEM, &text), "export");
	tls_write(key, text.data, text.size);
	gnutls_free(text.data);
	gnutls_x509_crt_deinit(c);
	gnutls_x509_privkey_deinit(k);
}

struct tls_client {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	int fd;
};

static inline void tls_client_close(struct tls_client *c)
{
	gnutls_deinit(c->session);
	gnutls_certificate_free_credentials(c->credentials);
	close(c->fd);
}

/* What the handshake came to: 0, or an error of GnuTLS.  `priorities` NULL: any. */
static inline int tls_client_open(
	struct tls_client *c, uint16_t port, const char *priorities)
{
	c->fd = http_connect(port);
	gnutls_certificate_allocate_credentials(&c->credentials);
	gnutls_init(&c->session, GNUTLS_CLIENT);
	gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->credentials);
	tls_need(gnutls_priority_set_direct(
			 c->session, priorities ? priorities : "NORMAL", NULL),
		"priorities");
	gnutls_transport_set_int(c->session, c->fd);
	gnutls_handshake_set_timeout(c->session, 20000);
	int status;
	do
		status = gnutls_handshake(c->session);
	while (status < 0 && !gnutls_error_is_fatal(status));
	return status;
}

/* The serial number of the certificate that the server showed. */
static inline uint8_t tls_client_serial(const struct tls_client *c)
{
	unsigned count;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(c->session, &count);
	gnutls_x509_crt_t crt;
	uint8_t serial[32];
	size_t size = sizeof serial;
	gnutls_x509_crt_init(&crt);
	tls_need(gnutls_x509_crt_import(crt, chain, GNUTLS_X509_FMT_DER), "import");
	tls_need(gnutls_x509_crt_get_serial(crt, serial, &size), "serial");
	gnutls_x509_crt_deinit(crt);
	return serial[size - 1];
}

static inline void tls_client_send(struct tls_client *c, const char *text)
{
	tls_need((int)gnutls_record_send(c->session, text, strlen(text)), "send");
}

/* Reads until `until` bytes of body are there, or the end; appends to `in`.  False when
 * the connection ended. */
static inline bool tls_client_more(struct tls_client *c, struct buf *in)
{
	char *to = buf_reserve(in, 65536);
	ssize_t n;
	do
		n = gnutls_record_recv(c->session, to, 65535);
	while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	if (n > 0)
		in->length += (size_t)n;
	in->data[in->length] = 0;
	return n > 0;
}

/* Asks for `target` on the open connection; the whole answer in `in`, which needs a
 * Content-Length. */
static inline void tls_client_get(
	struct tls_client *c, const char *target, struct buf *in)
{
	char ask[256];
	snprintf(ask, sizeof ask, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
	tls_client_send(c, ask);
	const char *end = NULL, *length = NULL;
	do {
		if (!tls_client_more(c, in))
			return;
		end = strstr(in->data, "\r\n\r\n");
		length = strstr(in->data, "Content-Length: ");
	} while (!end || !length ||
		 in->length <
			 (size_t)(end + 4 - in->data) + strtoul(length + 16, NULL, 10));
}

#endif
