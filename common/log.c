#include "common/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
	const char *program;
	enum log_level least;
	bool journal;
} log_state = {"tidemark", LOG_INFO, false};

void log_init(const char *program, enum log_level least)
{
	log_state.program = program;
	log_state.least = least;
	log_state.journal = getenv("JOURNAL_STREAM") != NULL;
}

static const char *log_level_name(enum log_level level)
{
	switch (level) {
	case LOG_ERROR:
		return "error";
	case LOG_WARN:
		return "warn";
	case LOG_INFO:
		return "info";
	case LOG_DEBUG:
		return "debug";
	}
	return "?";
}

static size_t log_prefix(char *line, size_t size, enum log_level level)
{
	if (log_state.journal)
		return (size_t)snprintf(line, size, "<%d>", (int)level);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct tm utc;
	gmtime_r(&now.tv_sec, &utc);
	size_t n = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
	return n + (size_t)snprintf(line + n, size - n,
			   ".%03ldZ %s %s: ", now.tv_nsec / 1000000, log_state.program,
			   log_level_name(level));
}

/* How many bytes from here would do something on a terminal, or make a line look like
 * another: control bytes, those of U+0080 to U+009F, and what ends or turns a line
 * (U+2028 to U+202E, U+200E and U+200F, U+2066 to U+2069). */
static int log_harmful(const unsigned char *c)
{
	if (c[0] < 0x20 || c[0] == 0x7f)
		return 1;
	if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)
		return 2;
	if (c[0] != 0xe2 || (c[1] != 0x80 && c[1] != 0x81))
		return 0;
	bool turns = c[1] == 0x80 ? (c[2] >= 0xa8 && c[2] <= 0xae) || c[2] == 0x8e ||
					    c[2] == 0x8f
				  : c[2] >= 0xa6 && c[2] <= 0xa9;
	return turns ? 3 : 0;
}

void log_line(enum log_level level, const char *format, ...)
{
	if (level > log_state.least)
		return;
	char text[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);

	char line[4096];
	size_t n = log_prefix(line, sizeof line, level);
	int harmful = 0;
	for (const unsigned char *c = (unsigned char *)text; *c && n + 6 < sizeof line;
		c++) {
		harmful = harmful ? harmful : log_harmful(c);
		if (harmful) {
			n += (size_t)snprintf(line + n, sizeof line - n, "\\x%02x", *c);
			harmful--;
		} else {
			line[n++] = (char)*c;
		}
	}
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nowhere left to say it */
}
