#include "server/store/evidence.h"

#include <math.h>
#include <string.h>

bool evidence_find(struct db *db, const struct evidence_wanted *wanted, struct arena *a,
	struct evidence_finding **findings, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, EVIDENCE_LEAK);
	db_arg_ints(&args, wanted->fingerprints.ids, wanted->fingerprints.count);
	db_arg_time(&args, wanted->now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_FIND, &args, &rows, e))
		return err_wrap(e, "reading findings");
	*findings = arena_array(a, (size_t)rows.count, sizeof **findings);
	*count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++) {
		struct evidence_finding *f = &(*findings)[i];
		f->id = db_int(&rows, i, "id");
		f->fingerprint_id = db_int(&rows, i, "fingerprint_id");
		f->active = db_bool(&rows, i, "active");
		f->last_ms = db_time(&rows, i, "last_at");
		f->alert_id = db_int(&rows, i, "alert_id");
		f->is_resolved = strcmp(db_text(&rows, i, "state"), "resolved") == 0;
		f->resolved_ms = db_time(&rows, i, "resolved_at");
		f->is_unseen = db_bool(&rows, i, "is_unseen");
	}
	return true;
}

static void arg_rate(struct db_args *args, const struct figures_rate *rate)
{
	db_arg_double(args, rate->known ? rate->kb_h : NAN);
	db_arg_double(args, rate->known ? rate->low_kb_h : NAN);
	db_arg_double(args, rate->known ? rate->high_kb_h : NAN);
}

static bool save_slots(struct db *db, int64_t finding_id,
	const struct evidence_row *row, struct arena *a, struct err *e)
{
	const char **rates = arena_array(a, row->slot_count, sizeof *rates);
	for (size_t i = 0; i < row->slot_count; i++)
		if (row->slot_rates[i].known)
			rates[i] = arena_printf(a, "%.17g", row->slot_rates[i].kb_h);
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, finding_id);
	db_arg_ints(&args, row->slot_ids, row->slot_count);
	db_arg_time(&args, row->now_ms);
	db_arg_texts(&args, rates, row->slot_count);
	return db_query(db, SQL_EVIDENCE_SLOTS, &args, NULL, e);
}

bool evidence_save(struct db *db, const struct evidence_row *row, struct arena *a,
	int64_t *finding_id, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, row->service_id);
	db_arg_int(&args, row->fingerprint_id);
	db_arg_text(&args, EVIDENCE_LEAK);
	db_arg_time(&args, row->now_ms);
	arg_rate(&args, &row->rate);
	db_arg_int(&args, row->slots);
	db_arg_int(&args, row->slots_leaking);
	db_arg_int(&args, row->hosts);
	db_arg_int(&args, row->hosts_leaking);
	db_arg_time_or_null(&args, row->onset_ms);
	db_arg_time_or_null(&args, row->exhaust_ms);
	db_arg_text(&args, row->summary);
	db_arg_text(&args, verdicts_reasons_json(row->reasons, a));
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_SAVE, &args, &rows, e))
		return err_wrap(e, "saving a finding");
	int64_t id = db_int(&rows, 0, "id");
	if (!save_slots(db, id, row, a, e))
		return err_wrap(e, "saving the instances of a finding");
	*finding_id = id;
	return true;
}

bool evidence_quiet(struct db *db, int64_t finding_id, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, finding_id);
	return db_query(db, SQL_EVIDENCE_QUIET, &args, NULL, e);
}

static bool say(struct db *db, enum sql_query query,
	const struct evidence_remark *remark, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, remark->alert_id);
	db_arg_time(&args, remark->now_ms);
	if (remark->kind)
		db_arg_text(&args, remark->kind);
	db_arg_text(&args, remark->text);
	return db_query(db, query, &args, NULL, e) || err_wrap(e, "changing an alert");
}

bool evidence_alert(struct db *db, int64_t finding_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e)
{
	return say(db, SQL_EVIDENCE_ALERT,
		&(struct evidence_remark){finding_id, now_ms, NULL, text}, a, e);
}

bool evidence_reopen(struct db *db, int64_t alert_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e)
{
	return say(db, SQL_EVIDENCE_REOPEN,
		&(struct evidence_remark){alert_id, now_ms, NULL, text}, a, e);
}

bool evidence_remark(struct db *db, const struct evidence_remark *remark,
	struct arena *a, struct err *e)
{
	return say(db, SQL_EVIDENCE_REMARK, remark, a, e);
}
