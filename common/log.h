/*
 * Log: one line per event on stderr, for journald and for people.
 *
 * Under systemd (JOURNAL_STREAM is set) lines start with the priority prefix
 * "<N>" of sd-daemon(3); elsewhere with the UTC time and the level.  Control
 * bytes, and characters that end or turn a line, are escaped, so that data can never
 * forge a line or move a terminal.  Only the top of a
 * program logs; library code returns errors.  Safe from any thread: a line is
 * one write(2).
 */
#ifndef TIDEMARK_COMMON_LOG_H
#define TIDEMARK_COMMON_LOG_H

enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_INFO = 6, LOG_DEBUG = 7 };

/* Drops lines less important than `least`.  Call before threads start. */
void log_init(const char *program, enum log_level least);

void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
