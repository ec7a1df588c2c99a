/*
 * Insides: the part of the scout that reads the runtimes of Node.js and Java.
 */
#ifndef TIDEMARK_AGENT_INSIDES_INSIDES_H
#define TIDEMARK_AGENT_INSIDES_INSIDES_H

#include "agent/part/part.h"

void insides_run(const struct part *p);

#endif
