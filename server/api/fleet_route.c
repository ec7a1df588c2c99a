#include "server/api/handlers.h"
#include "server/store/fleet.h"

enum { FLEET_PRECISION_MS = 10000 };

bool fleet_route_get(struct call *c, struct err *e)
{
	struct db *db;
	struct fleet fleet;
	if (!query_finish(&c->query, e) || !(db = call_db(c, e)) ||
		!fleet_read(db, c->now_ms, c->arena, &fleet, e))
		return false;
	struct json *j = &c->json;
	json_object(j);
	/* Not finer, so that an answer in which nothing changed is the same answer. */
	json_put_int(j, "at_ms", c->now_ms / FLEET_PRECISION_MS * FLEET_PRECISION_MS);
	json_put_int(j, "hosts", fleet.hosts);
	json_put_int(j, "services", fleet.services);
	json_put_int(j, "instances", fleet.instances);
	json_put_int(j, "instances_silent", fleet.instances_silent);
	json_key(j, "agents");
	json_object(j);
	json_put_int(j, "total", fleet.agents);
	json_put_int(j, "reporting", fleet.agents_reporting);
	json_put_int(j, "silent", fleet.agents - fleet.agents_reporting);
	json_end(j);
	json_key(j, "alerts");
	json_object(j);
	json_put_int(j, "open", fleet.alerts_open);
	for (int i = 0; i < FLEET_INBOXES; i++)
		json_put_int(j, fleet_inbox_name[i], fleet.alerts[i]);
	json_end(j);
	json_key(j, "findings");
	json_object(j);
	json_put_int(j, "watch", fleet.findings_watch);
	json_put_int(j, "confirmed", fleet.findings_confirmed);
	json_end(j);
	json_key(j, "verdicts");
	json_object(j);
	for (int i = 0; i < FLEET_VERDICTS; i++)
		json_put_int(j, fleet_verdict_name[i], fleet.verdicts[i]);
	json_end(j);
	json_end(j);
	return true;
}
