#include "common/log.h"
#include "server/api/handlers.h"
#include "server/api/shared.h"
#include "server/api/trouble.h"
#include "server/store/migrate.h"

bool health_route_alive(struct call *c, struct err *e)
{
	if (!query_finish(&c->query, e))
		return false;
	json_object(&c->json);
	json_put_bool(&c->json, "alive", true);
	json_end(&c->json);
	return true;
}

bool health_route_ready(struct call *c, struct err *e)
{
	struct migrate_step *steps;
	struct err why;
	int count, missing = 0;
	if (!query_finish(&c->query, e))
		return false;
	if (!migrate_status(
		    c->shared->options.database_uri, c->arena, &steps, &count, &why)) {
		log_warn("api: not ready: %s", why.text);
		struct room room;
		trouble_room(c->shared, &room);
		return call_problem(c, 503, e, "the database does not answer%s",
			room.full ? ": its disk is full" : "");
	}
	for (int i = 0; i < count; i++)
		missing += steps[i].applied_at_ms == 0;
	if (missing)
		return call_problem(
			c, 503, e, "the database lacks %d migrations", missing);
	json_object(&c->json);
	json_put_bool(&c->json, "ready", true);
	/* Reading goes on: a proxy must not take this server out for it. */
	const char *trouble = trouble_words(c->shared, c->arena);
	if (!trouble && db_lost_role())
		trouble = "a role of the database is gone: parts of this program work "
			  "as its owner";
	if (trouble)
		json_put_string(&c->json, "trouble", trouble);
	json_end(&c->json);
	return true;
}
