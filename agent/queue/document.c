#include "agent/queue/document.h"

#include "agent/queue/figures.h"
#include "agent/queue/json_path.h"

#include <stdlib.h>

struct document {
	struct fetch *fetch;
	struct buf body;
	struct known known;
};

struct fetch *document_open(const struct queue_spec *spec, int stop_fd)
{
	const struct fetch_options options = {
		.ca_file = spec->ca_file,
		.user = spec->user,
		.password_file = spec->password_file,
		.most_bytes = DOCUMENT_BYTES_MAX,
		.stop_fd = stop_fd,
	};
	return fetch_create(&options);
}

bool document_get(struct fetch *f, const char *url, int64_t deadline_mono_ms,
	struct buf *body, json_t **out, struct err *e)
{
	json_error_t why;
	if (!fetch_get(f, url, deadline_mono_ms, body, e))
		return false;
	*out = json_loadb(
		body->data ? body->data : "", body->length, JSON_DECODE_ANY, &why);
	/* Not why.text: it repeats what stands there, and that is not ours to tell. */
	return *out || err_set(e, ERR_IO, "the answer is no JSON: line %d, column %d",
			       why.line, why.column);
}

struct document *document_create(const struct queue_spec *spec, int stop_fd)
{
	struct document *d = calloc(1, sizeof *d);
	BUG_ON(!d);
	d->fetch = document_open(spec, stop_fd);
	return d;
}

void document_destroy(struct document *d)
{
	if (!d)
		return;
	fetch_destroy(d->fetch);
	buf_finish(&d->body);
	known_finish(&d->known);
	free(d);
}

bool document_read(struct document *d, struct reading *r, struct err *e)
{
	json_t *document;
	const struct queue_spec *s = r->spec;
	if (!document_get(
		    d->fetch, s->url, r->deadline_mono_ms, &d->body, &document, e))
		return false;
	struct wire_values *v = reading_queue(r, s->name);
	bool ok = true;
	for (int i = 0; ok && i < QUEUE_SPEC_FIGURES; i++) {
		double value;
		if (!*s->figure[i])
			continue;
		ok = json_path_number(document, s->figure[i], &value, e) ||
		     err_wrap(e, "%s", queue_spec_figure_name(i));
		if (ok)
			figures_set(v, i, value, r->at_unix_ms);
	}
	if (ok)
		figures_derive(v, known_get(&d->known, s->name));
	json_decref(document);
	return ok;
}
