#include "server/ingest/desired.h"

#include "common/clock.h"
#include "server/store/config_desired.h"

#include <stdlib.h>

enum { DESIRED_EVERY_MS = 60 * 1000, DESIRED_RETRY_MS = 1000 };

struct desired {
	struct config_desired known;
	struct arena arena; /* of what is known */
	struct arena scratch;
	bool is_loaded, listens;
	int64_t next_mono_ms;
};

struct desired *desired_create(void)
{
	struct desired *d = calloc(1, sizeof *d);
	BUG_ON(!d);
	arena_init(&d->arena);
	arena_init(&d->scratch);
	return d;
}

void desired_destroy(struct desired *d)
{
	if (!d)
		return;
	arena_finish(&d->arena);
	arena_finish(&d->scratch);
	free(d);
}

/* Takes every word that waits.  True: there was one. */
static bool desired_is_told(struct desired *d, struct db *db)
{
	struct err ignored;
	char *payload;
	bool told = false;
	if (!d->listens)
		return false;
	while (db_wait(db, 0, &d->scratch, &payload, &ignored) && payload)
		told = true;
	arena_reset(&d->scratch);
	return told;
}

static bool desired_load(struct desired *d, struct db *db)
{
	struct err ignored;
	struct arena fresh;
	struct config_desired read;
	arena_init(&fresh);
	/* Listens first: what changes while it is being read is read again. */
	d->listens = d->listens || db_listen(db, "config", &ignored);
	if (!d->listens || !config_desired_read(db, &fresh, &read, &ignored)) {
		arena_finish(&fresh);
		return false;
	}
	arena_finish(&d->arena);
	d->arena = fresh;
	d->known = read;
	d->is_loaded = true;
	return true;
}

void desired_refresh(struct desired *d, struct db *db)
{
	int64_t now_ms = clock_mono_ms();
	bool told = desired_is_told(d, db);
	if (!told && d->next_mono_ms && now_ms < d->next_mono_ms)
		return;
	d->next_mono_ms = now_ms +
			  (desired_load(d, db) ? DESIRED_EVERY_MS : DESIRED_RETRY_MS);
}

/* NULL: a newer server has to tell it. */
static const struct setting_orders *desired_find(
	const struct desired *d, int32_t agent_id)
{
	static const struct setting_orders own = {0};
	const struct config_desired *k = &d->known;
	size_t low = 0, high = k->agent_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (k->agents[middle].agent_id < agent_id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == k->agent_count || k->agents[low].agent_id != agent_id)
		return &own;
	size_t place = k->agents[low].orders;
	return k->whole[place] ? &k->orders[place] : NULL;
}

const struct setting_orders *desired_for(const struct desired *d, int32_t agent_id,
	const struct setting_state *said, struct arena *kept)
{
	if (!d->is_loaded || !said)
		return NULL;
	const struct setting_orders *wanted = desired_find(d, agent_id);
	if (!wanted ||
		(wanted->revision == said->revision && wanted->hash == said->hash))
		return NULL;
	struct setting_orders *copy = arena_alloc(kept, sizeof *copy);
	struct setting_value *values = arena_array(kept, wanted->count, sizeof *values);
	*copy = *wanted;
	copy->values = values;
	for (size_t i = 0; i < wanted->count; i++)
		values[i] = (struct setting_value){wanted->values[i].number,
			arena_strdup(kept, wanted->values[i].value)};
	return copy;
}

const char *desired_exceptions(const struct setting_state *said, struct arena *a)
{
	if (!said || said->exception_count == 0)
		return NULL;
	struct buf text = {0};
	for (size_t i = 0; i < said->exception_count; i++) {
		int at = setting_numbered(said->exceptions[i].number);
		buf_printf(&text, "%s%s %s", i > 0 ? "," : "",
			at < 0 ? "?" : setting_table[at].name,
			setting_fate_name[said->exceptions[i].fate]);
	}
	const char *copy = arena_strdup(a, text.data);
	buf_finish(&text);
	return copy;
}
