/*
 * Releases: the versions of services in their order.
 *
 * A version comes after another by semver where both are semantic versions, else by
 * when each was first seen; then one that nobody has run yet comes after all that
 * somebody has.  Read once for several questions; lives in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_WATCH_RELEASES_H
#define TIDEMARK_SERVER_WATCH_RELEASES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/verifications.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct releases {
	const struct verifications_release *rows;
	size_t count;
};

bool releases_read(struct db *db, struct figures_ids services, struct arena *a,
	struct releases *out, struct err *e);

/* Whether a fingerprint is `version` of its service, or a later one. */
bool releases_reaches(
	const struct releases *r, int64_t fingerprint_id, const char *version);

/* All of a service that are. */
struct figures_ids releases_from(const struct releases *r, int64_t service_id,
	const char *version, struct arena *a);

/* Whether a comes before b, both of one service. */
bool releases_before(const struct releases *r, int64_t a, int64_t b);

/* What a fingerprint is called; "" when it is not known. */
const char *releases_label(const struct releases *r, int64_t fingerprint_id);

#endif
