#include "agent/fingerprint/elf_dynamic.h"

#include "common/err.h"
#include "common/scoped.h"

#include <elf.h>
#include <string.h>

enum {
	ELF_DYNAMIC_SEGMENTS_MAX = 64,
	ELF_DYNAMIC_ENTRIES_MAX = 1024,
	ELF_DYNAMIC_NEEDED_MAX = 256,
};

struct elf_dynamic_view {
	const struct elf_notes_source *source;
	Elf64_Phdr segments[ELF_DYNAMIC_SEGMENTS_MAX];
	size_t segment_count;
	uint64_t names; /* where the names are in the file; 0: unknown */
};

void elf_dynamic_finish(struct elf_dynamic *d)
{
	buf_finish(&d->needed);
	d->soname[0] = '\0';
}

static bool elf_dynamic_segments(struct elf_dynamic_view *v)
{
	static const uint16_t one = 1;
	Elf64_Ehdr head;
	unsigned char order = *(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;
	if (!v->source->read(v->source->context, 0, &head, sizeof head) ||
		memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
		head.e_ident[EI_CLASS] != ELFCLASS64 ||
		head.e_ident[EI_DATA] != order ||
		head.e_phentsize != sizeof v->segments[0])
		return false;
	v->segment_count = head.e_phnum < ELF_DYNAMIC_SEGMENTS_MAX
				   ? head.e_phnum
				   : ELF_DYNAMIC_SEGMENTS_MAX;
	return v->source->read(v->source->context, head.e_phoff, v->segments,
		v->segment_count * sizeof v->segments[0]);
}

/* Addresses are of the memory it is loaded into. */
static uint64_t elf_dynamic_offset(const struct elf_dynamic_view *v, uint64_t address)
{
	for (size_t i = 0; i < v->segment_count; i++) {
		const Elf64_Phdr *s = &v->segments[i];
		if (s->p_type == PT_LOAD && address >= s->p_vaddr &&
			address - s->p_vaddr < s->p_filesz)
			return s->p_offset + (address - s->p_vaddr);
	}
	return 0;
}

/* A name, which may be the last of the file: as much as there is. */
static bool elf_dynamic_name(
	const struct elf_dynamic_view *v, uint64_t at, char out[ELF_DYNAMIC_NAME_MAX])
{
	const struct elf_notes_source *s = v->source;
	if (at > INT64_MAX - v->names)
		return false;
	for (size_t size = ELF_DYNAMIC_NAME_MAX; size >= 16; size /= 2) {
		if (!s->read(s->context, v->names + at, out, size))
			continue;
		return memchr(out, '\0', size) != NULL && out[0];
	}
	return false;
}

static void elf_dynamic_take(const struct elf_dynamic_view *v, const Elf64_Dyn *entries,
	size_t count, struct elf_dynamic *out)
{
	char name[ELF_DYNAMIC_NAME_MAX];
	size_t needed = 0;
	for (size_t i = 0; i < count && entries[i].d_tag != DT_NULL; i++) {
		bool is_own = entries[i].d_tag == DT_SONAME;
		if ((!is_own && entries[i].d_tag != DT_NEEDED) ||
			!elf_dynamic_name(v, entries[i].d_un.d_val, name))
			continue;
		if (is_own)
			memcpy(out->soname, name, sizeof name);
		else if (needed++ < ELF_DYNAMIC_NEEDED_MAX)
			buf_append(&out->needed, name, strlen(name) + 1);
	}
}

bool elf_dynamic_find(const struct elf_notes_source *source, struct elf_dynamic *out)
{
	struct elf_dynamic_view v = {.source = source};
	if (!elf_dynamic_segments(&v))
		return false;
	const Elf64_Phdr *section = NULL;
	for (size_t i = 0; i < v.segment_count; i++)
		if (v.segments[i].p_type == PT_DYNAMIC)
			section = &v.segments[i];
	size_t count = section ? section->p_filesz / sizeof(Elf64_Dyn) : 0;
	if (count == 0 || count > ELF_DYNAMIC_ENTRIES_MAX)
		return false;
	scoped_free Elf64_Dyn *entries = calloc(count, sizeof *entries);
	BUG_ON(!entries);
	if (!source->read(source->context, section->p_offset, entries,
		    count * sizeof *entries))
		return false;
	for (size_t i = 0; i < count && entries[i].d_tag != DT_NULL; i++)
		if (entries[i].d_tag == DT_STRTAB)
			v.names = elf_dynamic_offset(&v, entries[i].d_un.d_ptr);
	if (v.names)
		elf_dynamic_take(&v, entries, count, out);
	return v.names != 0;
}

bool elf_dynamic_read(int fd, struct elf_dynamic *out)
{
	const struct elf_notes_source source = elf_notes_file(&fd);
	return elf_dynamic_find(&source, out);
}
