/* fuzzes: server_history */
#include "server/history/sketch.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct sketch s, again;
	struct buf out = {0};
	struct err e;
	sketch_reset(&s);
	if (!sketch_take(&s, bytes, length, &e)) {
		BUG_ON(e.kind != ERR_INPUT || s.total);
		return 0;
	}
	sketch_put(&out, &s);
	sketch_reset(&again);
	BUG_ON(!sketch_take(&again, out.data, out.length, &e));
	BUG_ON(memcmp(&s, &again, sizeof s) != 0);
	int64_t before = 0;
	for (double q = 0; q <= 1; q += 0.125) {
		int64_t value = sketch_quantile(&s, q);
		BUG_ON(value < before);
		before = value;
	}
	sketch_merge(&again, &s);
	buf_finish(&out);
	return 0;
}
