#include "agent/spool_recover.h"

#include "agent/spool_file.h"

#include <stdlib.h>

/* A file, as its name and header describe it. */
struct spool_found {
	uint64_t name;
	bool valid; /* the header is undamaged */
	struct spool_header header;
};

struct spool_recovery {
	const struct spool_recover_options *o;
	struct spool_position *at;
	struct spool_index *index;
	struct spool_found *files;
	size_t file_count;
	struct buf content; /* of the file that is being read */

	uint64_t seen;    /* the newest sequence that was met, missed or jumped over */
	int64_t seen_ms;  /* when the newest record that was met was made; 0: none */
	uint64_t known;   /* records that were met and that the cursor counts */
	uint64_t missing; /* sequences that the cursor does not know, and are not there
			   */
	bool hole;        /* something is missing since the last record */
	struct spool_loss damaged; /* the time around all holes */
};

static const uint8_t *spool_content(const struct spool_recovery *r)
{
	return (const uint8_t *)r->content.data;
}

static bool spool_load(
	struct spool_recovery *r, uint64_t name, size_t limit, struct err *e)
{
	buf_reset(&r->content);
	return spool_file_read(r->o->folder, name, 0, limit, &r->content, e);
}

static bool spool_load_headers(struct spool_recovery *r, struct err *e)
{
	uint64_t *names;
	if (!spool_file_list(r->o->folder, &names, &r->file_count, e))
		return false;
	r->files = calloc(r->file_count + 1, sizeof *r->files);
	BUG_ON(!r->files);
	for (size_t i = 0; i < r->file_count; i++) {
		struct spool_found *file = &r->files[i];
		file->name = names[i];
		if (!spool_load(r, file->name, SPOOL_FORMAT_HEADER_BYTES, e)) {
			free(names);
			return false;
		}
		file->valid = spool_format_get_header(
			spool_content(r), r->content.length, &file->header);
	}
	free(names);
	return true;
}

/* Without a cursor, the newest readable header says which spool this is. */
static void spool_choose_epoch(struct spool_recovery *r)
{
	if (r->o->known)
		return;
	*r->at = (struct spool_position){.epoch = r->o->new_epoch};
	for (size_t i = 0; i < r->file_count; i++)
		if (r->files[i].valid)
			r->at->epoch = r->files[i].header.epoch;
}

static bool spool_is_ours(
	const struct spool_recovery *r, const struct spool_found *file)
{
	return !file->valid ||
	       (file->header.epoch == r->at->epoch && file->header.first == file->name);
}

/* The records of another spool cannot be sent in this one's order: counted. */
static bool spool_discard(
	struct spool_recovery *r, const struct spool_found *file, struct err *e)
{
	struct spool_bounds bounds = {file->header.epoch, 0, UINT64_MAX};
	struct spool_record record;
	size_t offset = SPOOL_FORMAT_HEADER_BYTES;
	if (!spool_load(r, file->name, SPOOL_FORMAT_SEGMENT_MAX, e))
		return false;
	while (file->header.epoch != r->at->epoch &&
		spool_format_next(spool_content(r), r->content.length, &offset, &bounds,
			&record)) {
		struct spool_loss loss = {record.time_ms, record.time_ms, 1};
		spool_losses_add(&r->at->pending, SPOOL_DAMAGED, &loss);
		r->at->lost++;
		bounds.after = record.sequence;
	}
	spool_file_remove(r->o->folder, file->name);
	return true;
}

/* Leaves only files of this spool. */
static bool spool_discard_others(struct spool_recovery *r, struct err *e)
{
	size_t kept = 0;
	for (size_t i = 0; i < r->file_count; i++) {
		if (spool_is_ours(r, &r->files[i]))
			r->files[kept++] = r->files[i];
		else if (!spool_discard(r, &r->files[i], e))
			return false;
	}
	r->file_count = kept;
	return true;
}

static bool spool_is_zero(const struct buf *b)
{
	for (size_t i = 0; i < b->length; i++)
		if (b->data[i])
			return false;
	return true;
}

/* A crash while a segment was made leaves a file of zeros, of which the cursor does
 * not know.  It holds nothing. */
static bool spool_discard_stillborn(struct spool_recovery *r, struct err *e)
{
	while (r->file_count > 0) {
		const struct spool_found *newest = &r->files[r->file_count - 1];
		if (newest->valid || (r->o->known && newest->name == r->at->newest))
			return true;
		if (!spool_load(r, newest->name, SPOOL_FORMAT_SEGMENT_MAX, e))
			return false;
		if (!spool_is_zero(&r->content))
			return true;
		spool_file_remove(r->o->folder, newest->name);
		r->file_count--;
	}
	return true;
}

/* Sequences up to `newest` were appended; those not seen yet are not there.  Of those
 * that the cursor knows it has a count, which is better than the sequences. */
static void spool_miss(struct spool_recovery *r, uint64_t newest)
{
	if (newest <= r->seen)
		return;
	uint64_t unknown = r->seen > r->at->last ? r->seen : r->at->last;
	if (newest > unknown)
		r->missing += newest - unknown;
	r->seen = newest;
	r->hole = true;
}

/* What is missing was made before this time. */
static void spool_close_hole(struct spool_recovery *r, int64_t time_ms)
{
	struct spool_losses range = {0};
	struct spool_loss hole = {r->seen_ms ? r->seen_ms : time_ms, time_ms, 1};
	if (!r->hole)
		return;
	range.of[SPOOL_DAMAGED] = r->damaged;
	spool_losses_add(&range, SPOOL_DAMAGED, &hole);
	r->damaged = range.of[SPOOL_DAMAGED];
	r->hole = false;
}

/* A crash came between this append and the note that the losses are reported. */
static void spool_settle(struct spool_recovery *r, const struct spool_record *record)
{
	struct spool_losses reported;
	if (!r->o->known || !record->has_losses || record->sequence <= r->at->last)
		return;
	spool_losses_decode(
		spool_content(r) + record->offset + SPOOL_FORMAT_RECORD_BYTES,
		&reported);
	spool_losses_settle(&r->at->pending, &reported);
}

static void spool_meet(struct spool_recovery *r, struct spool_segment *segment,
	const struct spool_record *record)
{
	spool_settle(r, record);
	segment->end = record->offset + record->size;
	if (record->sequence <= r->seen)
		return; /* forgotten before */
	spool_miss(r, record->sequence - 1);
	spool_close_hole(r, record->time_ms);
	r->known += record->sequence <= r->at->last;
	spool_index_add(r->index, segment, record);
	r->seen = record->sequence;
	r->seen_ms = record->time_ms;
}

/* Sequences at or above this one are in the files behind. */
static uint64_t spool_limit(const struct spool_recovery *r, size_t i)
{
	if (i + 1 == r->file_count)
		return UINT64_MAX;
	const struct spool_found *behind = &r->files[i + 1];
	if (behind->valid && behind->header.follows + 1 < behind->name)
		return behind->header.follows + 1;
	return behind->name;
}

static void spool_begin(struct spool_recovery *r)
{
	if (!r->o->known) {
		r->at->oldest = r->file_count ? r->files[0].name : 1;
		r->at->next = r->at->oldest;
	}
	r->seen = r->at->oldest - 1;
}

static bool spool_walk(struct spool_recovery *r, size_t i, struct err *e)
{
	const struct spool_found *file = &r->files[i];
	size_t offset = SPOOL_FORMAT_HEADER_BYTES;
	struct spool_record record;
	if (!spool_load(r, file->name, SPOOL_FORMAT_SEGMENT_MAX, e))
		return false;
	size_t length = r->content.length;

	uint64_t room = SPOOL_FORMAT_SEGMENT_MAX / SPOOL_FORMAT_SMALLEST + 1;
	struct spool_bounds bounds = {r->at->epoch, file->name - 1, spool_limit(r, i)};
	if (bounds.limit > file->name + room)
		bounds.limit = file->name + room;
	if (file->valid)
		spool_miss(r, file->header.follows);
	/* Sequences that were jumped over were never used. */
	if (r->seen < file->name - 1)
		r->seen = file->name - 1;
	struct spool_segment *segment = spool_index_push(r->index, file->name, length);
	while (spool_format_next(spool_content(r), length, &offset, &bounds, &record)) {
		bounds.after = record.sequence;
		spool_meet(r, segment, &record);
	}
	return true;
}

/* Bytes at the end of the newest segment that are neither records nor untouched, or
 * are not there: what once stood in them is gone. */
static size_t spool_torn_bytes(
	const struct spool_recovery *r, const struct spool_found *file)
{
	const uint8_t *bytes = spool_content(r);
	size_t length = r->content.length, end = r->index->tail->end;
	if (file->valid && file->header.size > length)
		return (size_t)file->header.size - length;
	if (!file->valid && end == SPOOL_FORMAT_HEADER_BYTES)
		end = 0; /* not even a header */
	while (length > end && bytes[length - 1] == 0)
		length--;
	if (length > end)
		return length - end;
	/* The cursor knows that it was once made. */
	return end == 0 && r->o->known && r->at->newest == file->name;
}

/* How many records could have been lost at the end without any trace of how many. */
static uint64_t spool_blind_spot(
	struct spool_recovery *r, const struct spool_found *file)
{
	uint64_t records = 0;
	if (r->o->known && r->at->newest > (file ? file->name : 0))
		records = SPOOL_FORMAT_SEGMENT_MAX / SPOOL_FORMAT_SMALLEST;
	if (file && r->at->torn != file->name) {
		size_t torn = spool_torn_bytes(r, file);
		if (torn) {
			r->at->torn = file->name;
			records += torn / SPOOL_FORMAT_SMALLEST + 1;
		}
	}
	return records;
}

/* `around` NULL, or empty: between the last record and now. */
static void spool_count(struct spool_recovery *r, enum spool_reason reason,
	uint64_t batches, const struct spool_loss *around)
{
	int64_t now_ms = r->o->now_unix_ms;
	struct spool_loss loss = {r->seen_ms ? r->seen_ms : now_ms, now_ms, batches};
	if (around && around->batches) {
		loss.from_ms = around->from_ms;
		loss.to_ms = around->to_ms;
	}
	spool_losses_add(&r->at->pending, reason, &loss);
	r->at->lost += batches;
}

/* What comes after the last record that was met, and the sum. */
static void spool_end(struct spool_recovery *r)
{
	const struct spool_found *file = r->file_count ? &r->files[r->file_count - 1]
						       : NULL;
	uint64_t blind = spool_blind_spot(r, file);
	uint64_t lost = r->missing;
	if (r->o->known && r->at->records > r->known)
		lost += r->at->records - r->known;
	spool_miss(r, r->at->last);
	spool_close_hole(r, r->o->now_unix_ms);
	if (lost)
		spool_count(r, SPOOL_DAMAGED, lost, &r->damaged);
	else if (blind)
		spool_count(r, SPOOL_UNFINISHED, 1, NULL);

	r->at->last = r->seen;
	if (r->at->next <= r->seen)
		r->at->next = r->seen + 1;
	r->at->next += blind;
	/* A crash before its first record: the next segment needs another name. */
	if (file && r->at->next <= file->name)
		r->at->next = file->name + 1;
	uint64_t oldest = spool_index_after(r->index, 0);
	r->at->oldest = oldest ? oldest : r->at->next;
	r->at->newest = file ? file->name : 0;
}

static bool spool_walk_all(struct spool_recovery *r, struct err *e)
{
	spool_begin(r);
	for (size_t i = 0; i < r->file_count; i++)
		if (!spool_walk(r, i, e))
			return false;
	spool_end(r);
	return true;
}

bool spool_recover(const struct spool_recover_options *options,
	struct spool_position *at, struct spool_index *index, struct err *e)
{
	struct spool_recovery r = {.o = options, .at = at, .index = index};
	bool good = spool_load_headers(&r, e);
	if (good)
		spool_choose_epoch(&r);
	good = good && spool_discard_others(&r, e) && spool_discard_stillborn(&r, e) &&
	       spool_walk_all(&r, e);
	free(r.files);
	buf_finish(&r.content);
	return good;
}
