/*
 * UTF-8: is it, and where does it stop being it.  Pure.
 */
#ifndef TIDEMARK_COMMON_UTF8_H
#define TIDEMARK_COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the one character at the start of NUL-terminated text: 1 to 4, or 0 when
 * no valid one starts there (overlong forms, surrogates and the NUL included). */
size_t utf8_character(const char *text);

/* Whether valid text shows nothing: it is empty or of spaces alone. */
bool utf8_is_blank(const char *text);

#endif
