#include "server/store/figures.h"

#include <stdio.h>

struct figures_rate figures_rate(const struct db_rows *rows, int row)
{
	struct figures_rate rate = {.known = !db_is_null(rows, row, "rate_kb_h")};
	if (!rate.known)
		return rate;
	rate.kb_h = db_double(rows, row, "rate_kb_h");
	rate.low_kb_h = db_double(rows, row, "rate_low_kb_h");
	rate.high_kb_h = db_double(rows, row, "rate_high_kb_h");
	return rate;
}

struct figures_moment figures_moment(
	const struct db_rows *rows, int row, const char *name)
{
	char at[32], low[32], high[32];
	snprintf(at, sizeof at, "%s_at", name);
	snprintf(low, sizeof low, "%s_low_at", name);
	snprintf(high, sizeof high, "%s_high_at", name);
	return (struct figures_moment){
		.at_ms = db_time(rows, row, at),
		.low_ms = db_time(rows, row, low),
		.high_ms = db_time(rows, row, high),
	};
}

int64_t figures_count(const struct db_rows *rows, int row, const char *column)
{
	return db_is_null(rows, row, column) ? -1 : db_int(rows, row, column);
}

const char *figures_text(
	const struct db_rows *rows, int row, const char *column, struct arena *a)
{
	return db_is_null(rows, row, column) ? NULL
					     : db_text_copy(rows, row, column, a);
}

struct figures_name figures_name(const struct db_rows *rows, int row,
	const char *id_column, const char *name_column, struct arena *a)
{
	return (struct figures_name){.id = db_int(rows, row, id_column),
		.name = db_text_copy(rows, row, name_column, a)};
}
