#include "server/watch/returning.h"

#include "server/watch/grown.h"

#include <string.h>

#define HOUR_MS INT64_C(3600000)

enum { SEATS = 5, SEATS_MAX = 64 };

static int64_t between(int64_t low, int64_t value, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

int64_t returning_search_ms(const struct evidence_finding *k)
{
	int64_t onset_ms = k->onset_ms ? k->onset_ms : k->first_ms;
	return k->alert.opened_ms > onset_ms ? k->alert.opened_ms - onset_ms : 0;
}

bool returning_has_version(const struct evidence_finding *k)
{
	return k->alert.is_resolved && strcmp(k->alert.resolution, "fixed") == 0 &&
	       *k->alert.resolved_in;
}

int64_t returning_version(const struct returning *r, const struct fleet_finding *f,
	const struct evidence_finding *k)
{
	if (releases_reaches(r->releases, f->lead_fingerprint_id, k->alert.resolved_in))
		return f->lead_fingerprint_id;
	for (size_t i = 0; i < f->fingerprint_count; i++)
		if (releases_reaches(
			    r->releases, f->fingerprint_ids[i], k->alert.resolved_in))
			return f->fingerprint_ids[i];
	return 0;
}

/* Not before all of those that leaked. */
static bool is_of_that_time(
	const struct returning *r, int64_t version, const struct evidence_finding *k)
{
	for (size_t i = 0; i < k->versions.count; i++)
		if (!releases_before(r->releases, version, k->versions.ids[i]))
			return true;
	return false;
}

bool returning_covers(const struct returning *r, const struct fleet_finding *f,
	const struct evidence_finding *k)
{
	if (returning_version(r, f, k))
		return true;
	for (size_t i = 0; i < f->fingerprint_count; i++)
		if (!is_of_that_time(r, f->fingerprint_ids[i], k))
			return false;
	return f->fingerprint_count > 0;
}

static bool is_inside(const struct fleet_finding *f, int64_t version)
{
	for (size_t i = 0; i < f->fingerprint_count; i++)
		if (f->fingerprint_ids[i] == version)
			return true;
	return f->lead_fingerprint_id == version;
}

/* Whether a seat runs a version that the alert is about. */
static bool concerns(const struct returning *r, const struct evidence_finding *k,
	const struct book_seat *seat)
{
	if (!returning_has_version(k))
		return true;
	const struct book_life *life = seat ? book_life(r->book, seat->life_id) : NULL;
	return life &&
	       releases_reaches(r->releases, life->version->id, k->alert.resolved_in);
}

/* Seats by how fast they grow, the fastest first. */
struct ranking {
	int64_t ids[SEATS];
	double rates[SEATS];
	size_t count;
};

static void rank(struct ranking *top, int64_t id, double rate)
{
	size_t at = top->count < SEATS ? top->count++ : SEATS;
	if (at == SEATS && rate <= top->rates[SEATS - 1])
		return;
	at -= at == SEATS;
	for (; at > 0 && top->rates[at - 1] < rate; at--) {
		top->rates[at] = top->rates[at - 1];
		top->ids[at] = top->ids[at - 1];
	}
	top->rates[at] = rate;
	top->ids[at] = id;
}

/* Seats that run a version of the finding, which says it as a whole. */
static struct figures_ids all_seats(const struct returning *r,
	const struct fleet_finding *f, const struct evidence_finding *k)
{
	int64_t *ids = arena_array(r->arena, SEATS_MAX, sizeof *ids);
	size_t count = 0;
	for (const struct book_seat *s = r->book->seats; s && count < SEATS_MAX;
		s = s->hh.next) {
		const struct book_life *life = book_life(r->book, s->life_id);
		if (s->service->id == f->service_id && life &&
			is_inside(f, life->version->id) && concerns(r, k, s))
			ids[count++] = s->id;
	}
	return (struct figures_ids){ids, count};
}

/* The fastest seats of a finding that the alert is about. */
static struct figures_ids fastest(const struct returning *r,
	const struct fleet_finding *f, const struct evidence_finding *k)
{
	struct ranking top = {0};
	for (size_t i = 0; i < f->slot_count; i++)
		if (concerns(r, k, book_seat(r->book, f->slot_ids[i])))
			rank(&top, f->slot_ids[i],
				f->slot_rates[i].known ? f->slot_rates[i].kb_h : 0);
	if (top.count == 0)
		return all_seats(r, f, k);
	int64_t *ids = arena_array(r->arena, top.count, sizeof *ids);
	memcpy(ids, top.ids, top.count * sizeof *ids);
	return (struct figures_ids){ids, top.count};
}

bool returning_has_grown(const struct returning *r, const struct fleet_finding *f,
	const struct evidence_finding *k, bool *grown, struct err *e)
{
	enum { LEAST_MS = 30 * 60 * 1000, SPAN_MS = 20 * 60 * 1000 };
	*grown = false;
	if (r->now_ms - k->alert.resolved_ms <
		between(LEAST_MS, returning_search_ms(k) / 4, 12 * HOUR_MS))
		return true;
	struct grown_span span = {fastest(r, f, k), k->alert.resolved_ms, r->now_ms};
	struct grown_seat *rows;
	size_t count;
	if (!grown_read(r->db, &span, r->arena, &rows, &count, e))
		return false;
	double rise_kb = 0, hours = 0;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].span_ms < SPAN_MS)
			continue;
		rise_kb += rows[i].late_kb - rows[i].early_kb;
		hours += (double)rows[i].span_ms / HOUR_MS;
	}
	double low_kb_h = f->rate.known && f->rate.low_kb_h > 0 ? f->rate.low_kb_h : 0;
	*grown = hours > 0 && rise_kb > 0 && rise_kb >= low_kb_h / 2 * hours;
	return true;
}
