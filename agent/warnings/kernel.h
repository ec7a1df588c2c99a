/*
 * Kernel: kills for lack of memory, from the kernel's log (/dev/kmsg).
 *
 * Records have numbers that count from boot, so that after a restart reading goes on
 * behind the last one that was seen; the first time it begins with what comes.  The
 * file never makes the reader wait.  Reading it needs root or CAP_SYSLOG where
 * kernel.dmesg_restrict is 1, as Debian has it.  One thread.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_KERNEL_H
#define TIDEMARK_AGENT_WARNINGS_KERNEL_H

#include "agent/warnings/sign.h"
#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct kernel {
	int fd; /* readable when there is more; -1: none */
	bool has_seen;
	uint64_t seen; /* number of the last record */
	char boot_id[40];
};

/* `saved` is what kernel_save wrote, or "". */
bool kernel_open(struct kernel *k, const char *path, const char *boot_id,
	const char *saved, struct err *e);
void kernel_close(struct kernel *k);

/* All that has come.  `at_unix_ms` is the record's own time. */
void kernel_read(struct kernel *k,
	void (*found)(void *context, const struct sign *sign, int64_t at_unix_ms),
	void *context);

void kernel_save(const struct kernel *k, struct buf *out);

#endif
