/* fuzzes: agent_heap */
/*
 * Two heap snapshots with a zero byte between them, or one that is compared with
 * itself: the digest of the first survives its file, the comparison of one with itself
 * is empty, the summary fits, and nothing of it all crashes.
 */
#include "agent/heap/digest_file.h"
#include "agent/heap/report.h"
#include "agent/heap/summary.h"
#include "schema/wire.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct heap *analyse(const uint8_t *bytes, size_t length)
{
	const struct heap_options options = {HEAP_EXACT, (uint64_t)256 << 20};
	struct err e;
	struct heap *h = heap_create(&options);
	if (heap_feed(h, bytes, length, &e) && heap_end(h, &e))
		return h;
	heap_destroy(h);
	return NULL;
}

/* The digest as it comes from its file. */
static struct digest *keep(const struct heap *h)
{
	struct digest *made = digest_create(h, LIKENESS_ID, "fuzz", 1), *read = NULL;
	struct buf file = {0};
	struct err e;
	digest_file_write(made, &file);
	BUG_ON(!digest_file_read(file.data, file.length, UINT64_MAX, &read, &e));
	digest_destroy(made);
	buf_finish(&file);
	return read;
}

static void compare_with_itself(const struct heap *h, const struct digest *d)
{
	struct diff *diff = diff_create(d, heap_graph(h), heap_classes(h), DIFF_SAME);
	BUG_ON(diff->row_count != 0);
	diff_destroy(diff);
}

static void report(const struct heap *h, const struct digest *before)
{
	struct arena arena = {0};
	struct buf text = {0};
	struct snapshot out;
	const struct summary_options options = {
		.before = before,
		.process = DIFF_SAME,
		.taken_unix_ms = 1700000000000,
	};
	summary_make(h, &options, &arena, &out);
	BUG_ON(wire_snapshot_bytes(&out) > SNAPSHOT_BYTES_MAX);
	report_holders_text(&text, h, 10);
	report_growth_text(&text, &out.growth);
	report_clean(&text);
	BUG_ON(text.length > 0 && strlen(text.data) != text.length);
	buf_finish(&text);
	arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const uint8_t *zero = length ? memchr(bytes, 0, length) : NULL;
	size_t first = zero ? (size_t)(zero - bytes) : length;
	struct heap *before = analyse(bytes, first);
	if (!before)
		return 0;
	struct digest *d = keep(before);
	compare_with_itself(before, d);
	struct heap *after = zero ? analyse(zero + 1, length - first - 1) : NULL;
	report(after ? after : before, d);
	heap_destroy(after);
	heap_destroy(before);
	digest_destroy(d);
	return 0;
}
