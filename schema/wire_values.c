#include "schema/wire_values.h"

const struct wire_values_scope wire_values_process = {
	metric_process, METRIC_PROCESS_COUNT};
const struct wire_values_scope wire_values_host = {metric_host, METRIC_HOST_COUNT};
const struct wire_values_scope wire_values_queue = {metric_queue, METRIC_QUEUE_COUNT};

Tidemark__Values *wire_values_encode(const struct wire_values *values, struct arena *a)
{
	Tidemark__Values *m = arena_alloc(a, sizeof *m);
	tidemark__values__init(m);
	m->present = values->present;
	size_t count = (size_t)__builtin_popcountll(values->present);
	m->value = arena_array(a, count, sizeof *m->value);
	BUG_ON(values->present >> METRIC_VALUES);
	for (unsigned i = 0; i < METRIC_VALUES; i++) {
		if (values->present >> i & 1)
			m->value[m->n_value++] = values->value[i];
	}
	return m;
}

bool wire_values_decode(const Tidemark__Values *m,
	const struct wire_values_scope *scope, struct wire_values *out,
	uint64_t *refused, struct err *e)
{
	size_t promised = (size_t)__builtin_popcountll(m->present);
	if (m->n_value != promised)
		return err_set(e, ERR_INPUT, "values: %zu, but `present` has %zu",
			m->n_value, promised);
	size_t next = 0;
	for (unsigned i = 0; i < scope->count; i++) {
		if (!(m->present >> i & 1))
			continue;
		int64_t value = m->value[next++];
		if (value < 0 || value > metric_maximum(&scope->metrics[i])) {
			(*refused)++;
			continue;
		}
		out->present |= UINT64_C(1) << i;
		out->value[i] = value;
	}
	return true;
}
