#include "common/pages.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Segments that may not be written are as in the file (what the loader relocates is in
 * those that may, even if it makes some read-only later), unless the text itself was
 * relocated. */
static bool pages_has_relocated_text(const struct dl_phdr_info *info)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		if (h->p_type != PT_DYNAMIC)
			continue;
		const ElfW(Dyn) *d = (const ElfW(Dyn) *)(info->dlpi_addr + h->p_vaddr);
		for (; d->d_tag != DT_NULL; d++) {
			if (d->d_tag == DT_TEXTREL ||
				(d->d_tag == DT_FLAGS && d->d_un.d_val & DF_TEXTREL))
				return true;
		}
	}
	return false;
}

static int pages_give_back_of(struct dl_phdr_info *info, size_t size, void *context)
{
	const uintptr_t page = *(const uintptr_t *)context;
	(void)size;
	if (pages_has_relocated_text(info))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		if (h->p_type != PT_LOAD || h->p_flags & PF_W)
			continue;
		uintptr_t start = (info->dlpi_addr + h->p_vaddr) & ~(page - 1);
		uintptr_t end = info->dlpi_addr + h->p_vaddr + h->p_filesz;
		end = (end + page - 1) & ~(page - 1);
		madvise((void *)start, end - start, MADV_DONTNEED);
	}
	return 0;
}

void pages_give_back(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	dl_iterate_phdr(pages_give_back_of, &page);
}
