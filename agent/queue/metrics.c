#include "agent/queue/metrics.h"

#include "agent/queue/exposition.h"
#include "agent/queue/figures.h"

#include <stdlib.h>
#include <string.h>

struct metrics {
	struct fetch *fetch;
	struct buf body;
	struct known known;
};

/* The sums of one queue. */
struct metrics_queue {
	const char *name;
	bool has[QUEUE_SPEC_FIGURES];
	double sum[QUEUE_SPEC_FIGURES];
};

struct metrics_look {
	struct reading *reading;
	struct exposition_series selectors[QUEUE_SPEC_FIGURES];
	struct metrics_queue *queues;
	size_t count, matched;
};

struct metrics *metrics_create(const struct queue_spec *spec, int stop_fd)
{
	const struct fetch_options options = {
		.ca_file = spec->ca_file,
		.user = spec->user,
		.password_file = spec->password_file,
		.most_bytes = METRICS_BYTES_MAX,
		.stop_fd = stop_fd,
	};
	struct metrics *m = calloc(1, sizeof *m);
	BUG_ON(!m);
	m->fetch = fetch_create(&options);
	return m;
}

void metrics_destroy(struct metrics *m)
{
	if (!m)
		return;
	fetch_destroy(m->fetch);
	buf_finish(&m->body);
	known_finish(&m->known);
	free(m);
}

static struct metrics_queue *metrics_queue(
	struct metrics_look *look, const struct exposition_series *series)
{
	struct reading *r = look->reading;
	const char *label = r->spec->label;
	const char *name = *label ? exposition_label(series, label) : r->spec->name;
	if (!name || !*name || (*label && !reading_wants(r, name)))
		return NULL;
	for (size_t i = 0; i < look->count; i++) {
		if (strcmp(look->queues[i].name, name) == 0)
			return &look->queues[i];
	}
	if (look->count == READING_QUEUES_MAX) {
		r->is_cut = true;
		return NULL;
	}
	struct metrics_queue *q = &look->queues[look->count++];
	q->name = arena_strdup(r->arena, name);
	return q;
}

static void metrics_take(
	struct metrics_look *look, const struct exposition_series *series)
{
	for (int i = 0; i < QUEUE_SPEC_FIGURES; i++) {
		if (!*look->reading->spec->figure[i] ||
			!exposition_matches(&look->selectors[i], series))
			continue;
		struct metrics_queue *q = metrics_queue(look, series);
		look->matched++;
		if (!q)
			continue;
		if (i != QUEUE_FIGURE_OLDEST)
			q->sum[i] += series->value;
		else if (!q->has[i] || series->value > q->sum[i])
			q->sum[i] = series->value;
		q->has[i] = true;
	}
}

static void metrics_fill(struct metrics *m, struct metrics_look *look)
{
	struct reading *r = look->reading;
	for (size_t i = 0; i < look->count; i++) {
		struct metrics_queue *q = &look->queues[i];
		struct wire_values *v = reading_queue(r, q->name);
		for (int f = 0; v && f < QUEUE_SPEC_FIGURES; f++) {
			if (q->has[f])
				figures_set(v, f, q->sum[f], r->at_unix_ms);
		}
		if (v)
			figures_derive(v, known_get(&m->known, q->name));
	}
}

static bool metrics_select(const struct queue_spec *s,
	struct exposition_series selectors[QUEUE_SPEC_FIGURES], struct err *e)
{
	for (int i = 0; i < QUEUE_SPEC_FIGURES; i++) {
		if (*s->figure[i] && !exposition_select(s->figure[i], &selectors[i], e))
			return err_wrap(e, "%s", queue_spec_figure_name(i));
	}
	return true;
}

bool metrics_read(struct metrics *m, struct reading *r, struct err *e)
{
	struct metrics_look *look = arena_alloc(r->arena, sizeof *look);
	struct exposition_series *series = arena_alloc(r->arena, sizeof *series);
	look->reading = r;
	look->queues = arena_array(
		r->arena, READING_QUEUES_MAX, sizeof(struct metrics_queue));
	if (!metrics_select(r->spec, look->selectors, e) ||
		!fetch_get(m->fetch, r->spec->url, r->deadline_mono_ms, &m->body, e))
		return false;
	struct exposition x = {m->body.data, m->body.data + m->body.length, 0};
	while (exposition_next(&x, series))
		metrics_take(look, series);
	if (!look->matched)
		return err_set(e, ERR_IO,
			"no series of the answer matches (%zu lines are none)",
			x.refused);
	metrics_fill(m, look);
	return true;
}

bool metrics_sum(
	const struct buf *text, const char *selector, double *out, struct err *e)
{
	struct exposition_series wanted, series;
	struct exposition x = {text->data, text->data + text->length, 0};
	double sum = 0;
	size_t count = 0;
	if (!exposition_select(selector, &wanted, e))
		return false;
	while (exposition_next(&x, &series)) {
		if (!exposition_matches(&wanted, &series))
			continue;
		sum += series.value;
		count++;
	}
	if (!count)
		return err_set(e, ERR_IO, "the answer has no series %s", selector);
	*out = sum;
	return true;
}
