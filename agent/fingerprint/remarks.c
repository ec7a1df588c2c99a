#include "agent/fingerprint/remarks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void remarks_add(struct remarks *r, const char *format, ...)
{
	char text[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->items[i], text) == 0)
			return;
	if (r->count < FINGERPRINT_REMARKS_MAX)
		r->items[r->count++] = arena_strdup(r->arena, text);
}
