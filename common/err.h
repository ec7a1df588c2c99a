/*
 * Errors: one shape for every failure.
 *
 * A function that can fail takes a `struct err *` last and returns bool.  The
 * error is made once where it is first seen (err_set), gains context on its way
 * up (err_wrap), and is reported once at the top.  Outputs stay untouched on
 * failure.  The kind decides behaviour, the text is for people.
 *
 * Errors live in the caller's storage and own nothing.
 */
#ifndef TIDEMARK_COMMON_ERR_H
#define TIDEMARK_COMMON_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum err_kind {
	ERR_NONE,
	ERR_INPUT, /* the caller's or a peer's data is wrong; retrying is useless */
	ERR_BUSY,  /* a limit is reached or a resource is taken; retry later */
	ERR_IO,    /* the outside world failed (file, socket, database); retry later */
};

struct err {
	enum err_kind kind;
	char text[512];
};

/* Always false, so that callers can write `return err_set(...)`. */
bool err_set(struct err *e, enum err_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set with ERR_IO and ": strerror(errno)" appended. */
bool err_errno(struct err *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "context: " before the text.  Always false. */
bool err_wrap(struct err *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A broken invariant of ours: prints where and aborts. */
#define BUG_ON(condition)                                                              \
	((condition) ? err_bug(__FILE__, __LINE__, #condition) : (void)0)

void err_bug(const char *file, int line, const char *what) __attribute__((noreturn));

#endif
