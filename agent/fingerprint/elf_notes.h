/*
 * ELF notes: the build id of a program or library (NT_GNU_BUILD_ID).
 *
 * Pure but for the reading: a header, its program headers and the notes are read where
 * they say they are, within bounds; 32 and 64 bits, this machine's byte order.
 * Format: elf(5).
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_ELF_NOTES_H
#define TIDEMARK_AGENT_FINGERPRINT_ELF_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELF_NOTES_ID_SIZE = 129, ELF_NOTES_BYTES_MAX = 64 << 10 };

/* False: it is no ELF file, or has no build id. */
bool elf_notes_build_id(int fd, char out[ELF_NOTES_ID_SIZE]);

/* The same in the bytes of a note segment. */
bool elf_notes_parse(const uint8_t *bytes, size_t length, char out[ELF_NOTES_ID_SIZE]);

/* Where the reading comes from, so that bytes can stand in for a file. */
struct elf_notes_source {
	bool (*read)(void *context, uint64_t at, void *out, size_t length);
	void *context;
};

/* Bytes of a file; the descriptor must live as long. */
struct elf_notes_source elf_notes_file(int *fd);

bool elf_notes_find(const struct elf_notes_source *source, char out[ELF_NOTES_ID_SIZE]);

#endif
