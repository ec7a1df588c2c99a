#include "server/store/shards.h"

#include "common/clock.h"
#include "server/store/roles.h"

#include <stdlib.h>
#include <string.h>

enum {
	SHARDS_LOAD_MS = 5000,
	SHARDS_HASTE_MS = 2000, /* for an answer, when somebody waits for a page */
	SHARDS_CALM_MS = 10000, /* else */
	SHARDS_PAGE_MS = 5000,  /* statements so short are those of pages */
	SHARDS_CONNECT_S = 2,
};

struct shards_shard {
	int32_t id;
	char *name, *uri;
	struct db *db; /* of 0 the main one, not ours */
	int64_t away_ms, away_until_ms;
};

struct shards_slots {
	int from, to;
	int64_t since_ms;
	size_t database;
};

struct shards {
	struct shards_shard list[SHARDS_MAX + 1];
	size_t count;
	struct shards_slots *slots; /* of those that fit, the last counts */
	size_t slot_count;
	int64_t next_load_ms;
};

static void shards_close(struct shards_shard *s)
{
	db_destroy(s->db);
	free(s->name);
	free(s->uri);
}

static void shards_destroy(void *companion)
{
	struct shards *s = companion;
	for (size_t i = 1; i < s->count; i++)
		shards_close(&s->list[i]);
	free(s->slots);
	free(s);
}

static struct db *shards_connect(struct db *main, const char *uri)
{
	struct db_options options = db_get_options(main);
	bool page = options.statement_timeout_ms &&
		    options.statement_timeout_ms <= SHARDS_PAGE_MS;
	int64_t deadline_ms = page ? SHARDS_HASTE_MS : SHARDS_CALM_MS;
	options.uri = uri;
	options.statement_timeout_ms = deadline_ms;
	options.answer_timeout_ms = deadline_ms + 500;
	options.connect_timeout_s = SHARDS_CONNECT_S;
	/* Who is limited, is so by the numbers that the main database gave out:
	 * readings of shards do not know their services. */
	if (options.role && strcmp(options.role, ROLES_LIMITED) == 0)
		options.role = ROLES_API;
	options.role_is_needed = false;
	return db_create(&options);
}

/* Connections to the shards that stay are kept. */
static bool shards_take_list(
	struct shards *s, struct db *main, const struct db_rows *rows, struct err *e)
{
	struct shards_shard list[SHARDS_MAX + 1] = {s->list[0]};
	if (rows->count > SHARDS_MAX)
		return err_set(e, ERR_INPUT, "more than %d shards", SHARDS_MAX);
	for (int i = 0; i < rows->count; i++) {
		struct shards_shard *to = &list[i + 1];
		const char *uri = db_text(rows, i, "uri");
		to->id = (int32_t)db_int(rows, i, "id");
		for (size_t k = 1; k < s->count; k++) {
			if (!s->list[k].db || s->list[k].id != to->id ||
				strcmp(s->list[k].uri, uri) != 0)
				continue;
			*to = s->list[k];
			s->list[k] = (struct shards_shard){0};
		}
		if (to->db)
			continue;
		to->name = strdup(db_text(rows, i, "name"));
		to->uri = strdup(uri);
		BUG_ON(!to->name || !to->uri);
		to->db = shards_connect(main, uri);
	}
	for (size_t k = 1; k < s->count; k++)
		shards_close(&s->list[k]);
	memcpy(s->list, list, sizeof list);
	s->count = (size_t)rows->count + 1;
	return true;
}

static void shards_take_places(struct shards *s, const struct db_rows *rows)
{
	free(s->slots);
	s->slots = calloc((size_t)rows->count + 1, sizeof *s->slots);
	BUG_ON(!s->slots);
	s->slot_count = 0;
	for (int i = 0; i < rows->count; i++) {
		int32_t id = (int32_t)db_int(rows, i, "shard_id");
		for (size_t k = 0; k < s->count; k++)
			if (s->list[k].id == id)
				s->slots[s->slot_count++] = (struct shards_slots){
					(int)db_int(rows, i, "slot_from"),
					(int)db_int(rows, i, "slot_to"),
					db_time(rows, i, "since"), k};
	}
}

static bool shards_load(struct shards *s, struct db *main, struct err *e)
{
	scoped_rows struct db_rows list = {0}, places = {0};
	if (!db_query(main, SQL_SHARD_LIST, NULL, &list, e) ||
		!db_query(main, SQL_SHARD_PLACES, NULL, &places, e) ||
		!shards_take_list(s, main, &list, e))
		return false;
	shards_take_places(s, &places);
	s->next_load_ms = clock_mono_ms() + SHARDS_LOAD_MS;
	return true;
}

bool shards_get(struct db *main, struct shards **out, struct err *e)
{
	struct shards *s = db_companion(main);
	if (!s) {
		s = calloc(1, sizeof *s);
		BUG_ON(!s);
		s->list[0].db = main;
		s->count = 1;
		db_set_companion(main, s, shards_destroy);
	}
	*out = s;
	return clock_mono_ms() < s->next_load_ms || shards_load(s, main, e);
}

size_t shards_count(const struct shards *s)
{
	return s->count;
}

const char *shards_name(const struct shards *s, size_t database)
{
	return database ? s->list[database].name : "main";
}

struct db *shards_db(struct shards *s, size_t database)
{
	const struct shards_shard *shard = &s->list[database];
	return clock_mono_ms() < shard->away_until_ms ? NULL : shard->db;
}

void shards_failed(struct shards *s, size_t database)
{
	struct shards_shard *shard = &s->list[database];
	int64_t now_ms = clock_mono_ms();
	if (database == 0)
		return;
	/* It has hardly been asked since it failed the last time. */
	bool again = now_ms - shard->away_until_ms < SHARDS_AWAY_MAX_MS;
	shard->away_ms = again && shard->away_ms ? 2 * shard->away_ms : SHARDS_AWAY_MS;
	if (shard->away_ms > SHARDS_AWAY_MAX_MS)
		shard->away_ms = SHARDS_AWAY_MAX_MS;
	shard->away_until_ms = now_ms + shard->away_ms;
}

static bool shards_fits(const struct shards_slots *slots, int64_t host_id)
{
	int slot = (int)(host_id % SHARDS_SLOTS);
	return slot >= slots->from && slot <= slots->to;
}

size_t shards_writer(const struct shards *s, int64_t host_id, int64_t at_ms)
{
	for (size_t i = s->slot_count; i > 0; i--)
		if (shards_fits(&s->slots[i - 1], host_id) &&
			s->slots[i - 1].since_ms <= at_ms)
			return s->slots[i - 1].database;
	return 0;
}

bool shards_may_have(const struct shards *s, size_t database, int64_t host_id)
{
	bool may = database == 0; /* until a place is of all times */
	for (size_t i = 0; i < s->slot_count; i++) {
		const struct shards_slots *slots = &s->slots[i];
		if (!shards_fits(slots, host_id))
			continue;
		if (slots->database == database)
			may = true;
		else if (slots->since_ms == 0)
			may = false;
	}
	return may;
}

bool shards_begin(struct db *main, struct shards_walk *walk, struct err *e)
{
	*walk = (struct shards_walk){0};
	return shards_get(main, &walk->shards, e);
}

bool shards_ask(struct shards_walk *walk, enum sql_query query,
	const struct db_args *args, struct db_rows *rows, bool *more, struct err *e)
{
	size_t database = walk->database++;
	struct db *db = shards_db(walk->shards, database);
	*more = walk->database < walk->shards->count;
	if (!db || (walk->is_binary ? db_query_binary(db, query, NULL, args, rows, e)
				    : db_query(db, query, args, rows, e)))
		return true;
	if (database == 0 || e->kind != ERR_IO)
		return false;
	shards_failed(walk->shards, database);
	return true;
}

bool shards_list(struct db *main, struct arena *a, struct shards_row **rows,
	size_t *count, struct err *e)
{
	struct shards *s;
	if (!shards_get(main, &s, e))
		return false;
	*rows = arena_array(a, s->slot_count, sizeof **rows);
	*count = s->slot_count;
	for (size_t i = 0; i < s->slot_count; i++) {
		const struct shards_slots *slots = &s->slots[i];
		const char *uri = s->list[slots->database].uri;
		(*rows)[i] = (struct shards_row){slots->from, slots->to,
			slots->since_ms, shards_name(s, slots->database),
			uri ? uri : ""};
	}
	return true;
}

/* Inside the transaction. */
static bool shards_put(struct db *main, const struct shards_placing *placing,
	struct arena *a, const char **name, struct err *e)
{
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	int64_t id = 0;
	*name = "main";
	if (*placing->uri) {
		db_args_init(&args, a);
		db_arg_text(&args, placing->name);
		db_arg_text(&args, placing->uri);
		if (!db_query(main, SQL_SHARD_PUT, &args, &rows, e))
			return false;
		id = db_int(&rows, 0, "id");
		*name = db_text_copy(&rows, 0, "name", a);
	}
	db_args_init(&args, a);
	db_arg_int(&args, placing->slot_from);
	db_arg_int(&args, placing->slot_to);
	db_arg_time_or_null(&args, placing->since_ms);
	db_arg_int(&args, id);
	return db_query(main, SQL_SHARD_PLACE_PUT, &args, NULL, e);
}

bool shards_place(struct db *main, const struct shards_placing *placing,
	struct arena *a, const char **name, struct err *e)
{
	if (!db_begin(main, e))
		return false;
	if (shards_put(main, placing, a, name, e))
		return db_commit(main, e);
	db_rollback(main);
	return false;
}

bool shards_are_used(
	struct db *main, int slot_from, int slot_to, bool *used, struct err *e)
{
	struct arena a;
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	arena_init(&a);
	db_args_init(&args, &a);
	db_arg_int(&args, slot_from);
	db_arg_int(&args, slot_to);
	bool ok = db_query(main, SQL_SHARD_HOSTS, &args, &rows, e);
	if (ok)
		*used = db_int(&rows, 0, "hosts") > 0;
	arena_finish(&a);
	return ok;
}
