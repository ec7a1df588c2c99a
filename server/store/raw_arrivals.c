/* Parts of raw files as agents send them.  Part of raw.h. */
#include "server/store/raw.h"
#include "server/store/raw_seal.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

/* The file that a part belongs to, locked. */
struct raw_file {
	int64_t snapshot_id, capture, bytes, parts, here, refused;
	int64_t service_id, host_id;
	const char *state, *subject;
	uint8_t sha256[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state sum; /* of the parts that are here */
	bool dropping;                /* the host is still to be told */
};

/* Where a part's way ends. */
struct raw_doing {
	struct db *db;
	const uint8_t *key;
	struct raw_arrival *arrival;
	struct raw_file *file;
	struct arena *arena;
};

static void raw_read_file(const struct db_rows *rows, int64_t capture,
	struct raw_file *f, struct arena *a)
{
	size_t length;
	*f = (struct raw_file){
		.snapshot_id = db_int(rows, 0, "snapshot_id"),
		.capture = capture,
		.bytes = db_int(rows, 0, "raw_bytes"),
		.parts = db_int(rows, 0, "parts"),
		.here = db_int(rows, 0, "parts_here"),
		.refused = db_int(rows, 0, "refused"),
		.service_id = db_int(rows, 0, "service_id"),
		.host_id = db_int(rows, 0, "host_id"),
		.state = db_text_copy(rows, 0, "state", a),
		.subject = db_text_copy(rows, 0, "subject", a),
		.dropping = db_bool(rows, 0, "dropping"),
	};
	const uint8_t *sum = db_bytes(rows, 0, "raw_sha256", a, &length);
	if (length == sizeof f->sha256)
		memcpy(f->sha256, sum, length);
	crypto_hash_sha256_init(&f->sum);
	const uint8_t *state = db_bytes(rows, 0, "sum_state", a, &length);
	if (length == sizeof f->sum)
		memcpy(&f->sum, state, length);
}

/* *file is NULL when this agent's host has no such file. */
static bool raw_take_file(struct raw_doing *d, struct err *e)
{
	struct db_args args;
	uint64_t capture = d->arrival->part->capture;
	db_args_init(&args, d->arena);
	db_arg_int(&args, d->arrival->agent_id);
	db_arg_int(&args, (int64_t)capture);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(d->db, SQL_RAW_ARRIVAL, &args, &rows, e))
		return false;
	if (rows.count == 0)
		return true;
	d->file = arena_alloc(d->arena, sizeof *d->file);
	raw_read_file(&rows, (int64_t)capture, d->file, d->arena);
	d->arrival->host_id = (int32_t)d->file->host_id;
	return true;
}

static bool raw_answer(struct raw_doing *d, enum wire_fate fate, const char *reason)
{
	d->arrival->fate = fate;
	d->arrival->reason = reason;
	return true;
}

static bool raw_save(
	struct raw_doing *d, const char *state, const char *text, struct err *e)
{
	const struct raw_file *f = d->file;
	struct db_args args;
	db_args_init(&args, d->arena);
	db_arg_int(&args, f->snapshot_id);
	db_arg_text(&args, state);
	db_arg_int(&args, f->here);
	db_arg_bytes(&args, &f->sum, sizeof f->sum);
	db_arg_int(&args, f->refused);
	db_arg_text(&args, text);
	return db_query(d->db, SQL_RAW_MOVE, &args, NULL, e);
}

static bool raw_note_end(
	struct raw_doing *d, const char *action, const char *detail, struct err *e)
{
	const struct raw_file *f = d->file;
	d->arrival->changed = true;
	return audit_put(d->db,
		&(struct audit_entry){{0, "agent"}, action, f->service_id, f->host_id,
			f->subject, detail},
		d->arena, e);
}

/* The file is given up, with the reason; what is here of it goes. */
static bool raw_lose(struct raw_doing *d, const char *why, struct err *e)
{
	struct raw_file *f = d->file;
	struct db_args args;
	db_args_init(&args, d->arena);
	db_arg_int(&args, f->snapshot_id);
	f->here = 0;
	crypto_hash_sha256_init(&f->sum);
	const char *detail = arena_printf(
		d->arena, "snapshot %" PRId64 ": %s", f->snapshot_id, why);
	return db_query(d->db, SQL_RAW_FORGET_PARTS, &args, NULL, e) &&
	       raw_save(d, "lost", why, e) && raw_note_end(d, "raw.lost", detail, e);
}

static bool raw_refuse_part(struct raw_doing *d, const char *why, struct err *e)
{
	struct raw_file *f = d->file;
	raw_answer(d, WIRE_REFUSED, why);
	if (++f->refused >= RAW_REFUSALS_MAX)
		return raw_lose(d, why, e);
	return raw_save(d, "pulling", why, e);
}

/* The host has none (any more): an answer to an order to drop it, or bad news. */
static bool raw_take_none(struct raw_doing *d, struct err *e)
{
	const struct raw_file *f = d->file;
	raw_answer(d, WIRE_STORED, "");
	if (strcmp(f->state, "dropped") == 0)
		return !f->dropping || raw_save(d, "dropped", "", e);
	if (strcmp(f->state, "pulling") == 0 || strcmp(f->state, "kept") == 0)
		return raw_lose(d, "the host does not have the file any more", e);
	return true;
}

/* The last part is here: the whole must be what the host has summarised. */
static bool raw_end(struct raw_doing *d, struct err *e)
{
	struct raw_file *f = d->file;
	uint8_t sum[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state whole = f->sum;
	crypto_hash_sha256_final(&whole, sum);
	if (memcmp(sum, f->sha256, sizeof sum) != 0)
		return raw_lose(d,
			"the SHA-256 of the whole file is not the one that the host "
			"named",
			e);
	const char *detail = arena_printf(d->arena,
		"snapshot %" PRId64 ", %" PRId64 " bytes", f->snapshot_id, f->bytes);
	return raw_save(d, "complete", "", e) &&
	       raw_note_end(d, "raw.complete", detail, e);
}

static bool raw_store(
	struct raw_doing *d, const uint8_t *bytes, size_t length, struct err *e)
{
	struct raw_file *f = d->file;
	const struct snapshot_raw_part *part = d->arrival->part;
	struct raw_seal_place place = {f->capture, f->bytes, part->number};
	struct raw_seal_bytes sealed = raw_seal_close(
		d->key, &place, part->bytes, part->length, d->arena);
	struct db_args args;
	db_args_init(&args, d->arena);
	db_arg_int(&args, f->snapshot_id);
	db_arg_int(&args, part->number);
	db_arg_bytes(&args, sealed.bytes, sealed.length);
	if (!db_query(d->db, SQL_RAW_PART_PUT, &args, NULL, e))
		return false;
	crypto_hash_sha256_update(&f->sum, bytes, length);
	f->here++;
	raw_answer(d, WIRE_STORED, "");
	d->arrival->changed = f->here % RAW_WINDOW == 0;
	return f->here == f->parts ? raw_end(d, e) : raw_save(d, "pulling", "", e);
}

/* The bytes that a part must have: all but the last are full. */
static size_t raw_part_bytes(const struct raw_file *f, uint32_t number)
{
	int64_t left = f->bytes - (int64_t)number * SNAPSHOT_RAW_PART_BYTES;
	return left < SNAPSHOT_RAW_PART_BYTES ? (size_t)left : SNAPSHOT_RAW_PART_BYTES;
}

static bool raw_take_part(struct raw_doing *d, struct err *e)
{
	const struct raw_file *f = d->file;
	const struct snapshot_raw_part *part = d->arrival->part;
	struct err why;
	const uint8_t *bytes;
	size_t length;
	if (part->parts != f->parts || (int64_t)part->file_bytes != f->bytes ||
		memcmp(part->file_sha256, f->sha256, sizeof f->sha256) != 0) {
		raw_answer(d, WIRE_REFUSED, "another file than the one summarised");
		return raw_lose(d,
			"the host's file is another than the one that it summarised",
			e);
	}
	if (part->number < f->here)
		return raw_answer(d, WIRE_REPEATED, "");
	if (part->number > f->here)
		return raw_answer(d, WIRE_REFUSED,
			arena_printf(
				d->arena, "part %" PRId64 " is wanted first", f->here));
	if (!wire_raw_inflate(part, d->arena, &bytes, &length, &why))
		return raw_refuse_part(d, arena_strdup(d->arena, why.text), e);
	uint8_t sum[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(sum, bytes, length);
	if (length != raw_part_bytes(f, part->number) ||
		memcmp(sum, part->sha256, sizeof sum) != 0)
		return raw_refuse_part(d,
			arena_printf(d->arena,
				"part %" PRIu32 " is not what its SHA-256 says",
				part->number),
			e);
	return raw_store(d, bytes, length, e);
}

bool raw_put(struct db *db, const uint8_t *key, struct raw_arrival *arrival,
	struct arena *a, struct err *e)
{
	struct raw_doing d = {db, key, arrival, NULL, a};
	arrival->changed = false;
	arrival->host_id = 0;
	if (!raw_take_file(&d, e))
		return false;
	if (!d.file)
		return raw_answer(
			&d, WIRE_REFUSED, "no raw file of this host was asked for");
	if (arrival->part->parts == 0)
		return raw_take_none(&d, e);
	if (strcmp(d.file->state, "complete") == 0)
		return raw_answer(&d, WIRE_REPEATED, "");
	if (strcmp(d.file->state, "pulling") != 0)
		return raw_answer(&d, WIRE_REFUSED, "this raw file is not asked for");
	return raw_take_part(&d, e);
}
