/* fuzzes: agent_queue */
/*
 * What a server may answer in the place of Redis, in one piece and cut small: both come
 * out the same, within the bounds of resp.h.
 */
#include "agent/queue/resp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t fuzz_add(uint64_t sum, uint64_t more)
{
	return (sum ^ more) * UINT64_C(1099511628211);
}

static uint64_t fuzz_walk(const struct resp_value *v, int depth)
{
	uint64_t sum = fuzz_add(v->type, v->length);
	int64_t number;
	BUG_ON(depth > 9);
	BUG_ON(v->text[v->length] != '\0');
	if (resp_number(v, &number))
		sum = fuzz_add(sum, (uint64_t)number);
	for (size_t i = 0; i < v->count; i++)
		sum = fuzz_add(sum, fuzz_walk(v->items[i], depth + 1));
	return sum;
}

/* A sum over all that was read before the end, or the first error. */
static uint64_t fuzz_read(const uint8_t *data, size_t size, size_t step)
{
	struct resp *r = resp_create();
	struct arena a;
	struct err e;
	uint64_t sum = 0;
	bool ok = true;
	arena_init(&a);
	resp_begin(r, &a);
	for (size_t i = 0; ok && i < size; i += step) {
		const struct resp_value *v = NULL;
		ok = resp_feed(r, data + i, size - i < step ? size - i : step, &e);
		while (ok && (ok = resp_next(r, &v, &e)) && v)
			sum = fuzz_add(sum, fuzz_walk(v, 0));
	}
	arena_finish(&a);
	resp_destroy(r);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUG_ON(fuzz_read(data, size, size + 1) != fuzz_read(data, size, 3));
	return 0;
}
