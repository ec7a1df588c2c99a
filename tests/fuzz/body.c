/* fuzzes: server_api */
/*
 * Bodies of requests: whatever JSON comes, every getter answers or names the member,
 * and what it answers is within what was asked for.
 */
#include "server/api/body.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void read_scalars(struct body *b, struct err *e)
{
	const char *text;
	int64_t whole;
	double number;
	bool truth;
	if (body_text(b, &(struct body_text){"name", 64, true}, &text, e))
		BUG_ON(!text || strlen(text) > 64);
	if (body_int(b, &(struct body_int){"uses", 1, 100, 0}, &whole, e))
		BUG_ON(whole < 0 || whole > 100);
	if (body_number(b, &(struct body_number){"rate", 0, 8}, &number, e))
		BUG_ON(!isnan(number) && (number < 0 || number > 8));
	body_bool(b, &(struct body_bool){"on", false, true}, &truth, e);
}

static void read_lists(struct body *b, struct err *e)
{
	static const char *const known[] = {"open", "resolved", "archived"};
	const struct body_pair *pairs;
	const struct body_mark *marks;
	const int64_t *ids;
	const char *const *words;
	const char *const *texts;
	size_t count;
	bool said;
	if (body_pairs(b, &(struct body_pairs){"labels", 3, 8, 16, false}, &pairs,
		    &count, e))
		BUG_ON(count > 3);
	if (body_marks(b, "alerts", 3, &marks, &count, e))
		BUG_ON(count == 0 || count > 3);
	if (body_ids(b, &(struct body_ids){"ids", 3}, &ids, &count, e))
		BUG_ON(count == 0 || count > 3);
	if (body_words(b, &(struct body_words){"states", known, 3}, &words, &count, e))
		BUG_ON(count == 0 || count > 3);
	if (body_texts(b, &(struct body_texts){"services", 3, 16}, &texts, &count,
		    &said, e))
		BUG_ON(count > 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	scoped_body struct body b = {0};
	struct body_source source = {(const char *)bytes, length};
	const char *pointer = NULL;
	struct arena a;
	struct err e;
	arena_init(&a);
	if (body_open(&b, source, &a, &pointer, &e)) {
		read_scalars(&b, &e);
		read_lists(&b, &e);
		body_finish(&b, &e);
	}
	body_close(&b);
	arena_finish(&a);
	return 0;
}
