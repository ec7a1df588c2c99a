#include "server/api/tls.h"

#include "common/buf.h"
#include "common/scoped.h"

#include <gnutls/x509.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TLS_FILE_MAX = 1 << 20, TLS_CHAIN_MAX = 16, TLS_ID_MAX = 64 };

struct tls_pair {
	gnutls_x509_crt_t chain[TLS_CHAIN_MAX];
	unsigned count;
	gnutls_x509_privkey_t key;
};

/* What a file looks like from outside: another one has another stamp. */
struct tls_stamp {
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct tls_stamps {
	struct tls_stamp certificate, key;
};

struct tls {
	char *certificate_path, *key_path;
	struct tls_stamps used, seen; /* of tls_refresh */

	pthread_mutex_t lock; /* guards what follows */
	struct tls_pair pair;
	struct tls_state state;
};

static void tls_pair_finish(struct tls_pair *pair)
{
	for (unsigned i = 0; i < pair->count; i++)
		gnutls_x509_crt_deinit(pair->chain[i]);
	if (pair->key)
		gnutls_x509_privkey_deinit(pair->key);
	*pair = (struct tls_pair){0};
}

/* The whole file; the caller wipes and frees the buffer. */
static bool tls_read(const char *path, struct buf *out, struct err *e)
{
	scoped_file FILE *file = fopen(path, "re");
	if (!file)
		return err_errno(e, "%s", path);
	setvbuf(file, NULL, _IONBF, 0); /* no second copy of the key */
	char *to = buf_reserve(out, TLS_FILE_MAX + 1);
	out->length = fread(to, 1, TLS_FILE_MAX + 1, file);
	if (ferror(file))
		return err_errno(e, "%s", path);
	if (out->length > TLS_FILE_MAX)
		return err_set(e, ERR_INPUT, "%s: is longer than %d bytes", path,
			TLS_FILE_MAX);
	return true;
}

static gnutls_datum_t tls_datum(const struct buf *text)
{
	return (gnutls_datum_t){
		.data = (unsigned char *)text->data, .size = (unsigned)text->length};
}

static bool tls_read_chain(const char *path, struct tls_pair *pair, struct err *e)
{
	struct buf text = {0};
	if (!tls_read(path, &text, e)) {
		buf_finish(&text);
		return false;
	}
	gnutls_datum_t datum = tls_datum(&text);
	unsigned count = TLS_CHAIN_MAX;
	int status = gnutls_x509_crt_list_import(pair->chain, &count, &datum,
		GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
	buf_finish(&text);
	if (status <= 0)
		return err_set(e, ERR_INPUT, "%s: no certificate in PEM: %s", path,
			gnutls_strerror(status));
	pair->count = (unsigned)status;
	return true;
}

static bool tls_read_key(const char *path, struct tls_pair *pair, struct err *e)
{
	struct buf text = {0};
	bool ok = tls_read(path, &text, e);
	if (ok) {
		gnutls_datum_t datum = tls_datum(&text);
		gnutls_x509_privkey_init(&pair->key);
		int status = gnutls_x509_privkey_import2(
			pair->key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0);
		if (status < 0)
			ok = err_set(e, ERR_INPUT,
				"%s: no private key in PEM, or one with a password: %s",
				path, gnutls_strerror(status));
	}
	if (text.data)
		sodium_memzero(text.data, text.length);
	buf_finish(&text);
	return ok;
}

static bool tls_belong_together(const struct tls_pair *pair)
{
	unsigned char ids[2][TLS_ID_MAX];
	size_t sizes[2] = {TLS_ID_MAX, TLS_ID_MAX};
	return gnutls_x509_crt_get_key_id(pair->chain[0], 0, ids[0], &sizes[0]) >= 0 &&
	       gnutls_x509_privkey_get_key_id(pair->key, 0, ids[1], &sizes[1]) >= 0 &&
	       sizes[0] == sizes[1] && memcmp(ids[0], ids[1], sizes[0]) == 0;
}

static bool tls_load(const struct tls *tls, struct tls_pair *out, struct err *e)
{
	struct tls_pair pair = {0};
	bool ok = tls_read_chain(tls->certificate_path, &pair, e) &&
		  tls_read_key(tls->key_path, &pair, e);
	if (ok && !tls_belong_together(&pair))
		ok = err_set(e, ERR_INPUT, "%s is not the key of the certificate in %s",
			tls->key_path, tls->certificate_path);
	if (ok)
		*out = pair;
	else
		tls_pair_finish(&pair);
	return ok;
}

static struct tls_stamp tls_stamp(const char *path)
{
	struct stat s;
	if (stat(path, &s) != 0)
		return (struct tls_stamp){0};
	return (struct tls_stamp){s.st_ino, s.st_size, s.st_mtim};
}

static struct tls_stamps tls_stamps(const struct tls *tls)
{
	return (struct tls_stamps){
		tls_stamp(tls->certificate_path), tls_stamp(tls->key_path)};
}

static bool tls_is_same_stamp(const struct tls_stamp *a, const struct tls_stamp *b)
{
	return a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

static bool tls_is_same(const struct tls_stamps *a, const struct tls_stamps *b)
{
	return tls_is_same_stamp(&a->certificate, &b->certificate) &&
	       tls_is_same_stamp(&a->key, &b->key);
}

static void tls_take(struct tls *tls, const struct tls_pair *pair)
{
	pthread_mutex_lock(&tls->lock);
	struct tls_pair old = tls->pair;
	tls->pair = *pair;
	tls->state.expires_ms = (int64_t)gnutls_x509_crt_get_expiration_time(
					pair->chain[0]) *
				1000;
	pthread_mutex_unlock(&tls->lock);
	tls_pair_finish(&old);
}

struct tls *tls_open(const char *certificate, const char *key, struct err *e)
{
	struct tls *tls = calloc(1, sizeof *tls);
	BUG_ON(!tls);
	struct tls_pair pair;
	pthread_mutex_init(&tls->lock, NULL);
	tls->certificate_path = strdup(certificate);
	tls->key_path = strdup(key);
	BUG_ON(!tls->certificate_path || !tls->key_path);
	tls->used = tls->seen = tls_stamps(tls);
	if (!tls_load(tls, &pair, e)) {
		err_wrap(e, "tls");
		tls_close(tls);
		return NULL;
	}
	tls_take(tls, &pair);
	return tls;
}

void tls_close(struct tls *tls)
{
	if (!tls)
		return;
	tls_pair_finish(&tls->pair);
	pthread_mutex_destroy(&tls->lock);
	free(tls->certificate_path);
	free(tls->key_path);
	free(tls);
}

/* Whether there are files that were not tried yet, and nobody is writing them. */
static bool tls_is_due(struct tls *tls, bool at_once)
{
	struct tls_stamps now = tls_stamps(tls);
	bool settled = tls_is_same(&now, &tls->seen);
	bool is_new = !tls_is_same(&now, &tls->used);
	tls->seen = now;
	if (!at_once && (!settled || !is_new))
		return false;
	tls->used = now;
	return true;
}

enum tls_news tls_refresh(struct tls *tls, bool at_once, struct err *why)
{
	struct tls_pair pair;
	if (!tls_is_due(tls, at_once))
		return TLS_SAME;
	bool ok = tls_load(tls, &pair, why);
	if (ok)
		tls_take(tls, &pair);
	pthread_mutex_lock(&tls->lock);
	tls->state.taken += ok;
	tls->state.refused += !ok;
	pthread_mutex_unlock(&tls->lock);
	return ok ? TLS_TAKEN : TLS_KEPT;
}

static bool tls_copy_locked(struct tls *tls, struct tls_copy *copy)
{
	unsigned count = tls->pair.count;
	copy->chain = gnutls_calloc(count, sizeof *copy->chain);
	if (!copy->chain)
		return false;
	if (gnutls_pcert_import_x509_list(copy->chain, tls->pair.chain, &count, 0) <
		0) {
		gnutls_free(copy->chain);
		return false;
	}
	copy->count = count;
	if (gnutls_privkey_init(&copy->key) >= 0) {
		if (gnutls_privkey_import_x509(
			    copy->key, tls->pair.key, GNUTLS_PRIVKEY_IMPORT_COPY) >= 0)
			return true;
		gnutls_privkey_deinit(copy->key);
	}
	for (unsigned i = 0; i < count; i++)
		gnutls_pcert_deinit(&copy->chain[i]);
	gnutls_free(copy->chain);
	return false;
}

bool tls_give(struct tls *tls, struct tls_copy *copy)
{
	pthread_mutex_lock(&tls->lock);
	bool ok = tls_copy_locked(tls, copy);
	pthread_mutex_unlock(&tls->lock);
	return ok;
}

struct tls_state tls_state(struct tls *tls)
{
	pthread_mutex_lock(&tls->lock);
	struct tls_state state = tls->state;
	pthread_mutex_unlock(&tls->lock);
	return state;
}
