/*
 * ELF dynamic: what a program or library is called, and which libraries it asks for.
 *
 * From its dynamic section (DT_SONAME, DT_NEEDED), within bounds; 64 bits and this
 * machine's byte order only.  Format: elf(5).
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_ELF_DYNAMIC_H
#define TIDEMARK_AGENT_FINGERPRINT_ELF_DYNAMIC_H

#include "agent/fingerprint/elf_notes.h"
#include "common/buf.h"

#include <stdbool.h>

enum { ELF_DYNAMIC_NAME_MAX = 256 };

/* A zeroed struct is empty. */
struct elf_dynamic {
	char soname[ELF_DYNAMIC_NAME_MAX]; /* "" */
	struct buf needed;                 /* names that end in NUL */
};

void elf_dynamic_finish(struct elf_dynamic *d);

/* False: it has no such section, or one that cannot be followed. */
bool elf_dynamic_find(const struct elf_notes_source *source, struct elf_dynamic *out);
bool elf_dynamic_read(int fd, struct elf_dynamic *out);

#endif
