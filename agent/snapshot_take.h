/*
 * Snapshot take: `tidemark-agent snapshot take PID|SERVICE`.
 *
 * First the cost card, then, when somebody says yes, the capture and its summary.  The
 * card is an estimate from procfs, for which nothing is touched; it is measured, which
 * takes a signal, once there is a yes, --measure, or the service is opted in.  Who
 * may signal a process may take its heap: there is no other right to ask for.  Runs in
 * this very process, streamed, within the bounds of a job on memory and processor time
 * (not in a control group: that of the caller holds); a warden closes the target's
 * inspector if it is ended.
 * Each capture and refusal is left for the running agent to tell the server.
 *
 * Exit status: 0 taken; 1 failed; 2 wrong use; 3 not taken, nobody said yes; 4 refused.
 */
#ifndef TIDEMARK_AGENT_SNAPSHOT_TAKE_H
#define TIDEMARK_AGENT_SNAPSHOT_TAKE_H

int snapshot_take(int argc, char **argv);

#endif
