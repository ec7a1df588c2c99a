#include "schema/wire_inflate.h"

#include "schema/wire.h"

#include <pthread.h>
#include <zstd.h>

static pthread_key_t wire_inflater_key;

static void wire_inflater_free(void *context)
{
	ZSTD_freeDCtx(context);
}

static void wire_inflater_make_key(void)
{
	BUG_ON(pthread_key_create(&wire_inflater_key, wire_inflater_free) != 0);
}

/* The thread's own context.  Making one for each batch, as ZSTD_decompress does, takes
 * twice the time that inflating a small batch takes. */
static ZSTD_DCtx *wire_inflater(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, wire_inflater_make_key);
	ZSTD_DCtx *context = pthread_getspecific(wire_inflater_key);
	if (!context) {
		context = ZSTD_createDCtx();
		BUG_ON(!context ||
			pthread_setspecific(wire_inflater_key, context) != 0);
	}
	return context;
}

/* Inflating in one step needs no window of its own, so the frame's window size does not
 * matter. */
bool wire_inflate(const void *bytes, size_t length, size_t maximum_bytes,
	struct arena *a, struct wire_inflated *out, struct err *e)
{
	if (length > WIRE_FRAME_BYTES_MAX)
		return err_set(e, ERR_INPUT, "%zu bytes, at most %d are allowed",
			length, WIRE_FRAME_BYTES_MAX);
	unsigned long long size = ZSTD_getFrameContentSize(bytes, length);
	if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
		return err_set(e, ERR_INPUT, "not compressed as it should be");
	if (size == 0 || size > maximum_bytes)
		return err_set(e, ERR_INPUT,
			"%llu bytes inflated, 1 to %zu are allowed", size,
			maximum_bytes);
	size_t frame = ZSTD_findFrameCompressedSize(bytes, length);
	if (ZSTD_isError(frame) || frame != length)
		return err_set(e, ERR_INPUT, "cut off, or followed by other bytes");
	uint8_t *inflated = arena_alloc(a, (size_t)size);
	size_t got = ZSTD_decompressDCtx(
		wire_inflater(), inflated, (size_t)size, bytes, length);
	if (ZSTD_isError(got))
		return err_set(
			e, ERR_INPUT, "does not inflate: %s", ZSTD_getErrorName(got));
	*out = (struct wire_inflated){inflated, got};
	return true;
}
