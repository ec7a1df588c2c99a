/*
 * What older servers have stored stays readable: tests/golden/storage has columns,
 * segments and sketches of each version, NAME.bin, and what they hold, NAME.txt.
 */
#include "common/scoped.h"
#include "server/history/column.h"
#include "server/history/segment.h"
#include "server/history/sketch.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static void load(const char *name, const char *ending, struct buf *out)
{
	char path[512];
	snprintf(path, sizeof path, "%s/tests/golden/storage/%s.%s",
		TIDEMARK_SOURCE_DIR, name, ending);
	scoped_file FILE *file = fopen(path, "rb");
	if (!file)
		fail_msg("%s is missing", path);
	buf_reset(out);
	char *start = buf_reserve(out, 65536);
	out->length = fread(start, 1, 65536, file);
	start[out->length] = '\0';
}

/* One row a line; "-" has no value. */
static void tell_column(
	struct buf *text, const void *bytes, size_t length, struct arena *a)
{
	struct column_head head;
	struct err e;
	int64_t *numbers = NULL;
	bool *has = NULL;
	size_t count;
	if (!column_check(bytes, length, &head, &e) ||
		!(head.is_times ? column_get_times(
					  bytes, length, a, &numbers, &count, &e)
				: column_get_values(bytes, length, a, head.rows,
					  &numbers, &has, &e)))
		fail_msg("%s", e.text);
	for (size_t i = 0; i < head.rows; i++) {
		if (!has || has[i])
			buf_printf(text, "%lld\n", (long long)numbers[i]);
		else
			buf_text(text, "-\n");
	}
}

static void tell_segment(
	struct buf *text, const void *bytes, size_t length, struct arena *a)
{
	struct segment_reader r;
	struct segment_column column;
	struct err e;
	bool found = true;
	if (!segment_open(&r, bytes, length, &e))
		fail_msg("%s", e.text);
	for (;;) {
		if (!segment_next(&r, &column, &found, &e))
			fail_msg("%s", e.text);
		if (!found)
			return;
		buf_printf(text, "subject %d\n", column.subject);
		tell_column(text, column.bytes, column.length, a);
	}
}

static void tell_sketch(
	struct buf *text, const void *bytes, size_t length, struct arena *a)
{
	static struct sketch s;
	struct err e;
	(void)a;
	sketch_reset(&s);
	if (!sketch_take(&s, bytes, length, &e))
		fail_msg("%s", e.text);
	buf_printf(text, "%llu numbers, %llu zeros\n", (unsigned long long)s.total,
		(unsigned long long)s.zeros);
	for (int percent = 0; percent <= 100; percent += 5)
		buf_printf(text, "%d%% %lld\n", percent,
			(long long)sketch_quantile(&s, percent / 100.0));
}

static void every_version_is_read(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		void (*tell)(struct buf *text, const void *bytes, size_t length,
			struct arena *a);
	} files[] = {
		{"times-v1", tell_column},
		{"times-squeezed-v1", tell_column},
		{"values-v1", tell_column},
		{"values-squeezed-v1", tell_column},
		{"counter-v1", tell_column},
		{"constant-v1", tell_column},
		{"segment-v1", tell_segment},
		{"sketch-v1", tell_sketch},
	};
	struct buf bytes = {0}, expected = {0}, text = {0};
	struct arena a;
	arena_init(&a);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		load(files[i].name, "bin", &bytes);
		load(files[i].name, "txt", &expected);
		buf_reset(&text);
		files[i].tell(&text, bytes.data, bytes.length, &a);
		if (strcmp(text.data, expected.data) != 0)
			fail_msg("%s holds something else:\n%s", files[i].name,
				text.data);
	}
	arena_finish(&a);
	buf_finish(&bytes);
	buf_finish(&expected);
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_version_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
