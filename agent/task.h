/*
 * Task: one order or one file that waits for its turn, with strings of its own.
 */
#ifndef TIDEMARK_AGENT_TASK_H
#define TIDEMARK_AGENT_TASK_H

#include "agent/dumps.h"
#include "schema/snapshot.h"

#include <stdbool.h>

struct task {
	struct snapshot_order order; /* texts are the task's own */
	bool is_file;
	struct dumps_file file;
	char actor[PATH_MAX]; /* of a file */
	char texts[];
};

/* `file` may be NULL. */
struct task *task_create(
	const struct snapshot_order *order, const struct dumps_file *file);
void task_destroy(struct task *t);

#endif
