/*
 * Wire text: the rule for names, checked on arrival and kept on departure.  Pure.
 * For schema/wire*.c.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_TEXT_H
#define TIDEMARK_SCHEMA_WIRE_TEXT_H

#include "common/arena.h"
#include "common/err.h"

/* Length, UTF-8, no control bytes.  The error does not say which name it is. */
bool wire_text_check(const char *text, struct err *e);

/* The text itself when it keeps the rule, else a copy in the arena with '?' in
 * place of each bad byte, cut to the longest length between two characters. */
const char *wire_text_clean(const char *text, struct arena *a);

/* The same for sentences, which may be longer. */
bool wire_text_check_long(const char *text, size_t maximum_bytes, struct err *e);
const char *wire_text_clean_long(
	const char *text, size_t maximum_bytes, struct arena *a);

#endif
