/* fuzzes: agent_queue */
/*
 * A path on the first line, a document below it: neither of them ours.
 */
#include "agent/queue/json_path.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct err e;
	double out = 0;
	BUG_ON(!text);
	memcpy(text, data, size);
	text[size] = '\0';
	char *newline = memchr(text, '\n', size);
	if (newline) {
		*newline = '\0';
		const char *document = newline + 1;
		json_t *json = json_loadb(document, (size_t)(text + size - document),
			JSON_DECODE_ANY, NULL);
		json_path_number(json, text, &out, &e);
		json_decref(json);
	}
	free(text);
	return 0;
}
