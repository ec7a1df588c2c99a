#include "server/history/squeeze.h"

#include <pthread.h>
#include <stdlib.h>
#include <zstd.h>

enum {
	SQUEEZE_LEVEL = 1,      /* noise repeats nothing: more takes only longer */
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

/* One frame of two parts; 0 if it does not fit. */
static size_t squeeze_parts(ZSTD_CCtx *c, void *room, size_t size, const void *bytes,
	size_t split, size_t length)
{
	ZSTD_inBuffer in = {bytes, split, 0};
	ZSTD_outBuffer out = {room, size, 0};
	ZSTD_CCtx_reset(c, ZSTD_reset_session_only);
	ZSTD_CCtx_setPledgedSrcSize(c, length);
	if (ZSTD_compressStream2(c, &out, &in, ZSTD_e_flush) != 0)
		return 0;
	in.size = length;
	if (ZSTD_compressStream2(c, &out, &in, ZSTD_e_end) != 0)
		return 0;
	return out.pos;
}

bool squeeze_put(struct buf *out, const void *bytes, size_t split, size_t length)
{
	struct squeeze_contexts *c = squeeze_own();
	if (length < SQUEEZE_BYTES_MIN)
		return false;
	if (!c->in) {
		c->in = ZSTD_createCCtx();
		BUG_ON(!c->in || ZSTD_isError(ZSTD_CCtx_setParameter(c->in,
					 ZSTD_c_compressionLevel, SQUEEZE_LEVEL)));
	}
	char *start = buf_reserve(out, length);
	size_t got = squeeze_parts(c->in, start, length - 1, bytes, split, length);
	out->length += got;
	return got > 0;
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
