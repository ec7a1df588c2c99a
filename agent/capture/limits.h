/*
 * Limits: what a process that reads heaps may take of the machine.
 *
 * Low priority for the disk and, once nobody waits, for the processor; no core dump, an
 * end when its parent ends, first to go when the kernel needs memory, a bound on
 * processor time and on memory.  Each is tried; what the system does not allow is left.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_LIMITS_H
#define TIDEMARK_AGENT_CAPTURE_LIMITS_H

#include <stdint.h>

/* For the rest of the process's life. */
void limits_be_modest(void);

/* Not while a process sends its heap: it stands still until we have read it. */
void limits_be_slow(void);

/* Undoes being the first to go, for a child that has to outlive us. */
void limits_be_spared(void);
void limits_end_with_parent(void);

/* The address space may grow by so much from here on.  Not under a sanitizer, which
 * needs terabytes of it. */
void limits_memory(uint64_t more_bytes);
void limits_processor(unsigned seconds);

/* limits_memory, for who reads a heap that may itself take so much. */
void limits_analysis(uint64_t heap_max_bytes);

enum {
	LIMITS_CPU_S = 900,
	/* What is needed besides the heap: libraries, compression, digests. */
	LIMITS_BASE_BYTES = 256 << 20,
};

#endif
