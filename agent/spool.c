#include "agent/spool.h"

#include "agent/spool_cursor.h"
#include "agent/spool_file.h"
#include "agent/spool_index.h"
#include "agent/spool_recover.h"
#include "common/clock.h"
#include "common/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert((int)SPOOL_GAPS_MAX == (int)SPOOL_REASONS, "one gap for each reason");

struct spool {
	int folder;
	uint64_t max_bytes;
	size_t segment_bytes;
	struct spool_index index;
	struct spool_cursor cursor;
	struct spool_position at; /* as the next save will write it */
	int fd; /* of the index's tail; -1: it is not written any more */
	struct spool_losses taken;
	char taken_refusal[SPOOL_REFUSAL_BYTES + 32]; /* as a gap's reason */
	struct buf record;
};

static bool spool_choose_epoch(uint64_t *epoch, struct err *e)
{
	do {
		if (getrandom(epoch, sizeof *epoch, 0) != sizeof *epoch)
			return err_errno(e, "no random numbers");
		*epoch &= INT64_MAX; /* a bigint of the server's database */
	} while (*epoch == 0);
	return true;
}

static uint64_t spool_oldest(const struct spool *s)
{
	uint64_t oldest = spool_index_after(&s->index, s->at.oldest - 1);
	return oldest ? oldest : s->at.next;
}

/* A save that fails is no reason to stop: the cursor only spares the server repeats,
 * and the next save tries again. */
static bool spool_save(struct spool *s, bool sync)
{
	struct err ignored;
	s->at.oldest = spool_oldest(s);
	s->at.records = spool_index_records(&s->index, s->at.oldest);
	s->at.newest = s->index.tail ? s->index.tail->first : 0;
	return spool_cursor_save(&s->cursor, &s->at, sync, &ignored);
}

static void spool_lose(
	struct spool *s, enum spool_reason reason, struct spool_loss loss)
{
	spool_losses_add(&s->at.pending, reason, &loss);
	s->at.lost += loss.batches;
}

static void spool_seal(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* Removes the oldest segments that hold nothing any more.  The newest stays: what is
 * written behind its last record is known to be free. */
static void spool_release(struct spool *s)
{
	const struct spool_segment *head = s->index.head;
	if (!head || head->live || head == s->index.tail)
		return;
	/* A segment may only vanish when the cursor is past it for good. */
	if (!spool_save(s, true))
		return;
	while ((head = s->index.head) && !head->live && head != s->index.tail) {
		spool_file_remove(s->folder, head->first);
		spool_index_pop(&s->index);
	}
}

/* These files may be an older image of themselves, put back, and the server may have
 * newer sequences of this epoch.  There are fewer batches than milliseconds. */
static void spool_jump(struct spool *s, int64_t now_unix_ms)
{
	if (now_unix_ms > 0 && s->at.next < (uint64_t)now_unix_ms)
		s->at.next = (uint64_t)now_unix_ms;
}

static bool spool_start(struct spool *s, uint64_t new_epoch, struct err *e)
{
	bool known;
	spool_cursor_open(&s->cursor, s->folder, &s->at, &known);
	struct spool_recover_options options = {.folder = s->folder,
		.known = known,
		.new_epoch = new_epoch,
		.now_unix_ms = clock_unix_ms()};
	if (!spool_recover(&options, &s->at, &s->index, e))
		return false;
	if (known || s->at.next > 1)
		spool_jump(s, options.now_unix_ms);
	spool_save(s, true);
	spool_release(s);
	return true;
}

static bool spool_lock(const char *dir, int *folder, struct err *e)
{
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_errno(e, "cannot make it");
	*folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0)
		return err_errno(e, "cannot open it");
	if (flock(*folder, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return err_set(e, ERR_BUSY, "another agent is using it");
	return err_errno(e, "cannot lock it");
}

static void spool_bound(struct spool *s, int64_t max_bytes)
{
	s->max_bytes = (uint64_t)max_bytes;
	s->segment_bytes = SPOOL_FORMAT_SEGMENT_MAX;
	if (s->max_bytes / 8 < s->segment_bytes)
		s->segment_bytes = (size_t)(s->max_bytes / 8) & ~(size_t)4095;
}

bool spool_resize(struct spool *s, int64_t max_bytes)
{
	if (max_bytes < SPOOL_BYTES_MIN || (uint64_t)max_bytes < s->index.disk_bytes)
		return false;
	spool_bound(s, max_bytes);
	return true;
}

bool spool_open(const char *dir, int64_t max_bytes, struct spool **out, struct err *e)
{
	uint64_t epoch;
	if (max_bytes < SPOOL_BYTES_MIN)
		return err_set(e, ERR_INPUT,
			"a spool of %" PRId64 " bytes, at least %d", max_bytes,
			SPOOL_BYTES_MIN);
	struct spool *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->folder = s->fd = s->cursor.fd = -1;
	spool_bound(s, max_bytes);
	if (!spool_lock(dir, &s->folder, e) || !spool_choose_epoch(&epoch, e) ||
		!spool_start(s, epoch, e)) {
		err_wrap(e, "spool %s", dir);
		s->at.epoch = 0; /* nothing to save */
		spool_close(s);
		return false;
	}
	*out = s;
	return true;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	if (s->at.epoch)
		spool_save(s, true);
	spool_seal(s);
	spool_cursor_close(&s->cursor);
	spool_index_finish(&s->index);
	buf_finish(&s->record);
	if (s->folder >= 0)
		close(s->folder);
	free(s);
}

/* Losses that a record was to report are pending again when it is lost itself. */
static void spool_reclaim_losses(struct spool *s, const struct spool_segment *segment,
	const struct spool_entry *entry)
{
	struct buf bytes = {0};
	struct spool_losses losses;
	struct err ignored; /* the loss of a report on losses: one too many to follow */
	size_t offset = spool_index_offset(entry) + SPOOL_FORMAT_RECORD_BYTES;
	if (!spool_index_has_losses(entry))
		return;
	if (spool_file_read(s->folder, segment->first, offset, SPOOL_LOSSES_BYTES,
		    &bytes, &ignored) &&
		bytes.length == SPOOL_LOSSES_BYTES) {
		spool_losses_decode((const uint8_t *)bytes.data, &losses);
		spool_losses_merge(&s->at.pending, &losses);
	}
	buf_finish(&bytes);
}

struct spool_dropped {
	uint64_t name;
	size_t size;
};

/* Gives up the oldest segment and what it holds.  Only the file is left, which
 * nothing refers to any more. */
static struct spool_dropped spool_drop_head(struct spool *s, enum spool_reason reason)
{
	const struct spool_segment *head = s->index.head;
	struct spool_dropped dropped = {head->first, head->size};
	for (size_t i = 0; i < head->count; i++)
		if (head->entries[i].length)
			spool_reclaim_losses(s, head, &head->entries[i]);
	spool_lose(s, reason, spool_index_head_loss(&s->index));
	if (head == s->index.tail)
		spool_seal(s);
	spool_index_pop(&s->index);
	spool_save(s, true);
	return dropped;
}

/* The index's tail is a new, empty segment that is open for writing. */
static void spool_began(struct spool *s, const struct spool_header *h, int fd)
{
	struct spool_segment *old = s->index.tail;
	BUG_ON(old && old->first >= h->first);
	if (old && old->size > old->end) {
		spool_file_trim(s->folder, old->first, old->end);
		spool_index_resize(&s->index, old, old->end);
	}
	s->fd = fd;
	spool_index_push(&s->index, h->first, (size_t)h->size);
	spool_save(s, true);
	spool_release(s);
}

/* On a full disk: in the place of the oldest, which is given up. */
static bool spool_begin_in_place(
	struct spool *s, struct spool_header *h, size_t least, struct err *e)
{
	bool made = false;
	int fd;
	while (!made && s->index.head) {
		struct spool_dropped old = spool_drop_head(s, SPOOL_DISK);
		h->size = old.size > least ? old.size : least;
		if (old.size >= least) {
			made = spool_file_reuse(s->folder, old.name, h, &fd, e);
		} else {
			spool_file_remove(s->folder, old.name);
			made = spool_file_create(s->folder, h, &fd, e);
		}
		if (!made && e->kind != ERR_BUSY)
			return false;
	}
	if (made)
		spool_began(s, h, fd);
	return made;
}

/* A new segment for a record of `size` bytes. */
static bool spool_begin(struct spool *s, size_t size, struct err *e)
{
	size_t least = SPOOL_FORMAT_HEADER_BYTES + size;
	size_t wanted = least > s->segment_bytes ? least : s->segment_bytes;
	spool_seal(s);
	while (s->index.head &&
		s->index.disk_bytes + spool_index_blocks(wanted) > s->max_bytes) {
		struct spool_dropped old = spool_drop_head(s, SPOOL_FULL);
		spool_file_remove(s->folder, old.name);
	}
	struct spool_header h = {.epoch = s->at.epoch,
		.first = s->at.next,
		.follows = s->at.last,
		.size = wanted};
	for (;;) {
		int fd;
		if (spool_file_create(s->folder, &h, &fd, e)) {
			spool_began(s, &h, fd);
			return true;
		}
		if (e->kind != ERR_BUSY)
			return false;
		if (h.size == least)
			return spool_begin_in_place(s, &h, least, e);
		h.size = h.size / 2 > least ? h.size / 2 : least;
	}
}

static bool spool_put(
	struct spool *s, struct spool_record *record, const void *bytes, struct err *e)
{
	bool reports = spool_losses_any(&s->taken);
	size_t size = spool_format_record_size(record->payload_length, reports);
	bool fits = s->fd >= 0 && s->index.tail->size - s->index.tail->end >= size;
	if (!fits && !spool_begin(s, size, e))
		return false;
	struct spool_segment *tail = s->index.tail;
	record->sequence = s->at.next++;
	record->offset = tail->end;
	record->size = size;
	record->has_losses = reports;
	spool_format_put_record(
		record, s->at.epoch, reports ? &s->taken : NULL, bytes, &s->record);
	if (!spool_file_write(s->fd, tail->end, s->record.data, size, e)) {
		/* What the kernel has of it cannot be known any more: neither the place
		 * nor the sequence is used again. */
		spool_seal(s);
		return false;
	}
	spool_index_add(&s->index, tail, record);
	s->at.last = record->sequence;
	return true;
}

bool spool_append(struct spool *s, const void *bytes, size_t length,
	int64_t now_unix_ms, uint64_t *sequence, struct err *e)
{
	struct spool_record record = {.time_ms = now_unix_ms, .payload_length = length};
	size_t size = SPOOL_FORMAT_HEADER_BYTES +
		      spool_format_record_size(length, true);
	struct spool_loss loss = {now_unix_ms, now_unix_ms, 1};
	bool stored = false;
	BUG_ON(length == 0);
	if (length > SPOOL_FORMAT_PAYLOAD_MAX ||
		spool_index_blocks(size) > s->max_bytes)
		err_set(e, ERR_INPUT, "a batch of %zu bytes does not fit the spool",
			length);
	else
		stored = spool_put(s, &record, bytes, e) ||
			 (e->kind == ERR_IO && spool_put(s, &record, bytes, e));
	if (stored) {
		*sequence = record.sequence;
		spool_losses_settle(&s->at.pending, &s->taken);
	} else {
		spool_lose(s, e->kind == ERR_INPUT ? SPOOL_FULL : SPOOL_DISK, loss);
	}
	if (!stored || spool_losses_any(&s->taken))
		spool_save(s, true);
	s->taken = (struct spool_losses){0};
	return stored;
}

bool spool_next(const struct spool *s, uint64_t after, uint64_t *sequence)
{
	uint64_t found = spool_index_after(&s->index, after);
	if (found)
		*sequence = found;
	return found != 0;
}

/* ERR_IO: could not be looked at.  ERR_INPUT: is not what was written. */
static bool spool_read_record(struct spool *s, const struct spool_segment *segment,
	const struct spool_entry *entry, struct spool_record *record, struct err *e)
{
	size_t size = spool_format_record_size(
		entry->length, spool_index_has_losses(entry));
	uint64_t sequence = segment->first + entry->delta;
	struct spool_bounds bounds = {s->at.epoch, sequence - 1, sequence + 1};
	buf_reset(&s->record);
	if (!spool_file_read(s->folder, segment->first, spool_index_offset(entry), size,
		    &s->record, e))
		return false;
	if (!spool_format_get_record((const uint8_t *)s->record.data, s->record.length,
		    &bounds, record) ||
		record->payload_length != entry->length)
		return err_set(e, ERR_INPUT,
			"batch %" PRIu64 " is damaged in the spool", sequence);
	return true;
}

bool spool_read(struct spool *s, uint64_t sequence, struct buf *out, struct err *e)
{
	struct spool_segment *segment;
	struct spool_record record;
	struct spool_entry *entry = spool_index_find(&s->index, sequence, &segment);
	if (!entry)
		return err_set(e, ERR_INPUT, "batch %" PRIu64 " is not in the spool",
			sequence);
	if (spool_read_record(s, segment, entry, &record, e)) {
		buf_append(out, s->record.data + record.payload_offset,
			record.payload_length);
		return true;
	}
	if (e->kind == ERR_INPUT) {
		int64_t time_ms = spool_index_time_ms(entry);
		spool_lose(s, SPOOL_DAMAGED, (struct spool_loss){time_ms, time_ms, 1});
		spool_index_remove(&s->index, segment, entry);
		spool_save(s, true);
	}
	return false;
}

void spool_forget(struct spool *s, uint64_t sequence)
{
	struct spool_segment *segment;
	struct spool_entry *entry = spool_index_find(&s->index, sequence, &segment);
	if (!entry)
		return;
	bool was_oldest = sequence == spool_oldest(s);
	spool_index_forget(&s->index, segment, entry);
	if (was_oldest)
		spool_save(s, false);
	spool_release(s);
}

static void spool_keep_refusal(struct spool *s, const char *reason)
{
	size_t length = 0, more;
	while ((more = utf8_character(reason + length)) &&
		length + more < SPOOL_REFUSAL_BYTES)
		length += more;
	memset(s->at.refusal, 0, sizeof s->at.refusal);
	memcpy(s->at.refusal, reason, length);
}

void spool_refuse(struct spool *s, uint64_t sequence, const char *reason)
{
	struct spool_segment *segment;
	struct spool_entry *entry = spool_index_find(&s->index, sequence, &segment);
	if (!entry)
		return;
	int64_t time_ms = spool_index_time_ms(entry);
	spool_reclaim_losses(s, segment, entry);
	spool_lose(s, SPOOL_REFUSED, (struct spool_loss){time_ms, time_ms, 1});
	spool_keep_refusal(s, reason);
	spool_index_forget(&s->index, segment, entry);
	spool_save(s, false);
	spool_release(s);
}

static const char *spool_reason(struct spool *s, enum spool_reason reason)
{
	if (reason != SPOOL_REFUSED || !s->at.refusal[0])
		return spool_losses_reason(reason);
	snprintf(s->taken_refusal, sizeof s->taken_refusal, "%s: %s",
		spool_losses_reason(reason), s->at.refusal);
	return s->taken_refusal;
}

size_t spool_take_gaps(struct spool *s, struct wire_gap out[SPOOL_GAPS_MAX])
{
	size_t count = 0;
	s->taken = s->at.pending;
	for (int i = 0; i < SPOOL_REASONS; i++) {
		const struct spool_loss *loss = &s->taken.of[i];
		if (loss->batches)
			out[count++] = (struct wire_gap){.from_unix_ms = loss->from_ms,
				.to_unix_ms = loss->to_ms,
				.batches = loss->batches,
				.reason = spool_reason(s, (enum spool_reason)i)};
	}
	return count;
}

void spool_get_stats(const struct spool *s, struct spool_stats *out)
{
	*out = (struct spool_stats){
		.epoch = s->at.epoch,
		.oldest = spool_oldest(s),
		.batches = s->index.batches,
		.bytes = s->index.bytes,
		.disk_bytes = s->index.disk_bytes,
		.lost = s->at.lost,
	};
}
