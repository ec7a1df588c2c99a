/*
 * Helper: the child's side of a job; see job.h.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_HELPER_H
#define TIDEMARK_AGENT_CAPTURE_HELPER_H

/* Reads the brief from stdin, writes frames to stdout; its exit status. */
int helper_run(void);

#endif
