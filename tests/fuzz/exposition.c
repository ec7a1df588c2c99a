/* fuzzes: agent_queue */
/*
 * A text in the Prometheus format, and its first line as a selector.  Whatever is read
 * stays within its own text, and a series matches itself.
 */
#include "agent/queue/exposition.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_check(const struct exposition_series *s)
{
	const char *end = s->text + sizeof s->text;
	BUG_ON(s->metric < s->text || s->metric + strlen(s->metric) >= end);
	BUG_ON(s->label_count > EXPOSITION_LABELS_MAX);
	for (size_t i = 0; i < s->label_count; i++)
		BUG_ON(s->labels[i].value + strlen(s->labels[i].value) >= end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct exposition_series series, selector;
	struct err e;
	bool selects = false;
	char *text = malloc(size + 1);
	BUG_ON(!text);
	memcpy(text, data, size);
	text[size] = '\0';
	char *exact = malloc(size ? size : 1);
	BUG_ON(!exact);
	memcpy(exact, data, size);
	text[strcspn(text, "\n")] = '\0';
	if (exposition_select(text, &selector, &e)) {
		fuzz_check(&selector);
		selects = true;
	}
	struct exposition x = {exact, exact + size, 0};
	while (exposition_next(&x, &series)) {
		fuzz_check(&series);
		BUG_ON(series.label_count == 0 &&
			!exposition_matches(&series, &series));
		if (selects && exposition_matches(&selector, &series))
			BUG_ON(strcmp(selector.metric, series.metric) != 0);
	}
	free(exact);
	free(text);
	return 0;
}
