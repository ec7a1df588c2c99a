#include "agent/part/post.h"

#include "agent/capture/frames.h"
#include "common/buf.h"

#include <pthread.h>
#include <stdlib.h>

struct post {
	int fd;
	const struct wire_batch *host;
	pthread_mutex_t lock;
};

struct post *post_create(int fd, const struct wire_batch *host)
{
	struct post *p = calloc(1, sizeof *p);
	BUG_ON(!p);
	p->fd = fd;
	p->host = host;
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void post_destroy(struct post *p)
{
	if (!p)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static bool post_send(struct post *p, enum frames_kind kind,
	const struct wire_batch *batch, struct err *e)
{
	struct wire_batch whole = *batch;
	whole.boot_id = p->host->boot_id;
	whole.machine_id = p->host->machine_id;
	whole.hostname = p->host->hostname;
	whole.kernel = p->host->kernel;
	whole.cpus = p->host->cpus;
	whole.interval_ms = p->host->interval_ms;
	struct buf bytes = {0};
	bool ok = wire_batch_encode(&whole, &bytes, e);
	if (ok) {
		pthread_mutex_lock(&p->lock);
		frames_write(p->fd, kind, bytes.data, bytes.length);
		pthread_mutex_unlock(&p->lock);
	}
	buf_finish(&bytes);
	return ok;
}

bool post_store(struct post *p, const struct wire_batch *batch, struct err *e)
{
	return post_send(p, FRAMES_BATCH, batch, e);
}

bool post_join(struct post *p, const struct wire_batch *batch, struct err *e)
{
	return post_send(p, FRAMES_JOIN, batch, e);
}
