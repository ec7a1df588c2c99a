/*
 * Cluster programs: where PostgreSQL's server programs are, and running them.
 * Part of cluster.h.
 */
#ifndef TIDEMARK_SERVER_CLUSTER_PROGRAMS_H
#define TIDEMARK_SERVER_CLUSTER_PROGRAMS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The folder of initdb and postgres: of the major version that made `data` (a cluster
 * cannot be run by another), else the highest below /usr/lib/postgresql, else the
 * first on PATH. */
bool cluster_programs_find(const char *data, char *folder, size_t size, struct err *e);

/* Runs folder/argv[0] in a session of its own, with its output in the file `log`,
 * emptied first.  The program sees its whole path in argv[0]: PostgreSQL's find each
 * other by it.  Returns its pid, or -1. */
pid_t cluster_programs_spawn(
	const char *folder, char *argv[], const char *log, struct err *e);

/* Makes the cluster at `data`: whole or not at all. */
bool cluster_programs_initdb(
	const char *folder, const char *data, const char *log, struct err *e);

/* ERR_IO with the last line of `log`, which says best why a program failed. */
bool cluster_programs_failed(const char *program, const char *log, struct err *e);

#endif
