/* fuzzes: agent_warnings */
/*
 * Everything that anybody can write into a log: lines of files, of the kernel and of
 * journalctl.
 */
#include "agent/warnings/journal.h"
#include "agent/warnings/killed.h"
#include "agent/warnings/words.h"
#include "common/err.h"
#include "common/utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_check(const struct sign *sign)
{
	BUG_ON(sign->count > SIGN_FIELDS_MAX);
	for (size_t i = 0; i < sign->count; i++) {
		const char *c = sign->fields[i].value;
		BUG_ON(strlen(c) >= SIGN_VALUE_MAX);
		for (size_t n; *c; c += n) {
			n = utf8_character(c);
			BUG_ON(n == 0 || (unsigned char)*c < ' ' || *c == 0x7f);
		}
	}
	BUG_ON(!sign_equals(sign, sign));
}

/* Exactly as long as it is, so that a byte too many is found. */
static void fuzz_line(struct words *w, const uint8_t *data, size_t size)
{
	char *line = malloc(size ? size : 1);
	struct sign found[2];
	struct killed_record record;
	BUG_ON(!line);
	memcpy(line, data, size);
	size_t count = words_line(w, line, size, found);
	for (size_t i = 0; i < count; i++)
		fuzz_check(&found[i]);
	if (killed_parse(line, size, found)) {
		BUG_ON(found->pid == 0);
		fuzz_check(found);
	}
	if (killed_record_parse(line, size, &record)) {
		BUG_ON(record.text < line || record.text + record.length > line + size);
		if (killed_parse(record.text, record.length, found))
			fuzz_check(found);
	}
	struct buf scratch = {0};
	struct journal_entry entry;
	char cursor[256] = "";
	if (journal_parse(line, size, &scratch, &entry, cursor))
		BUG_ON(!entry.length || entry.length > JOURNAL_MESSAGE_MAX);
	buf_finish(&scratch);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct words words = {0};
	struct sign held;
	while (size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t length = end ? (size_t)(end - data) : size;
		fuzz_line(&words, data, length);
		data += length + (end != NULL);
		size -= length + (end != NULL);
	}
	if (words_flush(&words, &held))
		fuzz_check(&held);
	return 0;
}
