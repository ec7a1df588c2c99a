#include "agent/fingerprint/mapped.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Behind blanks and the next word. */
static const char *mapped_skip_word(const char *text)
{
	text += strspn(text, " ");
	return text + strcspn(text, " \n");
}

/* "\012" stands for a line's end in a name. */
static void mapped_unescape(char *path)
{
	char *to = path;
	for (const char *c = path; *c; c++, to++) {
		*to = *c;
		if (strncmp(c, "\\012", 4) == 0) {
			*to = '\n';
			c += 3;
		}
	}
	*to = '\0';
}

static bool mapped_is_ignored(const char *path)
{
	static const char *const folders[] = {
		"/dev/", "/memfd:", "/SYSV", "/anon_hugepage", "/[aio]", "/i915"};
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (strncmp(path, folders[i], strlen(folders[i])) == 0)
			return true;
	return path[0] != '/';
}

/* The areas of one file follow each other mostly. */
static struct mapped_file *mapped_find(
	struct mapped *m, const char *path, uint64_t inode)
{
	for (size_t i = m->count; i-- > 0;)
		if (m->files[i].inode == inode && strcmp(m->files[i].path, path) == 0)
			return &m->files[i];
	return NULL;
}

static void mapped_take(struct mapped *m, struct arena *a, const char *line, size_t n)
{
	static const char gone[] = " (deleted)";
	const char *end = line + n;
	const char *rights = mapped_skip_word(line); /* behind the addresses */
	if (rights + 5 > end)
		return;
	bool is_code = rights[3] == 'x';
	const char *c = mapped_skip_word(rights);
	c = mapped_skip_word(c); /* offset */
	c = mapped_skip_word(c); /* device */
	if (c >= end)
		return;
	char *stop;
	uint64_t inode = strtoull(c, &stop, 10);
	c = stop + strspn(stop, " ");
	if (c >= end || *c != '/' || inode == 0)
		return;
	char *path = arena_strndup(a, c, (size_t)(end - c));
	size_t length = strlen(path);
	bool is_gone = length > sizeof gone - 1 &&
		       strcmp(path + length - (sizeof gone - 1), gone) == 0;
	if (is_gone)
		path[length - (sizeof gone - 1)] = '\0';
	mapped_unescape(path);
	if (mapped_is_ignored(path))
		return;
	struct mapped_file *file = mapped_find(m, path, inode);
	if (!file && m->count == MAPPED_FILES_MAX) {
		m->is_cut = true;
		return;
	}
	if (!file) {
		file = &m->files[m->count++];
		*file = (struct mapped_file){.path = path, .inode = inode};
	}
	file->is_code |= is_code;
	file->is_gone |= is_gone;
}

void mapped_parse(const char *text, struct arena *a, struct mapped *out)
{
	out->count = 0;
	out->is_cut = false;
	while (*text) {
		size_t n = strcspn(text, "\n");
		mapped_take(out, a, text, n);
		text += n;
		text += *text == '\n';
	}
}

const char *mapped_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

bool mapped_is_library(const char *path)
{
	const char *base = mapped_base(path);
	size_t length = strlen(base);
	if (length > 5 && strcmp(base + length - 5, ".node") == 0)
		return true;
	for (const char *c = base; (c = strstr(c, ".so")); c += 3)
		if (c > base &&
			(c[3] == '\0' || (c[3] == '.' && isdigit((unsigned char)c[4]))))
			return true;
	return false;
}
