#include "server/api/handlers.h"
#include "server/store/fleet.h"
#include "server/store/host_list.h"
#include "server/store/services.h"

#include <string.h>

enum { HOST_MAP_PRECISION_MS = 10000 };

/* Texts that hosts have in common, in the order in which they were met. */
struct host_map_words {
	const char **words;
	int64_t *ids; /* beside each word; 0: none */
	size_t count;
};

/* Its place among the words; hosts in a row mostly have the same, so that the last few
 * are looked at first. */
static int64_t host_map_place(struct host_map_words *w, const char *word, int64_t id)
{
	for (size_t i = w->count; i > 0; i--)
		if (w->ids[i - 1] == id && strcmp(w->words[i - 1], word) == 0)
			return (int64_t)i - 1;
	w->words[w->count] = word;
	w->ids[w->count] = id;
	return (int64_t)w->count++;
}

static struct host_map_words host_map_words(struct call *c, size_t room)
{
	return (struct host_map_words){arena_array(c->arena, room, sizeof(char *)),
		arena_array(c->arena, room, sizeof(int64_t)), 0};
}

struct host_map {
	struct host_list_place *places;
	size_t count;
	struct host_list_label *labels;
	size_t label_count;
	struct services_version *running; /* of the service that was asked for */
	size_t running_count;
	bool of_service;
};

static int64_t host_map_verdict(const char *verdict)
{
	for (int i = 0; i < FLEET_VERDICTS; i++)
		if (strcmp(fleet_verdict_name[i], verdict) == 0)
			return i;
	return -1;
}

static const char *host_map_label(const struct host_map *m, int64_t fingerprint_id)
{
	for (size_t i = 0; i < m->running_count; i++)
		if (m->running[i].id == fingerprint_id)
			return m->running[i].label;
	return "";
}

/* The column of versions, and the words that it refers to. */
static void host_map_put_versions(struct call *c, const struct host_map *m,
	struct host_map_words *words, int64_t *column)
{
	struct json *j = &c->json;
	for (size_t i = 0; i < m->count; i++) {
		const struct host_list_place *p = &m->places[i];
		if (!m->of_service)
			column[i] = host_map_place(words, p->agent_version, 0);
		else if (p->fingerprint_id)
			column[i] = host_map_place(words,
				host_map_label(m, p->fingerprint_id),
				p->fingerprint_id);
		else
			column[i] = -1;
	}
	json_key(j, "versions");
	json_array(j);
	for (size_t i = 0; i < words->count; i++) {
		json_object(j);
		json_put_int(j, "id", words->ids[i]);
		json_put_string(j, "version", words->words[i]);
		json_end(j);
	}
	json_end(j);
}

static void host_map_put_column(
	struct json *j, const char *name, const int64_t *column, size_t count)
{
	json_key(j, name);
	json_array(j);
	for (size_t i = 0; i < count; i++)
		json_int(j, column[i]);
	json_end(j);
}

static void host_map_put_hosts(
	struct call *c, const struct host_map *m, const int64_t *versions)
{
	struct json *j = &c->json;
	enum { ID, VERDICT, AGENT, INSTANCES, ALERTS, COLUMNS };
	static const char *const names[COLUMNS] = {
		"id", "verdict", "agent", "instances", "open_alerts"};
	int64_t *columns[COLUMNS];
	for (int k = 0; k < COLUMNS; k++)
		columns[k] = arena_array(c->arena, m->count, sizeof *columns[k]);
	for (size_t i = 0; i < m->count; i++) {
		const struct host_list_place *p = &m->places[i];
		columns[ID][i] = p->id;
		columns[VERDICT][i] = host_map_verdict(p->verdict);
		columns[AGENT][i] = p->agent;
		columns[INSTANCES][i] = p->instances;
		columns[ALERTS][i] = p->open_alerts;
	}
	json_key(j, "hosts");
	json_object(j);
	json_key(j, "name");
	json_array(j);
	for (size_t i = 0; i < m->count; i++)
		json_string(j, m->places[i].name);
	json_end(j);
	for (int k = 0; k < COLUMNS; k++)
		host_map_put_column(j, names[k], columns[k], m->count);
	host_map_put_column(j, "version", versions, m->count);
	json_key(j, "memory_permille");
	json_array(j);
	for (size_t i = 0; i < m->count; i++) {
		if (m->places[i].memory_permille < 0)
			json_null(j);
		else
			json_int(j, m->places[i].memory_permille);
	}
	json_end(j);
	json_end(j);
}

/* The labels of one key, which stand together, by value. */
static void host_map_put_label(struct call *c, const struct host_map *m,
	const struct host_list_label *labels, size_t count, const int64_t *place_of)
{
	struct json *j = &c->json;
	struct host_map_words values = host_map_words(c, count);
	int64_t *of = arena_array(c->arena, m->count, sizeof *of);
	for (size_t i = 0; i < m->count; i++)
		of[i] = -1;
	for (size_t i = 0; i < count; i++) {
		int64_t value = host_map_place(&values, labels[i].value, 0);
		if (place_of[labels[i].host_id] > 0)
			of[place_of[labels[i].host_id] - 1] = value;
	}
	json_object(j);
	json_put_string(j, "key", labels[0].key);
	json_key(j, "values");
	json_array(j);
	for (size_t i = 0; i < values.count; i++)
		json_string(j, values.words[i]);
	json_end(j);
	host_map_put_column(j, "of", of, m->count);
	json_end(j);
}

static void host_map_put_labels(struct call *c, const struct host_map *m)
{
	int64_t greatest = 0;
	for (size_t i = 0; i < m->count; i++)
		if (m->places[i].id > greatest)
			greatest = m->places[i].id;
	for (size_t i = 0; i < m->label_count; i++)
		if (m->labels[i].host_id > greatest)
			greatest = m->labels[i].host_id;
	/* The place of a host by its id, plus one. */
	int64_t *place_of = arena_array(
		c->arena, (size_t)greatest + 1, sizeof *place_of);
	memset(place_of, 0, ((size_t)greatest + 1) * sizeof *place_of);
	for (size_t i = 0; i < m->count; i++)
		place_of[m->places[i].id] = (int64_t)i + 1;
	json_key(&c->json, "labels");
	json_array(&c->json);
	for (size_t from = 0, to; from < m->label_count; from = to) {
		const char *key = m->labels[from].key;
		for (to = from;
			to < m->label_count && strcmp(m->labels[to].key, key) == 0;)
			to++;
		host_map_put_label(c, m, &m->labels[from], to - from, place_of);
	}
	json_end(&c->json);
}

static bool host_map_read(
	struct call *c, int64_t service_id, struct host_map *m, struct err *e)
{
	m->of_service = service_id != 0;
	return call_db(c, e) &&
	       host_list_map(c->db, service_id, c->now_ms, c->arena, &m->places,
		       &m->count, e) &&
	       host_list_labels(c->db, 0, c->arena, &m->labels, &m->label_count, e) &&
	       (!m->of_service ||
		       services_versions(c->db, (struct figures_ids){&service_id, 1},
			       c->now_ms, c->arena, &m->running, &m->running_count, e));
}

static void host_map_put_names(
	struct json *j, const char *key, const char *const *names, size_t count)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < count; i++)
		json_string(j, names[i]);
	json_end(j);
}

bool host_map_route_get(struct call *c, struct err *e)
{
	const int64_t *services;
	size_t service_count;
	struct host_map m = {0};
	if (!query_ids(&c->query, "service", &services, &service_count, e) ||
		!query_finish(&c->query, e))
		return false;
	if (service_count > 1)
		return err_set(e, ERR_INPUT, "service: only one can be asked for");
	if (!host_map_read(c, service_count ? services[0] : 0, &m, e))
		return false;
	bool is_cut = m.count > HOST_LIST_MAP_MAX;
	m.count -= is_cut;
	struct json *j = &c->json;
	struct host_map_words words = host_map_words(c, m.count);
	int64_t *versions = arena_array(c->arena, m.count, sizeof *versions);
	json_object(j);
	json_put_int(
		j, "at_ms", c->now_ms / HOST_MAP_PRECISION_MS * HOST_MAP_PRECISION_MS);
	json_put_bool(j, "is_cut", is_cut);
	host_map_put_names(j, "verdicts", fleet_verdict_name, FLEET_VERDICTS);
	host_map_put_names(j, "agents", host_list_agent_name, HOST_LIST_AGENTS);
	host_map_put_versions(c, &m, &words, versions);
	host_map_put_hosts(c, &m, versions);
	host_map_put_labels(c, &m);
	json_end(j);
	return true;
}
