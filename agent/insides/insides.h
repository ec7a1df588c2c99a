/*
 * Insides: the part of the scout that reads the runtimes of Node.js and Java.
 *
 * For every process of a service that is opted in, by the best way there is: the
 * preload's socket, the inspector opened for a moment (only where `inspect` says so),
 * the file of a JVM; else nothing.  Values go to the agent's own readings, warnings and
 * censuses as they are, and how each service does is a source.
 */
#ifndef TIDEMARK_AGENT_INSIDES_INSIDES_H
#define TIDEMARK_AGENT_INSIDES_INSIDES_H

#include "agent/part/part.h"

void insides_run(const struct part *p);

/* `tidemark-agent insides PID|SERVICE [TIMES] [--json] [--census]`: reads once, or
 * TIMES in a row to see what that costs, and prints the last. */
int insides_command(const struct config *config, int argc, char **argv);

#endif
