#include "agent/queue/rabbitmq.h"

#include "agent/queue/document.h"
#include "agent/queue/fetch.h"

#include <stdlib.h>
#include <string.h>

enum { RABBITMQ_PAGES_MAX = 40, RABBITMQ_PAGE = 250 };

struct rabbitmq {
	struct fetch *fetch;
	struct buf body;
};

struct rabbitmq *rabbitmq_create(const struct queue_spec *spec, int stop_fd)
{
	struct rabbitmq *q = calloc(1, sizeof *q);
	BUG_ON(!q);
	q->fetch = document_open(spec, stop_fd);
	return q;
}

void rabbitmq_destroy(struct rabbitmq *q)
{
	if (!q)
		return;
	fetch_destroy(q->fetch);
	buf_finish(&q->body);
	free(q);
}

static int64_t rabbitmq_int(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static int64_t rabbitmq_count(const json_t *object, const char *key)
{
	int64_t count = rabbitmq_int(object, key);
	return count < 0 ? 0 : count;
}

static void rabbitmq_fill(
	const json_t *queue, int64_t now_unix_ms, struct wire_values *v)
{
	const json_t *stats = json_object_get(queue, "message_stats");
	int64_t head_s = rabbitmq_int(queue, "head_message_timestamp");
	reading_set(v, QUEUE_depth, rabbitmq_int(queue, "messages"));
	reading_set(v, QUEUE_waiting, rabbitmq_int(queue, "messages_ready"));
	reading_set(v, QUEUE_active, rabbitmq_int(queue, "messages_unacknowledged"));
	reading_set(v, QUEUE_workers, rabbitmq_int(queue, "consumers"));
	/* Statistics of a queue that nothing has happened to are left out. */
	reading_set(v, QUEUE_entered, rabbitmq_count(stats, "publish"));
	reading_set(v, QUEUE_completed,
		rabbitmq_count(stats, "ack") + rabbitmq_count(stats, "deliver_no_ack") +
			rabbitmq_count(stats, "get_no_ack"));
	if (head_s > 0 && head_s < now_unix_ms / 1000 + 86400)
		reading_set(v, QUEUE_oldest_ms,
			head_s * 1000 < now_unix_ms ? now_unix_ms - head_s * 1000 : 0);
	else if (rabbitmq_int(queue, "messages") == 0)
		reading_set(v, QUEUE_oldest_ms, 0);
}

static void rabbitmq_take(const json_t *queue, struct reading *r)
{
	const char *name = json_string_value(json_object_get(queue, "name"));
	const char *vhost = json_string_value(json_object_get(queue, "vhost"));
	if (!name || !*name || !vhost)
		return;
	const char *whole = strcmp(vhost, "/") == 0
				    ? name
				    : arena_printf(r->arena, "%s/%s", vhost, name);
	struct wire_values *v = reading_wants(r, whole) ? reading_queue(r, whole)
							: NULL;
	if (v)
		rabbitmq_fill(queue, r->at_unix_ms, v);
}

static bool rabbitmq_read_page(
	struct rabbitmq *q, struct reading *r, int page, int *pages, struct err *e)
{
	static const char columns[] =
		"name,vhost,messages,messages_ready,messages_unacknowledged,consumers,"
		"head_message_timestamp,message_stats.publish,message_stats.ack,"
		"message_stats.deliver_no_ack,message_stats.get_no_ack";
	size_t length = strlen(r->spec->url);
	while (length && r->spec->url[length - 1] == '/')
		length--;
	const char *url = arena_printf(r->arena,
		"%.*s/api/queues?page=%d&page_size=%d&columns=%s", (int)length,
		r->spec->url, page, RABBITMQ_PAGE, columns);
	json_t *document;
	if (!document_get(q->fetch, url, r->deadline_mono_ms, &q->body, &document, e))
		return false;
	const json_t *items = json_object_get(document, "items");
	bool ok = json_is_array(items) ||
		  err_set(e, ERR_IO, "this is no answer of RabbitMQ's management API");
	for (size_t i = 0; ok && i < json_array_size(items); i++)
		rabbitmq_take(json_array_get(items, i), r);
	*pages = (int)rabbitmq_count(document, "page_count");
	json_decref(document);
	return ok;
}

bool rabbitmq_read(struct rabbitmq *q, struct reading *r, struct err *e)
{
	int pages = 1;
	for (int page = 1; page <= pages && !r->is_cut; page++) {
		if (page > RABBITMQ_PAGES_MAX) {
			r->is_cut = true;
			break;
		}
		if (!rabbitmq_read_page(q, r, page, &pages, e))
			return false;
	}
	return true;
}
