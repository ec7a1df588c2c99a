#include "agent/queue/source.h"

#include "agent/queue/backlog.h"
#include "agent/queue/bull.h"
#include "agent/queue/document.h"
#include "agent/queue/files.h"
#include "agent/queue/keys.h"
#include "agent/queue/kue.h"
#include "agent/queue/metrics.h"
#include "agent/queue/program.h"
#include "agent/queue/rabbitmq.h"
#include "common/clock.h"

#include <stdlib.h>

struct source {
	const struct queue_spec *spec;
	int stop_fd;
	void *reader; /* NULL for kinds that keep nothing */
};

/* The three functions of a reader, behind one type. */
#define READER(kind)                                                                   \
	static void *create_##kind(const struct queue_spec *spec, int stop_fd)         \
	{                                                                              \
		return kind##_create(spec, stop_fd);                                   \
	}                                                                              \
	static void destroy_##kind(void *reader)                                       \
	{                                                                              \
		kind##_destroy(reader);                                                \
	}                                                                              \
	static bool read_##kind(void *reader, struct reading *r, struct err *e)        \
	{                                                                              \
		return kind##_read(reader, r, e);                                      \
	}

READER(bull)
READER(document)
READER(keys)
READER(kue)
READER(metrics)
READER(program)
READER(rabbitmq)

static bool read_backlog(void *reader, struct reading *r, struct err *e)
{
	(void)reader;
	return backlog_read(r, e);
}

static bool read_files(void *reader, struct reading *r, struct err *e)
{
	(void)reader;
	return files_read(r, e);
}

static const struct {
	void *(*create)(const struct queue_spec *spec, int stop_fd);
	void (*destroy)(void *reader);
	bool (*read)(void *reader, struct reading *r, struct err *e);
} readers[QUEUE_KINDS] = {
	[QUEUE_KUE] = {create_kue, destroy_kue, read_kue},
	[QUEUE_BULL] = {create_bull, destroy_bull, read_bull},
	[QUEUE_BULLMQ] = {create_bull, destroy_bull, read_bull},
	[QUEUE_REDIS] = {create_keys, destroy_keys, read_keys},
	[QUEUE_RABBITMQ] = {create_rabbitmq, destroy_rabbitmq, read_rabbitmq},
	[QUEUE_PROMETHEUS] = {create_metrics, destroy_metrics, read_metrics},
	[QUEUE_JSON] = {create_document, destroy_document, read_document},
	[QUEUE_COMMAND] = {create_program, destroy_program, read_program},
	[QUEUE_BACKLOG] = {NULL, NULL, read_backlog},
	[QUEUE_FILES] = {NULL, NULL, read_files},
};

struct source *source_create(const struct queue_spec *spec, int stop_fd)
{
	struct source *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	*s = (struct source){spec, stop_fd, NULL};
	if (readers[spec->kind].create)
		s->reader = readers[spec->kind].create(spec, stop_fd);
	return s;
}

void source_destroy(struct source *s)
{
	if (!s)
		return;
	if (readers[s->spec->kind].destroy)
		readers[s->spec->kind].destroy(s->reader);
	free(s);
}

bool source_read(struct source *s, struct arena *a, struct reading *out, struct err *e)
{
	*out = (struct reading){
		.spec = s->spec,
		.arena = a,
		.at_unix_ms = clock_unix_ms(),
		.deadline_mono_ms = clock_mono_ms() + s->spec->timeout_ms,
		.stop_fd = s->stop_fd,
	};
	reading_begin(out);
	return readers[s->spec->kind].read(s->reader, out, e);
}
