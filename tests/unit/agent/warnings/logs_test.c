/* Log files that grow, turn, are emptied, burst and are left alone: nothing twice, and
 * nothing missed. */
#include "agent/warnings/logs.h"

#include "agent/warnings/patterns.h"
#include "agent/warnings/tail.h"
#include "common/clock.h"
#include "tests/unit/agent/folder.h"

#include <sys/inotify.h>

struct world {
	struct folder folder;
	struct arena arena;
	struct log_spec specs[2];
	struct logs *logs;
	struct buf heard, saved; /* heard: numbers, each with a blank */
	int64_t now_ms;
};

static void on_sign(void *context, const struct log_spec *spec, const struct sign *sign)
{
	struct world *w = context;
	assert_string_equal(spec->name, "shop");
	for (size_t i = 0; i < sign->count; i++)
		if (strcmp(sign->fields[i].name, "number") == 0)
			buf_printf(&w->heard, "%s ", sign->fields[i].value);
	if (sign->kind != WARNING_PATTERN)
		buf_printf(&w->heard, "kind %d ", (int)sign->kind);
}

static void start(struct world *w)
{
	const struct logs_options options = {w->specs, 1, on_sign, w};
	w->logs = logs_create(&options, w->saved.length ? w->saved.data : "");
}

static struct world *make(const char *file)
{
	struct world *w = calloc(1, sizeof *w);
	struct err e;
	folder_make(&w->folder);
	arena_init(&w->arena);
	w->specs[0].name = "shop";
	w->now_ms = 1000000;
	assert_true(log_spec_key(
		&w->specs[0], "file", folder_file(&w->folder, file), &w->arena, &e));
	assert_true(log_spec_key(
		&w->specs[0], "pattern n", "leak (?<number>[^ ]+)$", &w->arena, &e));
	start(w);
	return w;
}

static void finish(struct world *w)
{
	logs_destroy(w->logs);
	folder_remove(&w->folder);
	buf_finish(&w->heard);
	buf_finish(&w->saved);
	arena_finish(&w->arena);
	free(w);
}

static void look_after(struct world *w, int seconds)
{
	w->now_ms += 1000 * (int64_t)seconds;
	logs_look(w->logs, w->now_ms);
}

static void look(struct world *w)
{
	look_after(w, 1);
}

/* As when the agent ends, or is killed after it has saved. */
static void save(struct world *w)
{
	buf_reset(&w->saved);
	logs_save(w->logs, &w->saved);
}

static void restart(struct world *w)
{
	save(w);
	logs_destroy(w->logs);
	start(w);
}

static void put(struct world *w, const char *name, const char *text)
{
	FILE *file = fopen(folder_file(&w->folder, name), "a");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void turn(struct world *w, const char *from, const char *to)
{
	assert_int_equal(
		rename(folder_file(&w->folder, from), folder_file(&w->folder, to)), 0);
}

#define HEARD(w, expected)                                                             \
	do {                                                                           \
		buf_text(&(w)->heard, "");                                             \
		assert_string_equal((w)->heard.data, expected);                        \
		buf_reset(&(w)->heard);                                                \
	} while (0)

static void begins_at_the_end(void **state)
{
	(void)state;
	struct world *w = make("a.log");
	put(w, "a.log", "leak 1\nleak 2\nleak ");
	look(w);
	put(w, "a.log", "3\nleak 4\nno\nleak 5");
	look(w);
	HEARD(w, "4 ");
	put(w, "a.log", "\n");
	look(w);
	HEARD(w, "5 ");
	look(w);
	HEARD(w, "");
	finish(w);
}

static void turns_by_rename(void **state)
{
	(void)state;
	struct world *w = make("a.log");
	put(w, "a.log", "old\n");
	look(w);
	put(w, "a.log", "leak 1\n");
	turn(w, "a.log", "a.log.1");
	put(w, "a.log", "leak 2\n");
	look(w);
	HEARD(w, "1 2 ");
	/* Whoever writes may keep the old file for a while. */
	put(w, "a.log.1", "leak 3\n");
	put(w, "a.log", "leak 4\n");
	look(w);
	HEARD(w, "3 4 ");
	look_after(w, 11);
	look_after(w, 11);
	put(w, "a.log.1", "leak 5\n");
	look(w);
	HEARD(w, "");
	finish(w);
}

static void turns_by_copy_and_truncation(void **state)
{
	(void)state;
	struct world *w = make("a.log*");
	put(w, "a.log",
		"a first line that is long enough to know the file by, of "
		"some sixty bytes or more\n");
	look(w);
	put(w, "a.log", "leak 1\n");
	look(w);
	HEARD(w, "1 ");
	size_t length;
	uint8_t *bytes = folder_load(folder_file(&w->folder, "a.log"), &length);
	folder_store(folder_file(&w->folder, "a.log.1"), bytes, length);
	free(bytes);
	assert_int_equal(truncate(folder_file(&w->folder, "a.log"), 0), 0);
	put(w, "a.log", "leak 2\n");
	look_after(w, 11);
	HEARD(w, "2 ");
	/* Emptied and grown beyond its old size between two looks. */
	assert_int_equal(truncate(folder_file(&w->folder, "a.log"), 0), 0);
	put(w, "a.log", "another\nleak 3\nleak 4\n");
	look(w);
	HEARD(w, "3 4 ");
	finish(w);
}

static void goes_on_over_a_restart(void **state)
{
	(void)state;
	struct world *w = make("a.log");
	put(w, "a.log", "old\n");
	look(w);
	put(w, "a.log", "leak 1\nleak 2\nlea");
	look(w);
	HEARD(w, "1 2 ");
	save(w);
	logs_destroy(w->logs);
	put(w, "a.log", "k 3\nleak 4\n");
	start(w);
	look(w);
	HEARD(w, "3 4 ");
	restart(w);
	look(w);
	HEARD(w, "");
	finish(w);
}

static void turns_while_nobody_looks(void **state)
{
	(void)state;
	struct world *w = make("a.log");
	put(w, "a.log", "old\n");
	look(w);
	put(w, "a.log", "leak 1\n");
	look(w);
	HEARD(w, "1 ");
	save(w);
	logs_destroy(w->logs);
	put(w, "a.log", "leak 2\n");
	turn(w, "a.log", "a.log.1");
	put(w, "a.log", "leak 3\n");
	start(w);
	look(w);
	HEARD(w, "2 3 ");
	restart(w);
	look(w);
	HEARD(w, "");
	/* Emptied meanwhile. */
	save(w);
	logs_destroy(w->logs);
	assert_int_equal(truncate(folder_file(&w->folder, "a.log"), 0), 0);
	put(w, "a.log", "leak 4 and 5\nleak 6\n");
	start(w);
	look(w);
	HEARD(w, "6 ");
	finish(w);
}

static void meets_files_that_come_later(void **state)
{
	(void)state;
	struct world *w = make("*.log");
	bool works;
	char text[LOGS_TEXT_MAX];
	look(w);
	assert_true(logs_state(w->logs, 0, &works, text));
	assert_false(works);
	assert_non_null(strstr(text, "no file is there"));
	put(w, "a.log", "leak 1\n");
	look_after(w, 11);
	HEARD(w, "1 ");
	put(w, "b.log", "leak 2\n");
	look_after(w, 11);
	HEARD(w, "2 ");
	assert_true(logs_state(w->logs, 0, &works, text));
	assert_true(works);
	assert_string_equal(text, "");
	/* What is no file waits for nobody. */
	assert_int_equal(mkfifo(folder_file(&w->folder, "c.log"), 0600), 0);
	assert_int_equal(mkdir(folder_file(&w->folder, "d.log"), 0700), 0);
	look_after(w, 11);
	logs_state(w->logs, 0, &works, text);
	assert_false(works);
	assert_non_null(strstr(text, "not a regular file"));
	finish(w);
}

static void takes_lines_of_any_bytes(void **state)
{
	(void)state;
	struct world *w = make("a.log");
	static char longer[3 * TAIL_LINE_MAX];
	put(w, "a.log", "");
	look(w);
	memset(longer, 'x', sizeof longer - 1);
	int fd = open(folder_file(&w->folder, "a.log"), O_WRONLY | O_APPEND);
	static const char wild[] = "\xff\xfe leak \xff\xfe\n\0\0leak nul\nleak ok\r\n";
	assert_int_equal(write(fd, wild, sizeof wild - 1), sizeof wild - 1);
	assert_int_equal(write(fd, longer, sizeof longer - 1), sizeof longer - 1);
	look(w);
	HEARD(w, "?? nul ok ");
	assert_int_equal(write(fd, " leak 1\nleak 2\n", 15), 15);
	look(w);
	HEARD(w, "2 ");
	/* The first bytes of a long line are looked at. */
	assert_int_equal(write(fd, "FATAL ERROR: x out of memory", 28), 28);
	assert_int_equal(write(fd, longer, sizeof longer - 1), sizeof longer - 1);
	look(w);
	HEARD(w, "kind 2 ");
	close(fd);
	finish(w);
}

static void is_not_drowned_by_a_burst(void **state)
{
	(void)state;
	struct world *w = make("a.log");
	bool works;
	char text[LOGS_TEXT_MAX];
	put(w, "a.log", "first\n");
	look(w);
	/* A gigabyte that takes no room: what is in it is never read. */
	int fd = open(folder_file(&w->folder, "a.log"), O_WRONLY);
	assert_int_equal(ftruncate(fd, 1000 * 1000 * 1000), 0);
	close(fd);
	put(w, "a.log", "\nleak 1\n");
	for (int i = 0; i < 3; i++)
		look(w);
	HEARD(w, "1 ");
	logs_state(w->logs, 0, &works, text);
	assert_true(works);
	assert_string_equal(
		text, "it grew faster than it is read: 999 MB were skipped");
	put(w, "a.log", "leak 2\n");
	look(w);
	HEARD(w, "2 ");
	finish(w);
}

/* Everything that is written is heard once, however often the reader is killed between
 * two lines and wherever the file is turned. */
static void counts_each_line_once(void **state)
{
	(void)state;
	struct world *w = make("a.log");
	struct buf expected = {0};
	put(w, "a.log", "old\n");
	look(w);
	srandom(7);
	int number = 0;
	for (int step = 0; step < 2000; step++) {
		char line[64];
		switch (random() % 8) {
		case 0:
			restart(w);
			break;
		case 1:
			/* What comes and goes between two looks is nobody's. */
			look(w);
			if (access(folder_file(&w->folder, "a.log"), F_OK) == 0)
				turn(w, "a.log", "a.log.1");
			look(w);
			put(w, "a.log", "");
			break;
		case 2:
			look_after(w, 15);
			break;
		case 3:
			look(w);
			break;
		default:
			number++;
			snprintf(
				line, sizeof line, "%s leak %d\n", "some text", number);
			put(w, "a.log", line);
			buf_printf(&expected, "%d ", number);
		}
	}
	look(w);
	HEARD(w, expected.data);
	buf_finish(&expected);
	finish(w);
}

/* Who writes the lines is not who wrote the expression: one letter, many times, takes
 * the square of its length for "[a-z]+=". */
static void hostile_lines_take_no_time(void **state)
{
	(void)state;
	static char line[TAIL_LINE_MAX];
	struct world *w = make("a.log");
	struct err e;
	logs_destroy(w->logs);
	assert_true(log_spec_key(
		&w->specs[0], "pattern slow", "[a-z]+=(?<number>x)", &w->arena, &e));
	start(w);
	put(w, "a.log", "\n");
	look(w);
	memset(line, 'a', sizeof line - 2);
	line[sizeof line - 2] = '\n';
	for (int i = 0; i < 64; i++)
		put(w, "a.log", line);
	int64_t begun_ms = clock_mono_ms();
	look(w);
	assert_in_range(clock_mono_ms() - begun_ms, 0, 1500);
	for (int i = 0; i < 100; i++)
		look(w);
	put(w, "a.log", "leak 1\n");
	look(w);
	HEARD(w, "1 ");
	finish(w);
}

/* The end of what is looked at is not the end of the line. */
static void a_cut_line_has_no_end(void **state)
{
	(void)state;
	static char line[2 * PATTERNS_LINE_MAX];
	struct world *w = make("a.log");
	put(w, "a.log", "\n");
	look(w);
	memset(line, ' ', sizeof line - 2);
	memcpy(line + PATTERNS_LINE_MAX - 6, "leak 7", 6);
	line[sizeof line - 2] = '\n';
	put(w, "a.log", line);
	look(w);
	HEARD(w, "");
	finish(w);
}

/* What is no regular file is not opened: opening a device can have effects. */
static void opens_no_device(void **state)
{
	(void)state;
	struct world *w = make("a.log");
	bool works;
	char text[LOGS_TEXT_MAX];
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	struct inotify_event event;
	assert_int_equal(mkfifo(folder_file(&w->folder, "pipe"), 0600), 0);
	assert_true(
		inotify_add_watch(fd, folder_file(&w->folder, "pipe"), IN_OPEN) >= 0);
	assert_int_equal(symlink("pipe", folder_file(&w->folder, "a.log")), 0);
	look(w);
	assert_int_equal(read(fd, &event, sizeof event), -1);
	close(fd);
	assert_true(logs_state(w->logs, 0, &works, text));
	assert_false(works);
	assert_non_null(strstr(text, "not a regular file"));
	finish(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_at_the_end),
		cmocka_unit_test(hostile_lines_take_no_time),
		cmocka_unit_test(a_cut_line_has_no_end),
		cmocka_unit_test(opens_no_device),
		cmocka_unit_test(turns_by_rename),
		cmocka_unit_test(turns_by_copy_and_truncation),
		cmocka_unit_test(goes_on_over_a_restart),
		cmocka_unit_test(turns_while_nobody_looks),
		cmocka_unit_test(meets_files_that_come_later),
		cmocka_unit_test(takes_lines_of_any_bytes),
		cmocka_unit_test(is_not_drowned_by_a_burst),
		cmocka_unit_test(counts_each_line_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
