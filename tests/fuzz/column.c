/* fuzzes: server_history */
#include "server/history/column.h"

#include "common/crc32c.h"

#include <endian.h>
#include <string.h>

/* What was decoded must be the same again when it is stored anew. */
static void fuzz_values(const void *bytes, size_t length, size_t rows, struct arena *a)
{
	int64_t *values, *again;
	bool *has, *has_again;
	struct buf out = {0};
	struct err e;
	if (!column_get_values(bytes, length, a, rows, &values, &has, &e)) {
		BUG_ON(e.kind != ERR_INPUT);
		return;
	}
	column_put_values(&out, values, has, rows, rows % 2);
	BUG_ON(!column_get_values(
		out.data, out.length, a, rows, &again, &has_again, &e));
	BUG_ON(memcmp(values, again, rows * sizeof *values) != 0 ||
		memcmp(has, has_again, rows * sizeof *has) != 0);
	buf_finish(&out);
}

static void fuzz_times(const void *bytes, size_t length, struct arena *a)
{
	int64_t *at_ms, *again;
	size_t count, count_again;
	struct buf out = {0};
	struct err e;
	if (!column_get_times(bytes, length, a, &at_ms, &count, &e)) {
		BUG_ON(e.kind != ERR_INPUT);
		return;
	}
	column_put_times(&out, at_ms, count, count % 2);
	BUG_ON(!column_get_times(out.data, out.length, a, &again, &count_again, &e));
	BUG_ON(count != count_again ||
		memcmp(at_ms, again, count * sizeof *at_ms) != 0);
	buf_finish(&out);
}

static void fuzz_column(const void *bytes, size_t length)
{
	struct column_head head;
	struct arena a;
	struct err e;
	arena_init(&a);
	if (!column_check(bytes, length, &head, &e))
		BUG_ON(e.kind != ERR_INPUT);
	else if (head.is_times)
		fuzz_times(bytes, length, &a);
	else
		fuzz_values(bytes, length, head.rows, &a);
	arena_finish(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz_column(bytes, length);
	/* The checksum stops nearly every change: also with one that fits. */
	struct buf sealed = {0};
	if (length > 4)
		length -= 4;
	uint32_t crc = htole32(crc32c(0, bytes, length));
	buf_append(&sealed, bytes, length);
	buf_append(&sealed, &crc, sizeof crc);
	fuzz_column(sealed.data, sealed.length);
	buf_finish(&sealed);
	return 0;
}
