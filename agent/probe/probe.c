#include "agent/probe/probe.h"

#include <string.h>
#include <unistd.h>

void probe_put(struct wire_values *out, unsigned metric, int64_t value)
{
	if (value < 0)
		return;
	out->present |= UINT64_C(1) << metric;
	out->value[metric] = value;
}

bool probe_number(const char **text, int64_t *value)
{
	const char *c = *text;
	while (*c == ' ' || *c == '\t')
		c++;
	if (*c < '0' || *c > '9')
		return false;
	int64_t sum = 0;
	for (; *c >= '0' && *c <= '9'; c++) {
		if (__builtin_mul_overflow(sum, 10, &sum) ||
			__builtin_add_overflow(sum, *c - '0', &sum))
			return false;
	}
	*text = c;
	*value = sum;
	return true;
}

static void probe_emit_line(const char *line, const struct probe_field *fields,
	size_t count, struct wire_values *out)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(fields[i].key);
		if (strncmp(line, fields[i].key, length) != 0)
			continue;
		const char *rest = line + length;
		if (*rest == ':')
			rest++;
		if (*rest != ' ' && *rest != '\t')
			continue;
		int64_t value;
		if (probe_number(&rest, &value))
			probe_put(out, fields[i].metric, value);
		return;
	}
}

void probe_emit_fields(const char *text, const struct probe_field *fields, size_t count,
	struct wire_values *out)
{
	while (*text) {
		probe_emit_line(text, fields, count, out);
		const char *end = strchr(text, '\n');
		if (!end)
			return;
		text = end + 1;
	}
}

int64_t probe_ticks_ms(int64_t ticks)
{
	static int64_t per_second;
	if (!per_second)
		per_second = sysconf(_SC_CLK_TCK);
	int64_t thousandths;
	if (ticks < 0 || __builtin_mul_overflow(ticks, 1000, &thousandths))
		return -1;
	return thousandths / per_second;
}

int64_t probe_pages_kb(int64_t pages)
{
	static int64_t page_kb;
	if (!page_kb)
		page_kb = sysconf(_SC_PAGESIZE) / 1024;
	int64_t kb;
	return __builtin_mul_overflow(pages, page_kb, &kb) ? -1 : kb;
}
