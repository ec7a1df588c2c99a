#include "server/watch/marks.h"

#include <stdio.h>
#include <string.h>

static enum fleet_event_kind kind_of(const struct told_deploy *deploy)
{
	if (strcmp(deploy->kind, "config") == 0)
		return FLEET_EVENT_CONFIG;
	return strcmp(deploy->kind, "load") == 0 ? FLEET_EVENT_LOAD
						 : FLEET_EVENT_DEPLOY;
}

void marks_tell_one(struct fleet *fleet, const struct told_deploy *deploy)
{
	static const char *const words[] = {
		[FLEET_EVENT_DEPLOY] = "a deploy",
		[FLEET_EVENT_LOAD] = "a change of the load",
		[FLEET_EVENT_CONFIG] = "a change of the configuration",
	};
	enum fleet_event_kind kind = kind_of(deploy);
	char text[400];
	if (kind == FLEET_EVENT_DEPLOY && *deploy->version)
		snprintf(text, sizeof text, "version %s was deployed", deploy->version);
	else if (*deploy->note)
		snprintf(text, sizeof text, "%s (%s)", words[kind], deploy->note);
	else
		snprintf(text, sizeof text, "%s", words[kind]);
	fleet_tell_event(fleet, deploy->service_id, kind, deploy->at_ms, text);
}

bool marks_tell(
	struct book *b, struct db *db, int64_t now_ms, struct arena *a, struct err *e)
{
	struct told_deploy *rows;
	size_t count;
	if (!told_deploys(db, b->deploy_id, now_ms - BOOK_PAST_MS, a, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct book_service *service;
		b->deploy_id = rows[i].id;
		HASH_FIND(hh, b->services, &rows[i].service_id,
			sizeof rows[i].service_id, service);
		if (!service || rows[i].said_ms > service->known_ms)
			marks_tell_one(b->fleet, &rows[i]);
	}
	return true;
}
