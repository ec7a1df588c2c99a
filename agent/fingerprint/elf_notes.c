#include "agent/fingerprint/elf_notes.h"

#include "common/err.h"
#include "common/scoped.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ELF_NOTES_SEGMENTS_MAX = 64 };

static size_t elf_notes_padded(size_t length)
{
	return (length + 3) & ~(size_t)3;
}

bool elf_notes_parse(const uint8_t *bytes, size_t length, char out[ELF_NOTES_ID_SIZE])
{
	Elf64_Nhdr note; /* the same in 32 bits */
	size_t at = 0;
	while (length - at >= sizeof note) {
		memcpy(&note, bytes + at, sizeof note);
		at += sizeof note;
		size_t left = length - at;
		if (note.n_namesz > left || note.n_descsz > left ||
			elf_notes_padded(note.n_namesz) > left ||
			note.n_descsz > left - elf_notes_padded(note.n_namesz))
			return false;
		const uint8_t *name = bytes + at;
		const uint8_t *id = name + elf_notes_padded(note.n_namesz);
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
			memcmp(name, "GNU", 4) == 0 && note.n_descsz > 0 &&
			note.n_descsz * 2 < ELF_NOTES_ID_SIZE) {
			for (size_t i = 0; i < note.n_descsz; i++)
				snprintf(out + i * 2, 3, "%02x", id[i]);
			return true;
		}
		at += elf_notes_padded(note.n_namesz);
		size_t step = elf_notes_padded(note.n_descsz);
		if (step > length - at)
			return false;
		at += step;
	}
	return false;
}

static bool elf_notes_segment(const struct elf_notes_source *source, uint64_t at,
	uint64_t length, char out[ELF_NOTES_ID_SIZE])
{
	if (length == 0 || length > ELF_NOTES_BYTES_MAX)
		return false;
	scoped_free uint8_t *bytes = malloc(length);
	BUG_ON(!bytes);
	return source->read(source->context, at, bytes, length) &&
	       elf_notes_parse(bytes, length, out);
}

static bool elf_notes_find_64(
	const struct elf_notes_source *source, char out[ELF_NOTES_ID_SIZE])
{
	Elf64_Ehdr head;
	Elf64_Phdr segment;
	if (!source->read(source->context, 0, &head, sizeof head) ||
		head.e_phentsize != sizeof segment)
		return false;
	for (unsigned i = 0; i < head.e_phnum && i < ELF_NOTES_SEGMENTS_MAX; i++) {
		uint64_t at = head.e_phoff + i * sizeof segment;
		if (!source->read(source->context, at, &segment, sizeof segment))
			return false;
		if (segment.p_type == PT_NOTE &&
			elf_notes_segment(
				source, segment.p_offset, segment.p_filesz, out))
			return true;
	}
	return false;
}

static bool elf_notes_find_32(
	const struct elf_notes_source *source, char out[ELF_NOTES_ID_SIZE])
{
	Elf32_Ehdr head;
	Elf32_Phdr segment;
	if (!source->read(source->context, 0, &head, sizeof head) ||
		head.e_phentsize != sizeof segment)
		return false;
	for (unsigned i = 0; i < head.e_phnum && i < ELF_NOTES_SEGMENTS_MAX; i++) {
		uint64_t at = head.e_phoff + i * sizeof segment;
		if (!source->read(source->context, at, &segment, sizeof segment))
			return false;
		if (segment.p_type == PT_NOTE &&
			elf_notes_segment(
				source, segment.p_offset, segment.p_filesz, out))
			return true;
	}
	return false;
}

bool elf_notes_find(const struct elf_notes_source *source, char out[ELF_NOTES_ID_SIZE])
{
	static const uint16_t one = 1;
	unsigned char ident[EI_NIDENT];
	unsigned char order = *(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;
	if (!source->read(source->context, 0, ident, sizeof ident) ||
		memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != order)
		return false;
	if (ident[EI_CLASS] == ELFCLASS64)
		return elf_notes_find_64(source, out);
	return ident[EI_CLASS] == ELFCLASS32 && elf_notes_find_32(source, out);
}

static bool elf_notes_read_file(void *context, uint64_t at, void *out, size_t length)
{
	const int *fd = context;
	return at <= INT64_MAX && pread(*fd, out, length, (off_t)at) == (ssize_t)length;
}

struct elf_notes_source elf_notes_file(int *fd)
{
	return (struct elf_notes_source){elf_notes_read_file, fd};
}

bool elf_notes_build_id(int fd, char out[ELF_NOTES_ID_SIZE])
{
	const struct elf_notes_source source = elf_notes_file(&fd);
	return elf_notes_find(&source, out);
}
