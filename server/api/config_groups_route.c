#include "server/api/body.h"
#include "server/api/config_shape.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/config_groups.h"
#include "server/store/host_list.h"

#include <math.h>
#include <string.h>

enum {
	CONFIG_NAME_MAX = 100,
	CONFIG_GLOB_MAX = 200,
	CONFIG_LABELS_MAX = 16,
	CONFIG_POSITION_MAX = 1000000,
};

bool config_groups_route_settings(struct call *c, struct err *e)
{
	struct json *j = &c->json;
	if (!query_finish(&c->query, e))
		return false;
	call_items_begin(c);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &setting_table[i];
		bool bounded = s->minimum || s->maximum;
		struct buf bounds = {0};
		setting_bounds(s, &bounds);
		json_object(j);
		json_put_string(j, "name", s->name);
		json_put_string(j, "kind", setting_kind_name[s->kind]);
		shape_put_count(j, "minimum", bounded ? s->minimum : -1);
		shape_put_count(j, "maximum", bounded ? s->maximum : -1);
		json_put_string(j, "bounds", bounds.data);
		json_put_string(j, "default", s->fallback);
		json_put_bool(j, "consent", s->consent == SETTING_NEEDED);
		json_put_string(j, "help", s->help);
		json_end(j);
		buf_finish(&bounds);
	}
	call_items_end(c, NULL);
	return true;
}

bool config_groups_route_list(struct call *c, struct err *e)
{
	struct config_groups_row *rows;
	size_t count;
	if (!query_finish(&c->query, e) || !call_db(c, e) ||
		!config_groups_list(c->db, c->now_ms, c->arena, &rows, &count, e))
		return false;
	call_items_begin(c);
	for (size_t i = 0; i < count; i++)
		config_shape_group(&c->json, &rows[i]);
	call_items_end(c, NULL);
	return true;
}

static void config_groups_route_answer(
	struct call *c, const struct config_groups_row *row)
{
	config_shape_group(&c->json, row);
	revision_put_etag(c, row->revision);
}

bool config_groups_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct config_groups_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "group", &id, e) ||
		!call_db(c, e) ||
		!config_groups_one(c->db, id, c->now_ms, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "group", e);
	config_groups_route_answer(c, row);
	return true;
}

static bool config_groups_route_blame(
	struct call *c, const char *name, const char *why, struct err *e)
{
	c->pointer = arena_printf(c->arena, "/%s", name);
	return err_set(e, ERR_INPUT, "%s: %s", name, why);
}

static bool config_groups_route_is_key(const char *key)
{
	size_t length = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789._-/");
	return length > 0 && key[length] == '\0';
}

/* As JSON, which the store keeps. */
static bool config_groups_route_labels(struct call *c, const struct body_pair *pairs,
	size_t count, const char **labels, struct err *e)
{
	struct buf text = {0};
	struct json j;
	bool ok = true;
	json_init(&j, &text);
	json_object(&j);
	for (size_t i = 0; i < count && ok; i++) {
		ok = config_groups_route_is_key(pairs[i].name) && *pairs[i].value;
		json_put_string(&j, pairs[i].name, pairs[i].value);
	}
	json_end(&j);
	*labels = arena_strdup(c->arena, text.data);
	buf_finish(&text);
	return ok || config_groups_route_blame(c, "labels",
			     "a key has small letters, digits and . _ - / only, and a "
			     "value is not empty",
			     e);
}

static bool config_groups_route_plan(
	struct body *body, struct config_groups_plan *p, struct err *e)
{
	static const struct body_int canary = {"canary_hosts", 1, 1000, 1};
	static const struct body_int part = {"part_pct", 1, 100, 25};
	static const struct body_int soak = {"soak_s", 1, 604800, 600};
	static const struct body_bool automatic = {"automatic", true, false};
	static const struct body_int silent = {"silent_s", 5, 86400, 180};
	static const struct body_number cpu = {"cpu_pct", 0.1, 100};
	static const struct body_int rss = {"rss_bytes", 8 << 20, 1 << 30, 64 << 20};
	double cpu_pct;
	if (!body_int(body, &canary, &p->canary_hosts, e) ||
		!body_int(body, &part, &p->part_pct, e) ||
		!body_int(body, &soak, &p->soak_s, e) ||
		!body_bool(body, &automatic, &p->automatic, e) ||
		!body_int(body, &silent, &p->silent_s, e) ||
		!body_number(body, &cpu, &cpu_pct, e) ||
		!body_int(body, &rss, &p->rss_bytes, e))
		return false;
	p->cpu_ppm = isnan(cpu_pct) ? 50000 : llround(cpu_pct * 10000);
	return true;
}

static bool config_groups_route_read(
	struct call *c, struct config_groups_wish *wish, struct err *e)
{
	static const struct body_text name = {"name", CONFIG_NAME_MAX, true};
	static const struct body_text host = {"host", CONFIG_GLOB_MAX, false};
	static const struct body_int position = {
		"position", 1, CONFIG_POSITION_MAX, 100};
	static const struct body_pairs labels = {"labels", CONFIG_LABELS_MAX,
		HOST_LIST_LABEL_KEY_MAX, HOST_LIST_LABEL_VALUE_MAX, false};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const struct body_pair *pairs;
	size_t count;
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &name, &wish->name, e) ||
		!body_text(&body, &host, &wish->host, e) ||
		!body_int(&body, &position, &wish->position, e) ||
		!body_pairs(&body, &labels, &pairs, &count, e) ||
		!config_groups_route_plan(&body, &wish->plan, e) ||
		!body_finish(&body, e) ||
		!config_groups_route_labels(c, pairs, count, &wish->labels, e))
		return false;
	wish->name = arena_strdup(c->arena, wish->name);
	wish->host = arena_strdup(c->arena, wish->host ? wish->host : "");
	return *wish->name ||
	       config_groups_route_blame(c, "name", "must not be empty", e);
}

static struct config_groups_wish config_groups_route_wish(const struct call *c)
{
	return (struct config_groups_wish){
		.actor = {c->user.id, c->user.name}, .now_ms = c->now_ms};
}

bool config_groups_route_create(struct call *c, struct err *e)
{
	struct config_groups_wish wish = config_groups_route_wish(c);
	struct config_groups_row *row;
	if (!query_finish(&c->query, e) || !config_groups_route_read(c, &wish, e) ||
		!call_db(c, e) || !config_groups_add(c->db, &wish, c->arena, &row, e))
		return false;
	if (!row)
		return call_problem(c, 409, e,
			"there is a group of this name already, or a hundred");
	config_groups_route_answer(c, row);
	c->response->status = 201;
	return true;
}

bool config_groups_route_put(struct call *c, struct err *e)
{
	struct config_groups_wish wish = config_groups_route_wish(c);
	struct config_groups_row *row;
	bool done;
	if (!query_finish(&c->query, e) || !call_id(c, "group", &wish.id, e) ||
		!revision_wanted(c, &wish.revision, e) ||
		!config_groups_route_read(c, &wish, e) || !call_db(c, e) ||
		!config_groups_change(c->db, &wish, c->arena, &done, &row, e))
		return false;
	if (!row)
		return call_missing(c, "group", e);
	if (!done)
		return revision_refuse(c, "group", e);
	config_groups_route_answer(c, row);
	return true;
}

bool config_groups_route_drop(struct call *c, struct err *e)
{
	struct config_groups_wish wish = config_groups_route_wish(c);
	struct config_groups_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "group", &wish.id, e) ||
		!call_db(c, e) || !config_groups_drop(c->db, &wish, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "group", e);
	config_shape_group(&c->json, row);
	return true;
}

/* "env=prod*,zone=eu-1" */
static bool config_groups_route_selector(
	struct call *c, const char *text, const char **labels, struct err *e)
{
	struct body_pair pairs[CONFIG_LABELS_MAX];
	size_t count = 0;
	while (text && *text) {
		size_t length = strcspn(text, ",");
		const char *split = memchr(text, '=', length);
		if (!split || count == CONFIG_LABELS_MAX)
			return err_set(e, ERR_INPUT,
				"labels: not KEY=VALUE,KEY=VALUE, at most %d",
				CONFIG_LABELS_MAX);
		pairs[count++] = (struct body_pair){
			arena_strndup(c->arena, text, (size_t)(split - text)),
			arena_strndup(c->arena, split + 1,
				length - (size_t)(split - text) - 1)};
		text += length + (text[length] == ',');
	}
	bool ok = config_groups_route_labels(c, pairs, count, labels, e);
	c->pointer = NULL;
	return ok;
}

static void config_groups_route_fits(struct json *j,
	const struct config_groups_fit *rows, size_t count, int64_t total,
	int64_t taken)
{
	json_object(j);
	json_put_int(j, "hosts", total);
	json_put_int(j, "taken", taken);
	json_key(j, "items");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		json_put_int(j, "id", rows[i].host.id);
		json_put_string(j, "name", rows[i].host.name);
		config_shape_put_group(j, "group", &rows[i].group);
		json_put_bool(j, "fits", rows[i].fits);
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

bool config_groups_route_preview(struct call *c, struct err *e)
{
	static const struct query_range position = {1, CONFIG_POSITION_MAX, 100};
	static const struct query_range group = {0, INT32_MAX, 0};
	struct config_groups_wish wish = config_groups_route_wish(c);
	struct config_groups_fit *rows;
	const char *labels;
	size_t count;
	int64_t total, taken;
	if (!query_text(&c->query, "host", CONFIG_GLOB_MAX, &wish.host, e) ||
		!query_text(&c->query, "labels", 2000, &labels, e) ||
		!query_int(&c->query, "position", &position, &wish.position, e) ||
		!query_int(&c->query, "group", &group, &wish.id, e) ||
		!query_finish(&c->query, e) ||
		!config_groups_route_selector(c, labels, &wish.labels, e))
		return false;
	wish.host = wish.host ? wish.host : "";
	if (!call_db(c, e) || !config_groups_preview(c->db, &wish, c->arena, &rows,
				      &count, &total, &taken, e))
		return false;
	config_groups_route_fits(&c->json, rows, count, total, taken);
	return true;
}

bool config_groups_route_versions(struct call *c, struct err *e)
{
	struct config_groups_versions *rows;
	size_t count;
	struct json *j = &c->json;
	if (!query_finish(&c->query, e) || !call_db(c, e) ||
		!config_groups_versions(c->db, c->arena, &rows, &count, e))
		return false;
	json_object(j);
	json_put_string(j, "server", TIDEMARK_VERSION);
	json_key(j, "items");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		config_shape_put_group(j, "group", &rows[i].group);
		json_put_int(j, "hosts", rows[i].hosts);
		json_put_raw(j, "versions", rows[i].versions);
		config_shape_put_upgrade(j, "upgrade", rows[i].versions);
		json_end(j);
	}
	json_end(j);
	json_end(j);
	return true;
}
