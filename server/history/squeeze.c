#include "server/history/squeeze.h"

#include <pthread.h>
#include <stdlib.h>
#include <zstd.h>

enum {
	SQUEEZE_LEVEL = 3,
	SQUEEZE_BYTES_MIN = 24, /* a frame of less is never smaller */
};

/* Contexts of a thread: making them for each column takes longer than the column. */
struct squeeze_contexts {
	ZSTD_CCtx *in;
	ZSTD_DCtx *out;
};

static pthread_key_t squeeze_key;

static void squeeze_free(void *value)
{
	struct squeeze_contexts *c = value;
	ZSTD_freeCCtx(c->in);
	ZSTD_freeDCtx(c->out);
	free(c);
}

static void squeeze_make_key(void)
{
	BUG_ON(pthread_key_create(&squeeze_key, squeeze_free) != 0);
}

static struct squeeze_contexts *squeeze_own(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, squeeze_make_key);
	struct squeeze_contexts *c = pthread_getspecific(squeeze_key);
	if (!c) {
		c = calloc(1, sizeof *c);
		BUG_ON(!c || pthread_setspecific(squeeze_key, c) != 0);
	}
	return c;
}

bool squeeze_put(struct buf *out, const void *bytes, size_t length)
{
	struct squeeze_contexts *c = squeeze_own();
	size_t room = ZSTD_compressBound(length);
	if (length < SQUEEZE_BYTES_MIN)
		return false;
	if (!c->in) {
		c->in = ZSTD_createCCtx();
		BUG_ON(!c->in);
	}
	char *start = buf_reserve(out, room);
	size_t got = ZSTD_compressCCtx(
		c->in, start, room, bytes, length, SQUEEZE_LEVEL);
	if (ZSTD_isError(got) || got >= length)
		return false;
	out->length += got;
	return true;
}

bool squeeze_take(
	const void *bytes, size_t length, void *out, size_t size, struct err *e)
{
	struct squeeze_contexts *c = squeeze_own();
	if (!c->out) {
		c->out = ZSTD_createDCtx();
		BUG_ON(!c->out);
	}
	size_t frame = ZSTD_findFrameCompressedSize(bytes, length);
	if (ZSTD_isError(frame) || frame != length)
		return err_set(e, ERR_INPUT, "cut off, or followed by other bytes");
	size_t got = ZSTD_decompressDCtx(c->out, out, size, bytes, length);
	if (ZSTD_isError(got))
		return err_set(
			e, ERR_INPUT, "does not inflate: %s", ZSTD_getErrorName(got));
	if (got != size)
		return err_set(
			e, ERR_INPUT, "inflates to %zu bytes, not %zu", got, size);
	return true;
}
