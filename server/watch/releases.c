#include "server/watch/releases.h"

#include "common/semver.h"

#include <string.h>

bool releases_read(struct db *db, struct figures_ids services, struct arena *a,
	struct releases *out, struct err *e)
{
	struct verifications_release *rows = NULL;
	*out = (struct releases){0};
	if (services.count == 0)
		return true;
	if (!verifications_releases(db, services, a, &rows, &out->count, e))
		return false;
	out->rows = rows;
	return true;
}

static const struct verifications_release *find(
	const struct releases *r, int64_t fingerprint_id)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->rows[i].id == fingerprint_id)
			return &r->rows[i];
	return NULL;
}

static bool is_called(const struct verifications_release *f, const char *version)
{
	return strcmp(f->version, version) == 0 || strcmp(f->label, version) == 0;
}

/* When a version was first seen; 0: nobody has run it. */
static int64_t first_seen(
	const struct releases *r, int64_t service_id, const char *version)
{
	int64_t first_ms = 0;
	for (size_t i = 0; i < r->count; i++) {
		const struct verifications_release *f = &r->rows[i];
		if (f->service_id == service_id && is_called(f, version) &&
			(!first_ms || f->first_ms < first_ms))
			first_ms = f->first_ms;
	}
	return first_ms;
}

static bool reaches(const struct releases *r, const struct verifications_release *f,
	const char *version)
{
	struct semver is, wanted;
	if (is_called(f, version))
		return true;
	if (semver_parse(f->version, &is) && semver_parse(version, &wanted))
		return semver_compare(&is, &wanted) >= 0;
	int64_t first_ms = first_seen(r, f->service_id, version);
	return first_ms && f->first_ms >= first_ms;
}

bool releases_reaches(
	const struct releases *r, int64_t fingerprint_id, const char *version)
{
	const struct verifications_release *f = find(r, fingerprint_id);
	return f && reaches(r, f, version);
}

struct figures_ids releases_from(const struct releases *r, int64_t service_id,
	const char *version, struct arena *a)
{
	int64_t *ids = arena_array(a, r->count, sizeof *ids);
	size_t count = 0;
	for (size_t i = 0; i < r->count; i++)
		if (r->rows[i].service_id == service_id &&
			reaches(r, &r->rows[i], version))
			ids[count++] = r->rows[i].id;
	return (struct figures_ids){ids, count};
}

bool releases_before(const struct releases *r, int64_t a, int64_t b)
{
	const struct verifications_release *x = find(r, a), *y = find(r, b);
	struct semver xv, yv;
	if (!x || !y)
		return false;
	if (semver_parse(x->version, &xv) && semver_parse(y->version, &yv))
		return semver_compare(&xv, &yv) < 0;
	return x->first_ms < y->first_ms;
}

const char *releases_label(const struct releases *r, int64_t fingerprint_id)
{
	const struct verifications_release *f = find(r, fingerprint_id);
	return f ? f->label : "";
}
