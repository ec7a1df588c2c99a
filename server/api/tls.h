/*
 * Tls: the certificate and key that the server shows, and new ones when the files
 * change.
 *
 * Both files are PEM: the certificate with its chain, and its private key.  Each
 * handshake gets a copy of its own, which GnuTLS frees (GNUTLS_CERT_RETR_DEINIT_ALL),
 * so that a change harms no connection that is open.
 *
 * Files that cannot be used keep what was there before.  Safe from any thread but for
 * tls_refresh, which belongs to one.
 */
#ifndef TIDEMARK_SERVER_API_TLS_H
#define TIDEMARK_SERVER_API_TLS_H

#include "common/err.h"

#include <gnutls/abstract.h>
#include <stdbool.h>
#include <stdint.h>

/* TLS 1.2 and 1.3, keys that are forgotten after each connection, authenticated
 * ciphers.  Syntax: "Priority strings" of the GnuTLS manual. */
#define TLS_PRIORITIES                                                                 \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"  \
	"-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:"     \
	"-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:%SERVER_PRECEDENCE"

struct tls;

/* ERR_INPUT or ERR_IO names the file and what is wrong: not readable, no PEM, a key
 * that is not the certificate's.  An expired certificate is no error, see
 * tls_expires_ms. */
struct tls *tls_open(const char *certificate, const char *key, struct err *e);
void tls_close(struct tls *tls); /* NULL is accepted */

enum tls_news {
	TLS_SAME,  /* nothing new, or still being written */
	TLS_TAKEN, /* from now on handshakes get the new ones */
	TLS_KEPT,  /* the new ones cannot be used; `why` tells what is wrong */
};

/* Reads the files again when they changed and then stayed the same until the next call;
 * `at_once`: now, and also when they seem the same. */
enum tls_news tls_refresh(struct tls *tls, bool at_once, struct err *why);

/* For gnutls_certificate_retrieve_function3: copies, the caller's.  False when there is
 * no memory. */
struct tls_copy {
	gnutls_pcert_st *chain; /* of gnutls_malloc */
	unsigned count;
	gnutls_privkey_t key;
};
bool tls_give(struct tls *tls, struct tls_copy *copy);

/* Until when the certificate is good, Unix ms, and how often new files were taken and
 * refused. */
struct tls_state {
	int64_t expires_ms;
	uint64_t taken, refused;
};
struct tls_state tls_state(struct tls *tls);

#endif
