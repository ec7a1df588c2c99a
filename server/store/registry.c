#include "server/store/registry.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Names come from hosts: a keyed hash keeps one of them from choosing collisions. */
static unsigned registry_hash(const void *key, size_t length);
#define HASH_FUNCTION(key, length, hash) (hash) = registry_hash(key, length)
#include <uthash.h>

enum {
	REGISTRY_ENTRIES_MAX = 800000, /* then it is forgotten and fills anew */
	REGISTRY_ATTEMPTS = 5,
	REGISTRY_GATHER_MAX = 500, /* lives in one statement */
};

enum registry_kind {
	REGISTRY_SERVICE,
	REGISTRY_FINGERPRINT,
	REGISTRY_SLOT,
	REGISTRY_GENERATION,
	REGISTRY_KINDS
};

struct registry_entry {
	UT_hash_handle hh;
	int32_t id;  /* 0: still to be asked for */
	bool is_new; /* its row was made in this round; of a version, until it is told
		      */
	/* Of a generation. */
	struct registry_want *want; /* the last one of this round */
	uint64_t place;             /* what its row says of the process's place */
	uint64_t content;           /* what it consists of; 0: never told */
	int64_t seen_ms;            /* newest sample */
	int64_t next_write_mono_ms; /* when its row is to be told */
	size_t key_length;
	char key[];
};

/* Longer than any key: four numbers and five names with their NULs. */
enum { REGISTRY_KEY_MAX = 1 + 4 * 8 + 5 * (WIRE_NAME_BYTES_MAX + 1) };

/* A life whose row is due to be told of its newest sample. */
struct registry_due {
	int32_t id;
	int64_t seen_ms;
};

struct registry {
	struct registry_entry *entries;
	char key[REGISTRY_KEY_MAX]; /* being built */
	size_t key_length;
	struct registry_due *due;
	size_t due_count, due_capacity;
	int64_t due_since_mono_ms; /* of the first one */
};

static unsigned char registry_seed[crypto_shorthash_KEYBYTES];

static unsigned registry_hash(const void *key, size_t length)
{
	unsigned char out[crypto_shorthash_BYTES];
	unsigned hash;
	crypto_shorthash(out, key, length, registry_seed);
	memcpy(&hash, out, sizeof hash);
	return hash;
}

static void registry_choose_seed(void)
{
	BUG_ON(sodium_init() < 0);
	crypto_shorthash_keygen(registry_seed);
}

struct registry *registry_create(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, registry_choose_seed);
	struct registry *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	return r;
}

void registry_forget(struct registry *r)
{
	struct registry_entry *entry, *next;
	HASH_ITER(hh, r->entries, entry, next)
	{
		HASH_DEL(r->entries, entry);
		free(entry);
	}
	r->due_count = 0;
}

void registry_destroy(struct registry *r)
{
	if (!r)
		return;
	registry_forget(r);
	free(r->due);
	free(r);
}

static void registry_key_bytes(struct registry *r, const void *bytes, size_t length)
{
	BUG_ON(length > sizeof r->key - r->key_length);
	memcpy(r->key + r->key_length, bytes, length);
	r->key_length += length;
}

static void registry_key_start(struct registry *r, enum registry_kind kind)
{
	r->key[0] = (char)kind;
	r->key_length = 1;
}

/* With its NUL, so that two texts in a row cannot be mistaken for two others. */
static void registry_key_text(struct registry *r, const char *text)
{
	registry_key_bytes(r, text, strlen(text) + 1);
}

static void registry_key_int(struct registry *r, int64_t value)
{
	registry_key_bytes(r, &value, sizeof value);
}

/* The entry of the key just built; a new one has id 0. */
static struct registry_entry *registry_get(struct registry *r)
{
	struct registry_entry *entry;
	HASH_FIND(hh, r->entries, r->key, r->key_length, entry);
	if (entry)
		return entry;
	entry = calloc(1, sizeof *entry + r->key_length);
	BUG_ON(!entry);
	entry->key_length = r->key_length;
	memcpy(entry->key, r->key, r->key_length);
	HASH_ADD_KEYPTR(hh, r->entries, entry->key, entry->key_length, entry);
	return entry;
}

static struct registry_entry *registry_service(
	struct registry *r, const struct registry_want *want)
{
	registry_key_start(r, REGISTRY_SERVICE);
	registry_key_text(r, want->process->service);
	return registry_get(r);
}

static const char *registry_content_hash(const struct registry_want *want)
{
	const char *hash = want->process->fingerprint;
	return hash ? hash : "";
}

static struct registry_entry *registry_fingerprint(
	struct registry *r, const struct registry_want *want)
{
	registry_key_start(r, REGISTRY_FINGERPRINT);
	registry_key_text(r, want->process->service);
	registry_key_text(r, want->process->version);
	registry_key_text(r, want->process->runtime);
	registry_key_text(r, registry_content_hash(want));
	return registry_get(r);
}

static struct registry_entry *registry_slot(
	struct registry *r, const struct registry_want *want)
{
	registry_key_start(r, REGISTRY_SLOT);
	registry_key_int(r, want->host_id);
	registry_key_int(r, want->process->slot);
	registry_key_text(r, want->process->service);
	return registry_get(r);
}

static void registry_key_generation(
	struct registry *r, const struct registry_want *want)
{
	registry_key_start(r, REGISTRY_GENERATION);
	registry_key_int(r, want->host_id);
	registry_key_int(r, want->process->pid);
	registry_key_int(r, (int64_t)want->process->start_ticks);
	registry_key_text(r, want->boot_id);
}

static struct registry_entry *registry_generation(
	struct registry *r, const struct registry_want *want)
{
	registry_key_generation(r, want);
	return registry_get(r);
}

/* What the row says of the process's place, as a keyed hash. */
static uint64_t registry_place(struct registry *r, const struct registry_want *want)
{
	const struct wire_process *p = want->process;
	uint64_t place;
	static_assert(sizeof place == crypto_shorthash_BYTES, "the hash's size");
	r->key_length = 0;
	registry_key_int(r, p->slot);
	registry_key_text(r, p->service);
	registry_key_text(r, p->version);
	registry_key_text(r, p->runtime);
	crypto_shorthash((unsigned char *)&place, (const unsigned char *)r->key,
		r->key_length, registry_seed);
	return place;
}

static uint64_t registry_content(const struct registry_want *want)
{
	const char *hash = registry_content_hash(want);
	uint64_t content;
	if (!*hash)
		return 0;
	crypto_shorthash((unsigned char *)&content, (const unsigned char *)hash,
		strlen(hash), registry_seed);
	return content | 1;
}

/* Who does not say what a process consists of says nothing against who did. */
static bool registry_is_there(
	const struct registry_entry *entry, uint64_t place, uint64_t content)
{
	return entry->place == place && (content == 0 || entry->content == content);
}

bool registry_knows(struct registry *r, const struct registry_want *want)
{
	uint64_t place = registry_place(r, want);
	struct registry_entry *entry;
	registry_key_generation(r, want);
	HASH_FIND(hh, r->entries, r->key, r->key_length, entry);
	return entry && entry->id > 0 &&
	       registry_is_there(entry, place, registry_content(want));
}

/* The process life of a want.  One that another rule now puts elsewhere is to be asked
 * for again, and moved; the last word of a round counts. */
static struct registry_entry *registry_meet(
	struct registry *r, struct registry_want *want)
{
	struct registry_entry *entry = registry_generation(r, want);
	uint64_t place = registry_place(r, want), content = registry_content(want);
	bool says_less = entry->want && entry->place == place && content == 0;
	if (!registry_is_there(entry, place, content))
		entry->id = 0;
	if (entry->place != place || content)
		entry->content = content;
	entry->place = place;
	/* Within a round, who says what it consists of is asked for. */
	if (!says_less)
		entry->want = want;
	return entry;
}

/* One question to one dictionary: which entries are new, and which want asks. */
struct registry_round {
	struct registry *r;
	struct db *db;
	struct arena *arena;
	struct registry_want **wants; /* one for each entry */
	struct registry_entry **entries;
	size_t count;
};

/* Collects what is still unknown, each once. */
static void registry_collect(struct registry_round *round,
	struct registry_want *const *wants, size_t count,
	struct registry_entry *(*entry_of)(
		struct registry *, const struct registry_want *))
{
	round->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct registry_entry *entry = entry_of(round->r, wants[i]);
		if (entry->id != 0)
			continue;
		entry->id = -1; /* collected */
		round->wants[round->count] = wants[i];
		round->entries[round->count++] = entry;
	}
}

static int64_t *registry_ids(const struct registry_round *round,
	struct registry_entry *(*entry_of)(
		struct registry *, const struct registry_want *))
{
	int64_t *ids = arena_array(round->arena, round->count, sizeof *ids);
	for (size_t i = 0; i < round->count; i++)
		ids[i] = entry_of(round->r, round->wants[i])->id;
	return ids;
}

#define REGISTRY_ARG_INTS(args, round, value)                                          \
	do {                                                                           \
		int64_t *list = arena_array(                                           \
			(round)->arena, (round)->count, sizeof *list);                 \
		for (size_t i = 0; i < (round)->count; i++) {                          \
			const struct registry_want *want = (round)->wants[i];          \
			list[i] = (int64_t)(value);                                    \
		}                                                                      \
		db_arg_ints(args, list, (round)->count);                               \
	} while (0)

#define REGISTRY_ARG_TEXTS(args, round, value)                                         \
	do {                                                                           \
		const char **list = arena_array(                                       \
			(round)->arena, (round)->count, sizeof *list);                 \
		for (size_t i = 0; i < (round)->count; i++) {                          \
			const struct registry_want *want = (round)->wants[i];          \
			list[i] = (value);                                             \
		}                                                                      \
		db_arg_texts(args, list, (round)->count);                              \
	} while (0)

/* Asks until every entry has its id: a row that another server makes at the same
 * moment is invisible to the statement that waited for it. */
static bool registry_ask(struct registry_round *round, enum sql_query query,
	const struct db_args *args, struct err *e)
{
	if (round->count == 0)
		return true;
	for (int attempt = 0; attempt < REGISTRY_ATTEMPTS; attempt++) {
		scoped_rows struct db_rows rows = {0};
		if (!db_query(round->db, query, args, &rows, e))
			return false;
		BUG_ON((size_t)rows.count < round->count);
		size_t missing = 0;
		for (int i = 0; i < rows.count; i++) {
			int64_t n = db_int(&rows, i, "n") - 1;
			bool made = db_bool(&rows, i, "made");
			round->wants[n]->made += made;
			round->entries[n]->is_new |= made;
			if (db_is_null(&rows, i, "id"))
				missing++;
			else
				round->entries[n]->id = (int32_t)db_int(&rows, i, "id");
		}
		if (missing == 0)
			return true;
	}
	return err_set(e, ERR_IO, "database: %s: rows of another server stay invisible",
		sql_query_name[query]);
}

static bool registry_ask_services(struct registry_round *round, struct err *e)
{
	struct db_args args;
	db_args_init(&args, round->arena);
	REGISTRY_ARG_TEXTS(&args, round, want->process->service);
	return registry_ask(round, SQL_SERVICE_PUT, &args, e);
}

static bool registry_ask_fingerprints(struct registry_round *round, struct err *e)
{
	struct db_args args;
	db_args_init(&args, round->arena);
	db_arg_ints(&args, registry_ids(round, registry_service), round->count);
	REGISTRY_ARG_TEXTS(&args, round, want->process->version);
	REGISTRY_ARG_TEXTS(&args, round, want->process->runtime);
	REGISTRY_ARG_TEXTS(&args, round, registry_content_hash(want));
	REGISTRY_ARG_INTS(&args, round, want->seen_ms);
	return registry_ask(round, SQL_FINGERPRINT_PUT, &args, e);
}

static bool registry_ask_slots(struct registry_round *round, struct err *e)
{
	struct db_args args;
	db_args_init(&args, round->arena);
	db_arg_ints(&args, registry_ids(round, registry_service), round->count);
	REGISTRY_ARG_INTS(&args, round, want->host_id);
	REGISTRY_ARG_INTS(&args, round, want->process->slot);
	return registry_ask(round, SQL_SLOT_PUT, &args, e);
}

/* Versions that are new, once their first lives are there, and those that came back. */
static bool registry_mark_deploys(struct registry_round *round, struct err *e)
{
	int64_t *ids = arena_array(round->arena, round->count, sizeof *ids);
	size_t count = 0;
	for (size_t i = 0; i < round->count; i++) {
		struct registry_entry *version = registry_fingerprint(
			round->r, round->wants[i]);
		if (version->is_new)
			ids[count++] = version->id;
		version->is_new = false;
	}
	struct db_args args;
	db_args_init(&args, round->arena);
	db_arg_ints(&args, ids, count);
	if (count && !db_query(round->db, SQL_DEPLOY_SEEN, &args, NULL, e))
		return false;
	db_args_init(&args, round->arena);
	db_arg_ints(&args, registry_ids(round, registry_generation), round->count);
	return db_query(round->db, SQL_DEPLOY_BACK, &args, NULL, e);
}

static bool registry_ask_generations(struct registry_round *round, struct err *e)
{
	struct db_args args;
	db_args_init(&args, round->arena);
	db_arg_ints(&args, registry_ids(round, registry_slot), round->count);
	db_arg_ints(&args, registry_ids(round, registry_fingerprint), round->count);
	REGISTRY_ARG_INTS(&args, round, want->host_id);
	REGISTRY_ARG_TEXTS(&args, round, want->boot_id);
	REGISTRY_ARG_INTS(&args, round, want->process->pid);
	REGISTRY_ARG_INTS(&args, round, want->process->start_ticks);
	REGISTRY_ARG_INTS(&args, round, want->process->started_unix_ms);
	REGISTRY_ARG_INTS(&args, round, want->seen_ms);
	REGISTRY_ARG_TEXTS(&args, round, want->process->command);
	REGISTRY_ARG_TEXTS(&args, round, want->process->rule);
	return registry_ask(round, SQL_GENERATION_PUT, &args, e) &&
	       registry_mark_deploys(round, e);
}

/* From the outside in: each dictionary's rows need the ids of the one before.  Most
 * rounds know every generation and ask nothing. */
static bool registry_ask_all(struct registry_round *round,
	struct registry_want *const *wants, size_t count, struct err *e)
{
	static const struct {
		struct registry_entry *(*entry_of)(
			struct registry *, const struct registry_want *);
		bool (*ask)(struct registry_round *, struct err *);
	} steps[REGISTRY_KINDS] = {
		{registry_service, registry_ask_services},
		{registry_fingerprint, registry_ask_fingerprints},
		{registry_slot, registry_ask_slots},
		{registry_generation, registry_ask_generations},
	};
	for (size_t i = 0; i < REGISTRY_KINDS; i++) {
		registry_collect(round, wants, count, steps[i].entry_of);
		if (!steps[i].ask(round, e))
			return false;
	}
	return true;
}

static void registry_add_due(
	struct registry *r, const struct registry_entry *entry, int64_t mono_ms)
{
	if (r->due_count == r->due_capacity) {
		r->due_capacity = r->due_capacity ? 2 * r->due_capacity : 64;
		r->due = realloc(r->due, r->due_capacity * sizeof *r->due);
		BUG_ON(!r->due);
	}
	if (r->due_count == 0)
		r->due_since_mono_ms = mono_ms;
	r->due[r->due_count++] = (struct registry_due){entry->id, entry->seen_ms};
}

/* Notes what was seen, and which rows are due. */
static void registry_note_seen(struct registry *r, const struct registry_want *wants,
	size_t count, int64_t mono_ms)
{
	for (size_t i = 0; i < count; i++) {
		struct registry_entry *entry = wants[i].entry;
		if (wants[i].seen_ms > entry->seen_ms)
			entry->seen_ms = wants[i].seen_ms;
	}
	for (size_t i = 0; i < count; i++) {
		struct registry_entry *entry = wants[i].entry;
		bool known = !entry->is_new; /* else its row says so already */
		entry->is_new = false;
		if (mono_ms < entry->next_write_mono_ms)
			continue;
		entry->next_write_mono_ms = mono_ms + REGISTRY_SEEN_MS;
		if (known)
			registry_add_due(r, entry, mono_ms);
	}
}

static bool registry_write_seen(struct registry *r, struct db *db, int64_t mono_ms,
	struct arena *a, struct err *e)
{
	size_t count = r->due_count;
	if (count == 0 || (count < REGISTRY_GATHER_MAX &&
				  mono_ms - r->due_since_mono_ms < REGISTRY_GATHER_MS))
		return true;
	int64_t *ids = arena_array(a, count, sizeof *ids);
	int64_t *times = arena_array(a, count, sizeof *times);
	for (size_t i = 0; i < count; i++) {
		ids[i] = r->due[i].id;
		times[i] = r->due[i].seen_ms;
	}
	r->due_count = 0;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, count);
	db_arg_ints(&args, times, count);
	return db_query(db, SQL_GENERATION_SEEN, &args, NULL, e);
}

/* Seats are asked for once in the life of a process: to remember them all would take
 * as much room as the lives. */
static void registry_forget_slots(
	struct registry *r, struct registry_want *const *wants, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct registry_entry *slot = registry_slot(r, wants[i]);
		HASH_DEL(r->entries, slot);
		free(slot);
	}
}

bool registry_resolve(struct registry *r, struct db *db, struct registry_want *wants,
	size_t count, int64_t mono_ms, struct arena *a, struct err *e)
{
	if (HASH_COUNT(r->entries) > REGISTRY_ENTRIES_MAX)
		registry_forget(r);
	struct registry_want **unknown = arena_array(a, count, sizeof *unknown);
	size_t unknown_count = 0;
	for (size_t i = 0; i < count; i++) {
		wants[i].entry = registry_meet(r, &wants[i]);
		wants[i].made = 0;
	}
	for (size_t i = 0; i < count; i++)
		if (wants[i].entry->id == 0 && wants[i].entry->want == &wants[i])
			unknown[unknown_count++] = &wants[i];
	if (unknown_count > 0) {
		struct registry_round round = {.r = r,
			.db = db,
			.arena = a,
			.wants = arena_array(a, unknown_count, sizeof *round.wants),
			.entries = arena_array(
				a, unknown_count, sizeof *round.entries)};
		if (!registry_ask_all(&round, unknown, unknown_count, e))
			return false;
		registry_forget_slots(r, unknown, unknown_count);
	}
	for (size_t i = 0; i < count; i++)
		wants[i].generation_id = wants[i].entry->id;
	registry_note_seen(r, wants, count, mono_ms);
	return registry_write_seen(r, db, mono_ms, a, e);
}
