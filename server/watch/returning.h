/*
 * Returning: whether what was resolved has come back.
 *
 * A verdict stands for a while after what it was about has ended, so only what came
 * since counts.  A quarter of the time that it took to find must have passed (30 min at
 * least, 12 h at most), and the memory of its fastest seats, from the lowest of the
 * five minutes after it was resolved (or after ten minutes of a process that began
 * since) to the lowest of the last five, must have risen by half of what the lower end
 * of the rate foretells.
 *
 * An alert that was resolved in a version is about that version and later ones: what
 * still grows on older ones was to be expected, and says nothing.
 */
#ifndef TIDEMARK_SERVER_WATCH_RETURNING_H
#define TIDEMARK_SERVER_WATCH_RETURNING_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/evidence.h"
#include "server/watch/book.h"
#include "server/watch/releases.h"

#include <stdbool.h>
#include <stdint.h>

struct returning {
	struct db *db;
	const struct book *book;
	const struct releases
		*releases; /* of services with alerts resolved in a version */
	int64_t now_ms;
	struct arena *arena;
};

/* How long it took to find. */
int64_t returning_search_ms(const struct evidence_finding *known);

/* Whether an alert was resolved, by people, in a version. */
bool returning_has_version(const struct evidence_finding *known);

/* Of such an alert: the version that leaks although it is the one that was to fix it,
 * or a later one; 0: none does. */
int64_t returning_version(const struct returning *r, const struct fleet_finding *f,
	const struct evidence_finding *known);

/* Whether what is found is about such an alert although it has no version in common
 * with it: a version from the fixed one on, or older ones of the time when it leaked.
 */
bool returning_covers(const struct returning *r, const struct fleet_finding *f,
	const struct evidence_finding *known);

/* Whether the readings since an alert was resolved show the growth by themselves. */
bool returning_has_grown(const struct returning *r, const struct fleet_finding *f,
	const struct evidence_finding *known, bool *grown, struct err *e);

#endif
