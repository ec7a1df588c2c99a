#include "agent/capture/card.h"

#define CARD_MIB (UINT64_C(1) << 20)

/* Beyond this no heap is; it keeps the sums below within 64 bits. */
#define CARD_HEAP_BYTES_MAX (UINT64_C(1) << 48)

static uint64_t card_bound(uint64_t heap_bytes)
{
	return heap_bytes < CARD_HEAP_BYTES_MAX ? heap_bytes : CARD_HEAP_BYTES_MAX;
}

void card_estimate(struct card *out, uint64_t heap_bytes, bool is_measured)
{
	heap_bytes = card_bound(heap_bytes);
	uint64_t file_bytes = heap_bytes * 19 / 10;
	*out = (struct card){
		.heap_is_measured = is_measured,
		.heap_bytes = heap_bytes,
		.pause_ms = (int64_t)(heap_bytes / 10000), /* 0.1 s per MB */
		.need_bytes = 12 * heap_bytes + 64 * CARD_MIB,
		.file_bytes = file_bytes,
		.helper_bytes = file_bytes * 3 / 2,
		.will_be_exact = true,
	};
}

void card_estimate_jvm(struct card *out, uint64_t heap_bytes)
{
	heap_bytes = card_bound(heap_bytes);
	*out = (struct card){
		.heap_bytes = heap_bytes,
		/* A full collection, at a quarter of what one core can mark. */
		.pause_ms = 100 + (int64_t)(heap_bytes / 1000000),
		.need_bytes = 16 * CARD_MIB,
		.helper_bytes = 16 * CARD_MIB,
		.will_be_exact = true,
	};
}

static uint64_t card_less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

void card_fit(struct card *c, const struct room *helper, uint64_t limit_bytes)
{
	uint64_t group = helper->free_bytes / 100 * CARD_SAFE_PCT;
	uint64_t machine = card_less(
		helper->available_bytes / 100 * CARD_SAFE_PCT, c->need_bytes);
	uint64_t most = group < machine ? group : machine;
	if (limit_bytes && limit_bytes < most)
		most = limit_bytes;
	c->helper_max_bytes = most;
	c->will_be_exact = c->helper_bytes <= most;
}
