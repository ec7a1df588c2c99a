#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/search.h"

enum { SEARCH_TEXT_MAX = 256 };

static void search_route_row(struct json *j, const struct search_row *r)
{
	static const char *const name[SEARCH_KINDS] = {
		"name", "name", "version", "summary", "name"};
	json_object(j);
	if (r->kind != SEARCH_PACKAGE)
		json_put_int(j, "id", r->id);
	json_put_string(j, name[r->kind], r->name);
	if (r->kind == SEARCH_SERVICE)
		json_put_string(j, "verdict", r->detail);
	if (r->kind == SEARCH_ALERT)
		json_put_string(j, "state", r->detail);
	if (r->service.id)
		shape_put_name(j, "service", "name", &r->service);
	json_end(j);
}

bool search_route_find(struct call *c, struct err *e)
{
	static const char *const list[SEARCH_KINDS] = {
		"hosts", "services", "versions", "alerts", "packages"};
	const char *text;
	struct search_row *rows;
	size_t count;
	if (!query_text(&c->query, "q", SEARCH_TEXT_MAX, &text, e) ||
		!query_finish(&c->query, e))
		return false;
	if (!text)
		return err_set(e, ERR_INPUT, "q: is missing");
	if (!call_db(c, e) || !search_find(c->db, text, c->arena, &rows, &count, e))
		return false;
	struct json *j = &c->json;
	json_object(j);
	for (int kind = 0; kind < SEARCH_KINDS; kind++) {
		json_key(j, list[kind]);
		json_array(j);
		for (size_t i = 0; i < count; i++)
			if ((int)rows[i].kind == kind)
				search_route_row(j, &rows[i]);
		json_end(j);
	}
	json_end(j);
	return true;
}
