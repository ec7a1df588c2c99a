/*
 * Scripts: which path a script id stands for.
 *
 * Closures have a location with the script's id, and lead over `shared` and
 * `script_or_debug_info` (`script` in newer V8) to the script, which is named with its
 * path.  Fills `scripts`.  ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_SCRIPTS_H
#define TIDEMARK_AGENT_HEAP_SCRIPTS_H

#include "agent/heap/graph_data.h"

bool scripts_find(struct graph *g, struct err *e);

#endif
