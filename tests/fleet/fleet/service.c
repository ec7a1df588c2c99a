#include "tests/fleet/fleet/service.h"

#include "tests/fleet/simulate/scenario.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SERVICE_SHAPES_MAX = 64, SERVICE_WAVES = 10 };

static const struct {
	const char *name, *scenario;
} service_shapes[] = {
	{"steady", "flat"},
	{"cache", "cache_fill"},
	{"leak", "leak_linear"},
	{"daily", "loadprop"},
	{"stair", "leak_stair"},
	{"batch", "nightly_batch"},
	{"restarts", "leak_restart"},
	{"version", "fleet_version_leak"},
	{"gc", "gc_flat"},
};
enum { SERVICE_SHAPES = sizeof service_shapes / sizeof *service_shapes };

static const char *const service_names[] = {"orders", "cart", "catalog", "search",
	"payments", "login", "mailer", "images", "prices", "stock", "reviews", "basket",
	"shipping", "invoices", "events", "gateway", "reports", "sessions", "coupons",
	"feeds"};
enum { SERVICE_NAMES = sizeof service_names / sizeof *service_names };

static const struct scenario *service_find_in(
	const struct scenario *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

static const struct scenario *service_find(const char *shape)
{
	const struct scenario *found = NULL;
	const char *name = shape;
	for (size_t i = 0; i < SERVICE_SHAPES; i++)
		if (strcmp(service_shapes[i].name, shape) == 0)
			name = service_shapes[i].scenario;
	found = service_find_in(scenario_leaks, scenario_leak_count, name);
	if (!found)
		found = service_find_in(scenario_healthy, scenario_healthy_count, name);
	if (!found)
		found = service_find_in(scenario_fleets, scenario_fleet_count, name);
	return found;
}

/* The shapes to deal out, in turn.  `texts` holds the names. */
static bool service_list(const struct options *o, const char **shapes, size_t *count,
	char *texts, size_t size, struct err *e)
{
	*count = 0;
	if (strcmp(o->shapes, "mixed") == 0) {
		for (size_t i = 0; i < SERVICE_SHAPES; i++)
			if (!o->leak_version ||
				strcmp(service_shapes[i].name, "version"))
				shapes[(*count)++] = service_shapes[i].name;
		return true;
	}
	snprintf(texts, size, "%s", o->shapes);
	for (char *rest = texts, *name; (name = strsep(&rest, ","));) {
		if (!service_find(name) || *count == SERVICE_SHAPES_MAX)
			return err_set(e, ERR_INPUT, "there is no shape '%s'", name);
		for (size_t i = 0; i < SERVICE_SHAPES; i++)
			if (strcmp(name, service_shapes[i].name) == 0)
				name = (char *)service_shapes[i].name;
		shapes[(*count)++] = service_find(name)->name;
	}
	return true;
}

static void service_name(uint32_t number, char out[32])
{
	if (number < SERVICE_NAMES)
		snprintf(out, 32, "%s", service_names[number]);
	else
		snprintf(out, 32, "%s-%u", service_names[number % SERVICE_NAMES],
			number / SERVICE_NAMES + 1);
}

/* A leak of one version alone, that nothing else hides. */
static void service_leak_version(const struct options *o, struct recipe *r)
{
	r->leak.mode = RECIPE_LEAK_STEADY;
	if (o->leak_pct_per_h > 0)
		r->leak.pct_per_h = o->leak_pct_per_h;
}

static void service_make(const struct options *o, struct draw *d, uint32_t number,
	const char *shape, struct service *s)
{
	struct recipe *r = &s->recipe;
	service_name(number, s->name);
	s->shape = shape;
	s->versions[0] = o->versions[0];
	s->versions[1] = o->versions[1];
	scenario_make(service_find(shape), d, r);
	/* Every other service is one that the agent sees inside. */
	if (number % 2 == 0 && !r->heap.managed)
		draw_managed(d, r, true);
	if (o->leak_version && number == 0)
		service_leak_version(o, r);
	if (r->deploy_at_h > 0 && o->deploy_h > 0)
		r->leak.onset_h = r->deploy_at_h = o->deploy_h;
	s->runtime = r->heap.managed ? "node" : "native";
	s->leaks = r->leak.mode != RECIPE_LEAK_NONE;
	r->start_s = o->from_ms / 1000;
	r->dt_s = (int)(o->interval_ms / 1000);
	r->gaps = 0;
	/* Nothing ends before the fleet does. */
	r->hours = 24 * 365 * 20;
}

bool services_make(const struct options *o, struct service *services, struct err *e)
{
	const char *shapes[SERVICE_SHAPES_MAX];
	char texts[1024];
	size_t count;
	struct draw d = {.hours = o->span_h, .dt_s = (int)(o->interval_ms / 1000)};
	if (!service_list(o, shapes, &count, texts, sizeof texts, e))
		return false;
	random_init(&d.random, o->seed);
	for (uint32_t i = 0; i < o->services; i++)
		service_make(o, &d, i,
			o->leak_version && i == 0 ? "version" : shapes[i % count],
			&services[i]);
	return true;
}

void service_place(const struct service *service, uint64_t seed, uint32_t host,
	uint32_t hosts, struct recipe *out)
{
	struct draw d = {0};
	random_init(&d.random, seed);
	scenario_make_host(&service->recipe, &d,
		&(struct scenario_host){
			.index = (int)((uint64_t)host * SERVICE_WAVES / hosts),
			.count = SERVICE_WAVES,
			.newer = random_chance(&d.random, 0.5)},
		out);
}
