#include "agent/queue/backlog.h"

#include "agent/capture/listeners.h"

#include <stdlib.h>
#include <unistd.h>

bool backlog_read(struct reading *r, struct err *e)
{
	struct listeners *all = arena_alloc(r->arena, sizeof *all);
	int64_t depth = 0;
	size_t count = 0;
	if (!listeners_read(all, "/proc", getpid(), e))
		return false;
	for (size_t i = 0; i < all->count; i++) {
		if (all->at[i].port != r->spec->port)
			continue;
		depth += all->at[i].backlog;
		count++;
	}
	if (!count)
		return err_set(e, ERR_IO, "nobody listens on port %d%s", r->spec->port,
			all->is_cut ? ", as far as was looked" : "");
	struct wire_values *v = reading_queue(r, r->spec->name);
	reading_set(v, QUEUE_depth, depth);
	reading_set(v, QUEUE_waiting, depth);
	return true;
}
