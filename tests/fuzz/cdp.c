/* fuzzes: agent_capture */
/*
 * Messages of the DevTools protocol, line by line and cut small, and what a process
 * tells of itself.
 */
#include "agent/capture/cdp.h"
#include "agent/capture/facts.h"
#include "agent/capture/listeners.h"
#include "agent/capture/statistics.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool fuzz_chunk(void *context, const void *bytes, size_t length, struct err *e)
{
	(void)e;
	BUG_ON(length == 0);
	buf_append(context, bytes, length);
	return true;
}

static bool fuzz_message(void *context, const char *text, size_t length, struct err *e)
{
	(void)context;
	(void)e;
	json_error_t failure;
	struct door_statistics s;
	json_t *document = json_loadb(text, length, 0, &failure);
	if (document && statistics_parse(document, &s, e)) {
		BUG_ON(s.resource_count > DOOR_RESOURCES_MAX);
		BUG_ON(s.warning_count > DOOR_WARNINGS_MAX);
	}
	json_decref(document);
	return true;
}

static void fuzz_lines(const uint8_t *data, size_t size)
{
	struct buf chunks = {0};
	const struct cdp_events events = {
		.chunk = fuzz_chunk, .message = fuzz_message, .context = &chunks};
	struct cdp *c = malloc(sizeof *c);
	struct err e;
	BUG_ON(!c);
	cdp_init(c, &events);
	bool ok = true;
	for (size_t i = 0; ok && i < size; i++) {
		char byte = (char)data[i];
		ok = byte == '\n' ? cdp_feed(c, "", 0, true, &e)
				  : cdp_feed(c, &byte, 1, false, &e);
	}
	BUG_ON(chunks.length > size * 3);
	cdp_finish(c);
	free(c);
	buf_finish(&chunks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_lines(data, size);
	char *text = malloc(size + 1);
	BUG_ON(!text);
	memcpy(text, data, size);
	text[size] = '\0';
	struct facts f = {0};
	struct listeners *all = calloc(1, sizeof *all);
	BUG_ON(!all);
	facts_parse_status(text, &f);
	facts_parse_command(text, size + 1, &f);
	facts_parse_options(text, &f.flags);
	listeners_parse_line(all, text, size & 1);
	free(all);
	free(text);
	return 0;
}
