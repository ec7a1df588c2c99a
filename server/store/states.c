#include "server/store/states.h"

static bool load(struct db *db, enum sql_query query, int64_t behind_id,
	struct arena *a, struct db_rows *rows, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, behind_id);
	db_arg_int(&args, STATES_PAGE);
	return db_query(db, query, &args, rows, e) ||
	       err_wrap(e, "reading what the detector remembers");
}

bool states_load_slots(struct db *db, int64_t behind_id, struct arena *a,
	struct states_slot **slots, size_t *count, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!load(db, SQL_SLOT_STATE_LOAD, behind_id, a, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*slots = arena_array(a, *count, sizeof **slots);
	for (int i = 0; i < rows.count; i++) {
		struct states_slot *s = &(*slots)[i];
		s->slot_id = db_int(&rows, i, "slot_id");
		s->service_id = db_int(&rows, i, "service_id");
		s->host_id = db_int(&rows, i, "host_id");
		s->at_ms = db_time(&rows, i, "at");
		s->bytes = db_bytes(&rows, i, "state", a, &s->size);
	}
	return true;
}

/* "\x0123...", as the database reads bytes. */
static const char *hex(const uint8_t *bytes, size_t size, struct arena *a)
{
	static const char digit[] = "0123456789abcdef";
	char *text = arena_array(a, 2 * size + 3, 1);
	text[0] = '\\';
	text[1] = 'x';
	for (size_t i = 0; i < size; i++) {
		text[2 + 2 * i] = digit[bytes[i] >> 4];
		text[3 + 2 * i] = digit[bytes[i] & 15];
	}
	return text;
}

bool states_save_slots(struct db *db, const struct states_slot *rows, size_t count,
	struct arena *a, struct err *e)
{
	if (count == 0)
		return true;
	int64_t *ids = arena_array(a, count, sizeof *ids);
	int64_t *at_ms = arena_array(a, count, sizeof *at_ms);
	const char **bytes = arena_array(a, count, sizeof *bytes);
	for (size_t i = 0; i < count; i++) {
		ids[i] = rows[i].slot_id;
		at_ms[i] = rows[i].at_ms;
		bytes[i] = hex(rows[i].bytes, rows[i].size, a);
	}
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, count);
	db_arg_ints(&args, at_ms, count);
	db_arg_texts(&args, bytes, count);
	return db_query(db, SQL_SLOT_STATE_SAVE, &args, NULL, e) ||
	       err_wrap(e, "keeping what the detector remembers of instances");
}

bool states_drop_slots(struct db *db, const int64_t *slot_ids, size_t count,
	struct arena *a, struct err *e)
{
	if (count == 0)
		return true;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, slot_ids, count);
	return db_query(db, SQL_SLOT_STATE_DROP, &args, NULL, e) ||
	       err_wrap(e, "forgetting instances");
}

bool states_load_services(struct db *db, int64_t behind_id, struct arena *a,
	struct states_service **services, size_t *count, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!load(db, SQL_SERVICE_STATE_LOAD, behind_id, a, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*services = arena_array(a, *count, sizeof **services);
	for (int i = 0; i < rows.count; i++) {
		struct states_service *s = &(*services)[i];
		s->service_id = db_int(&rows, i, "service_id");
		s->at_ms = db_time(&rows, i, "at");
		s->bytes = db_bytes(&rows, i, "state", a, &s->size);
	}
	return true;
}

bool states_save_service(
	struct db *db, const struct states_service *row, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, row->service_id);
	db_arg_time(&args, row->at_ms);
	db_arg_bytes(&args, row->bytes, row->size);
	return db_query(db, SQL_SERVICE_STATE_SAVE, &args, NULL, e) ||
	       err_wrap(e, "keeping what the detector remembers of a service");
}
