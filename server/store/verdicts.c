#include "server/store/verdicts.h"

#include "common/json.h"

enum {
	SAVED_AT_ONCE = 500,
	TREND_STEPS = 60,
	TREND_STEP_MS = 120000,
};

bool verdicts_claim(struct db *db, bool *claimed, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_CLAIM, NULL, &rows, e))
		return false;
	*claimed = db_bool(&rows, 0, "claimed");
	return true;
}

bool verdicts_lives(struct db *db, int64_t now_ms, struct arena *a,
	struct verdicts_life **lives, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_LIFE, &args, &rows, e))
		return err_wrap(e, "reading process lives");
	*lives = arena_array(a, (size_t)rows.count, sizeof **lives);
	*count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++) {
		struct verdicts_life *life = &(*lives)[i];
		life->service_id = db_int(&rows, i, "service_id");
		life->fingerprint_id = db_int(&rows, i, "fingerprint_id");
		life->slot_id = db_int(&rows, i, "slot_id");
		life->host_id = db_int(&rows, i, "host_id");
		life->id = db_int(&rows, i, "generation_id");
		life->service = db_text_copy(&rows, i, "service", a);
		life->version = db_text_copy(&rows, i, "version", a);
		life->runtime = db_text_copy(&rows, i, "runtime", a);
		life->started_ms = db_time(&rows, i, "started_at");
		life->last_ms = db_time(&rows, i, "last_sample_at");
	}
	return true;
}

bool verdicts_memory(struct db *db, const struct verdicts_wanted *wanted,
	struct arena *a, struct verdicts_memory **memory, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, wanted->ids, wanted->count);
	db_arg_ints(&args, wanted->bin_ms, wanted->count);
	db_arg_time(&args, wanted->from_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_READING, &args, &rows, e))
		return err_wrap(e, "reading memory");
	*memory = arena_array(a, (size_t)rows.count, sizeof **memory);
	*count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++) {
		struct verdicts_memory *m = &(*memory)[i];
		m->life_id = db_int(&rows, i, "generation_id");
		m->is_private = db_bool(&rows, i, "is_private");
		m->limit_kb = db_int(&rows, i, "limit_kb");
		m->at_ms = db_ints(&rows, i, "at_ms", a, &m->count, NULL);
		m->low_kb = db_ints(&rows, i, "low_kb", a, &m->count, NULL);
	}
	return true;
}

bool verdicts_hosts(struct db *db, int64_t from_ms, struct arena *a,
	struct verdicts_host **hosts, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, from_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_HOST, &args, &rows, e))
		return err_wrap(e, "reading hosts");
	*hosts = arena_array(a, (size_t)rows.count, sizeof **hosts);
	*count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++)
		(*hosts)[i] = (struct verdicts_host){
			db_int(&rows, i, "host_id"), db_int(&rows, i, "mem_total_kb")};
	return true;
}

static void put_reasons(struct json *j, struct verdicts_reasons reasons)
{
	json_array(j);
	for (size_t i = 0; i < reasons.count; i++) {
		json_object(j);
		json_put_bool(j, "for", reasons.items[i].speaks_for);
		json_put_string(j, "text", reasons.items[i].text);
		json_end(j);
	}
	json_end(j);
}

const char *verdicts_reasons_json(struct verdicts_reasons reasons, struct arena *a)
{
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	put_reasons(&j, reasons);
	const char *copy = arena_strdup(a, text.data);
	buf_finish(&text);
	return copy;
}

static void put_rate(struct json *j, const struct figures_rate *rate)
{
	if (!rate->known)
		return;
	json_put_double(j, "rate_kb_h", rate->kb_h);
	json_put_double(j, "rate_low_kb_h", rate->low_kb_h);
	json_put_double(j, "rate_high_kb_h", rate->high_kb_h);
}

/* Absent is NULL. */
static void put_if_known(struct json *j, const char *key, int64_t value)
{
	if (value)
		json_put_int(j, key, value);
}

static bool save(
	struct db *db, enum sql_query query, const struct buf *text, struct err *e)
{
	struct db_args args = {.count = 1, .value = {text->data}};
	return db_query(db, query, &args, NULL, e);
}

static void put_slot(struct json *j, const struct verdicts_slot *s)
{
	json_object(j);
	json_put_int(j, "slot_id", s->slot_id);
	json_put_int(j, "generation_id", s->life_id);
	json_put_int(j, "fingerprint_id", s->fingerprint_id);
	json_put_int(j, "at_ms", s->at_ms);
	json_put_string(j, "verdict", s->verdict);
	json_put_string(j, "series", s->series);
	put_rate(j, &s->rate);
	put_if_known(j, "value_kb", s->value_kb);
	put_if_known(j, "limit_kb", s->limit_kb);
	put_if_known(j, "exhaust_ms", s->exhaust_ms);
	put_if_known(j, "onset_ms", s->onset_ms);
	put_if_known(j, "wait_s", s->wait_s);
	json_put_int(j, "restarts", s->restarts);
	json_put_string(j, "summary", s->summary);
	json_key(j, "reasons");
	put_reasons(j, s->reasons);
	json_end(j);
}

bool verdicts_save_slots(
	struct db *db, const struct verdicts_slot *rows, size_t count, struct err *e)
{
	struct buf text = {0};
	bool ok = true;
	for (size_t from = 0; ok && from < count; from += SAVED_AT_ONCE) {
		struct json j;
		buf_reset(&text);
		json_init(&j, &text);
		json_array(&j);
		for (size_t i = from; i < count && i < from + SAVED_AT_ONCE; i++)
			put_slot(&j, &rows[i]);
		json_end(&j);
		ok = save(db, SQL_SLOT_VERDICT_SAVE, &text, e);
	}
	buf_finish(&text);
	return ok || err_wrap(e, "saving verdicts of instances");
}

static void put_version(struct json *j, const struct verdicts_version *v)
{
	json_object(j);
	json_put_int(j, "fingerprint_id", v->fingerprint_id);
	json_put_int(j, "service_id", v->service_id);
	json_put_int(j, "at_ms", v->at_ms);
	json_put_string(j, "verdict", v->verdict);
	put_rate(j, &v->rate);
	json_put_int(j, "slots", v->slots);
	json_put_int(j, "slots_leaking", v->slots_leaking);
	json_put_int(j, "hosts", v->hosts);
	json_put_int(j, "hosts_leaking", v->hosts_leaking);
	put_if_known(j, "exhaust_ms", v->exhaust_ms);
	put_if_known(j, "wait_s", v->wait_s);
	json_put_string(j, "summary", v->summary);
	json_key(j, "reasons");
	put_reasons(j, v->reasons);
	json_end(j);
}

bool verdicts_save_versions(
	struct db *db, const struct verdicts_version *rows, size_t count, struct err *e)
{
	struct buf text = {0};
	bool ok = true;
	for (size_t from = 0; ok && from < count; from += SAVED_AT_ONCE) {
		struct json j;
		buf_reset(&text);
		json_init(&j, &text);
		json_array(&j);
		for (size_t i = from; i < count && i < from + SAVED_AT_ONCE; i++)
			put_version(&j, &rows[i]);
		json_end(&j);
		ok = save(db, SQL_VERSION_VERDICT_SAVE, &text, e);
	}
	buf_finish(&text);
	return ok || err_wrap(e, "saving verdicts of versions");
}

bool verdicts_hold_versions(
	struct db *db, struct figures_ids fingerprints, int64_t now_ms, struct err *e)
{
	if (fingerprints.count == 0)
		return true;
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_ints(&args, fingerprints.ids, fingerprints.count);
	db_arg_time(&args, now_ms);
	bool ok = db_query(db, SQL_VERSION_VERDICT_HOLD, &args, NULL, e);
	arena_finish(&a);
	return ok || err_wrap(e, "holding verdicts of versions");
}

bool verdicts_save_trends(struct db *db, int64_t now_ms, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_time(&args, now_ms);
	db_arg_int(&args, TREND_STEPS);
	db_arg_int(&args, TREND_STEP_MS);
	bool ok = db_query(db, SQL_SERVICE_TREND_SAVE, &args, NULL, e);
	arena_finish(&a);
	return ok || err_wrap(e, "saving trends");
}
