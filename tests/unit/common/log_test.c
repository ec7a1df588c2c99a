#include "common/log.h"

#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What log_line writes to stderr, in a buffer that the next call reuses. */
static const char *captured(enum log_level level, const char *text)
{
	static char line[8192];
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	int saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	log_line(level, "%s", text);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	ssize_t n = read(ends[0], line, sizeof line - 1);
	close(ends[0]);
	line[n > 0 ? n : 0] = '\0';
	return line;
}

static void data_cannot_forge_a_line(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_init("test", LOG_INFO);
	assert_string_equal(captured(LOG_WARN, "name a\n<3>root login\x1b[0m\x7f"),
		"<4>name a\\x0a<3>root login\\x1b[0m\\x7f\n");
	/* The same as characters: CSI, a line that ends, one that runs backwards. */
	assert_string_equal(
		captured(LOG_WARN, "a\xc2\x9b[2J\xe2\x80\xa8 b\xe2\x80\xae"),
		"<4>a\\xc2\\x9b[2J\\xe2\\x80\\xa8 b\\xe2\\x80\\xae\n");
	assert_string_equal(captured(LOG_WARN, "\xe2\x81\xa6"), "<4>\\xe2\\x81\\xa6\n");
	/* Names of people and places stay as they are; so does what was cut. */
	assert_string_equal(
		captured(
			LOG_WARN, "J\xc3\xb6rg \xe6\x9d\xb1 \xe2\x82\xac \xe2\x80\x99"),
		"<4>J\xc3\xb6rg \xe6\x9d\xb1 \xe2\x82\xac \xe2\x80\x99\n");
	assert_string_equal(captured(LOG_WARN, "x\xe2\x80"), "<4>x\xe2\x80\n");
}

static void terminals_get_time_and_level(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_init("test", LOG_INFO);
	const char *line = captured(LOG_ERROR, "disk full");
	assert_int_equal(strlen("2026-11-22T10:00:00.000Z"), 24);
	assert_int_equal(line[10], 'T');
	assert_int_equal(line[23], 'Z');
	assert_string_equal(line + 24, " test error: disk full\n");
}

static void less_important_lines_are_dropped(void **state)
{
	(void)state;
	log_init("test", LOG_WARN);
	assert_string_equal(captured(LOG_INFO, "chatter"), "");
	assert_string_not_equal(captured(LOG_WARN, "trouble"), "");
}

static void overlong_lines_are_cut(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_init("test", LOG_DEBUG);
	char text[5000];
	memset(text, '\n', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	const char *line = captured(LOG_INFO, text);
	size_t length = strlen(line);
	assert_true(length > 1000 && length <= 4096);
	assert_ptr_equal(strchr(line, '\n'), line + length - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_cannot_forge_a_line),
		cmocka_unit_test(terminals_get_time_and_level),
		cmocka_unit_test(less_important_lines_are_dropped),
		cmocka_unit_test(overlong_lines_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
