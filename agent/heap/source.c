#include "agent/heap/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
	SOURCE_MAGIC_BYTES = 4,
	SOURCE_STEP_BYTES = 128 << 10,
	SOURCE_GZIP_WINDOW = 16 + MAX_WBITS, /* of zlib: gzip, the largest window */
	SOURCE_ZSTD_WINDOW_LOG = 27,         /* 128 MiB, more is refused */
};

enum source_packing { SOURCE_UNKNOWN, SOURCE_PLAIN, SOURCE_GZIP, SOURCE_ZSTD };

struct source {
	struct source_sink sink;
	enum source_packing packing;
	char magic[SOURCE_MAGIC_BYTES]; /* until the packing is known */
	size_t magic_length;
	z_stream gzip;
	ZSTD_DStream *zstd;
	bool is_whole; /* the packed stream could end here */
	char out[SOURCE_STEP_BYTES];
};

struct source *source_create(const struct source_sink *sink)
{
	struct source *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->sink = *sink;
	return s;
}

void source_destroy(struct source *s)
{
	if (!s)
		return;
	if (s->packing == SOURCE_GZIP)
		inflateEnd(&s->gzip);
	ZSTD_freeDStream(s->zstd);
	free(s);
}

static bool source_give(
	struct source *s, const void *bytes, size_t length, struct err *e)
{
	return length == 0 || s->sink.bytes(s->sink.context, bytes, length, e);
}

static bool source_gzip(
	struct source *s, const void *bytes, size_t length, struct err *e)
{
	z_stream *z = &s->gzip;
	z->next_in = (Bytef *)bytes;
	z->avail_in = (uInt)length;
	do {
		if (s->is_whole && z->avail_in)
			inflateReset(z);
		z->next_out = (Bytef *)s->out;
		z->avail_out = sizeof s->out;
		int result = inflate(z, Z_NO_FLUSH);
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
			return err_set(e, ERR_INPUT, "the gzip data is damaged: %s",
				z->msg ? z->msg : zError(result));
		s->is_whole = result == Z_STREAM_END;
		if (!source_give(s, s->out, sizeof s->out - z->avail_out, e))
			return false;
	} while (z->avail_in || z->avail_out == 0);
	return true;
}

static bool source_zstd(
	struct source *s, const void *bytes, size_t length, struct err *e)
{
	ZSTD_inBuffer in = {bytes, length, 0};
	ZSTD_outBuffer out;
	do {
		out = (ZSTD_outBuffer){s->out, sizeof s->out, 0};
		size_t rest = ZSTD_decompressStream(s->zstd, &out, &in);
		if (ZSTD_isError(rest))
			return err_set(e, ERR_INPUT, "the zstd data is damaged: %s",
				ZSTD_getErrorName(rest));
		s->is_whole = rest == 0;
		if (!source_give(s, out.dst, out.pos, e))
			return false;
	} while (in.pos < in.size || out.pos == out.size);
	return true;
}

static bool source_unpack(
	struct source *s, const char *bytes, size_t length, struct err *e)
{
	if (s->packing == SOURCE_PLAIN)
		return source_give(s, bytes, length, e);
	while (length) {
		size_t step = length < SOURCE_STEP_BYTES ? length : SOURCE_STEP_BYTES;
		bool ok = s->packing == SOURCE_GZIP ? source_gzip(s, bytes, step, e)
						    : source_zstd(s, bytes, step, e);
		if (!ok)
			return false;
		bytes += step;
		length -= step;
	}
	return true;
}

static bool source_open(struct source *s, struct err *e)
{
	if (s->magic_length >= 2 && memcmp(s->magic, "\x1f\x8b", 2) == 0) {
		if (inflateInit2(&s->gzip, SOURCE_GZIP_WINDOW) != Z_OK)
			return err_set(e, ERR_BUSY, "out of memory");
		s->packing = SOURCE_GZIP;
	} else if (s->magic_length == 4 &&
		   memcmp(s->magic, "\x28\xb5\x2f\xfd", 4) == 0) {
		s->zstd = ZSTD_createDStream();
		if (!s->zstd)
			return err_set(e, ERR_BUSY, "out of memory");
		ZSTD_DCtx_setParameter(
			s->zstd, ZSTD_d_windowLogMax, SOURCE_ZSTD_WINDOW_LOG);
		s->packing = SOURCE_ZSTD;
	} else {
		s->packing = SOURCE_PLAIN;
	}
	return source_unpack(s, s->magic, s->magic_length, e);
}

bool source_feed(struct source *s, const void *bytes, size_t length, struct err *e)
{
	const char *at = bytes;
	while (s->packing == SOURCE_UNKNOWN && length) {
		s->magic[s->magic_length++] = *at++;
		length--;
		if (s->magic_length == SOURCE_MAGIC_BYTES && !source_open(s, e))
			return false;
	}
	return length == 0 || source_unpack(s, at, length, e);
}

bool source_end(struct source *s, struct err *e)
{
	if (s->packing == SOURCE_UNKNOWN && !source_open(s, e))
		return false;
	if (s->packing == SOURCE_PLAIN || s->is_whole)
		return true;
	return err_set(e, ERR_INPUT, "the %s data is cut off",
		s->packing == SOURCE_GZIP ? "gzip" : "zstd");
}

static bool source_read_all(struct source *s, int fd, char *in, struct err *e)
{
	for (;;) {
		ssize_t length = read(fd, in, SOURCE_STEP_BYTES);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return err_errno(e, "cannot be read");
		if (length == 0)
			return source_end(s, e);
		if (!source_feed(s, in, (size_t)length, e))
			return false;
	}
}

bool source_read(int fd, const struct source_sink *sink, struct err *e)
{
	struct source *s = source_create(sink);
	char *in = malloc(SOURCE_STEP_BYTES);
	BUG_ON(!in);
	bool ok = source_read_all(s, fd, in, e);
	free(in);
	source_destroy(s);
	return ok;
}
