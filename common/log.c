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
	for (const char *c = text; *c && n + 6 < sizeof line; c++) {
		unsigned char byte = (unsigned char)*c;
		if (byte < 0x20 || byte == 0x7f)
			n += (size_t)snprintf(
				line + n, sizeof line - n, "\\x%02x", byte);
		else
			line[n++] = *c;
	}
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nowhere left to say it */
}
