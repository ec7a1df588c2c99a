/*
 * Keys: plain Redis lists, sets, sorted sets and streams as queues, each under the name
 * of its key.
 *
 * depth is LLEN, SCARD, ZCARD or XLEN.  A stream says more where the server is Redis 7:
 * how many entries ever came in, and, with groups of consumers, how many the slowest
 * group has yet to read (waiting) and to acknowledge (active); these two are then its
 * depth, since nothing removes entries from a stream.
 *
 * One thread; owns its connection.
 */
#ifndef TIDEMARK_AGENT_QUEUE_KEYS_H
#define TIDEMARK_AGENT_QUEUE_KEYS_H

#include "agent/queue/reading.h"
#include "common/err.h"

struct keys;

struct keys *keys_create(const struct queue_spec *spec, int stop_fd);
void keys_destroy(struct keys *k);
bool keys_read(struct keys *k, struct reading *r, struct err *e);

#endif
