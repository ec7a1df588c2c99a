#include "common/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool err_set(struct err *e, enum err_kind kind, const char *format, ...)
{
	va_list arguments;
	e->kind = kind;
	va_start(arguments, format);
	vsnprintf(e->text, sizeof e->text, format, arguments);
	va_end(arguments);
	return false;
}

bool err_errno(struct err *e, const char *format, ...)
{
	int number = errno;
	char what[384];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	char reason[96];
	return err_set(
		e, ERR_IO, "%s: %s", what, strerror_r(number, reason, sizeof reason));
}

bool err_wrap(struct err *e, const char *format, ...)
{
	char inner[sizeof e->text];
	memcpy(inner, e->text, sizeof inner);
	char context[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(context, sizeof context, format, arguments);
	va_end(arguments);
	/* Truncation keeps the context, which names where; the cause is cut. */
	int room = (int)(sizeof e->text - strlen(context) - 3);
	snprintf(e->text, sizeof e->text, "%s: %.*s", context, room, inner);
	return false;
}

void err_bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "bug: %s:%d: %s\n", file, line, what);
	abort();
}
