#include "server/watch/verifying.h"

#include "server/store/verifications.h"
#include "server/watch/releases.h"

#include <inttypes.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)

struct verifying {
	struct db *db;
	const struct fleet_report *report;
	struct releases releases;
	int64_t now_ms;
	struct arena *arena;
	bool *changed;
};

static bool is_backlog(const struct verifications_row *row)
{
	return strcmp(row->kind, analyse_kind_name(ANALYSE_KIND_BACKLOG)) == 0;
}

static bool is_among(struct figures_ids ids, int64_t id)
{
	for (size_t i = 0; i < ids.count; i++)
		if (ids.ids[i] == id)
			return true;
	return false;
}

/* Whether something of these versions is found just now. */
static bool is_found(const struct verifying *v, const struct verifications_row *row,
	struct figures_ids versions)
{
	for (size_t i = 0; i < v->report->finding_count; i++) {
		const struct fleet_finding *f = &v->report->findings[i];
		if (f->service_id != row->service_id ||
			(f->kind == ANALYSE_KIND_BACKLOG) != is_backlog(row))
			continue;
		for (size_t k = 0; k < f->fingerprint_count; k++)
			if (is_among(versions, f->fingerprint_ids[k]))
				return true;
	}
	return false;
}

static const char *text(const struct verifying *v, const struct verifications_row *row,
	const struct verifications_held *held)
{
	return arena_printf(v->arena,
		"%" PRId64 " %s ran %s or later for %" PRId64
		" h in sum without the growth",
		held->hosts, held->hosts == 1 ? "host" : "hosts", row->version,
		held->ms / HOUR_MS);
}

static bool look_at(
	struct verifying *v, const struct verifications_row *row, struct err *e)
{
	struct figures_ids versions = releases_from(
		&v->releases, row->service_id, row->version, v->arena);
	struct verifications_question question = {
		versions, row->finding_id, row->resolved_ms, is_backlog(row)};
	struct verifications_held held;
	if (versions.count == 0)
		return true;
	if (!verifications_count(v->db, &question, v->arena, &held, e))
		return false;
	if (held.hosts == 0)
		return true;
	bool is_verified = held.ms >= row->needed_h * HOUR_MS &&
			   !is_found(v, row, versions);
	const char *state = is_verified ? "verified" : "running";
	if (!is_verified && strcmp(row->state, state) == 0 && held.ms == row->seen_ms &&
		held.hosts == row->hosts)
		return true;
	*v->changed = *v->changed || strcmp(row->state, state) != 0;
	struct verifications_step step = {
		row->alert_id, v->now_ms, state, held, text(v, row, &held)};
	return verifications_save(v->db, &step, v->arena, e);
}

bool verifying_run(struct db *db, const struct fleet_report *report, int64_t now_ms,
	struct arena *a, bool *changed, struct err *e)
{
	struct verifying v = {.db = db,
		.report = report,
		.now_ms = now_ms,
		.arena = a,
		.changed = changed};
	struct verifications_row *rows;
	size_t count;
	if (!verifications_pending(db, a, &rows, &count, e))
		return false;
	int64_t *services = arena_array(a, count, sizeof *services);
	for (size_t i = 0; i < count; i++)
		services[i] = rows[i].service_id;
	if (!releases_read(
		    db, (struct figures_ids){services, count}, a, &v.releases, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!look_at(&v, &rows[i], e))
			return false;
	return true;
}
