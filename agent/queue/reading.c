#include "agent/queue/reading.h"

#include <fnmatch.h>
#include <string.h>

void reading_begin(struct reading *r)
{
	r->queues = arena_array(r->arena, READING_QUEUES_MAX, sizeof *r->queues);
	r->count = 0;
	r->is_cut = false;
}

struct wire_values *reading_queue(struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->queues[i].of.name, name) == 0)
			return &r->queues[i].values;
	}
	if (r->count == READING_QUEUES_MAX) {
		r->is_cut = true;
		return NULL;
	}
	const struct queue_spec *s = r->spec;
	struct wire_queue *q = &r->queues[r->count++];
	*q = (struct wire_queue){
		.of = {.source = s->name,
			.kind = queue_spec_kind_name(s->kind),
			.name = arena_strdup(r->arena, name),
			.producers = s->producers.names,
			.producer_count = s->producers.count,
			.workers = s->workers.names,
			.worker_count = s->workers.count},
		.at_unix_ms = r->at_unix_ms,
	};
	return &q->values;
}

bool reading_wants(const struct reading *r, const char *name)
{
	const struct queue_list *list = &r->spec->queues;
	for (size_t i = 0; i < list->count; i++) {
		if (fnmatch(list->names[i], name, 0) == 0)
			return true;
	}
	return list->count == 0;
}

void reading_set(struct wire_values *v, enum metric_queue metric, int64_t value)
{
	int64_t most = metric_maximum(&metric_queue[metric]);
	if (value < 0)
		return;
	v->present |= UINT64_C(1) << metric;
	v->value[metric] = value < most ? value : most;
}
