/* fuzzes: agent */
/*
 * A spool directory from bytes: 512 for the cursor, then segments, each with a length
 * of two bytes before it.  When the first byte is odd, checksums are mended, so that
 * what lies behind them is reached.  Whatever the bytes, the spool opens, holds only
 * what it can read, takes a new batch under a new sequence, and says the same when it
 * is opened again.
 */
#include "agent/spool.h"
#include "agent/spool_bytes.h"
#include "agent/spool_cursor.h"
#include "agent/spool_format.h"
#include "common/crc32c.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { EPOCH = 0x45, SEGMENTS = 4 };

static char folder[64];

static void remove_folder(void)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		abort();
}

static void make_folder(void)
{
	if (folder[0])
		return;
	snprintf(folder, sizeof folder, "%s/tidemark-fuzz-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	BUG_ON(!mkdtemp(folder));
	atexit(remove_folder);
}

static void store(const char *name, const uint8_t *bytes, size_t length)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	BUG_ON(fd < 0 || write(fd, bytes, length) != (ssize_t)length);
	close(fd);
}

static void mend_cursor(uint8_t *b)
{
	memcpy(b, "TMCURSR\1", 8);
	spool_bytes_put64(b + 24, EPOCH);
	spool_bytes_put32(
		b + 8, crc32c(crc32c(0, b, 8), b + 12, SPOOL_CURSOR_SLOT_BYTES - 12));
}

static void mend_header(uint8_t *b)
{
	memcpy(b, "TMSPOOL\1\1\0\0\0", 12);
	if (b[16] != EPOCH + 1) /* some other spool's */
		spool_bytes_put64(b + 16, EPOCH);
	spool_bytes_put32(b + 12,
		crc32c(crc32c(0, b, 12), b + 16, SPOOL_FORMAT_HEADER_BYTES - 16));
}

/* Records with an odd byte at the place of the checksum get the right one. */
static void mend_records(uint8_t *b, size_t length)
{
	for (size_t at = SPOOL_FORMAT_HEADER_BYTES; at + 32 <= length;) {
		size_t size = (32 + (size_t)spool_bytes_get32(b + at) + 7) & ~(size_t)7;
		if (size > length - at || !(b[at + 4] & 1)) {
			at += 8;
			continue;
		}
		uint8_t seed[8];
		spool_bytes_put64(seed, EPOCH);
		uint32_t crc = crc32c(crc32c(0, seed, 8), b + at, 4);
		spool_bytes_put32(b + at + 4, crc32c(crc, b + at + 8, size - 8));
		at += size;
	}
}

static void build(const uint8_t *bytes, size_t length)
{
	static uint8_t work[1 << 16];
	uint8_t slot[SPOOL_CURSOR_SLOT_BYTES] = {0};
	bool mend = bytes[0] & 1;
	size_t head = length < sizeof slot ? length : sizeof slot;
	memcpy(slot, bytes, head);
	if (mend && bytes[0] & 2)
		mend_cursor(slot);
	store("cursor", slot, sizeof slot);
	bytes += head;
	length -= head;
	for (int i = 0; i < SEGMENTS; i++) {
		char name[32];
		snprintf(name, sizeof name, "%016x.seg", 1 + i * 8);
		size_t size = length < 2 ? 0
					 : (size_t)bytes[0] + 256 * (size_t)bytes[1];
		if (length < 2) {
			char path[128];
			snprintf(path, sizeof path, "%s/%s", folder, name);
			unlink(path);
			continue;
		}
		bytes += 2;
		length -= 2;
		if (size > length)
			size = length;
		memcpy(work, bytes, size);
		if (mend && size >= SPOOL_FORMAT_HEADER_BYTES) {
			mend_header(work);
			mend_records(work, size);
		}
		store(name, work, size);
		bytes += size;
		length -= size;
	}
}

static struct spool *reopen(struct spool *s, struct spool_stats *stats)
{
	struct err e;
	spool_close(s);
	BUG_ON(!spool_open(folder, SPOOL_BYTES_MIN, &s, &e));
	spool_get_stats(s, stats);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct spool_stats first, again;
	struct buf b = {0};
	struct err e;
	uint64_t sequence = 0, count = 0, newest;
	if (length == 0)
		return 0;
	make_folder();
	build(bytes, length);

	struct spool *s = reopen(NULL, &first);
	for (uint64_t at = 0; spool_next(s, at, &sequence); at = sequence, count++) {
		BUG_ON(sequence <= at);
		BUG_ON(at == 0 && sequence != first.oldest);
		buf_reset(&b);
		BUG_ON(!spool_read(s, sequence, &b, &e));
	}
	BUG_ON(count != first.batches);
	s = reopen(s, &again);
	if (first.batches == 0) { /* then it is the next one, which has jumped */
		BUG_ON(again.oldest < first.oldest);
		again.oldest = first.oldest;
	}
	BUG_ON(memcmp(&first, &again, sizeof first) != 0);

	BUG_ON(!spool_append(s, "hello", 5, 1700000000000, &newest, &e));
	BUG_ON(newest <= sequence);
	s = reopen(s, &again);
	BUG_ON(again.batches != first.batches + 1 || again.lost != first.lost);
	buf_reset(&b);
	BUG_ON(!spool_read(s, newest, &b, &e) || strcmp(b.data, "hello") != 0);
	spool_close(s);

	/* What the append made is not part of the next input. */
	char path[128];
	snprintf(path, sizeof path, "%s/%016llx.seg", folder,
		(unsigned long long)newest);
	unlink(path);
	buf_finish(&b);
	return 0;
}
