/* fuzzes: schema */
#include "schema/wire.h"

#include <string.h>
#include <zstd.h>

static const int64_t fuzz_now = INT64_C(1800000000000);

/* What was decoded must encode, and decode again to the same bytes. */
static void fuzz_round_trip(const struct wire_batch *batch, struct arena *a)
{
	struct buf once = {0}, twice = {0};
	struct wire_batch again;
	struct err e;
	if (wire_batch_encode(batch, &once, &e)) {
		BUG_ON(!wire_batch_decode(
			once.data, once.length, fuzz_now, a, &again, &e));
		BUG_ON(again.refused_values);
		BUG_ON(!wire_batch_encode(&again, &twice, &e));
		BUG_ON(once.length != twice.length ||
			memcmp(once.data, twice.data, once.length) != 0);
	}
	buf_finish(&once);
	buf_finish(&twice);
}

static void fuzz_batch(const void *bytes, size_t length, struct arena *a)
{
	struct wire_batch batch;
	struct err e;
	if (wire_batch_decode(bytes, length, fuzz_now, a, &batch, &e))
		fuzz_round_trip(&batch, a);
	else
		BUG_ON(e.kind != ERR_INPUT);
}

/* The checksum would stop nearly every change: compress the changed message. */
static void fuzz_inflated_batch(const void *bytes, size_t length, struct arena *a)
{
	struct buf frame = {0};
	char *start = buf_reserve(&frame, ZSTD_compressBound(length));
	frame.length = ZSTD_compress(
		start, ZSTD_compressBound(length), bytes, length, 1);
	fuzz_batch(frame.data, frame.length, a);
	buf_finish(&frame);
}

static void fuzz_flat(
	unsigned char kind, const void *bytes, size_t length, struct arena *a)
{
	struct wire_upload upload;
	struct wire_receipt receipt;
	struct wire_enrol_request request;
	struct wire_enrol_reply reply;
	struct buf out = {0};
	struct err e;
	if (kind == 'u' && wire_upload_decode(bytes, length, a, &upload, &e))
		wire_upload_encode(&upload, &out);
	if (kind == 'r' && wire_receipt_decode(bytes, length, a, &receipt, &e))
		wire_receipt_encode(&receipt, &out);
	if (kind == 'q' && wire_enrol_request_decode(bytes, length, a, &request, &e))
		wire_enrol_request_encode(&request, &out);
	if (kind == 'p' && wire_enrol_reply_decode(bytes, length, a, &reply, &e))
		wire_enrol_reply_encode(&reply, &out);
	buf_finish(&out);
}

/* The first byte says which message the rest is. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	struct arena a;
	arena_init(&a);
	if (bytes[0] == 'z')
		fuzz_batch(bytes + 1, length - 1, &a);
	else if (bytes[0] == 'b')
		fuzz_inflated_batch(bytes + 1, length - 1, &a);
	else
		fuzz_flat(bytes[0], bytes + 1, length - 1, &a);
	arena_finish(&a);
	return 0;
}
