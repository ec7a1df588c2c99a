/*
 * Program: a command that prints a queue's figures.
 *
 *     12                     depth of the queue with the source's name
 *     entered 5000           a figure of it
 *     mail entered 5000      a figure of the queue "mail"
 *
 * Run without a shell, with an empty input, no environment but PATH and LANG, and a
 * process group of its own, all of which is killed when the time is over.  At most
 * PROGRAM_BYTES_MAX of output.  Only where the agent's configuration allows commands.
 *
 * One thread; owns what it remembers.
 */
#ifndef TIDEMARK_AGENT_QUEUE_PROGRAM_H
#define TIDEMARK_AGENT_QUEUE_PROGRAM_H

#include "agent/queue/reading.h"
#include "common/err.h"

enum { PROGRAM_BYTES_MAX = 64 << 10 };

struct program;

struct program *program_create(const struct queue_spec *spec, int stop_fd);
void program_destroy(struct program *p);
bool program_read(struct program *p, struct reading *r, struct err *e);

#endif
