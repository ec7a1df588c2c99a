#include "server/watch/contents.h"

#include <string.h>

enum {
	OTHER_PARTS = 7, /* beside packages */
	COMMIT_DIGITS = 12,
	AT_ONCE = 50, /* versions, about */
};

static void add(struct fleet_version *to, struct fleet_part *parts, const char *name,
	const char *value)
{
	if (*value)
		parts[to->part_count++] = (struct fleet_part){name, value};
}

/* The simplest first: the order in which equal explanations are named.  The version and
 * the runtime are told even when they are empty, which is a value as well. */
static void tell(struct fleet *fleet, const struct readings_version *v,
	const struct readings_part *packages, size_t count, struct arena *a)
{
	struct fleet_part *parts = arena_array(a, OTHER_PARTS + count, sizeof *parts);
	struct fleet_version told = {.service_id = v->service_id,
		.fingerprint_id = v->id,
		.service = v->service,
		.version = v->label,
		.parts = parts,
		.lacks_parts = !v->has_content};
	parts[told.part_count++] = (struct fleet_part){"version", v->version};
	parts[told.part_count++] = (struct fleet_part){"runtime", v->runtime};
	if (strcmp(v->app_version, v->version) != 0)
		add(&told, parts, "app version", v->app_version);
	if (!strstr(v->runtime, v->runtime_version))
		add(&told, parts, "runtime version", v->runtime_version);
	for (size_t i = 0; i < count; i++)
		add(&told, parts, packages[i].name, packages[i].version);
	add(&told, parts, "image", v->image);
	add(&told, parts, "commit",
		arena_printf(a, "%.*s", COMMIT_DIGITS, v->git_head));
	add(&told, parts, "build", arena_printf(a, "%.*s", COMMIT_DIGITS, v->build_id));
	fleet_tell_version(fleet, &told);
}

/* Tells of versions of whole services. */
static bool tell_services(struct fleet *fleet, struct db *db,
	const struct readings_version *rows, size_t count, struct arena *a,
	struct err *e)
{
	struct readings_part *parts;
	size_t part_count, from = 0;
	int64_t *ids = arena_array(a, count, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = rows[i].id;
	if (!readings_parts(db, ids, count, a, &parts, &part_count, e))
		return false;
	/* Both are in the same order. */
	for (size_t i = 0; i < count; i++) {
		size_t to = from;
		while (to < part_count && parts[to].fingerprint_id == rows[i].id)
			to++;
		tell(fleet, &rows[i], parts + from, to - from, a);
		from = to;
	}
	return true;
}

bool contents_tell(struct fleet *fleet, struct db *db, struct figures_ids ids,
	struct arena *a, struct readings_version **out, size_t *count, struct err *e)
{
	struct readings_version *rows;
	if (!readings_versions(db, ids.ids, ids.count, a, &rows, count, e))
		return false;
	/* A few services at a time, so that no question is large. */
	for (size_t from = 0, to = 0; from < *count; from = to) {
		while (to < *count &&
			(to - from < AT_ONCE ||
				rows[to].service_id == rows[to - 1].service_id))
			to++;
		if (!tell_services(fleet, db, rows + from, to - from, a, e))
			return false;
	}
	*out = rows;
	return true;
}
