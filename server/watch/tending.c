#include "server/watch/tending.h"

#include <inttypes.h>
#include <math.h>

static const char *rate(double kb_h, struct arena *a)
{
	double mib_h = kb_h / 1024;
	return arena_printf(
		a, mib_h < 100 ? "%.1f MiB per hour" : "%.0f MiB per hour", mib_h);
}

static const char *hosts(int64_t count, struct arena *a)
{
	return arena_printf(
		a, count == 1 ? "%" PRId64 " host" : "%" PRId64 " hosts", count);
}

static const char *from_archive(const struct evidence_alert *alert,
	const struct fleet_finding *f, struct arena *a)
{
	if (f->rate.known && f->rate.kb_h > alert->above_kb_h)
		return arena_printf(a,
			"It grows by %s: more than the %s up to which it was archived",
			rate(f->rate.kb_h, a), rate(alert->above_kb_h, a));
	if (alert->above_hosts >= 0 && (int64_t)f->hosts_leaking > alert->above_hosts)
		return arena_printf(a,
			"It leaks on %s: more than the %" PRId64
			" up to which it was archived",
			hosts((int64_t)f->hosts_leaking, a), alert->above_hosts);
	return NULL;
}

bool tending_is_worse(const struct fleet_finding *f, const struct evidence_alert *alert)
{
	return f->rate.known && alert->seen_kb_h > 0 &&
	       f->rate.low_kb_h >= TENDING_WORSE * alert->seen_kb_h;
}

static const char *since_seen(const struct evidence_alert *alert,
	const struct fleet_finding *f, struct arena *a)
{
	if (tending_is_worse(f, alert))
		return arena_printf(a,
			"It grows by at least %s: twice the %s of when somebody last "
			"worked on it",
			rate(f->rate.low_kb_h, a), rate(alert->seen_kb_h, a));
	if (alert->seen_hosts > 0 &&
		(int64_t)f->hosts_leaking >= TENDING_WORSE * alert->seen_hosts)
		return arena_printf(a,
			"It leaks on %s: twice the %" PRId64
			" of when somebody last worked on it",
			hosts((int64_t)f->hosts_leaking, a), alert->seen_hosts);
	return NULL;
}

const char *tending_reason(const struct evidence_alert *alert,
	const struct fleet_finding *f, struct arena *a)
{
	if (alert->is_archived)
		return from_archive(alert, f, a);
	return alert->is_acknowledged ? since_seen(alert, f, a) : NULL;
}
