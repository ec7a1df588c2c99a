#include "agent/fingerprint/recall.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECALL_HEAD "tidemark fingerprints 1 " TIDEMARK_VERSION " "

void recall_begin(struct buf *out, const char *boot_id)
{
	buf_printf(out, "%s%s\n", RECALL_HEAD, boot_id);
}

void recall_add(struct buf *out, const struct recall_line *line)
{
	buf_printf(out, "%" PRIu32 " %" PRIu64 " %s\n", line->pid, line->start_ticks,
		line->hash);
}

const char *recall_open(const char *text, const char *boot_id)
{
	size_t head = strlen(RECALL_HEAD), boot = strlen(boot_id);
	if (strncmp(text, RECALL_HEAD, head) != 0 ||
		strncmp(text + head, boot_id, boot) != 0 || text[head + boot] != '\n')
		return NULL;
	return text + head + boot + 1;
}

bool recall_next(const char **text, struct recall_line *out)
{
	int length = 0;
	struct recall_line line;
	if (sscanf(*text, "%" SCNu32 " %" SCNu64 " %32[0-9a-f]%n", &line.pid,
		    &line.start_ticks, line.hash, &length) != 3 ||
		strlen(line.hash) != FINGERPRINT_HASH_DIGITS || (*text)[length] != '\n')
		return false;
	*text += length + 1;
	*out = line;
	return true;
}
