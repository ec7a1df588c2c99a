#include "server/store/insight.h"

#include <string.h>

/* The name of a package has no '@' but at its beginning; versions may. */
static size_t insight_name_length(const char *package)
{
	const char *at = *package ? strchr(package + 1, '@') : NULL;
	return at ? (size_t)(at - package) : strlen(package);
}

struct insight_packages {
	const char **names, **versions;
	size_t count;
};

static struct insight_packages insight_split(
	const struct fingerprint *content, struct arena *a)
{
	size_t count = content->package_count;
	struct insight_packages out = {
		.names = arena_array(a, count, sizeof *out.names),
		.versions = arena_array(a, count, sizeof *out.versions),
		.count = count,
	};
	for (size_t i = 0; i < count; i++) {
		const char *package = content->packages[i];
		size_t length = insight_name_length(package);
		out.names[i] = arena_strndup(a, package, length);
		out.versions[i] = package[length] ? package + length + 1 : "";
	}
	return out;
}

static bool insight_put_content_row(struct db *db, const struct fingerprint *content,
	struct arena *a, int64_t *id, struct err *e)
{
	const char *const texts[] = {content->hash, content->app, content->app_version,
		content->git_head, content->build_id, content->image, content->runtime,
		content->runtime_version, content->source};
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, a);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		db_arg_text(&args, texts[i]);
	db_arg_bool(&args, content->is_cut);
	db_arg_texts(&args, content->environment, content->environment_count);
	db_arg_texts(&args, content->remarks, content->remark_count);
	if (!db_query(db, SQL_CONTENT_PUT, &args, &rows, e))
		return false;
	*id = rows.count ? db_int(&rows, 0, "id") : 0;
	return true;
}

bool insight_put_content(struct db *db, const struct fingerprint *content,
	struct arena *a, uint64_t *made, struct err *e)
{
	int64_t id;
	*made = 0;
	if (!insight_put_content_row(db, content, a, &id, e))
		return err_wrap(e, "content");
	if (id == 0)
		return true;
	*made = 1 + content->package_count;
	struct insight_packages packages = insight_split(content, a);
	struct db_args args;
	db_args_init(&args, a);
	db_arg_texts(&args, packages.names, packages.count);
	db_arg_texts(&args, packages.versions, packages.count);
	if (!db_query(db, SQL_PACKAGE_PUT, &args, NULL, e))
		return err_wrap(e, "packages");
	struct db_args links;
	db_args_init(&links, a);
	db_arg_int(&links, id);
	db_arg_texts(&links, packages.names, packages.count);
	db_arg_texts(&links, packages.versions, packages.count);
	return db_query(db, SQL_CONTENT_PACKAGE_PUT, &links, NULL, e) ||
	       err_wrap(e, "packages of a content");
}

/* Kinds, names and locations, as both queries want them. */
static void insight_arg_items(struct db_args *args, const struct census *census)
{
	size_t count = census->item_count;
	int64_t *kinds = arena_array(args->arena, count, sizeof *kinds);
	const char **names = arena_array(args->arena, count, sizeof *names);
	const char **locations = arena_array(args->arena, count, sizeof *locations);
	for (size_t i = 0; i < count; i++) {
		kinds[i] = (int64_t)census->items[i].kind;
		names[i] = census->items[i].name;
		locations[i] = census->items[i].location;
	}
	db_arg_ints(args, kinds, count);
	db_arg_texts(args, names, count);
	db_arg_texts(args, locations, count);
}

bool insight_put_census(struct db *db, int32_t generation_id,
	const struct census *census, struct arena *a, uint64_t *made, struct err *e)
{
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, a);
	db_arg_int(&args, generation_id);
	insight_arg_items(&args, census);
	if (!db_query(db, SQL_CENSUS_NAME_PUT, &args, &rows, e))
		return err_wrap(e, "names of a census");
	*made = (uint64_t)rows.affected;
	int64_t *counts = arena_array(a, census->item_count, sizeof *counts);
	for (size_t i = 0; i < census->item_count; i++)
		counts[i] = (int64_t)census->items[i].count;
	db_args_init(&args, a);
	db_arg_int(&args, generation_id);
	db_arg_time(&args, census->at_unix_ms);
	db_arg_text(&args, census->route);
	db_arg_int(&args, (int64_t)census->took_us);
	db_arg_bool(&args, census->is_cut);
	insight_arg_items(&args, census);
	db_arg_ints(&args, counts, census->item_count);
	return db_query(db, SQL_CENSUS_PUT, &args, NULL, e) || err_wrap(e, "census");
}
