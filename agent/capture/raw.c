#include "agent/capture/raw.h"

#include "agent/capture/folder.h"
#include "agent/capture/raw_folder.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

enum {
	RAW_LEVEL = 1, /* the target waits while we compress */
	RAW_PARTS_MAX = 8 << 20,
	RAW_SHA_BYTES = crypto_hash_sha256_BYTES,
};

#define RAW_INDEX "index"

/* The head of an index; behind it the SHA-256 of each part. */
struct raw_head {
	char magic[8];
	uint64_t capture, file_bytes;
	uint32_t parts, part_bytes;
	uint8_t sha256[32];
};

static const char raw_magic[8] = "TMRAW01";

struct raw_writer {
	int raw, folder; /* all of them, and ours */
	uint64_t capture, quota_bytes;
	char name[24], hidden[32];
	struct buf part; /* bytes that do not fill a part yet */
	struct buf sums;
	uint64_t file_bytes, disk_bytes, others_bytes;
	uint32_t parts;
	crypto_hash_sha256_state sha;
	ZSTD_CCtx *zstd;
	char *compressed;
	struct err trouble;
	bool is_whole;
};

static bool raw_fail(struct raw_writer *w, struct err *e)
{
	w->trouble = *e;
	if (w->folder >= 0) {
		close(w->folder);
		w->folder = -1;
		raw_folder_remove(w->raw, w->hidden);
	}
	return false;
}

static bool raw_make_folder(struct raw_writer *w, struct err *e)
{
	struct stat above;
	snprintf(w->name, sizeof w->name, "%" PRIu64, w->capture);
	snprintf(w->hidden, sizeof w->hidden, ".%s", w->name);
	raw_folder_clean(w->raw);
	if (!raw_folder_remove(w->raw, w->name) ||
		mkdirat(w->raw, w->hidden, 0700) != 0)
		return err_errno(e, "cannot make a folder for the raw file");
	w->folder = openat(
		w->raw, w->hidden, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (w->folder < 0)
		return err_errno(e, "cannot open the folder of the raw file");
	if (geteuid() == 0 && fstat(w->raw, &above) == 0 &&
		fchown(w->folder, above.st_uid, above.st_gid) != 0)
		return err_errno(e, "cannot give the raw file to the agent");
	return true;
}

bool raw_create(const char *state_dir, uint64_t capture, uint64_t quota_bytes,
	struct raw_writer **out, struct err *e)
{
	if (!quota_bytes)
		return err_set(e, ERR_INPUT, "this host keeps no raw files");
	int raw = folder_open(state_dir, "raw", e);
	if (raw < 0)
		return false;
	struct raw_writer *w = calloc(1, sizeof *w);
	BUG_ON(!w);
	w->raw = raw;
	w->folder = -1;
	w->capture = capture;
	w->quota_bytes = quota_bytes;
	w->zstd = ZSTD_createCCtx();
	w->compressed = malloc(ZSTD_compressBound(SNAPSHOT_RAW_PART_BYTES));
	BUG_ON(!w->zstd || !w->compressed);
	crypto_hash_sha256_init(&w->sha);
	if (!raw_make_folder(w, e)) {
		raw_destroy(w);
		return false;
	}
	w->others_bytes = raw_folder_bytes(raw);
	*out = w;
	return true;
}

/* Makes room for `more` bytes. */
static bool raw_fit(struct raw_writer *w, uint64_t more, struct err *e)
{
	uint64_t ours = w->disk_bytes + more;
	while (ours + w->others_bytes > w->quota_bytes &&
		raw_folder_remove_oldest(w->raw))
		w->others_bytes = raw_folder_bytes(w->raw);
	if (ours + w->others_bytes <= w->quota_bytes)
		return true;
	return err_set(e, ERR_BUSY,
		"the raw file is larger than the %" PRIu64 " MiB that all may take",
		w->quota_bytes >> 20);
}

static bool raw_put_part(struct raw_writer *w, struct err *e)
{
	char name[16];
	uint8_t sum[RAW_SHA_BYTES];
	size_t length = ZSTD_compressCCtx(w->zstd, w->compressed,
		ZSTD_compressBound(SNAPSHOT_RAW_PART_BYTES), w->part.data,
		w->part.length, RAW_LEVEL);
	BUG_ON(ZSTD_isError(length));
	if (w->parts == RAW_PARTS_MAX)
		return err_set(e, ERR_INPUT, "the raw file has too many parts");
	/* With its place in the index. */
	if (!raw_fit(w, length + RAW_SHA_BYTES, e))
		return false;
	snprintf(name, sizeof name, "%06" PRIu32, w->parts);
	scoped_fd int fd = folder_create(w->folder, name, e);
	if (fd < 0)
		return false;
	if (!folder_put(fd, w->compressed, length))
		return err_errno(e, "cannot write the raw file");
	crypto_hash_sha256(sum, (const uint8_t *)w->part.data, w->part.length);
	buf_append(&w->sums, sum, sizeof sum);
	w->disk_bytes += length + RAW_SHA_BYTES;
	w->parts++;
	buf_reset(&w->part);
	return true;
}

bool raw_add(struct raw_writer *w, const void *bytes, size_t length, struct err *e)
{
	const char *at = bytes;
	if (w->trouble.kind != ERR_NONE) {
		*e = w->trouble;
		return false;
	}
	crypto_hash_sha256_update(&w->sha, bytes, length);
	w->file_bytes += length;
	while (length) {
		size_t room = SNAPSHOT_RAW_PART_BYTES - w->part.length;
		size_t some = length < room ? length : room;
		buf_append(&w->part, at, some);
		at += some;
		length -= some;
		if (w->part.length == SNAPSHOT_RAW_PART_BYTES && !raw_put_part(w, e))
			return raw_fail(w, e);
	}
	return true;
}

/* Only now, so that nobody waited for the disk while the target did. */
static bool raw_sync(const struct raw_writer *w)
{
	char name[16];
	for (uint32_t i = 0; i < w->parts; i++) {
		snprintf(name, sizeof name, "%06" PRIu32, i);
		scoped_fd int fd = openat(
			w->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || fsync(fd) != 0)
			return false;
	}
	return true;
}

static bool raw_put_index(struct raw_writer *w, const uint8_t sha256[32], struct err *e)
{
	struct buf text = {0};
	struct raw_head head = {
		.capture = w->capture,
		.file_bytes = w->file_bytes,
		.parts = w->parts,
		.part_bytes = SNAPSHOT_RAW_PART_BYTES,
	};
	memcpy(head.magic, raw_magic, sizeof head.magic);
	memcpy(head.sha256, sha256, sizeof head.sha256);
	buf_append(&text, &head, sizeof head);
	buf_append(&text, w->sums.data, w->sums.length);
	bool ok = raw_fit(w, sizeof head, e) &&
		  folder_write(w->folder, RAW_INDEX, text.data, text.length, e);
	buf_finish(&text);
	if (ok && (!raw_sync(w) || renameat(w->raw, w->hidden, w->raw, w->name) != 0 ||
			  fsync(w->raw) != 0))
		return err_errno(e, "cannot finish the raw file");
	return ok;
}

bool raw_end(struct raw_writer *w, uint64_t *bytes, uint8_t sha256[32], struct err *e)
{
	uint8_t sum[RAW_SHA_BYTES];
	if (w->trouble.kind != ERR_NONE) {
		*e = w->trouble;
		return false;
	}
	if (w->file_bytes == 0) {
		err_set(e, ERR_INPUT, "the raw file is empty");
		return raw_fail(w, e);
	}
	if (w->part.length && !raw_put_part(w, e))
		return raw_fail(w, e);
	crypto_hash_sha256_final(&w->sha, sum);
	if (!raw_put_index(w, sum, e))
		return raw_fail(w, e);
	w->is_whole = true;
	memcpy(sha256, sum, sizeof sum);
	*bytes = w->file_bytes;
	return true;
}

void raw_destroy(struct raw_writer *w)
{
	if (!w)
		return;
	if (w->folder >= 0)
		close(w->folder);
	if (!w->is_whole && w->hidden[0])
		raw_folder_remove(w->raw, w->hidden);
	close(w->raw);
	buf_finish(&w->part);
	buf_finish(&w->sums);
	ZSTD_freeCCtx(w->zstd);
	free(w->compressed);
	free(w);
}

static bool raw_check_head(const struct raw_head *h, uint64_t capture)
{
	uint64_t parts = (h->file_bytes + SNAPSHOT_RAW_PART_BYTES - 1) /
			 SNAPSHOT_RAW_PART_BYTES;
	return memcmp(h->magic, raw_magic, sizeof raw_magic) == 0 &&
	       h->capture == capture && h->part_bytes == SNAPSHOT_RAW_PART_BYTES &&
	       h->parts > 0 && h->parts <= RAW_PARTS_MAX && h->parts == parts;
}

bool raw_open(const char *state_dir, uint64_t capture, struct raw *out, struct err *e)
{
	char name[48];
	struct raw_head head;
	*out = (struct raw){.folder = -1, .index = -1};
	snprintf(name, sizeof name, "raw/%" PRIu64, capture);
	scoped_fd int state = folder_open(state_dir, "", e);
	if (state < 0)
		return false;
	out->folder = openat(
		state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out->folder < 0)
		return err_set(e, errno == ENOENT ? ERR_INPUT : ERR_IO,
			"the raw file of capture %" PRIu64 ": %s", capture,
			errno == ENOENT ? "there is none (any more)" : strerror(errno));
	out->index = openat(out->folder, RAW_INDEX, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (out->index < 0 ||
		pread(out->index, &head, sizeof head, 0) != (ssize_t)sizeof head ||
		!raw_check_head(&head, capture)) {
		raw_close(out);
		return err_set(e, ERR_INPUT,
			"the raw file of capture %" PRIu64 " is damaged", capture);
	}
	out->capture = capture;
	out->file_bytes = head.file_bytes;
	out->parts = head.parts;
	memcpy(out->file_sha256, head.sha256, sizeof head.sha256);
	return true;
}

bool raw_part(const struct raw *r, uint32_t number, struct buf *bytes,
	struct snapshot_raw_part *out, struct err *e)
{
	char name[16];
	struct snapshot_raw_part part = {
		.capture = r->capture,
		.number = number,
		.parts = r->parts,
		.file_bytes = r->file_bytes,
	};
	if (number >= r->parts)
		return err_set(e, ERR_INPUT,
			"capture %" PRIu64 " has %" PRIu32
			" parts, not a part %" PRIu32,
			r->capture, r->parts, number);
	off_t at = (off_t)(sizeof(struct raw_head) + (size_t)number * RAW_SHA_BYTES);
	snprintf(name, sizeof name, "%06" PRIu32, number);
	buf_reset(bytes);
	if (pread(r->index, part.sha256, RAW_SHA_BYTES, at) != RAW_SHA_BYTES ||
		!folder_read(r->folder, name,
			ZSTD_compressBound(SNAPSHOT_RAW_PART_BYTES), bytes) ||
		!bytes->length)
		return err_set(e, ERR_INPUT,
			"part %" PRIu32 " of capture %" PRIu64 " is damaged", number,
			r->capture);
	memcpy(part.file_sha256, r->file_sha256, sizeof part.file_sha256);
	part.bytes = bytes->data;
	part.length = bytes->length;
	*out = part;
	return true;
}

void raw_close(struct raw *r)
{
	if (r->folder >= 0)
		close(r->folder);
	if (r->index >= 0)
		close(r->index);
	r->folder = r->index = -1;
}

bool raw_drop(const char *state_dir, uint64_t capture, struct err *e)
{
	char name[24];
	scoped_fd int raw = folder_open(state_dir, "raw", e);
	if (raw < 0)
		return false;
	snprintf(name, sizeof name, "%" PRIu64, capture);
	return raw_folder_remove(raw, name) ||
	       err_errno(e, "cannot remove the raw file of capture %s", name);
}

uint64_t raw_used(const char *state_dir)
{
	struct err ignored;
	scoped_fd int raw = folder_open(state_dir, "raw", &ignored);
	return raw < 0 ? 0 : raw_folder_bytes(raw);
}
