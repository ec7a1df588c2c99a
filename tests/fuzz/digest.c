/* fuzzes: agent_heap */
/*
 * A digest from bytes: the first byte says whether the rest is a file as it is, with
 * its sizes and checksum mended, or what is in one, which is packed first.  Whatever
 * the bytes, it is refused with a reason, or it can be walked and compared, and is the
 * same after it was written and read again.
 */
#include "agent/heap/digest_file.h"
#include "common/crc32c.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { FILE_AS_IT_IS, FILE_MENDED, BODY, MAX_BYTES = 1 << 18 };

static void put(uint8_t *bytes, uint64_t value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

/* The head that fits to what follows it. */
static void mend(uint8_t *file, size_t length, uint64_t unpacked)
{
	memcpy(file, "TMDIGST\1\1\0\0\0", 12);
	put(file + 16, unpacked, 8);
	put(file + 24, length - DIGEST_FILE_HEAD_BYTES, 8);
	put(file + 12, crc32c(0, file + 16, length - 16), 4);
}

static void make_file(struct buf *out, const uint8_t *bytes, size_t length, int kind)
{
	size_t head = DIGEST_FILE_HEAD_BYTES, room = head + ZSTD_compressBound(length);
	uint8_t *file = (uint8_t *)buf_reserve(out, room);
	if (kind == BODY) {
		memset(file, 0, head);
		out->length = head +
			      ZSTD_compress(file + head, room - head, bytes, length, 1);
		mend(file, out->length, length);
		return;
	}
	memcpy(file, bytes, length);
	out->length = length;
	if (kind == FILE_AS_IT_IS || length < head)
		return;
	unsigned long long unpacked = ZSTD_getFrameContentSize(
		file + head, length - head);
	mend(file, length, unpacked);
}

static void walk(const struct digest *d)
{
	struct digest_cursor cursor = {0};
	struct digest_node n;
	struct digest_class c;
	uint64_t count = 0;
	uint32_t previous = 0;
	for (; digest_next(d, &cursor, &n); count++, previous = n.id) {
		BUG_ON(n.id < previous);
		BUG_ON(n.class != DIGEST_NONE && n.class >= digest_class_count(d));
	}
	BUG_ON(count != digest_facts(d)->node_count);
	for (size_t i = 0; i < digest_class_count(d); i++) {
		digest_class(d, i, &c);
		BUG_ON(!c.key || !c.name || !c.location);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct buf file = {0}, again = {0};
	struct digest *d = NULL, *second = NULL;
	struct err e;
	if (length == 0)
		return 0;
	make_file(&file, bytes + 1, length - 1, bytes[0] % 3);
	if (digest_file_read(file.data, file.length, MAX_BYTES, &d, &e)) {
		walk(d);
		digest_file_write(d, &again);
		BUG_ON(!digest_file_read(
			again.data, again.length, UINT64_MAX, &second, &e));
		walk(second);
		BUG_ON(digest_facts(d)->node_count != digest_facts(second)->node_count);
	} else {
		BUG_ON(strncmp(e.text, "digest: ", 8) != 0);
	}
	digest_destroy(d);
	digest_destroy(second);
	buf_finish(&file);
	buf_finish(&again);
	return 0;
}
