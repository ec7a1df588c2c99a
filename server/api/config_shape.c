#include "server/api/config_shape.h"

#include "common/semver.h"
#include "server/api/shape.h"

#include <string.h>

enum { CONFIG_SHAPE_VERSION_MAX = 64 };

static void config_shape_put_stage(struct json *j, enum config_revisions_stage stage)
{
	json_put_string(j, "stage", config_revisions_stage_name[stage]);
}

void config_shape_put_id(struct json *j, const char *key, int64_t id)
{
	if (id)
		json_put_int(j, key, id);
	else
		json_put_null(j, key);
}

void config_shape_revision(struct json *j, const struct config_revisions_row *r)
{
	if (!r) {
		json_null(j);
		return;
	}
	json_object(j);
	json_put_int(j, "id", r->id);
	json_put_raw(j, "settings", r->settings);
	json_put_string(j, "note", r->note);
	json_put_string(j, "state", r->state);
	json_put_string(j, "made_by", r->made_by);
	json_put_int(j, "made_at_ms", r->made_ms);
	shape_put_time(j, "started_at_ms", r->started_ms);
	shape_put_time(j, "ended_at_ms", r->ended_ms);
	config_shape_put_stage(j, r->stage);
	shape_put_time(j, "stage_at_ms", r->stage_ms);
	shape_put_time(j, "settled_at_ms", r->settled_ms);
	json_put_int(j, "stage_hosts", r->stage_hosts);
	json_put_int(j, "stage_done", r->stage_done);
	shape_put_time(j, "until_ms", r->until_ms);
	shape_put_word(j, "reason", r->reason);
	json_end(j);
}

static void config_shape_put_plan(struct json *j, const struct config_groups_plan *p)
{
	json_put_int(j, "canary_hosts", p->canary_hosts);
	json_put_int(j, "part_pct", p->part_pct);
	json_put_int(j, "soak_s", p->soak_s);
	json_put_bool(j, "automatic", p->automatic);
	json_put_int(j, "silent_s", p->silent_s);
	json_put_double(j, "cpu_pct", (double)p->cpu_ppm / 10000);
	json_put_int(j, "rss_bytes", p->rss_bytes);
}

void config_shape_put_group(
	struct json *j, const char *key, const struct figures_name *group)
{
	if (group->id)
		shape_put_name(j, key, "name", group);
	else
		json_put_null(j, key);
}

/* The next version in our own JSON, as the query writes it. */
static const char *config_shape_version(
	const char *at, char version[CONFIG_SHAPE_VERSION_MAX])
{
	static const char key[] = "\"version\" : \"";
	const char *start = strstr(at, key);
	if (!start)
		return NULL;
	start += sizeof key - 1;
	size_t length = strcspn(start, "\"");
	size_t kept = length < CONFIG_SHAPE_VERSION_MAX ? length
							: CONFIG_SHAPE_VERSION_MAX - 1;
	memcpy(version, start, kept);
	version[kept] = '\0';
	return start + length;
}

void config_shape_put_upgrade(struct json *j, const char *key, const char *versions)
{
	char version[CONFIG_SHAPE_VERSION_MAX];
	struct semver own, other;
	bool older = false;
	BUG_ON(!semver_parse(TIDEMARK_VERSION, &own));
	for (const char *at = versions; (at = config_shape_version(at, version));)
		older |= !semver_parse(version, &other) ||
			 semver_compare(&other, &own) < 0;
	json_put_string(j, key,
		older ? "sudo apt-get update && sudo apt-get install --only-upgrade "
			"tidemark-agent"
		      : NULL);
}

void config_shape_group(struct json *j, const struct config_groups_row *g)
{
	json_object(j);
	json_put_int(j, "id", g->id);
	json_put_string(j, "name", g->name);
	json_put_int(j, "position", g->position);
	json_put_string(j, "host", g->host);
	json_put_raw(j, "labels", g->labels);
	config_shape_put_plan(j, &g->plan);
	json_put_int(j, "revision", g->revision);
	json_put_string(j, "created_by", g->created_by);
	json_put_int(j, "created_at_ms", g->created_ms);
	json_put_int(j, "hosts", g->hosts);
	json_key(j, "counts");
	json_object(j);
	for (size_t i = 0; i < CONFIG_GROUPS_STATES; i++)
		json_put_int(j, config_groups_state_name[i], g->counts[i]);
	json_end(j);
	json_key(j, "good");
	config_shape_revision(j, g->good);
	json_key(j, "rollout");
	config_shape_revision(j, g->rollout);
	json_key(j, "draft");
	config_shape_revision(j, g->draft);
	json_put_raw(j, "versions", g->versions);
	config_shape_put_upgrade(j, "upgrade", g->versions);
	json_end(j);
}

void config_shape_put_cost(struct json *j, int64_t cpu_ppm, int64_t rss_bytes)
{
	if (cpu_ppm >= 0)
		json_put_double(j, "cpu_pct", (double)cpu_ppm / 10000);
	else
		json_put_null(j, "cpu_pct");
	shape_put_count(j, "rss_bytes", rss_bytes);
}

/* "interval overridden,inspect forbidden" */
static void config_shape_put_exceptions(struct json *j, const char *text)
{
	json_key(j, "exceptions");
	json_array(j);
	while (*text) {
		char name[64], fate[32];
		size_t length = strcspn(text, ",");
		size_t split = strcspn(text, " ,");
		if (split < sizeof name && split < length &&
			length - split - 1 < sizeof fate) {
			memcpy(name, text, split);
			name[split] = '\0';
			memcpy(fate, text + split + 1, length - split - 1);
			fate[length - split - 1] = '\0';
			json_object(j);
			json_put_string(j, "setting", name);
			json_put_string(j, "fate", fate);
			json_end(j);
		}
		text += length + (text[length] == ',');
	}
	json_end(j);
}

void config_shape_agent(struct json *j, const struct config_agents_row *a)
{
	json_object(j);
	json_put_int(j, "agent", a->id);
	shape_put_name(j, "host", "name", &a->host);
	json_put_string(j, "version", a->version);
	config_shape_put_group(j, "group", &a->group);
	json_put_string(j, "state", a->state);
	config_shape_put_id(j, "desired", a->desired_id);
	config_shape_put_id(j, "acknowledged", a->acked_id > 0 ? a->acked_id : 0);
	shape_put_time(j, "acknowledged_at_ms", a->acked_ms);
	config_shape_put_stage(j, a->stage);
	config_shape_put_exceptions(j, a->exceptions);
	config_shape_put_cost(j, a->cpu_ppm, a->rss_bytes);
	json_end(j);
}
