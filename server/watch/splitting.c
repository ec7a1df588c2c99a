#include "server/watch/splitting.h"

#include "server/analyse/words.h"
#include "server/store/cases.h"

#include <string.h>

static bool has(const int64_t *ids, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static int64_t host_of(const struct splitting_input *in, int64_t slot)
{
	for (size_t i = 0; i < in->seat_count; i++)
		if (in->seats[i].slot_id == slot)
			return in->seats[i].host_id;
	return -slot; /* not known: one of its own */
}

static size_t count_hosts(const struct splitting_input *in, const int64_t *slots,
	size_t count, struct arena *a)
{
	int64_t *hosts = arena_array(a, count, sizeof *hosts);
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t host = host_of(in, slots[i]);
		if (!has(hosts, n, host))
			hosts[n++] = host;
	}
	return n;
}

/* The mean of those that are known, with that of their intervals. */
static struct analyse_rate mean_rate(const struct analyse_rate *rates, size_t count)
{
	struct analyse_rate sum = {0};
	double n = 0;
	for (size_t i = 0; i < count; i++) {
		if (!rates[i].known)
			continue;
		sum.kb_h += rates[i].kb_h;
		sum.low_kb_h += rates[i].low_kb_h;
		sum.high_kb_h += rates[i].high_kb_h;
		n++;
	}
	if (n == 0)
		return sum;
	return (struct analyse_rate){
		true, sum.kb_h / n, sum.low_kb_h / n, sum.high_kb_h / n};
}

static const char *summary_of(struct arena *a, const char *name, size_t slots,
	const char *which, const struct analyse_rate *rate)
{
	const char *text = arena_printf(
		a, "%s: %s %s", name, words_count(a, slots, "instance"), which);
	return rate->known ? arena_printf(a, "%s: %s", text, words_rate(a, rate))
			   : text;
}

/* The seats of a finding that are (or are not) the part's. */
static struct fleet_finding take(const struct splitting_input *in,
	const struct fleet_finding *f,
	bool (*wanted)(const struct splitting_input *in, const struct fleet_finding *f,
		int64_t slot, const struct splitting_part *part),
	const struct splitting_part *part, struct arena *a)
{
	struct fleet_finding out = *f;
	int64_t *slots = arena_array(a, f->slot_count, sizeof *slots);
	struct analyse_rate *rates = arena_array(a, f->slot_count, sizeof *rates);
	out.slot_count = 0;
	for (size_t i = 0; i < f->slot_count; i++) {
		if (!wanted(in, f, f->slot_ids[i], part))
			continue;
		slots[out.slot_count] = f->slot_ids[i];
		rates[out.slot_count++] = f->slot_rates[i];
	}
	out.slot_ids = slots;
	out.slot_rates = rates;
	out.rate = mean_rate(rates, out.slot_count);
	out.hosts_leaking = count_hosts(in, slots, out.slot_count, a);
	return out;
}

static bool fits(const struct fleet_finding *f, const struct splitting_part *part)
{
	return part->service_id == f->service_id &&
	       part->is_backlog == (f->kind == ANALYSE_KIND_BACKLOG);
}

static bool is_parts(const struct splitting_input *in, const struct fleet_finding *f,
	int64_t slot, const struct splitting_part *part)
{
	(void)in;
	return fits(f, part) && has(part->slots, part->slot_count, slot);
}

static bool is_nobodys(const struct splitting_input *in, const struct fleet_finding *f,
	int64_t slot, const struct splitting_part *part)
{
	(void)part;
	for (size_t i = 0; i < in->part_count; i++)
		if (is_parts(in, f, slot, &in->parts[i]))
			return false;
	return true;
}

static void add(struct splitting *out, const struct fleet_finding *f, int64_t part)
{
	out->findings[out->count] = *f;
	out->parts[out->count++] = part;
}

static void divide(const struct splitting_input *in, const struct fleet_finding *f,
	struct arena *a, struct splitting *out)
{
	size_t taken = 0;
	const char *name = "";
	for (size_t i = 0; i < in->part_count; i++) {
		const struct splitting_part *part = &in->parts[i];
		struct fleet_finding piece = take(in, f, is_parts, part, a);
		if (!fits(f, part) || !piece.slot_count)
			continue;
		piece.slots = part->slot_count;
		piece.hosts = count_hosts(in, part->slots, part->slot_count, a);
		piece.is_joint = false;
		piece.exhaust = (struct analyse_moment){0};
		piece.summary = summary_of(
			a, part->name, piece.slot_count, "split off", &piece.rate);
		add(out, &piece, part->finding_id);
		taken += part->slot_count;
		name = part->name;
	}
	if (!taken) {
		add(out, f, 0);
		return;
	}
	struct fleet_finding rest = take(in, f, is_nobodys, NULL, a);
	if (!rest.slot_count)
		return;
	rest.slots = f->slots > taken + rest.slot_count ? f->slots - taken
							: rest.slot_count;
	rest.summary = summary_of(
		a, name, rest.slot_count, "beside those split off", &rest.rate);
	add(out, &rest, 0);
}

void splitting_divide(
	const struct splitting_input *in, struct arena *a, struct splitting *out)
{
	size_t most = in->count * (in->part_count + 1);
	out->findings = arena_array(a, most, sizeof *out->findings);
	out->parts = arena_array(a, most, sizeof *out->parts);
	out->count = 0;
	for (size_t i = 0; i < in->count; i++)
		divide(in, &in->findings[i], a, out);
}

/* A part for each finding of seats that are in order of findings. */
static size_t list_parts(const struct cases_seat *seats, size_t seat_count,
	const struct evidence_finding *known, size_t known_count, struct arena *a,
	struct splitting_part *parts)
{
	size_t count = 0;
	int64_t *slots = arena_array(a, seat_count, sizeof *slots);
	for (size_t i = 0; i < seat_count; i++) {
		slots[i] = seats[i].slot_id;
		if (!count || parts[count - 1].finding_id != seats[i].finding_id)
			parts[count++] = (struct splitting_part){
				.finding_id = seats[i].finding_id,
				.name = arena_printf(a, "%s %s", seats[i].service,
					words_version(seats[i].version)),
				.slots = slots + i};
		parts[count - 1].slot_count++;
	}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < known_count; k++)
			if (known[k].id == parts[i].finding_id) {
				parts[i].service_id = known[k].service_id;
				parts[i].is_backlog = strcmp(known[k].kind,
							      "backlog") == 0;
			}
	return count;
}

static bool is_concerned(
	const struct fleet_finding *f, const struct splitting_part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fits(f, &parts[i]))
			return true;
	return false;
}

/* The seats of the parts and of the findings that may be divided, with their hosts. */
static bool read_hosts(struct db *db, const struct fleet_report *report,
	struct splitting_input *in, struct arena *a, struct err *e)
{
	struct evidence_seat *rows;
	size_t most = 0, n = 0;
	for (size_t i = 0; i < in->part_count; i++)
		most += in->parts[i].slot_count;
	for (size_t i = 0; i < report->finding_count; i++)
		most += report->findings[i].slot_count;
	int64_t *slots = arena_array(a, most, sizeof *slots);
	for (size_t i = 0; i < in->part_count; i++)
		for (size_t k = 0; k < in->parts[i].slot_count; k++)
			slots[n++] = in->parts[i].slots[k];
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct fleet_finding *f = &report->findings[i];
		for (size_t k = 0;
			is_concerned(f, in->parts, in->part_count) && k < f->slot_count;
			k++)
			slots[n++] = f->slot_ids[k];
	}
	if (!evidence_seats(
		    db, (struct figures_ids){slots, n}, a, &rows, &in->seat_count, e))
		return false;
	struct splitting_seat *seats = arena_array(a, in->seat_count, sizeof *seats);
	for (size_t i = 0; i < in->seat_count; i++)
		seats[i] = (struct splitting_seat){rows[i].slot_id, rows[i].host_id};
	in->seats = seats;
	return true;
}

bool splitting_read(struct db *db, const struct fleet_report *report,
	const struct evidence_finding *known, size_t known_count, struct arena *a,
	struct splitting *out, struct err *e)
{
	struct splitting_input in = {
		.findings = report->findings, .count = report->finding_count};
	struct cases_seat *seats;
	size_t seat_count;
	int64_t *ids = arena_array(a, known_count, sizeof *ids);
	for (size_t i = 0; i < known_count; i++)
		ids[i] = known[i].id;
	if (!cases_seats(db, (struct figures_ids){ids, known_count}, a, &seats,
		    &seat_count, e))
		return false;
	struct splitting_part *parts = arena_array(a, seat_count, sizeof *parts);
	in.part_count = list_parts(seats, seat_count, known, known_count, a, parts);
	in.parts = parts;
	if (in.part_count && !read_hosts(db, report, &in, a, e))
		return false;
	splitting_divide(&in, a, out);
	int64_t *all = arena_array(a, in.part_count, sizeof *all);
	for (size_t i = 0; i < in.part_count; i++)
		all[i] = parts[i].finding_id;
	out->all = (struct figures_ids){all, in.part_count};
	return true;
}
