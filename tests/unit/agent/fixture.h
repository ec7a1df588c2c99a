/*
 * Fixture: a small procfs and cgroupfs in a temporary directory, for tests.
 *
 * Every function ends the test when the file system refuses.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_FIXTURE_H
#define TIDEMARK_TESTS_UNIT_AGENT_FIXTURE_H

#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char root[64];
};

static inline void fixture_init(struct fixture *f)
{
	strcpy(f->root, "/tmp/tidemark_test_XXXXXX");
	assert_non_null(mkdtemp(f->root));
}

static inline int fixture_remove(
	const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void fixture_delete(const char *path)
{
	assert_int_equal(nftw(path, fixture_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void fixture_finish(struct fixture *f)
{
	fixture_delete(f->root);
}

__attribute__((format(printf, 3, 4))) static inline char *fixture_path(
	const struct fixture *f, char out[PATH_MAX], const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int n = snprintf(out, PATH_MAX, "%s/", f->root);
	vsnprintf(out + n, PATH_MAX - (size_t)n, format, arguments);
	va_end(arguments);
	return out;
}

/* Makes all folders on the way to the last slash. */
static inline void fixture_make_folders(const char *path)
{
	char part[PATH_MAX];
	for (const char *c = path + 1; (c = strchr(c, '/')); c++) {
		memcpy(part, path, (size_t)(c - path));
		part[c - path] = '\0';
		mkdir(part, 0755);
	}
}

static inline void fixture_write_bytes(
	const struct fixture *f, const char *name, const void *bytes, size_t length)
{
	char path[PATH_MAX];
	fixture_path(f, path, "%s", name);
	fixture_make_folders(path);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static inline void fixture_write(
	const struct fixture *f, const char *name, const char *text)
{
	fixture_write_bytes(f, name, text, strlen(text));
}

static inline void fixture_link(
	const struct fixture *f, const char *name, const char *target)
{
	char path[PATH_MAX];
	fixture_path(f, path, "%s", name);
	fixture_make_folders(path);
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

/* One process of a fixture. */
struct fixture_process {
	int pid;
	const char *comm;
	uint64_t start_ticks;
	unsigned flags;
	long rss_pages, shared_pages;
	const char *cmdline; /* arguments separated by '|' */
	const char *cgroup;  /* text of the file; NULL: none */
};

static inline void fixture_add(const struct fixture *f, const struct fixture_process *p)
{
	char name[64], text[1024];
	snprintf(name, sizeof name, "proc/%d/stat", p->pid);
	snprintf(text, sizeof text,
		"%d (%s) S 1 1 1 0 -1 %u 100 0 1 0 200 100 0 0 20 0 3 0 %llu 0 %ld\n",
		p->pid, p->comm, p->flags, (unsigned long long)p->start_ticks,
		p->rss_pages);
	fixture_write(f, name, text);
	snprintf(name, sizeof name, "proc/%d/statm", p->pid);
	snprintf(text, sizeof text, "%ld %ld %ld 1 0 1 0\n", p->rss_pages * 2,
		p->rss_pages, p->shared_pages);
	fixture_write(f, name, text);
	snprintf(name, sizeof name, "proc/%d/status", p->pid);
	fixture_write(
		f, name, "RssFile:\t 1000 kB\nRssShmem:\t 0 kB\nVmSwap:\t 5 kB\n");
	snprintf(name, sizeof name, "proc/%d/cgroup", p->pid);
	fixture_write(f, name, p->cgroup ? p->cgroup : "0::/\n");
	size_t length = (size_t)snprintf(
		text, sizeof text, "%s", p->cmdline ? p->cmdline : p->comm);
	for (size_t i = 0; i < length; i++)
		text[i] = text[i] == '|' ? '\0' : text[i];
	snprintf(name, sizeof name, "proc/%d/cmdline", p->pid);
	fixture_write_bytes(f, name, text, length + 1);
}

#endif
