#include "agent/heap/digest_file.h"

#include "agent/heap/digest_parts.h"
#include "agent/heap/varint.h"
#include "common/crc32c.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { DIGEST_FILE_VERSION = 2, DIGEST_FILE_LEVEL = 3 };

static const char digest_file_magic[8] = "TMDIGST\1";

static void digest_file_put(uint8_t *bytes, uint64_t value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t digest_file_get(const uint8_t *bytes, size_t length)
{
	uint64_t value = 0;
	for (size_t i = length; i > 0; i--)
		value = value << 8 | bytes[i - 1];
	return value;
}

static void digest_file_text(struct buf *b, const char *text)
{
	size_t length = strlen(text);
	varint_put(b, length);
	buf_append(b, text, length);
}

static int digest_file_compare(const void *a, const void *b)
{
	uint64_t l = *(const uint64_t *)a, r = *(const uint64_t *)b;
	return l < r ? -1 : l > r;
}

/* All hashes once, ascending; the caller frees them. */
static uint64_t *digest_file_hashes(const struct digest *d, size_t *count)
{
	uint64_t *hashes = calloc(d->property_count + 1, sizeof *hashes);
	BUG_ON(!hashes);
	if (d->property_count > 0)
		memcpy(hashes, d->properties, d->property_count * sizeof *hashes);
	qsort(hashes, d->property_count, sizeof *hashes, digest_file_compare);
	*count = 0;
	for (size_t i = 0; i < d->property_count; i++)
		if (i == 0 || hashes[i] != hashes[i - 1])
			hashes[(*count)++] = hashes[i];
	return hashes;
}

static void digest_file_shapes(struct buf *b, const struct digest *d)
{
	size_t count;
	uint64_t *hashes = digest_file_hashes(d, &count);
	varint_put(b, count);
	for (size_t i = 0; i < count; i++) {
		uint8_t bytes[8];
		digest_file_put(bytes, hashes[i], sizeof bytes);
		buf_append(b, bytes, sizeof bytes);
	}
	varint_put(b, d->property_count);
	varint_put(b, d->shape_count);
	for (size_t i = 0; i < d->shape_count; i++) {
		const struct digest_shape *s = &d->shapes[i];
		uint64_t previous = 0;
		varint_put(b, s->row);
		digest_file_text(b, s->place);
		varint_put(b, s->count);
		for (size_t k = 0; k < s->count; k++) {
			const uint64_t *at = bsearch(&d->properties[s->first + k],
				hashes, count, sizeof *hashes, digest_file_compare);
			varint_put(b, (uint64_t)(at - hashes) - previous);
			previous = (uint64_t)(at - hashes);
		}
	}
	free(hashes);
}

static void digest_file_facts(struct buf *b, const struct digest_facts *f)
{
	digest_file_text(b, f->label);
	varint_put(b, (uint64_t)f->taken_unix_ms);
	varint_put(b, (uint64_t)f->likeness);
	varint_put(b, f->node_count);
	varint_put(b, f->edge_count);
	varint_put(b, f->total_bytes);
	varint_put(b, f->reachable_bytes);
}

void digest_file_write(const struct digest *d, struct buf *out)
{
	struct buf body = {0};
	digest_file_facts(&body, &d->facts);
	varint_put(&body, d->row_count);
	for (size_t i = 0; i < d->row_count; i++) {
		digest_file_text(&body, d->rows[i].key);
		digest_file_text(&body, d->rows[i].name);
		digest_file_text(&body, d->rows[i].location);
	}
	digest_file_shapes(&body, d);
	for (int i = 0; i < DIGEST_COLUMNS; i++) {
		varint_put(&body, d->columns[i].length);
		buf_append(&body, d->columns[i].data, d->columns[i].length);
	}

	size_t room = DIGEST_FILE_HEAD_BYTES + ZSTD_compressBound(body.length);
	uint8_t *head = (uint8_t *)buf_reserve(out, room);
	size_t packed = ZSTD_compress(head + DIGEST_FILE_HEAD_BYTES,
		room - DIGEST_FILE_HEAD_BYTES, body.data, body.length,
		DIGEST_FILE_LEVEL);
	BUG_ON(ZSTD_isError(packed));
	memcpy(head, digest_file_magic, sizeof digest_file_magic);
	digest_file_put(head + 8, DIGEST_FILE_VERSION, 4);
	digest_file_put(head + 16, body.length, 8);
	digest_file_put(head + 24, packed, 8);
	size_t length = DIGEST_FILE_HEAD_BYTES + packed;
	digest_file_put(head + 12, crc32c(0, head + 16, length - 16), 4);
	out->length += length;
	buf_finish(&body);
}

static const char *digest_file_get_text(struct varint_reader *r, struct arena *arena)
{
	uint64_t length = varint_count(r, 1);
	const char *bytes = varint_bytes(r, length);
	return bytes ? arena_strndup(arena, bytes, length) : "";
}

static void digest_file_get_facts(struct varint_reader *r, struct digest *d)
{
	struct digest_facts *f = &d->facts;
	f->label = digest_file_get_text(r, &d->arena);
	f->taken_unix_ms = (int64_t)varint_get(r);
	uint64_t likeness = varint_get(r);
	if (likeness != LIKENESS_ID && likeness != LIKENESS_PATH)
		r->has_failed = true;
	f->likeness = likeness == LIKENESS_PATH ? LIKENESS_PATH : LIKENESS_ID;
	f->node_count = varint_get(r);
	f->edge_count = varint_get(r);
	f->total_bytes = varint_get(r);
	f->reachable_bytes = varint_get(r);
}

static void digest_file_get_rows(struct varint_reader *r, struct digest *d)
{
	size_t count = varint_count(r, 3);
	d->rows = arena_array(&d->arena, count + 1, sizeof *d->rows);
	d->row_count = count;
	for (size_t i = 0; i < count; i++) {
		d->rows[i].key = digest_file_get_text(r, &d->arena);
		d->rows[i].name = digest_file_get_text(r, &d->arena);
		d->rows[i].location = digest_file_get_text(r, &d->arena);
	}
}

/* One shape's properties: ascending places in the table of hashes. */
static void digest_file_get_properties(struct varint_reader *r, struct digest *d,
	const uint8_t *hashes, uint64_t hash_count)
{
	struct digest_shape *s = &d->shapes[d->shape_count];
	uint64_t count = varint_count(r, 1), at = 0;
	s->first = d->property_count;
	if (count > d->property_capacity - d->property_count)
		r->has_failed = true;
	while (s->count < count && !r->has_failed) {
		uint64_t step = varint_get(r);
		if (step >= hash_count - at) {
			r->has_failed = true;
			return;
		}
		at += step;
		d->properties[d->property_count++] = digest_file_get(
			hashes + 8 * at, 8);
		s->count++;
	}
}

/* The table of hashes: ascending, so that places in it are in order of hashes. */
static const uint8_t *digest_file_get_hashes(struct varint_reader *r, uint64_t *count)
{
	*count = varint_count(r, 8);
	const uint8_t *hashes = varint_bytes(r, 8 * *count);
	for (uint64_t i = 1; hashes && i < *count; i++)
		if (digest_file_get(hashes + 8 * i - 8, 8) >=
			digest_file_get(hashes + 8 * i, 8))
			r->has_failed = true;
	return hashes;
}

static void digest_file_get_shapes(struct varint_reader *r, struct digest *d)
{
	uint64_t hash_count;
	const uint8_t *hashes = digest_file_get_hashes(r, &hash_count);
	d->property_capacity = varint_count(r, 1);
	uint64_t count = varint_count(r, 3);
	d->properties = calloc(d->property_capacity + 1, sizeof *d->properties);
	d->shapes = calloc(count + 1, sizeof *d->shapes);
	BUG_ON(!d->properties || !d->shapes);
	while (d->shape_count < count && !r->has_failed) {
		struct digest_shape *s = &d->shapes[d->shape_count];
		uint64_t row = varint_get(r);
		if (row >= d->row_count)
			r->has_failed = true;
		s->row = row < d->row_count ? (uint32_t)row : 0;
		s->place = digest_file_get_text(r, &d->arena);
		digest_file_get_properties(r, d, hashes, hash_count);
		d->shape_count++;
	}
}

/* Walks all nodes, so that digest_next need not doubt. */
static bool digest_file_check_nodes(const struct digest *d, struct err *e)
{
	struct varint_reader columns[DIGEST_COLUMNS];
	for (int i = 0; i < DIGEST_COLUMNS; i++)
		columns[i] = (struct varint_reader){
			.bytes = (const uint8_t *)d->columns[i].data,
			.length = d->columns[i].length,
		};
	uint64_t id = 0, classes = digest_class_count(d);
	for (uint64_t n = 0; n < d->facts.node_count; n++) {
		uint64_t step = varint_get(&columns[DIGEST_IDS]);
		uint64_t class = varint_get(&columns[DIGEST_CLASSES]);
		varint_get(&columns[DIGEST_SELF]);
		varint_get(&columns[DIGEST_RETAINED]);
		for (int i = 0; i < DIGEST_COLUMNS; i++)
			if (columns[i].has_failed)
				return err_set(e, ERR_INPUT,
					"digest: node %llu of %llu is cut off",
					(unsigned long long)n,
					(unsigned long long)d->facts.node_count);
		if (step > UINT32_MAX - id || class > classes)
			return err_set(e, ERR_INPUT, "digest: node %llu has a wrong %s",
				(unsigned long long)n,
				class > classes ? "class" : "id");
		id += step;
	}
	for (int i = 0; i < DIGEST_COLUMNS; i++)
		if (columns[i].at != columns[i].length)
			return err_set(e, ERR_INPUT, "digest: more than %llu nodes",
				(unsigned long long)d->facts.node_count);
	return true;
}

static bool digest_file_get_body(
	struct digest *d, const uint8_t *bytes, size_t length, struct err *e)
{
	struct varint_reader r = {.bytes = bytes, .length = length};
	digest_file_get_facts(&r, d);
	if (r.has_failed)
		return err_set(
			e, ERR_INPUT, "digest: what it says of itself is damaged");
	digest_file_get_rows(&r, d);
	if (r.has_failed)
		return err_set(e, ERR_INPUT, "digest: its classes are damaged");
	digest_file_get_shapes(&r, d);
	if (r.has_failed)
		return err_set(e, ERR_INPUT, "digest: its shapes are damaged");
	for (int i = 0; i < DIGEST_COLUMNS; i++) {
		uint64_t size = varint_count(&r, 1);
		const void *column = varint_bytes(&r, size);
		if (column)
			buf_append(&d->columns[i], column, size);
	}
	if (r.has_failed || r.at != r.length)
		return err_set(e, ERR_INPUT, "digest: its columns are damaged");
	return digest_file_check_nodes(d, e);
}

static bool digest_file_check_head(
	const uint8_t *bytes, size_t length, uint64_t max_bytes, struct err *e)
{
	if (length < DIGEST_FILE_HEAD_BYTES ||
		memcmp(bytes, digest_file_magic, sizeof digest_file_magic) != 0)
		return err_set(e, ERR_INPUT, "digest: not one, or cut off");
	uint64_t version = digest_file_get(bytes + 8, 4);
	if (version != DIGEST_FILE_VERSION)
		return err_set(e, ERR_INPUT, "digest: of version %u, not %d",
			(unsigned)version, DIGEST_FILE_VERSION);
	uint64_t packed = digest_file_get(bytes + 24, 8);
	if (packed != length - DIGEST_FILE_HEAD_BYTES)
		return err_set(e, ERR_INPUT,
			"digest: %zu bytes instead of the %llu that it has", length,
			(unsigned long long)packed + DIGEST_FILE_HEAD_BYTES);
	if (digest_file_get(bytes + 12, 4) != crc32c(0, bytes + 16, length - 16))
		return err_set(e, ERR_INPUT, "digest: its checksum does not match");
	if (digest_file_get(bytes + 16, 8) > max_bytes)
		return err_set(e, ERR_BUSY,
			"digest: it would unpack to %llu bytes, allowed are %llu",
			(unsigned long long)digest_file_get(bytes + 16, 8),
			(unsigned long long)max_bytes);
	return true;
}

/* Whether the packed frame says the same size: memory is only asked for then. */
static bool digest_file_unpack(
	const uint8_t *bytes, size_t length, struct buf *out, struct err *e)
{
	uint64_t size = digest_file_get(bytes + 16, 8);
	const uint8_t *packed = bytes + DIGEST_FILE_HEAD_BYTES;
	size_t packed_length = length - DIGEST_FILE_HEAD_BYTES;
	if (ZSTD_getFrameContentSize(packed, packed_length) != size)
		return err_set(e, ERR_INPUT, "digest: its sizes disagree");
	char *to = buf_reserve(out, size);
	size_t unpacked = ZSTD_decompress(to, size, packed, packed_length);
	if (ZSTD_isError(unpacked) || unpacked != size)
		return err_set(e, ERR_INPUT, "digest: it does not unpack: %s",
			ZSTD_isError(unpacked) ? ZSTD_getErrorName(unpacked)
					       : "too short");
	out->length = unpacked;
	return true;
}

bool digest_file_read(const void *bytes, size_t length, uint64_t max_bytes,
	struct digest **out, struct err *e)
{
	if (!digest_file_check_head(bytes, length, max_bytes, e))
		return false;
	struct buf body = {0};
	struct digest *d = calloc(1, sizeof *d);
	BUG_ON(!d);
	arena_init(&d->arena);
	bool done = digest_file_unpack(bytes, length, &body, e) &&
		    digest_file_get_body(d, (const uint8_t *)body.data, body.length, e);
	buf_finish(&body);
	if (!done) {
		digest_destroy(d);
		return false;
	}
	*out = d;
	return true;
}
