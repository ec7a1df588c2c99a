#include "server/replay/labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct labels_columns {
	int series_id, file, service, host, runtime, version, limit_kb;
};

/* "series/s0001.csv.gz": "s0001" */
static const char *labels_stem(struct arena *a, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	const char *end = strstr(name, ".csv");
	return arena_strndup(a, name, end ? (size_t)(end - name) : strlen(name));
}

static const char *labels_text(
	const struct csv *c, int column, const char *fallback, struct arena *a)
{
	const char *text = csv_text(c, column);
	return *text ? arena_strdup(a, text) : fallback;
}

static bool labels_row(struct csv *c, const struct labels_columns *columns,
	struct arena *a, struct labels_series *out)
{
	if (!*csv_text(c, columns->file)) {
		csv_fault(c, columns->file, "names no file");
		return false;
	}
	if (!csv_number(c, columns->limit_kb, &out->limit_kb))
		return false;
	if (out->limit_kb < 0) {
		csv_fault(c, columns->limit_kb, "is negative");
		return false;
	}
	out->file = arena_strdup(a, csv_text(c, columns->file));
	out->id = labels_text(c, columns->series_id, NULL, a);
	if (!out->id)
		out->id = labels_stem(a, out->file);
	out->service = labels_text(c, columns->service, out->id, a);
	out->host = labels_text(c, columns->host, out->id, a);
	out->runtime = labels_text(c, columns->runtime, "", a);
	out->version = labels_text(c, columns->version, "", a);
	out->line = csv_line(c);
	return true;
}

static void labels_add(
	struct labels *l, size_t *room, const struct labels_series *s, struct arena *a)
{
	if (l->count == *room) {
		*room = *room ? *room * 2 : 64;
		struct labels_series *more = arena_array(a, *room, sizeof *more);
		if (l->count)
			memcpy(more, l->items, l->count * sizeof *more);
		l->items = more;
	}
	l->items[l->count++] = *s;
}

static bool labels_find_columns(const struct csv *c, const char *path,
	struct labels_columns *out, struct err *e)
{
	*out = (struct labels_columns){
		.series_id = csv_column(c, "series_id"),
		.file = csv_column(c, "file"),
		.service = csv_column(c, "service"),
		.host = csv_column(c, "host"),
		.runtime = csv_column(c, "runtime"),
		.version = csv_column(c, "version"),
		.limit_kb = csv_column(c, "limit_kb"),
	};
	if (out->file < 0)
		return err_set(
			e, ERR_INPUT, "%s: line 1: there is no column 'file'", path);
	return true;
}

bool labels_read(const char *path, struct arena *a, struct labels *out, struct err *e)
{
	struct csv *c = csv_open(path, e);
	struct labels_columns columns;
	struct labels l = {0};
	size_t room = 0;
	if (!c || !labels_find_columns(c, path, &columns, e)) {
		csv_close(c);
		return false;
	}
	while (csv_next(c)) {
		struct labels_series s;
		if (labels_row(c, &columns, a, &s))
			labels_add(&l, &room, &s, a);
	}
	l.faults = *csv_faults(c);
	csv_close(c);
	if (l.count == 0)
		return err_set(e, ERR_INPUT, "%s: no row of it can be used%s%s", path,
			l.faults.rows ? "; the first: " : "", l.faults.first);
	*out = l;
	return true;
}

static bool labels_truth_row(
	struct csv *c, const int *columns, struct arena *a, struct labels_truth *out)
{
	double leak, offset;
	if (!csv_number(c, columns[0], &leak) ||
		!csv_number(c, columns[1], &out->onset_s) ||
		!csv_number(c, columns[2], &offset) ||
		!csv_number(c, columns[3], &out->rate_pct_per_h))
		return false;
	if (leak != 0 && leak != 1) {
		csv_fault(c, columns[0], "must be 0 or 1");
		return false;
	}
	out->leak = leak == 1;
	out->onset_is_offset = isnan(out->onset_s) && !isnan(offset);
	if (out->onset_is_offset)
		out->onset_s = offset;
	out->scenario = labels_text(c, columns[4], "", a);
	out->version = labels_text(c, columns[5], "", a);
	return true;
}

bool labels_read_truths(const char *path, const struct labels *labels, struct arena *a,
	struct labels_truth **out, struct err *e)
{
	struct csv *c = csv_open(path, e);
	if (!c)
		return false;
	const int columns[] = {csv_column(c, "leak"), csv_column(c, "onset_ts"),
		csv_column(c, "onset_s"), csv_column(c, "rate_pct_per_h"),
		csv_column(c, "scenario"), csv_column(c, "version")};
	struct labels_truth *truths = arena_array(a, labels->count, sizeof *truths);
	bool ok = columns[0] >= 0 ||
		  err_set(e, ERR_INPUT, "%s: line 1: there is no column 'leak'", path);
	size_t count = 0;
	while (ok && count < labels->count && csv_next(c)) {
		if (csv_line(c) != labels->items[count].line)
			continue;
		ok = labels_truth_row(c, columns, a, &truths[count++]);
		if (!ok)
			err_set(e, ERR_INPUT, "%s: %s", path, csv_faults(c)->first);
	}
	if (ok && count < labels->count)
		ok = err_set(e, ERR_INPUT, "%s: it changed while it was read", path);
	csv_close(c);
	if (ok)
		*out = truths;
	return ok;
}
