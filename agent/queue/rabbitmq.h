/*
 * RabbitMQ: the queues of its management API, page by page.
 *
 * Names are "QUEUE" on the virtual host "/", else "VHOST/QUEUE".  What came in is what
 * was published; what left is what was acknowledged, or delivered where none is wanted.
 * These counts are the broker's and begin anew with it.  oldest_ms needs messages with
 * a timestamp.  The user needs the tag "monitoring" (or "management", to see the queues
 * of its own virtual hosts).
 *
 * One thread; owns its connection and what it remembers.
 */
#ifndef TIDEMARK_AGENT_QUEUE_RABBITMQ_H
#define TIDEMARK_AGENT_QUEUE_RABBITMQ_H

#include "agent/queue/reading.h"
#include "common/err.h"

struct rabbitmq;

struct rabbitmq *rabbitmq_create(const struct queue_spec *spec, int stop_fd);
void rabbitmq_destroy(struct rabbitmq *q);
bool rabbitmq_read(struct rabbitmq *q, struct reading *r, struct err *e);

#endif
