#include "agent/probe/probe.h"

/* "0.42 0.30 ...": always two decimals. */
static void load_emit(const char *text, struct wire_values *out)
{
	int64_t whole, hundredths;
	if (!probe_number(&text, &whole) || *text++ != '.' ||
		whole > INT32_MAX / 1000 - 1)
		return;
	const char *decimals = text;
	if (!probe_number(&text, &hundredths) || text - decimals != 2)
		return;
	probe_put(out, HOST_load1_milli, whole * 1000 + hundredths * 10);
}

const struct probe load_probe = {"loadavg", load_emit};
