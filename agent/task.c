#include "agent/task.h"

#include "common/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct task *task_create(
	const struct snapshot_order *order, const struct dumps_file *file)
{
	size_t service = strlen(order->service) + 1, route = strlen(order->route) + 1;
	struct task *t = calloc(1, sizeof *t + service + route);
	BUG_ON(!t);
	t->order = *order;
	t->order.service = memcpy(t->texts, order->service, service);
	t->order.route = memcpy(t->texts + service, order->route, route);
	if (!file)
		return t;
	t->is_file = true;
	t->file = *file;
	snprintf(t->actor, sizeof t->actor, "directory %.*s", (int)sizeof t->actor - 16,
		file->directory->path);
	return t;
}

void task_destroy(struct task *t)
{
	free(t);
}
