/*
 * Journal: lines of systemd's journal, from a child journalctl.
 *
 * The journal's files are binary and their only reader is systemd's own; it is used as
 * the program that it ships, so that no library of systemd is linked.  The child is
 *
 *     journalctl --follow --no-tail --output=json --output-fields=... --since=now
 *
 * or --after-cursor=..., where the last entry is known and less than ten minutes old.
 * It is started when a file of the journal can be read (root, or the group
 * systemd-journal), and again after it ends, 1 s later, then later and later up to
 * 5 minutes.  What it writes waits in the pipe until it is read, once a second, and the
 * child with it.  An entry longer than JOURNAL_ENTRY_MAX is dropped; when the pipe was
 * full for half a minute, the child is started anew at the present, and what lies
 * between is counted as one skip.
 *
 * One thread.  Owns the child, which ends with its output.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_JOURNAL_H
#define TIDEMARK_AGENT_WARNINGS_JOURNAL_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JOURNAL_ENTRY_MAX = 64 << 10,
	JOURNAL_PIPE_BYTES = 1 << 20, /* as much as an unprivileged pipe can have */
	JOURNAL_MESSAGE_MAX = 16 << 10,
};

struct journal;

struct journal_entry {
	uint32_t pid; /* 0: none */
	bool is_kernel;
	const char *unit;    /* "" */
	const char *message; /* any bytes but NUL and the end of a line */
	size_t length;
	int64_t at_unix_ms;
};

/* Takes one line of the child's apart; `scratch` holds the message.  A message of
 * several lines is cut at its first.  False: it is none, or has no message. */
bool journal_parse(const char *line, size_t length, struct buf *scratch,
	struct journal_entry *out, char cursor[256]);

struct journal_options {
	const char *program; /* "journalctl", looked for on the PATH */
	/* Folders below which journals are; NULL: the system's own. */
	const char *const *folders;
	void (*on_entry)(void *context, const struct journal_entry *entry);
	void *context;
};

/* `saved` is what journal_save wrote, or "". */
struct journal *journal_create(
	const struct journal_options *options, const char *saved, int64_t now_unix_ms);
void journal_destroy(struct journal *j);

/* Once a second: reads what the child has written. */
void journal_run(struct journal *j, int64_t now_mono_ms);

void journal_save(const struct journal *j, int64_t now_unix_ms, struct buf *out);

/* Whether entries come, and what there is to say about it, "" when nothing is. */
bool journal_works(const struct journal *j);
const char *journal_trouble(const struct journal *j);

#endif
