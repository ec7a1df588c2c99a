#include "common/log.h"
#include "schema/snapshot.h"
#include "server/api/encoding.h"
#include "server/api/handlers.h"
#include "server/api/range.h"
#include "server/api/shared.h"
#include "server/api/snapshot_shape.h"
#include "server/store/audit.h"
#include "server/store/raw.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	RAW_ROUTE_DOWNLOADS_MAX = HTTP_THREADS / 2,
	RAW_ROUTE_DB_WAIT_MS = 5000,
};

/* A file on its way out, one part of it in memory.  Lives until the answer is sent;
 * used by one thread at a time, on connections that it has only while it reads. */
struct raw_route_reader {
	struct api_shared *shared;
	struct http_content content;
	int64_t snapshot_id;
	uint64_t first;      /* of the file, where the answer begins */
	uint64_t file_bytes; /* of the file */
	uint64_t part_from;
	struct buf part;
};

static bool raw_route_load(struct raw_route_reader *r, uint64_t at, struct err *e)
{
	struct db *db = pool_take(r->shared->pool, RAW_ROUTE_DB_WAIT_MS, e);
	if (!db)
		return false;
	uint64_t from = at - at % SNAPSHOT_RAW_PART_BYTES;
	uint64_t length = r->file_bytes - from;
	if (length > SNAPSHOT_RAW_PART_BYTES)
		length = SNAPSHOT_RAW_PART_BYTES;
	buf_reset(&r->part);
	bool ok = raw_read(db, r->shared->options.raw_key, r->snapshot_id,
			  (int64_t)from, (size_t)length, &r->part, e) &&
		  r->part.length == length;
	pool_give(r->shared->pool, db);
	r->part_from = from;
	if (!ok)
		buf_reset(&r->part);
	return ok;
}

static bool raw_route_holds(const struct raw_route_reader *r, uint64_t at)
{
	return at >= r->part_from && at - r->part_from < r->part.length;
}

static ssize_t raw_route_read(void *context, uint64_t offset, char *to, size_t room)
{
	struct raw_route_reader *r = context;
	uint64_t at = r->first + offset;
	struct err e = {0};
	if (!raw_route_holds(r, at) && !raw_route_load(r, at, &e)) {
		log_warn("api: raw file of snapshot %" PRId64 ": %s", r->snapshot_id,
			e.text);
		return -1;
	}
	size_t skip = (size_t)(at - r->part_from);
	size_t length = r->part.length - skip;
	if (length > room)
		length = room;
	memcpy(to, r->part.data + skip, length);
	return (ssize_t)length;
}

static void raw_route_close(void *context)
{
	struct raw_route_reader *r = context;
	atomic_fetch_sub(&r->shared->downloads, 1);
	buf_finish(&r->part);
	free(r);
}

/* Letters, digits and "._-" of a name, at most 64; the rest becomes "-". */
static const char *raw_route_plain(struct call *c, const char *name)
{
	char *plain = arena_strndup(c->arena, name, strnlen(name, 64));
	for (char *p = plain; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			*p = '-';
	return plain;
}

/* "checkout-web-1-4303-20261122T095500Z.heapsnapshot" */
static const char *raw_route_file_name(struct call *c, const struct snapshots_row *row)
{
	time_t seconds = (time_t)(row->taken_ms / 1000);
	struct tm taken;
	char when[32];
	gmtime_r(&seconds, &taken);
	strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &taken);
	return arena_printf(c->arena, "%s-%s-%" PRId64 "-%s.heapsnapshot",
		raw_route_plain(c, row->place.service.name),
		raw_route_plain(c, row->place.host.name), row->place.pid, when);
}

/* The snapshot, which has a raw file, in whatever state. */
static bool raw_route_find(struct call *c, struct snapshots_row **row, struct err *e)
{
	int64_t id;
	if (!query_finish(&c->query, e) || !call_id(c, "snapshot", &id, e) ||
		!call_db(c, e) || !snapshots_row(c->db, id, c->arena, row, e))
		return false;
	if (!*row)
		return call_missing(c, "snapshot", e);
	if (!(*row)->raw.state)
		return call_problem(
			c, 404, e, "no raw file of snapshot %" PRId64 " was kept", id);
	return true;
}

static bool raw_route_note(struct call *c, const struct snapshots_row *row,
	const struct range *range, struct err *e)
{
	const struct snapshots_place *p = &row->place;
	struct audit_entry entry = {
		.actor = {c->user.id, c->user.name},
		.action = "raw.download",
		.service_id = p->service.id,
		.host_id = p->host.id,
		.subject = arena_printf(c->arena, "%s on %s, pid %" PRId64,
			p->service.name, p->host.name, p->pid),
		.detail = arena_printf(c->arena,
			"snapshot %" PRId64 ", bytes %" PRIu64 "-%" PRIu64
			" of %" PRId64,
			row->id, range->first, range->last, row->raw.bytes),
	};
	return audit_put(c->db, &entry, c->arena, e);
}

/* Which part is asked for; 416 when it is none of the file. */
static bool raw_route_range(struct call *c, const struct snapshots_row *row,
	const char *etag, struct range *range, struct err *e)
{
	uint64_t length = (uint64_t)row->raw.bytes;
	bool holds = range_holds(http_header(c->request, "If-Range"), etag);
	*range = range_read(holds ? http_header(c->request, "Range") : NULL, length);
	if (range->kind == RANGE_BEYOND) {
		http_add_header(c->response, "Content-Range",
			arena_printf(c->arena, "bytes */%" PRIu64, length));
		return call_problem(
			c, 416, e, "Range: the file has %" PRIu64 " bytes", length);
	}
	if (range->kind == RANGE_WHOLE) {
		range->first = 0;
		range->last = length - 1;
	}
	return true;
}

static bool raw_route_open(struct call *c, const struct snapshots_row *row,
	const struct range *range, struct err *e)
{
	if (atomic_fetch_add(&c->shared->downloads, 1) >= RAW_ROUTE_DOWNLOADS_MAX) {
		atomic_fetch_sub(&c->shared->downloads, 1);
		http_add_header(c->response, "Retry-After", "10");
		return call_problem(c, 503, e,
			"%d downloads are under way; try again in a moment",
			RAW_ROUTE_DOWNLOADS_MAX);
	}
	struct raw_route_reader *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	*r = (struct raw_route_reader){
		.shared = c->shared,
		.content = {r, range->last - range->first + 1, raw_route_read,
			raw_route_close},
		.snapshot_id = row->id,
		.first = range->first,
		.file_bytes = (uint64_t)row->raw.bytes,
	};
	/* What cannot be opened is told before the answer has begun. */
	struct err why = {0};
	if (!raw_route_load(r, r->first, &why)) {
		raw_route_close(r);
		return call_problem(c, why.kind == ERR_INPUT ? 409 : 503, e,
			"the raw file cannot be read: %s", why.text);
	}
	c->response->content = &r->content;
	return true;
}

static void raw_route_put_headers(struct call *c, const struct snapshots_row *row,
	const char *etag, const struct range *range)
{
	struct http_response *r = c->response;
	r->type = "application/octet-stream";
	http_add_header(r, "ETag", etag);
	http_add_header(r, "Accept-Ranges", "bytes");
	http_add_header(r, "Content-Disposition",
		arena_printf(c->arena, "attachment; filename=\"%s\"",
			raw_route_file_name(c, row)));
	if (range->kind != RANGE_PART)
		return;
	r->status = 206;
	http_add_header(r, "Content-Range",
		arena_printf(c->arena, "bytes %" PRIu64 "-%" PRIu64 "/%" PRId64,
			range->first, range->last, row->raw.bytes));
}

bool raw_route_get(struct call *c, struct err *e)
{
	struct snapshots_row *row;
	struct range range;
	if (!raw_route_find(c, &row, e))
		return false;
	if (strcmp(row->raw.state, "complete") != 0 || row->raw.bytes <= 0)
		return call_problem(c, 409, e,
			"the raw file is not here: it is %s, %" PRId64 " of %" PRId64
			" parts have come%s%s",
			row->raw.state, row->raw.parts_here, row->raw.parts,
			*row->raw.text ? "; " : "", row->raw.text);
	const char *etag = arena_printf(c->arena, "\"%s\"", row->raw.sha256);
	if (!raw_route_range(c, row, etag, &range, e))
		return false;
	bool is_head = strcmp(c->request->method, "HEAD") == 0;
	if (!raw_route_open(c, row, &range, e))
		return false;
	const char *held = http_header(c->request, "If-None-Match");
	bool has_it = held && encoding_etag_matches(held, etag);
	if (!is_head && !has_it && !raw_route_note(c, row, &range, e)) {
		raw_route_close(c->response->content->context);
		c->response->content = NULL;
		return false;
	}
	raw_route_put_headers(c, row, etag, &range);
	return true;
}

static bool raw_route_step(struct call *c,
	bool (*take)(struct db *, const struct raw_step *, struct arena *,
		enum raw_outcome *, struct err *),
	struct err *e)
{
	struct snapshots_row *row;
	struct snapshots_one *one;
	enum raw_outcome outcome;
	if (!raw_route_find(c, &row, e))
		return false;
	struct raw_step step = {row->id, {c->user.id, c->user.name}};
	if (!take(c->db, &step, c->arena, &outcome, e))
		return false;
	if (outcome == RAW_REFUSED && row->raw.bytes > RAW_FILE_BYTES_MAX)
		return call_problem(c, 409, e,
			"the raw file has %" PRId64 " bytes, at most %" PRId64
			" are fetched",
			row->raw.bytes, (int64_t)RAW_FILE_BYTES_MAX);
	if (outcome == RAW_REFUSED)
		return call_problem(c, 409, e, "the raw file is %s", row->raw.state);
	if (outcome == RAW_MISSING)
		return call_missing(c, "snapshot", e);
	if (!snapshots_one(c->db, row->id, c->arena, &one, e))
		return false;
	if (!one)
		return call_missing(c, "snapshot", e);
	snapshot_shape_one(&c->json, one);
	return true;
}

bool raw_route_ask(struct call *c, struct err *e)
{
	return raw_route_step(c, raw_ask, e);
}

bool raw_route_drop(struct call *c, struct err *e)
{
	return raw_route_step(c, raw_drop, e);
}
