#include "server/compact/seal.h"

#include "server/compact/day.h"
#include "server/compact/members.h"
#include "server/store/partitions.h"
#include "server/store/segments.h"
#include "server/store/storage.h"

#include <stdlib.h>

/* What there is to do of a day, by group. */
struct seal_work {
	struct arena arena;
	struct segments_group *groups;
	size_t group_count;
	struct members late[2]; /* hosts (service 0), processes */
};

static bool seal_find_late(
	struct step *s, int64_t day_ms, struct seal_work *w, struct err *e)
{
	struct hot_count *hosts, *processes;
	size_t host_count, process_count;
	int64_t end_ms = day_ms + PARTITIONS_DAY_MS;
	struct hot_ask host_rows = {HOT_HOST_LATE, day_ms, end_ms, NULL, 0};
	struct hot_ask process_rows = {HOT_PROCESS_LATE, day_ms, end_ms, NULL, 0};
	if (!hot_count(s->readings, &host_rows, &w->arena, &hosts, &host_count, e) ||
		!hot_count(s->readings, &process_rows, &w->arena, &processes,
			&process_count, e))
		return false;
	members_of_hosts(hosts, host_count, &w->arena, &w->late[0]);
	return members_of_processes(
		s->main, processes, process_count, &w->arena, &w->late[1], e);
}

static int seal_compare_groups(const void *left, const void *right)
{
	const struct segments_group *a = left, *b = right;
	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	return (a->block > b->block) - (a->block < b->block);
}

/* Late members of the group, which is taken out of the list; how many there are. */
static size_t seal_late_of(const struct members *m, int32_t service, int32_t block,
	int32_t **subjects, struct arena *a)
{
	size_t first = 0;
	while (first < m->count &&
		(m->list[first].service != service || m->list[first].block != block))
		first++;
	size_t end = members_group_end(m, first);
	*subjects = arena_array(a, end - first + 1, sizeof **subjects);
	for (size_t i = first; i < end; i++)
		(*subjects)[i - first] = m->list[i].subject;
	return end - first;
}

static bool seal_group(struct step *s, int64_t day_ms, struct seal_work *w,
	int32_t service, int32_t block, bool segments, struct err *e)
{
	int32_t *late;
	size_t count = seal_late_of(
		&w->late[service != 0], service, block, &late, &w->arena);
	return day_run(s,
		&(struct day_group){.day_ms = day_ms,
			.service = service,
			.block = block,
			.segments = segments,
			.late = late,
			.late_count = count},
		e);
}

/* Groups that have late rows and no segments. */
static bool seal_late_groups(struct step *s, int64_t day_ms, struct seal_work *w,
	const struct members *m, bool *whole, struct err *e)
{
	for (size_t first = 0; first < m->count; first = members_group_end(m, first)) {
		struct segments_group key = {
			m->list[first].service, m->list[first].block, 0};
		if (w->group_count && bsearch(&key, w->groups, w->group_count,
					      sizeof key, seal_compare_groups))
			continue;
		if (step_is_stopping(s)) {
			*whole = false;
			return true;
		}
		if (!seal_group(s, day_ms, w, key.service, key.block, false, e))
			return false;
	}
	return true;
}

/* All that there is of the day now. */
static bool seal_groups(struct step *s, int64_t day_ms, bool segments,
	struct seal_work *w, bool *whole, struct err *e)
{
	if (segments &&
		!segments_groups(s->readings, day_ms, day_ms + PARTITIONS_DAY_MS,
			&w->arena, &w->groups, &w->group_count, e))
		return false;
	if (!seal_find_late(s, day_ms, w, e))
		return false;
	*whole = true;
	for (size_t i = 0; i < w->group_count; i++) {
		if (step_is_stopping(s)) {
			*whole = false;
			return true;
		}
		if (!seal_group(s, day_ms, w, w->groups[i].service, w->groups[i].block,
			    true, e))
			return false;
	}
	for (int i = 0; *whole && i < 2; i++)
		if (!seal_late_groups(s, day_ms, w, &w->late[i], whole, e))
			return false;
	return true;
}

static bool seal_all(
	struct step *s, int64_t day_ms, bool segments, bool *whole, struct err *e)
{
	struct seal_work w = {0};
	arena_init(&w.arena);
	bool ok = partitions_make_kept(s->readings, day_ms, e) &&
		  seal_groups(s, day_ms, segments, &w, whole, e);
	arena_finish(&w.arena);
	return ok;
}

bool seal_day(struct step *s, int64_t day_ms, bool *whole, struct err *e)
{
	*whole = false;
	if (!seal_all(s, day_ms, true, whole, e))
		return err_wrap(e, "seal");
	if (!*whole)
		return true;
	if (!storage_begin(s->readings, e))
		return false;
	step_at("seal: before the bound");
	if (!storage_move_sealed(s->readings, day_ms, day_ms + PARTITIONS_DAY_MS, e)) {
		db_rollback(s->readings);
		return false;
	}
	if (!db_commit(s->readings, e))
		return false;
	s->counts.days++;
	return true;
}

bool seal_late(struct step *s, int64_t oldest_ms, int64_t sealed_ms, struct err *e)
{
	struct arena a;
	int64_t *days_ms;
	size_t count = 0;
	struct hot_ask processes = {HOT_PROCESS_LATE, 0, oldest_ms, NULL, 0};
	struct hot_ask hosts = {HOT_HOST_LATE, 0, oldest_ms, NULL, 0};
	if (!hot_forget(s->readings, &processes, e) ||
		!hot_forget(s->readings, &hosts, e))
		return false;
	arena_init(&a);
	bool whole = true;
	bool ok = hot_late_days(s->readings, sealed_ms, &a, &days_ms, &count, e);
	for (size_t i = 0; ok && whole && i < count; i++)
		ok = seal_all(s, days_ms[i], false, &whole, e);
	arena_finish(&a);
	return ok || err_wrap(e, "merge");
}
