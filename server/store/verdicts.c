#include "server/store/verdicts.h"

#include <inttypes.h>

enum {
	SAVED_AT_ONCE = 500,
};

bool verdicts_claim(struct db *db, bool *claimed, bool *is_new, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_CLAIM, NULL, &rows, e))
		return false;
	*claimed = db_bool(&rows, 0, "claimed");
	*is_new = db_bool(&rows, 0, "is_new");
	return true;
}

void verdicts_put_reasons(struct json *j, struct verdicts_reasons reasons)
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

void verdicts_put_rate(struct json *j, const struct figures_rate *rate)
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

void verdicts_put_moments(struct json *j, const struct verdicts_moment *onset,
	const struct verdicts_moment *exhaust)
{
	put_if_known(j, "onset_ms", onset->at_ms);
	put_if_known(j, "onset_low_ms", onset->low_ms);
	put_if_known(j, "onset_high_ms", onset->high_ms);
	put_if_known(j, "exhaust_ms", exhaust->at_ms);
	put_if_known(j, "exhaust_low_ms", exhaust->low_ms);
	put_if_known(j, "exhaust_high_ms", exhaust->high_ms);
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
	json_put_string(j, "level", s->level);
	json_put_string(j, "kind", s->kind);
	json_put_string(j, "verdict", s->verdict);
	json_put_string(j, "series", s->series);
	json_put_bool(j, "silent", s->silent);
	verdicts_put_rate(j, &s->rate);
	put_if_known(j, "value_kb", s->value_kb);
	put_if_known(j, "limit_kb", s->limit_kb);
	verdicts_put_moments(j, &s->onset, &s->exhaust);
	put_if_known(j, "wait_s", s->wait_s);
	json_put_int(j, "restarts", s->restarts);
	json_put_string(j, "summary", s->summary);
	json_key(j, "reasons");
	verdicts_put_reasons(j, s->reasons);
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
	json_put_string(j, "level", v->level);
	json_put_string(j, "kind", v->kind);
	json_put_string(j, "verdict", v->verdict);
	verdicts_put_rate(j, &v->rate);
	json_put_int(j, "slots", v->slots);
	json_put_int(j, "slots_leaking", v->slots_leaking);
	json_put_int(j, "hosts", v->hosts);
	json_put_int(j, "hosts_leaking", v->hosts_leaking);
	verdicts_put_moments(j, &v->onset, &v->exhaust);
	put_if_known(j, "wait_s", v->wait_s);
	json_put_string(j, "summary", v->summary);
	json_key(j, "reasons");
	verdicts_put_reasons(j, v->reasons);
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

bool verdicts_touch_versions(
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
	bool ok = db_query(db, SQL_VERSION_VERDICT_TOUCH, &args, NULL, e);
	arena_finish(&a);
	return ok || err_wrap(e, "touching verdicts of versions");
}

bool verdicts_load_trends(struct db *db, struct arena *a,
	struct verdicts_trend **trends, size_t *count, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERVICE_TREND_LOAD, NULL, &rows, e))
		return err_wrap(e, "reading trends");
	*count = (size_t)rows.count;
	*trends = arena_array(a, *count, sizeof **trends);
	for (int i = 0; i < rows.count; i++) {
		struct verdicts_trend *t = &(*trends)[i];
		t->service_id = db_int(&rows, i, "service_id");
		t->from_ms = db_time(&rows, i, "from_at");
		t->step_ms = db_int(&rows, i, "step_ms");
		t->rss_kb = db_ints(&rows, i, "rss_kb", a, &t->count, &t->has);
		for (size_t k = 0; k < t->count; k++)
			t->has[k] = !t->has[k];
	}
	return true;
}

/* "{1,NULL,3}" */
static const char *array_text(const struct verdicts_trend *t, struct arena *a)
{
	struct buf text = {0};
	for (size_t i = 0; i < t->count; i++) {
		buf_text(&text, i ? "," : "{");
		if (t->has[i])
			buf_printf(&text, "%" PRId64, t->rss_kb[i]);
		else
			buf_text(&text, "NULL");
	}
	buf_text(&text, "}");
	const char *copy = arena_strdup(a, text.data);
	buf_finish(&text);
	return copy;
}

bool verdicts_save_trends(struct db *db, const struct verdicts_trend *rows,
	size_t count, struct arena *a, struct err *e)
{
	if (count == 0)
		return true;
	int64_t *ids = arena_array(a, count, sizeof *ids);
	const char **arrays = arena_array(a, count, sizeof *arrays);
	for (size_t i = 0; i < count; i++) {
		ids[i] = rows[i].service_id;
		arrays[i] = array_text(&rows[i], a);
	}
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, count);
	db_arg_time(&args, rows[0].from_ms);
	db_arg_int(&args, rows[0].step_ms);
	db_arg_texts(&args, arrays, count);
	return db_query(db, SQL_SERVICE_TREND_SAVE, &args, NULL, e) ||
	       err_wrap(e, "saving trends");
}
