#include "agent/fingerprint/libraries.h"

#include "agent/capture/procfile.h"
#include "agent/fingerprint/elf_dynamic.h"
#include "agent/fingerprint/jar.h"
#include "common/err.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIBRARIES_DEPTH_MAX = 64 };

const struct mapped *libraries_map(
	const struct look *l, struct arena *a, struct remarks *remarks)
{
	struct buf text = {0};
	struct mapped *m = NULL;
	if (procfile_read(l->procfs, l->pid, "maps", &text)) {
		m = arena_alloc(a, sizeof *m);
		mapped_parse(text.data, a, m);
		if (m->is_cut || text.length >= PROCFILE_BYTES_MAX)
			remarks_add(remarks, "not all of its maps were read");
	} else {
		remarks_add(remarks, "maps: %s", strerror(errno));
	}
	buf_finish(&text);
	return m;
}

/* "libfoo.so" and "1.2.3" of "libfoo.so.1.2.3", but "libssl.so.3" stays one name. */
static void libraries_add(struct packages *out, const char *base, const char *id)
{
	char name[256];
	const char *so = strstr(base, ".so.");
	snprintf(name, sizeof name, "%s", base);
	if (id[0] || !so || !strchr(so + 4, '.')) {
		packages_add(out, name, id);
		return;
	}
	if ((size_t)(so - base) + 3 < sizeof name)
		name[so - base + 3] = '\0';
	packages_add(out, name, so + 4);
}

/* A library that is mapped, as it stands on disk. */
struct libraries_one {
	const struct mapped_file *file;
	char id[ELF_NOTES_ID_SIZE];
	struct elf_dynamic dynamic;
	bool is_wanted;
};

static void libraries_open(const struct look *l, struct libraries_one *one)
{
	const struct mapped_file *file = one->file;
	struct stat st;
	if (!file->is_gone) {
		scoped_fd int fd = tree_open(&l->tree, file->path, &st);
		if (fd < 0)
			return;
		if (st.st_ino == file->inode) {
			elf_dynamic_read(fd, &one->dynamic);
			if (!elf_notes_build_id(fd, one->id))
				one->id[0] = '\0';
			return;
		}
	}
	snprintf(one->id, sizeof one->id, "replaced");
}

/* Its own name, or, for want of one, that of its file: "libz.so.1" is the beginning of
 * "libz.so.1.2.13". */
static bool libraries_is_called(const struct libraries_one *one, const char *name)
{
	const char *base = mapped_base(one->file->path);
	size_t length = strlen(name);
	return strcmp(one->dynamic.soname, name) == 0 ||
	       (strncmp(base, name, length) == 0 &&
		       (base[length] == '\0' || base[length] == '.'));
}

/* Stand in the place of the C library's for the whole process, by LD_PRELOAD. */
static bool libraries_is_allocator(const struct libraries_one *one)
{
	static const char *const names[] = {
		"libjemalloc", "libtcmalloc", "libmimalloc"};
	const char *base = mapped_base(one->file->path);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(base, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* Marks what `needed` names and, in turn, what that needs. */
static void libraries_want(
	struct libraries_one *all, size_t count, const struct buf *needed, int depth)
{
	for (size_t at = 0; at < needed->length; at += strlen(needed->data + at) + 1)
		for (size_t i = 0; i < count; i++) {
			if (all[i].is_wanted ||
				!libraries_is_called(&all[i], needed->data + at))
				continue;
			all[i].is_wanted = true;
			if (depth < LIBRARIES_DEPTH_MAX)
				libraries_want(
					all, count, &all[i].dynamic.needed, depth + 1);
		}
}

void libraries_native(
	const struct look *l, const struct mapped *m, struct packages *out)
{
	struct libraries_one *all = calloc(m->count + 1, sizeof *all);
	char path[PROCFILE_PATH_MAX];
	struct elf_dynamic program = {0};
	size_t count = 0;
	BUG_ON(!all);
	for (size_t i = 0; i < m->count && !tree_is_late(&l->tree); i++) {
		if (!m->files[i].is_code || !mapped_is_library(m->files[i].path))
			continue;
		all[count].file = &m->files[i];
		libraries_open(l, &all[count++]);
	}
	procfile_path(path, l->procfs, l->pid, "exe");
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool says = fd >= 0 && elf_dynamic_read(fd, &program);
	libraries_want(all, count, &program.needed, 0);
	for (size_t i = 0; i < count; i++) {
		if (!says || all[i].is_wanted || libraries_is_allocator(&all[i]))
			libraries_add(out, mapped_base(all[i].file->path), all[i].id);
		elf_dynamic_finish(&all[i].dynamic);
	}
	elf_dynamic_finish(&program);
	free(all);
}

static bool libraries_ends(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);
	return length > tail && strcmp(text + length - tail, end) == 0;
}

/* "/srv/lib/" and a star: every jar of the folder. */
static void libraries_jar_folder(
	const struct look *l, const char *folder, struct packages *out)
{
	scoped_dir DIR *dir = tree_open_folder(&l->tree, folder, NULL);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));)
		if (libraries_ends(entry->d_name, ".jar"))
			jar_add(entry->d_name, out);
}

static void libraries_class_path(
	const struct look *l, const char *text, struct packages *out)
{
	char item[PATH_MAX], path[PATH_MAX];
	while (*text) {
		size_t n = strcspn(text, ":");
		if (n > 0 && n < sizeof item) {
			memcpy(item, text, n);
			item[n] = '\0';
			bool all = item[n - 1] == '*';
			if (all)
				item[n - 1] = '\0';
			if (all && look_join(path, l->folder, item[0] ? item : "."))
				libraries_jar_folder(l, path, out);
			else if (!all && libraries_ends(item, ".jar"))
				jar_add(item, out);
		}
		text += n;
		text += *text == ':';
	}
}

static void libraries_executable_jar(const struct look *l, const char *jar,
	struct packages *out, struct remarks *remarks)
{
	char path[PATH_MAX];
	jar_add(jar, out);
	if (!look_join(path, l->folder, jar) || (jar[0] != '/' && !l->folder[0]))
		return;
	scoped_fd int fd = tree_open(&l->tree, path, NULL);
	if (fd < 0)
		remarks_add(remarks, "%.200s: %s", path, strerror(errno));
	else if (!jar_add_inner(fd, out))
		remarks_add(remarks, "%.200s: it is no archive", path);
}

/* Whether the word is an option whose value, the class path, is the next one. */
static bool libraries_is_path_option(const char *word)
{
	static const char *const options[] = {
		"-cp", "-classpath", "--class-path", "-p", "--module-path"};
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (strcmp(word, options[i]) == 0)
			return true;
	return false;
}

bool libraries_java(const struct look *l, struct packages *out, struct remarks *remarks)
{
	static const char option[] = "--class-path=";
	size_t before = out->count;
	const char *text = l->cmdline.data, *end = text + l->cmdline.length;
	const char *word = text ? text + strlen(text) + 1 : end;
	/* Up to the jar or class that runs: what follows is its own. */
	while (word < end && word[0] == '-') {
		const char *value = word + strlen(word) + 1;
		bool has_value = value < end && value[0] != '-';
		if (strcmp(word, "-jar") == 0) {
			if (has_value)
				libraries_executable_jar(l, value, out, remarks);
			break;
		}
		bool takes = libraries_is_path_option(word);
		if (takes && has_value)
			libraries_class_path(l, value, out);
		if (strncmp(word, option, sizeof option - 1) == 0)
			libraries_class_path(l, word + sizeof option - 1, out);
		takes |= strncmp(word, "--", 2) == 0 && !strchr(word, '=');
		word = takes && has_value ? value + strlen(value) + 1 : value;
	}
	return out->count > before;
}

/* "requests" and "2.31.0" of "requests-2.31.0.dist-info". */
static void libraries_dist_info(const char *name, struct packages *out)
{
	char text[256];
	if (!libraries_ends(name, ".dist-info") || strlen(name) >= sizeof text)
		return;
	strcpy(text, name);
	text[strlen(text) - strlen(".dist-info")] = '\0';
	char *dash = strrchr(text, '-');
	if (!dash)
		return;
	*dash = '\0';
	packages_add(out, text, dash + 1);
}

static bool libraries_site(
	const struct look *l, const char *folder, struct packages *out)
{
	scoped_dir DIR *dir = tree_open_folder(&l->tree, folder, NULL);
	if (!dir)
		return false;
	for (struct dirent *entry; (entry = readdir(dir));)
		libraries_dist_info(entry->d_name, out);
	return true;
}

/* Each ".../site-packages" of which something is mapped, once: files of one folder
 * stand together. */
static bool libraries_mapped_sites(
	const struct look *l, const struct mapped *m, struct packages *out)
{
	static const char *const names[] = {"/site-packages/", "/dist-packages/"};
	char last[PATH_MAX] = "", folder[PATH_MAX];
	bool found = false;
	for (size_t i = 0; m && i < m->count; i++)
		for (size_t k = 0; k < 2; k++) {
			const char *at = strstr(m->files[i].path, names[k]);
			size_t n = at ? (size_t)(at - m->files[i].path) +
						   strlen(names[k]) - 1
				      : 0;
			if (n == 0 || n >= sizeof folder)
				continue;
			memcpy(folder, m->files[i].path, n);
			folder[n] = '\0';
			if (strcmp(folder, last) != 0)
				found |= libraries_site(l, folder, out);
			memcpy(last, folder, n + 1);
		}
	return found;
}

bool libraries_python(
	const struct look *l, const struct mapped *m, struct packages *out)
{
	char folder[PATH_MAX], path[PATH_MAX];
	bool found = libraries_mapped_sites(l, m, out);
	const char *name = mapped_base(l->program);
	/* A virtual environment is where the program was called, not where it is. */
	const char *calls[] = {l->cmdline.length ? l->cmdline.data : "", l->program};
	for (size_t i = 0; i < 2 && name[0]; i++) {
		if (calls[i][0] != '/' || !look_join(folder, "", calls[i]))
			continue;
		char *bin = strstr(folder, "/bin/");
		if (!bin)
			continue;
		*bin = '\0';
		if (snprintf(path, sizeof path, "%s/lib/%s/site-packages", folder,
			    name) >= PATH_MAX ||
			!libraries_site(l, path, out))
			continue;
		found = true;
		break;
	}
	return found;
}
