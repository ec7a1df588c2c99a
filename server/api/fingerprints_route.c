#include "server/api/handlers.h"
#include "server/api/insight_shape.h"
#include "server/api/shape.h"
#include "server/store/fingerprints.h"

#include <inttypes.h>
#include <string.h>

enum { PART_MAX = 256, NAME_MAX_BYTES = 512 };

/* The members of a version with what it consists of. */
static void fingerprints_route_members(struct json *j, const struct fingerprints_row *f)
{
	json_put_int(j, "id", f->id);
	shape_put_name(j, "service", "name", &f->service);
	json_put_string(j, "version", f->version);
	json_put_string(j, "label", f->label);
	json_put_string(j, "runtime", f->runtime);
	json_put_string(j, "runtime_version", f->runtime_version);
	json_put_bool(j, "is_known", f->known);
	json_put_string(j, "hash", f->hash);
	json_put_string(j, "app", f->app);
	json_put_string(j, "app_version", f->app_version);
	json_put_string(j, "git_head", f->git_head);
	json_put_string(j, "build_id", f->build_id);
	json_put_string(j, "image", f->image);
	json_put_string(j, "source", f->source);
	json_put_int(j, "packages", f->packages);
	json_put_bool(j, "is_cut", f->is_cut);
	json_put_raw(j, "environment", f->environment);
	json_put_raw(j, "remarks", f->remarks);
	json_put_int(j, "hosts", f->hosts);
	json_put_int(j, "instances", f->instances);
	json_put_int(j, "first_seen_at_ms", f->first_seen_ms);
	json_put_int(j, "last_seen_at_ms",
		f->last_seen_ms ? f->last_seen_ms : f->first_seen_ms);
}

static void fingerprints_route_row(struct json *j, const struct fingerprints_row *f)
{
	json_object(j);
	fingerprints_route_members(j, f);
	json_end(j);
}

/* A cursor is "<first seen> <id>". */
static bool fingerprints_route_after(
	struct call *c, struct fingerprints_filter *filter, struct err *e)
{
	const char *after;
	if (!query_after(&c->query, &after, e))
		return false;
	if (after &&
		(!query_after_int(&after, 1, QUERY_TIME_MAX, &filter->after_ms) ||
			!query_after_int(&after, 1, INT32_MAX, &filter->after_id) ||
			*after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

bool fingerprints_route_list(struct call *c, struct err *e)
{
	struct fingerprints_filter filter = {0};
	struct fingerprints_row *rows;
	size_t count;
	if (!call_service(c, &filter.service_id, e) ||
		!call_limit(c, &filter.limit, e) ||
		!fingerprints_route_after(c, &filter, e) ||
		!query_finish(&c->query, e) || !call_db(c, e) ||
		!fingerprints_page(
			c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		fingerprints_route_row(&c->json, &rows[i]);
	call_items_end(c, shown < count ? arena_printf(c->arena, "%" PRId64 " %" PRId64,
						  rows[shown - 1].first_seen_ms,
						  rows[shown - 1].id)
					: NULL);
	return true;
}

/* The versions of these ids, in their order; NULL: there is none. */
static bool fingerprints_route_find(struct call *c, const int64_t *ids, size_t count,
	struct fingerprints_row **out, struct err *e)
{
	struct fingerprints_filter filter = {.only = {ids, count}, .limit = (int)count};
	struct fingerprints_row *rows;
	size_t found;
	if (!call_db(c, e) || !fingerprints_page(c->db, &filter, c->now_ms, c->arena,
				      &rows, &found, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		out[i] = NULL;
		for (size_t k = 0; k < found; k++)
			if (rows[k].id == ids[i])
				out[i] = &rows[k];
	}
	return true;
}

/* A cursor is "<length of the name> <name><version>". */
static bool fingerprints_route_packages_after(
	struct call *c, struct fingerprints_packages_filter *filter, struct err *e)
{
	const char *after;
	int64_t length;
	if (!query_after(&c->query, &after, e))
		return false;
	if (!after)
		return true;
	if (!query_after_int(&after, 0, QUERY_CURSOR_MAX, &length) ||
		(size_t)length > strlen(after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	filter->after_name = arena_strndup(c->arena, after, (size_t)length);
	filter->after_version = after + length;
	return true;
}

static void fingerprints_route_put_packages(
	struct json *j, const struct fingerprints_package *rows, size_t count)
{
	json_key(j, "package_list");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		json_put_string(j, "name", rows[i].name);
		json_put_string(j, "version", rows[i].version);
		json_end(j);
	}
	json_end(j);
}

bool fingerprints_route_get(struct call *c, struct err *e)
{
	struct fingerprints_packages_filter filter = {0};
	struct fingerprints_package *rows;
	struct fingerprints_row *row;
	size_t count;
	if (!call_id(c, "version", &filter.fingerprint_id, e) ||
		!query_text(&c->query, "filter", PART_MAX, &filter.part, e) ||
		!call_limit(c, &filter.limit, e) ||
		!fingerprints_route_packages_after(c, &filter, e) ||
		!query_finish(&c->query, e) ||
		!fingerprints_route_find(c, &filter.fingerprint_id, 1, &row, e))
		return false;
	if (!row)
		return call_missing(c, "version", e);
	if (!fingerprints_packages(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	struct json *j = &c->json;
	json_object(j);
	fingerprints_route_members(j, row);
	fingerprints_route_put_packages(j, rows, shown);
	if (shown < count) {
		const struct fingerprints_package *last = &rows[shown - 1];
		json_put_string(j, "next",
			query_cursor(c->arena,
				arena_printf(c->arena, "%zu %s%s", strlen(last->name),
					last->name, last->version)));
	}
	json_end(j);
	return true;
}

static void fingerprints_route_put_fields(
	struct json *j, const struct fingerprints_field *fields, size_t count)
{
	json_key(j, "fields");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		json_put_string(j, "name", fields[i].name);
		json_put_string(j, "from", fields[i].from);
		json_put_string(j, "to", fields[i].to);
		json_end(j);
	}
	json_end(j);
}

/* What was added has no versions before, what was removed none after. */
static void fingerprints_route_put_changes(
	struct json *j, const struct fingerprints_change *rows, size_t count)
{
	json_key(j, "changed");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		if (!rows[i].from || !rows[i].to)
			continue;
		json_object(j);
		json_put_string(j, "name", rows[i].name);
		json_put_raw(j, "from", rows[i].from);
		json_put_raw(j, "to", rows[i].to);
		json_end(j);
	}
	json_end(j);
	for (int side = 0; side < 2; side++) {
		json_key(j, side == 0 ? "added" : "removed");
		json_array(j);
		for (size_t i = 0; i < count; i++) {
			const char *versions = side == 0 ? rows[i].to : rows[i].from;
			const char *other = side == 0 ? rows[i].from : rows[i].to;
			if (other || !versions)
				continue;
			json_object(j);
			json_put_string(j, "name", rows[i].name);
			json_put_raw(j, "versions", versions);
			json_end(j);
		}
		json_end(j);
	}
}

static bool fingerprints_route_pair(struct call *c, int64_t ids[2], struct err *e)
{
	static const struct query_range range = {1, INT32_MAX, 0};
	if (!query_int(&c->query, "from", &range, &ids[0], e) ||
		!query_int(&c->query, "to", &range, &ids[1], e) ||
		!query_finish(&c->query, e))
		return false;
	if (!ids[0] || !ids[1])
		return err_set(e, ERR_INPUT, "%s: is missing", ids[0] ? "to" : "from");
	return true;
}

bool fingerprints_route_diff(struct call *c, struct err *e)
{
	int64_t ids[2];
	struct fingerprints_row *rows[2];
	struct fingerprints_field *fields;
	struct fingerprints_change *changes = NULL;
	size_t field_count, count = 0;
	if (!fingerprints_route_pair(c, ids, e) || !call_take_turn(c, e) ||
		!fingerprints_route_find(c, ids, 2, rows, e))
		return false;
	for (int i = 0; i < 2; i++)
		if (!rows[i])
			return call_problem(
				c, 404, e, "no version has the id %" PRId64, ids[i]);
	/* Packages of a version that nobody told are not packages that it lacks. */
	struct fingerprints_pair pair = {ids[0], ids[1], FINGERPRINTS_DIFF_MAX + 1};
	if (!fingerprints_fields(
		    c->db, ids[0], ids[1], c->arena, &fields, &field_count, e) ||
		(rows[0]->known && rows[1]->known &&
			!fingerprints_diff(
				c->db, &pair, c->arena, &changes, &count, e)))
		return false;
	size_t shown = count > FINGERPRINTS_DIFF_MAX ? FINGERPRINTS_DIFF_MAX : count;
	struct json *j = &c->json;
	json_object(j);
	json_key(j, "from");
	fingerprints_route_row(j, rows[0]);
	json_key(j, "to");
	fingerprints_route_row(j, rows[1]);
	fingerprints_route_put_fields(j, fields, field_count);
	fingerprints_route_put_changes(j, changes, shown);
	json_put_bool(j, "is_cut", shown < count);
	json_end(j);
	return true;
}

/* A cursor is "<id> <version>". */
static bool fingerprints_route_use_filter(
	struct call *c, struct fingerprints_use_filter *filter, struct err *e)
{
	if (!query_text(&c->query, "name", NAME_MAX_BYTES, &filter->name, e) ||
		!query_text(&c->query, "version", PART_MAX, &filter->version, e) ||
		!call_limit(c, &filter->limit, e) ||
		!query_after(&c->query, &filter->after_version, e) ||
		!query_finish(&c->query, e))
		return false;
	if (!filter->name)
		return err_set(e, ERR_INPUT, "name: is missing");
	if (filter->after_version && !query_after_int(&filter->after_version, 1,
					     INT32_MAX, &filter->after_id))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

bool fingerprints_route_packages(struct call *c, struct err *e)
{
	struct fingerprints_use_filter filter = {0};
	struct fingerprints_use *rows;
	size_t count;
	if (!fingerprints_route_use_filter(c, &filter, e) || !call_db(c, e) ||
		!fingerprints_uses(
			c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		insight_shape_use(&c->json, &rows[i]);
	call_items_end(c, shown < count ? arena_printf(c->arena, "%" PRId64 " %s",
						  rows[shown - 1].fingerprint.id,
						  rows[shown - 1].version)
					: NULL);
	return true;
}
