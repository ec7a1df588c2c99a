#include "server/store/config_desired.h"

#include "schema/wire_limits.h"

#include <stdlib.h>
#include <string.h>

static int config_desired_compare(const void *left, const void *right)
{
	const struct setting_value *a = left, *b = right;
	return (a->number > b->number) - (a->number < b->number);
}

/* Rows [*at, ...) of one revision.  A name that this build does not know was put there
 * by a newer one: *whole is false then. */
static struct setting_orders config_desired_orders(
	const struct db_rows *rows, int *at, struct arena *a, bool *whole)
{
	struct setting_value *values = arena_array(
		a, WIRE_SETTINGS_MAX, sizeof *values);
	struct setting_orders out = {
		.revision = (uint64_t)db_int(rows, *at, "id"), .values = values};
	*whole = true;
	for (int64_t id = db_int(rows, *at, "id");
		*at < rows->count && db_int(rows, *at, "id") == id; ++*at) {
		const char *name = db_text(rows, *at, "name");
		int place = setting_named(name);
		if (place < 0 || out.count == WIRE_SETTINGS_MAX) {
			*whole &= !*name; /* a revision that has none */
			continue;
		}
		values[out.count++] = (struct setting_value){
			setting_table[place].number,
			db_text_copy(rows, *at, "value", a)};
	}
	qsort(values, out.count, sizeof *values, config_desired_compare);
	out.hash = setting_hash(values, out.count);
	return out;
}

static bool config_desired_contents(
	struct db *db, struct arena *a, struct config_desired *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_CONTENTS, &args, &rows, e))
		return false;
	out->orders = arena_array(a, (size_t)rows.count, sizeof *out->orders);
	out->whole = arena_array(a, (size_t)rows.count, sizeof *out->whole);
	for (int at = 0; at < rows.count; out->order_count++)
		out->orders[out->order_count] = config_desired_orders(
			&rows, &at, a, &out->whole[out->order_count]);
	return true;
}

static bool config_desired_find(
	const struct config_desired *d, uint64_t revision, size_t *place)
{
	size_t low = 0, high = d->order_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (d->orders[middle].revision < revision)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return low < d->order_count && d->orders[low].revision == revision;
}

/* A revision that came between the two queries is told of by the next word. */
bool config_desired_read(
	struct db *db, struct arena *a, struct config_desired *out, struct err *e)
{
	struct config_desired d = {0};
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!config_desired_contents(db, a, &d, e) ||
		!db_query(db, SQL_CONFIG_DESIRED, &args, &rows, e))
		return false;
	d.agents = arena_array(a, (size_t)rows.count, sizeof *d.agents);
	for (int i = 0; i < rows.count; i++) {
		struct config_desired_agent *agent = &d.agents[d.agent_count];
		agent->agent_id = (int32_t)db_int(&rows, i, "agent_id");
		d.agent_count += config_desired_find(
			&d, (uint64_t)db_int(&rows, i, "desired_id"), &agent->orders);
	}
	*out = d;
	return true;
}
