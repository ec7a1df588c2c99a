#include "server/store/host_list.h"

#include "server/store/shards.h"

#include <stdlib.h>
#include <string.h>

const char *const host_list_agent_name[HOST_LIST_AGENTS] = {
	"reporting", "silent", "never"};

/* Readings of hosts that are not older than this say how they are. */
enum { HOST_LIST_MEMORY_MS = 60 * 1000 };

static void host_list_place_read(const struct db_rows *rows, int row, struct arena *a,
	struct host_list_place *out)
{
	*out = (struct host_list_place){
		.id = db_int(rows, row, "id"),
		.name = db_text_copy(rows, row, "name", a),
		.verdict = db_text_copy(rows, row, "verdict", a),
		.agent = db_bool(rows, row, "reporting")  ? HOST_LIST_REPORTING
			 : db_bool(rows, row, "was_seen") ? HOST_LIST_SILENT
							  : HOST_LIST_NEVER,
		.agent_version = db_text_copy(rows, row, "agent_version", a),
		.fingerprint_id = db_int(rows, row, "fingerprint_id"),
		.instances = db_int(rows, row, "instances"),
		.open_alerts = db_int(rows, row, "open_alerts"),
		.memory_permille = -1,
	};
}

struct host_list_by_id {
	int64_t id;
	struct host_list_place *place;
};

static int host_list_compare(const void *left, const void *right)
{
	int64_t a = ((const struct host_list_by_id *)left)->id;
	int64_t b = ((const struct host_list_by_id *)right)->id;
	return (a > b) - (a < b);
}

static void host_list_take_memory(
	const struct db_rows *rows, const struct host_list_by_id *index, size_t count)
{
	for (int row = 0; row < rows->count; row++) {
		struct host_list_by_id key = {db_int(rows, row, "host_id"), NULL};
		struct host_list_by_id *found = bsearch(
			&key, index, count, sizeof *index, host_list_compare);
		int64_t total = db_int(rows, row, "mem_total_kb");
		int64_t available = figures_count(rows, row, "mem_available_kb");
		if (found && total > 0 && available >= 0 && available <= total)
			found->place->memory_permille = (total - available) * 1000 /
							total;
	}
}

/* Of those that report.  `newest_ms` is of the newest reading of all: what is much
 * older says nothing of now. */
static bool host_list_read_memory(struct db *db, struct host_list_place *places,
	size_t count, int64_t newest_ms, struct arena *a, struct err *e)
{
	int64_t *ids = arena_array(a, count, sizeof *ids);
	struct host_list_by_id *index = arena_array(a, count, sizeof *index);
	size_t reporting = 0;
	for (size_t i = 0; i < count; i++) {
		if (places[i].agent != HOST_LIST_REPORTING)
			continue;
		ids[reporting] = places[i].id;
		index[reporting++] = (struct host_list_by_id){places[i].id, &places[i]};
	}
	if (reporting == 0 || newest_ms == 0)
		return true;
	qsort(index, reporting, sizeof *index, host_list_compare);
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, reporting);
	db_arg_time(&args, newest_ms - HOST_LIST_MEMORY_MS);
	db_arg_time(&args, newest_ms - HOST_LIST_MEMORY_MS);
	struct shards_walk walk;
	bool more = true;
	if (!shards_begin(db, &walk, e))
		return false;
	while (more) {
		scoped_rows struct db_rows rows = {0};
		if (!shards_ask(&walk, SQL_HOST_SAMPLE_NEWEST, &args, &rows, &more, e))
			return false;
		host_list_take_memory(&rows, index, reporting);
	}
	return true;
}

bool host_list_map(struct db *db, int64_t service_id, int64_t now_ms, struct arena *a,
	struct host_list_place **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	if (service_id)
		db_arg_int(&args, service_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, HOST_LIST_MAP_MAX + 1);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HOST_MAP, &args, &rows, e))
		return false;
	int64_t newest_ms = 0;
	size_t n = (size_t)rows.count;
	struct host_list_place *places = arena_array(a, n, sizeof *places);
	for (int i = 0; i < rows.count; i++) {
		host_list_place_read(&rows, i, a, &places[i]);
		int64_t sample_ms = db_time(&rows, i, "last_sample_at");
		if (places[i].agent == HOST_LIST_REPORTING && sample_ms > newest_ms)
			newest_ms = sample_ms;
	}
	if (!host_list_read_memory(db, places, n, newest_ms, a, e))
		return false;
	*out = places;
	*count = n;
	return true;
}

bool host_list_check_label(const char *key, const char *value, struct err *e)
{
	size_t good = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789._-/");
	if (good == 0 || key[good] != '\0')
		return err_set(e, ERR_INPUT,
			"labels: a key has small letters, digits and . _ - / only");
	if (good > HOST_LIST_LABEL_KEY_MAX)
		return err_set(e, ERR_INPUT, "labels: a key is longer than %d bytes",
			HOST_LIST_LABEL_KEY_MAX);
	for (const char *at = value; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			return err_set(e, ERR_INPUT,
				"labels: %s: has a control character", key);
	if (*value == '\0')
		return err_set(e, ERR_INPUT, "labels: %s: is empty", key);
	if (strlen(value) > HOST_LIST_LABEL_VALUE_MAX)
		return err_set(e, ERR_INPUT, "labels: %s: longer than %d bytes", key,
			HOST_LIST_LABEL_VALUE_MAX);
	return true;
}

bool host_list_labels(struct db *db, int64_t host_id, struct arena *a,
	struct host_list_label **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	if (host_id)
		db_arg_int(&args, host_id);
	else
		db_arg_null(&args);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HOST_LABELS, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct host_list_label){
			.host_id = db_int(&rows, i, "host_id"),
			.key = db_text_copy(&rows, i, "key", a),
			.value = db_text_copy(&rows, i, "value", a),
		};
	return true;
}

bool host_list_one(struct db *db, int64_t id, struct arena *a,
	struct host_list_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HOST_PAGE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	**row = (struct host_list_row){
		.id = db_int(&rows, 0, "id"),
		.name = db_text_copy(&rows, 0, "name", a),
		.kernel = db_text_copy(&rows, 0, "kernel", a),
		.cpus = db_int(&rows, 0, "cpus"),
		.interval_ms = db_int(&rows, 0, "interval_ms"),
		.first_seen_ms = db_time(&rows, 0, "first_seen_at"),
		.label_revision = db_int(&rows, 0, "label_revision"),
		.agent_id = db_int(&rows, 0, "agent_id"),
	};
	return true;
}

bool host_list_alerts(struct db *db, int64_t id, struct arena *a,
	struct host_list_alert **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HOST_ALERTS, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct host_list_alert){
			.id = db_int(&rows, i, "id"),
			.state = db_text_copy(&rows, i, "state", a),
			.level = db_text_copy(&rows, i, "level", a),
			.kind = db_text_copy(&rows, i, "kind", a),
			.version = db_text_copy(&rows, i, "version", a),
			.summary = db_text_copy(&rows, i, "summary", a),
			.service = figures_name(&rows, i, "service_id", "service", a),
		};
	return true;
}

static bool host_list_write_labels(struct db *db, const struct host_list_change *change,
	struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, change->host_id);
	if (!db_query(db, SQL_HOST_LABEL_DROP, &args, NULL, e))
		return false;
	db_arg_texts(&args, change->keys, change->count);
	db_arg_texts(&args, change->values, change->count);
	return change->count == 0 || db_query(db, SQL_HOST_LABEL_PUT, &args, NULL, e);
}

/* "env=prod, zone=eu-1" */
static const char *host_list_label_words(
	const struct host_list_change *change, struct arena *a)
{
	const char *words = "";
	for (size_t i = 0; i < change->count; i++)
		words = arena_printf(a, "%s%s%s=%s", words, i ? ", " : "",
			change->keys[i], change->values[i]);
	return *words ? words : "none";
}

/* Inside the transaction. */
static bool host_list_move_labels(struct db *db, const struct host_list_change *change,
	struct arena *a, bool *moved, struct err *e)
{
	struct db_args args;
	struct host_list_row *host;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, a);
	db_arg_int(&args, change->host_id);
	if (change->revision)
		db_arg_int(&args, change->revision);
	else
		db_arg_null(&args);
	if (!db_query(db, SQL_HOST_LABEL_MOVE, &args, &rows, e))
		return false;
	*moved = rows.affected > 0;
	if (!*moved)
		return true;
	if (!host_list_write_labels(db, change, a, e) ||
		!host_list_one(db, change->host_id, a, &host, e))
		return false;
	struct audit_entry entry = {
		.actor = change->actor,
		.action = "labels.set",
		.host_id = change->host_id,
		.subject = host ? host->name : "",
		.detail = host_list_label_words(change, a),
	};
	return audit_put(db, &entry, a, e) && db_notify(db, "tidemark", "agents", e);
}

bool host_list_set_labels(struct db *db, const struct host_list_change *change,
	struct arena *a, bool *moved, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (host_list_move_labels(db, change, a, moved, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
