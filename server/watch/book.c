#include "server/watch/book.h"

#include "server/replay/replay.h"
#include "server/store/told.h"
#include "server/watch/contents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RESTART_APART_MS = 10 * 60 * 1000, /* of one service; together they are one */
	LATE_MS = 2 * 60 * 1000, /* generation.last_sample_at lags by up to a minute */
	RUNS_MS = 15 * 60 * 1000,
	ENDED_MS = 3 * 60 * 1000,
	OVER_MS = 3600 * 1000,
};

#define FIND(table, key, item)                                                         \
	do {                                                                           \
		int64_t find_key_ = (key);                                             \
		HASH_FIND(hh, (table), &find_key_, sizeof find_key_, (item));          \
	} while (0)

static void *allocate(size_t size)
{
	void *p = calloc(1, size);
	BUG_ON(!p);
	return p;
}

struct book *book_create(void)
{
	struct book *b = allocate(sizeof *b);
	b->fleet = fleet_create();
	return b;
}

#define FREE_ALL(type, table)                                                          \
	do {                                                                           \
		struct type *item_, *next_;                                            \
		HASH_ITER(hh, (table), item_, next_)                                   \
		{                                                                      \
			HASH_DEL((table), item_);                                      \
			free(item_);                                                   \
		}                                                                      \
	} while (0)

void book_destroy(struct book *b)
{
	if (!b)
		return;
	FREE_ALL(book_life, b->lives);
	FREE_ALL(book_seat, b->seats);
	for (struct book_version *v = b->versions; v; v = v->hh.next)
		free(v->name);
	FREE_ALL(book_version, b->versions);
	FREE_ALL(book_service, b->services);
	FREE_ALL(book_host, b->hosts);
	fleet_destroy(b->fleet);
	free(b);
}

struct book_seat *book_seat(const struct book *b, int64_t slot_id)
{
	struct book_seat *seat;
	FIND(b->seats, slot_id, seat);
	return seat;
}

struct book_life *book_life(const struct book *b, int64_t life_id)
{
	struct book_life *life;
	FIND(b->lives, life_id, life);
	return life;
}

static struct book_host *host_of(struct book *b, int64_t id)
{
	struct book_host *host;
	FIND(b->hosts, id, host);
	if (host)
		return host;
	host = allocate(sizeof *host);
	host->id = id;
	HASH_ADD(hh, b->hosts, id, sizeof host->id, host);
	return host;
}

static struct book_service *service_of(struct book *b, int64_t id)
{
	struct book_service *service;
	FIND(b->services, id, service);
	if (service)
		return service;
	service = allocate(sizeof *service);
	service->id = id;
	service->sensitivity = ANALYSE_NORMAL;
	HASH_ADD(hh, b->services, id, sizeof service->id, service);
	return service;
}

static struct book_version *version_of(struct book *b, int64_t id)
{
	struct book_version *version;
	FIND(b->versions, id, version);
	if (version)
		return version;
	version = allocate(sizeof *version);
	version->id = id;
	HASH_ADD(hh, b->versions, id, sizeof version->id, version);
	return version;
}

/* *after_ms: lives that were read since then may be new or have moved on. */
static bool sync_hosts(struct book *b, struct db *db, int64_t now_ms, struct arena *a,
	int64_t *after_ms, struct err *e)
{
	struct readings_host *rows;
	size_t count;
	if (!readings_hosts(db, a, &rows, &count, e))
		return false;
	*after_ms = INT64_MAX;
	for (size_t i = 0; i < count; i++) {
		struct book_host *host = host_of(b, rows[i].id);
		int64_t from_ms = host->stored_ms - LATE_MS;
		if (!host->stored_ms) /* new to us */
			from_ms = rows[i].first_ms;
		if (from_ms < now_ms - BOOK_PAST_MS)
			from_ms = now_ms - BOOK_PAST_MS;
		if (host->stored_ms != rows[i].stored_ms && from_ms < *after_ms)
			*after_ms = from_ms;
		host->stored_ms = rows[i].stored_ms;
		host->first_ms = rows[i].first_ms;
		host->seen_ms = rows[i].seen_ms;
	}
	return true;
}

/* Where the readings of a new seat begin.  On a host that is being read, nothing of it
 * was stored before what was read last. */
static int64_t begin_ms(const struct book *b, const struct book_host *host,
	const struct readings_life *life, int64_t now_ms)
{
	int64_t from_ms = now_ms - BOOK_PAST_MS;
	if (host->first_ms > from_ms)
		from_ms = host->first_ms;
	if (b->is_ready && host->read_ms > from_ms)
		from_ms = host->read_ms;
	return life->started_ms - 1 > from_ms ? life->started_ms - 1 : from_ms;
}

static struct book_seat *seat_of(
	struct book *b, const struct readings_life *life, int64_t now_ms)
{
	struct book_seat *seat = book_seat(b, life->slot_id);
	if (seat)
		return seat;
	seat = allocate(sizeof *seat);
	seat->id = life->slot_id;
	seat->is = (struct fleet_seat){life->slot_id, life->service_id, life->host_id};
	seat->host = host_of(b, life->host_id);
	seat->service = service_of(b, life->service_id);
	seat->read_ms = begin_ms(b, seat->host, life, now_ms);
	HASH_ADD(hh, b->seats, id, sizeof seat->id, seat);
	return seat;
}

static void note_life(struct book *b, const struct readings_life *row, int64_t now_ms)
{
	struct book_seat *seat = seat_of(b, row, now_ms);
	struct book_life *life = book_life(b, row->id);
	if (!life) {
		life = allocate(sizeof *life);
		life->id = row->id;
		HASH_ADD(hh, b->lives, id, sizeof life->id, life);
		life->is_restart = seat->life_id && seat->life_id < row->id;
	}
	if (seat->life_id < row->id)
		seat->life_id = row->id;
	life->seat = seat; /* a rule may have moved it */
	life->version = version_of(b, row->fingerprint_id);
	life->started_ms = row->started_ms;
	life->stored_ms = row->stored_ms;
	if (row->stored_ms > seat->stored_ms)
		seat->stored_ms = row->stored_ms;
}

static char *copy(const char *text)
{
	char *own = strdup(text);
	BUG_ON(!own);
	return own;
}

/* Notes which services have a version that is new, or whose content has come. */
static bool find_news(struct book *b, struct db *db, struct arena *a, struct err *e)
{
	int64_t *ids = arena_array(a, HASH_COUNT(b->versions), sizeof *ids);
	size_t wanted = 0, count;
	struct book_version *version, *next;
	HASH_ITER(hh, b->versions, version, next)
	if (!version->is_known || version->is_awaited)
		ids[wanted++] = version->id;
	if (wanted == 0)
		return true;
	struct readings_version *rows;
	if (!readings_versions(db, ids, wanted, a, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		version = version_of(b, rows[i].id);
		version->service = service_of(b, rows[i].service_id);
		bool awaited = rows[i].has_hash && !rows[i].has_content;
		if (!version->is_known || version->is_awaited != awaited)
			version->service->is_due = true;
		version->is_awaited = awaited;
	}
	return true;
}

static void note_version(struct book *b, const struct readings_version *row)
{
	struct book_version *version = version_of(b, row->id);
	version->is_known = true;
	version->service = service_of(b, row->service_id);
	version->service->is_due = false;
	version->collects_late = replay_collects_late(row->runtime);
	free(version->name);
	version->name = copy(row->label);
	version->deployed_ms = row->has_former ? row->first_ms : 0;
}

/* Versions of a service are compared with each other, so that one that is new makes the
 * fleet hear of all. */
static bool sync_versions(struct book *b, struct db *db, struct arena *a, struct err *e)
{
	if (!find_news(b, db, a, e))
		return false;
	int64_t *ids = arena_array(a, HASH_COUNT(b->versions), sizeof *ids);
	size_t due = 0, count;
	struct book_version *version, *next;
	HASH_ITER(hh, b->versions, version, next)
	if (version->service && version->service->is_due)
		ids[due++] = version->id;
	if (due == 0)
		return true;
	struct readings_version *rows;
	if (!contents_tell(
		    b->fleet, db, (struct figures_ids){ids, due}, a, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		note_version(b, &rows[i]);
	return true;
}

enum analyse_sensitivity book_sensitivity(const char *word)
{
	if (strcmp(word, "calm") == 0)
		return ANALYSE_CALM;
	return strcmp(word, "eager") == 0 ? ANALYSE_EAGER : ANALYSE_NORMAL;
}

static bool sync_settings(struct book *b, struct db *db, struct arena *a, struct err *e)
{
	struct told_setting *rows;
	size_t count;
	if (!told_settings(db, a, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct book_service *service = service_of(b, rows[i].service_id);
		enum analyse_sensitivity word = book_sensitivity(rows[i].sensitivity);
		if (word == service->sensitivity)
			continue;
		service->sensitivity = word;
		fleet_set_sensitivity(b->fleet, service->id, word);
	}
	return true;
}

/* Restarts of a service that come together are one. */
static void tell_restart(struct book *b, struct book_service *service, int64_t at_ms)
{
	int64_t apart_ms = at_ms - service->restart_ms;
	if (at_ms <= service->known_ms ||
		(service->restart_ms && apart_ms < RESTART_APART_MS &&
			apart_ms > -RESTART_APART_MS))
		return;
	service->restart_ms = at_ms;
	fleet_tell_event(
		b->fleet, service->id, FLEET_EVENT_RESTART, at_ms, "a restart");
}

void book_tell_events(struct book *b)
{
	struct book_version *version, *next_version;
	HASH_ITER(hh, b->versions, version, next_version)
	{
		if (version->is_told || !version->is_known)
			continue;
		version->is_told = true;
		if (version->deployed_ms <= version->service->known_ms)
			continue;
		char text[80];
		snprintf(text, sizeof text, "version %s was deployed", version->name);
		fleet_tell_event(b->fleet, version->service->id, FLEET_EVENT_DEPLOY,
			version->deployed_ms, text);
	}
	struct book_life *life, *next;
	HASH_ITER(hh, b->lives, life, next)
	{
		if (life->is_restart && !life->is_told)
			tell_restart(b, life->seat->service, life->started_ms);
		life->is_told = true;
	}
}

/* A version runs while a process of it was read when its host was last heard, and that
 * was lately. */
static void note_running(struct book *b, int64_t now_ms)
{
	struct book_version *version, *next_version;
	HASH_ITER(hh, b->versions, version, next_version)
	version->runs = false;
	struct book_life *life, *next;
	HASH_ITER(hh, b->lives, life, next)
	{
		const struct book_host *host = life->seat->host;
		int64_t behind_ms = host->stored_ms - life->stored_ms;
		if (host->seen_ms - behind_ms > now_ms - RUNS_MS)
			life->version->runs = true;
	}
}

bool book_sync(
	struct book *b, struct db *db, int64_t now_ms, struct arena *a, struct err *e)
{
	int64_t after_ms;
	struct readings_life *rows;
	size_t count = 0;
	if (!sync_hosts(b, db, now_ms, a, &after_ms, e))
		return false;
	struct readings_since since = {after_ms, b->known_id};
	if (after_ms < INT64_MAX && !readings_lives(db, &since, a, &rows, &count, e))
		return false;
	b->known_id = b->life_id;
	for (size_t i = 0; i < count; i++) {
		note_life(b, &rows[i], now_ms);
		if (rows[i].id > b->life_id)
			b->life_id = rows[i].id;
	}
	note_running(b, now_ms);
	return sync_versions(b, db, a, e) && sync_settings(b, db, a, e);
}

bool book_has_ended(const struct book *b, int64_t slot_id, int64_t now_ms)
{
	const struct book_seat *seat = book_seat(b, slot_id);
	if (!seat || !seat->host->seen_ms)
		return true;
	return seat->host->seen_ms > now_ms - RUNS_MS &&
	       seat->host->stored_ms - seat->stored_ms > ENDED_MS;
}

bool book_version_has_ended(
	const struct book *b, int64_t fingerprint_id, int64_t now_ms)
{
	struct book_seat *seat, *next;
	HASH_ITER(hh, b->seats, seat, next)
	{
		const struct book_life *life = book_life(b, seat->life_id);
		if (life && life->version->id == fingerprint_id &&
			!book_has_ended(b, seat->id, now_ms))
			return false;
	}
	return true;
}

int64_t *book_tidy(struct book *b, int64_t now_ms, struct arena *a, size_t *count)
{
	int64_t *gone = arena_array(a, HASH_COUNT(b->seats), sizeof *gone);
	*count = 0;
	struct book_life *life, *next_life;
	HASH_ITER(hh, b->lives, life, next_life)
	{
		const struct book_seat *seat = life->seat;
		bool is_over = life->stored_ms < now_ms - OVER_MS &&
			       life->stored_ms <= seat->read_ms &&
			       life->id != seat->life_id;
		if (!is_over && seat->stored_ms >= now_ms - BOOK_PAST_MS)
			continue;
		HASH_DEL(b->lives, life);
		free(life);
	}
	struct book_seat *seat, *next;
	HASH_ITER(hh, b->seats, seat, next)
	{
		if (seat->stored_ms >= now_ms - BOOK_PAST_MS)
			continue;
		gone[(*count)++] = seat->id;
		fleet_forget_slot(b->fleet, seat->id);
		HASH_DEL(b->seats, seat);
		free(seat);
	}
	return gone;
}
