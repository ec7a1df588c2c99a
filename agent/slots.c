#include "agent/slots.h"

#include "schema/wire.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#define SLOTS_RETURN_MS (INT64_C(10) * 60 * 1000)
#define SLOTS_FORGET_MS (INT64_C(7) * 24 * 3600 * 1000)
#define SLOTS_HEAD      "tidemark-slots 1 "
#define SLOTS_BOOT_MAX  64

enum slots_state {
	SLOTS_TAKEN,   /* by a process that is followed */
	SLOTS_WAITING, /* by one that was, before the agent restarted */
	SLOTS_EMPTY,
};

struct slots_seat {
	uint32_t ordinal;
	enum slots_state state;
	int pid;
	uint64_t start_ticks;
	int64_t emptied_unix_ms;
	uint32_t lives;          /* processes that sat here, with the one that does */
	char *version, *program; /* of the last who sat here */
};

struct slots_service {
	char *name;
	struct slots_seat *seats; /* by ordinal, rising */
	size_t count, room;
	UT_hash_handle hh;
};

struct slots {
	char boot_id[SLOTS_BOOT_MAX];
	struct slots_service *services;
	size_t waiting; /* seats in that state */
	bool changed;
};

struct slots *slots_create(const char *boot_id)
{
	struct slots *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	snprintf(s->boot_id, sizeof s->boot_id, "%s", boot_id);
	return s;
}

static void slots_clear_seat(struct slots_seat *seat)
{
	free(seat->version);
	free(seat->program);
}

static void slots_destroy_service(struct slots *s, struct slots_service *service)
{
	HASH_DEL(s->services, service);
	for (size_t i = 0; i < service->count; i++)
		slots_clear_seat(&service->seats[i]);
	free(service->seats);
	free(service->name);
	free(service);
}

void slots_destroy(struct slots *s)
{
	if (!s)
		return;
	struct slots_service *service, *next;
	HASH_ITER(hh, s->services, service, next)
	slots_destroy_service(s, service);
	free(s);
}

static char *slots_strdup(const char *text)
{
	char *copy = strdup(text);
	BUG_ON(!copy);
	return copy;
}

static struct slots_service *slots_service_of(struct slots *s, const char *name)
{
	struct slots_service *service;
	HASH_FIND_STR(s->services, name, service);
	if (service)
		return service;
	service = calloc(1, sizeof *service);
	BUG_ON(!service);
	service->name = slots_strdup(name);
	HASH_ADD_KEYPTR(hh, s->services, service->name, strlen(service->name), service);
	return service;
}

/* Where an ordinal stands, or would stand. */
static size_t slots_position(const struct slots_service *service, uint32_t ordinal)
{
	size_t low = 0, high = service->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (service->seats[middle].ordinal < ordinal)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct slots_seat *slots_find(struct slots_service *service, uint32_t ordinal)
{
	size_t at = slots_position(service, ordinal);
	return at < service->count && service->seats[at].ordinal == ordinal
		       ? &service->seats[at]
		       : NULL;
}

/* The ordinal must be free. */
static struct slots_seat *slots_insert(struct slots_service *service, uint32_t ordinal)
{
	if (service->count == service->room) {
		service->room = service->room ? service->room * 2 : 2;
		service->seats = realloc(
			service->seats, service->room * sizeof *service->seats);
		BUG_ON(!service->seats);
	}
	size_t at = slots_position(service, ordinal);
	struct slots_seat *seat = &service->seats[at];
	memmove(seat + 1, seat, (service->count - at) * sizeof *seat);
	service->count++;
	*seat = (struct slots_seat){.ordinal = ordinal, .state = SLOTS_EMPTY};
	return seat;
}

bool slots_waits(const struct slots *s, int pid, uint64_t start_ticks)
{
	if (s->waiting == 0)
		return false;
	for (const struct slots_service *service = s->services; service;
		service = service->hh.next) {
		for (size_t i = 0; i < service->count; i++) {
			const struct slots_seat *seat = &service->seats[i];
			if (seat->state == SLOTS_WAITING && seat->pid == pid &&
				seat->start_ticks == start_ticks)
				return true;
		}
	}
	return false;
}

static void slots_empty(struct slots *s, struct slots_seat *seat, int64_t now_unix_ms)
{
	s->waiting -= seat->state == SLOTS_WAITING;
	seat->state = SLOTS_EMPTY;
	seat->pid = 0;
	seat->start_ticks = 0;
	seat->emptied_unix_ms = now_unix_ms;
	s->changed = true;
}

void slots_settle(struct slots *s, int64_t now_unix_ms)
{
	if (s->waiting == 0)
		return;
	for (struct slots_service *service = s->services; service;
		service = service->hh.next) {
		for (size_t i = 0; i < service->count; i++) {
			if (service->seats[i].state == SLOTS_WAITING)
				slots_empty(s, &service->seats[i], now_unix_ms);
		}
	}
}

static bool slots_left_lately(const struct slots_seat *seat, int64_t now_unix_ms)
{
	return seat->state == SLOTS_EMPTY &&
	       now_unix_ms - seat->emptied_unix_ms < SLOTS_RETURN_MS;
}

static struct slots_seat *slots_seat_of_before(
	struct slots_service *service, const struct slots_sitter *who)
{
	for (size_t i = 0; i < service->count; i++) {
		struct slots_seat *seat = &service->seats[i];
		if (seat->state == SLOTS_WAITING && seat->pid == who->pid &&
			seat->start_ticks == who->start_ticks)
			return seat;
	}
	return NULL;
}

static struct slots_seat *slots_seat_left(struct slots_service *service,
	const struct slots_sitter *who, int64_t now_unix_ms)
{
	struct slots_seat *best = NULL;
	bool best_same = false;
	for (size_t i = 0; i < service->count; i++) {
		struct slots_seat *seat = &service->seats[i];
		if (!slots_left_lately(seat, now_unix_ms) ||
			strcmp(seat->program, who->program) != 0)
			continue;
		bool same = strcmp(seat->version, who->version) == 0;
		if (!best || (same && !best_same) ||
			(same == best_same &&
				seat->emptied_unix_ms > best->emptied_unix_ms)) {
			best = seat;
			best_same = same;
		}
	}
	return best;
}

static struct slots_seat *slots_seat_lowest(
	struct slots_service *service, int64_t now_unix_ms)
{
	uint32_t ordinal = 0;
	for (size_t i = 0; i < service->count; i++) {
		struct slots_seat *seat = &service->seats[i];
		if (seat->ordinal != ordinal)
			break; /* a gap in the row */
		if (seat->state == SLOTS_EMPTY && !slots_left_lately(seat, now_unix_ms))
			return seat;
		ordinal++;
	}
	if (ordinal <= WIRE_SLOT_MAX)
		return slots_insert(service, ordinal);
	/* All ordinals used: only processes that were there lately can block them, as
	 * fewer are followed at a time. */
	for (size_t i = 0; i < service->count; i++) {
		if (service->seats[i].state == SLOTS_EMPTY)
			return &service->seats[i];
	}
	BUG_ON(true);
	return NULL;
}

static void slots_replace(char **text, const char *with)
{
	if (*text && strcmp(*text, with) == 0)
		return;
	free(*text);
	*text = slots_strdup(with);
}

uint32_t slots_take(
	struct slots *s, const struct slots_sitter *who, int64_t now_unix_ms)
{
	struct slots_service *service = slots_service_of(s, who->service);
	struct slots_seat *seat = slots_seat_of_before(service, who);
	if (!seat)
		seat = slots_seat_left(service, who, now_unix_ms);
	if (!seat)
		seat = slots_seat_lowest(service, now_unix_ms);
	if (seat->state == SLOTS_WAITING)
		s->waiting--;
	else
		s->changed = true;
	seat->lives += seat->state == SLOTS_EMPTY && seat->lives < INT32_MAX;
	seat->state = SLOTS_TAKEN;
	seat->pid = who->pid;
	seat->start_ticks = who->start_ticks;
	slots_replace(&seat->version, who->version);
	slots_replace(&seat->program, who->program);
	return seat->ordinal;
}

void slots_give(
	struct slots *s, const char *service, uint32_t slot, int64_t now_unix_ms)
{
	struct slots_service *found;
	HASH_FIND_STR(s->services, service, found);
	struct slots_seat *seat = found ? slots_find(found, slot) : NULL;
	BUG_ON(!seat || seat->state != SLOTS_TAKEN);
	slots_empty(s, seat, now_unix_ms);
}

uint32_t slots_lives(const struct slots *s, const char *service, uint32_t slot)
{
	struct slots_service *found;
	HASH_FIND_STR(s->services, service, found);
	const struct slots_seat *seat = found ? slots_find(found, slot) : NULL;
	return seat ? seat->lives : 0;
}

bool slots_changed(const struct slots *s)
{
	return s->changed;
}

/* Drops seats that were empty for long; a clock that was set back keeps them. */
static void slots_forget(struct slots *s, int64_t now_unix_ms)
{
	struct slots_service *service, *next;
	HASH_ITER(hh, s->services, service, next)
	{
		size_t kept = 0;
		for (size_t i = 0; i < service->count; i++) {
			struct slots_seat *seat = &service->seats[i];
			if (seat->state == SLOTS_EMPTY &&
				now_unix_ms - seat->emptied_unix_ms > SLOTS_FORGET_MS)
				slots_clear_seat(seat);
			else
				service->seats[kept++] = *seat;
		}
		service->count = kept;
		if (kept == 0)
			slots_destroy_service(s, service);
	}
}

static void slots_format_seats(const struct slots *s, bool empty, struct buf *out)
{
	for (const struct slots_service *service = s->services; service;
		service = service->hh.next) {
		for (size_t i = 0; i < service->count; i++) {
			const struct slots_seat *seat = &service->seats[i];
			if ((seat->state == SLOTS_EMPTY) != empty)
				continue;
			size_t before = out->length;
			buf_printf(out,
				"%" PRIu32 "\t%d\t%" PRIu64 "\t%" PRId64
				"\t%s\t%s\t%s\t%" PRIu32 "\n",
				seat->ordinal, seat->pid, seat->start_ticks,
				seat->emptied_unix_ms, service->name, seat->version,
				seat->program, seat->lives);
			if (out->length > SLOTS_TEXT_MAX) {
				out->length = before;
				out->data[before] = '\0';
				return;
			}
		}
	}
}

void slots_format(struct slots *s, int64_t now_unix_ms, struct buf *out)
{
	slots_forget(s, now_unix_ms);
	buf_printf(out, SLOTS_HEAD "%s\n", s->boot_id);
	slots_format_seats(s, false, out);
	slots_format_seats(s, true, out);
	s->changed = false;
}

/* Takes the text up to the tab (or the end) off *line; NULL when nothing is left. */
static char *slots_next_field(char **line)
{
	return strsep(line, "\t");
}

static bool slots_number(char **line, uint64_t most, uint64_t *out)
{
	const char *field = slots_next_field(line);
	if (!field || *field < '0' || *field > '9')
		return false;
	char *end;
	unsigned long long value = strtoull(field, &end, 10);
	if (*end || value > most)
		return false;
	*out = value;
	return true;
}

static bool slots_parse_seat(
	struct slots *s, char *line, bool same_boot, int64_t now_unix_ms)
{
	uint64_t ordinal, pid, start_ticks, emptied, lives = 1;
	if (!slots_number(&line, WIRE_SLOT_MAX, &ordinal) ||
		!slots_number(&line, INT32_MAX, &pid) ||
		!slots_number(&line, UINT64_MAX - 1, &start_ticks) ||
		!slots_number(&line, INT64_MAX - 1, &emptied))
		return false;
	const char *name = slots_next_field(&line);
	const char *version = slots_next_field(&line);
	const char *program = slots_next_field(&line);
	if (!name || !name[0] || !version || !program)
		return false;
	/* Earlier agents did not count. */
	if (line && (!slots_number(&line, INT32_MAX, &lives) || line))
		return false;
	struct slots_service *service = slots_service_of(s, name);
	if (slots_find(service, (uint32_t)ordinal))
		return false;
	struct slots_seat *seat = slots_insert(service, (uint32_t)ordinal);
	seat->version = slots_strdup(version);
	seat->program = slots_strdup(program);
	seat->lives = (uint32_t)lives;
	seat->emptied_unix_ms = pid ? now_unix_ms : (int64_t)emptied;
	if (pid && same_boot) {
		seat->state = SLOTS_WAITING;
		seat->pid = (int)pid;
		seat->start_ticks = start_ticks;
		s->waiting++;
	}
	return true;
}

bool slots_parse(struct slots *s, char *text, int64_t now_unix_ms, struct err *e)
{
	size_t head = strlen(SLOTS_HEAD);
	char *line = strsep(&text, "\n");
	if (!line || strncmp(line, SLOTS_HEAD, head) != 0)
		return err_set(e, ERR_INPUT, "line 1: not a list of slots");
	bool same_boot = strcmp(line + head, s->boot_id) == 0;
	for (int number = 2; (line = strsep(&text, "\n")); number++) {
		if (!line[0] && !text)
			return true; /* behind the last line */
		if (!slots_parse_seat(s, line, same_boot, now_unix_ms))
			return err_set(e, ERR_INPUT, "line %d: not a seat", number);
	}
	return err_set(e, ERR_INPUT, "the last line is cut");
}
