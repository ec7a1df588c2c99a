#include "agent/probe/probes.h"

#include "common/scoped.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every source of the machine: to add one, add its line. */
static const struct probe *const probes_host[] = {
	&meminfo_probe,
	&vmstat_probe,
	&cpu_probe,
	&load_probe,
	&pressure_memory_probe,
	&pressure_cpu_probe,
	&pressure_io_probe,
};

enum {
	PROBES_HOST_COUNT = sizeof probes_host / sizeof probes_host[0],
	PROBES_TEXT_BYTES = 16 * 1024,
};

struct probes {
	DIR *listing;
	int directory; /* of the listing, which closes it */
	int host_fds[PROBES_HOST_COUNT];
	bool sizes_fds; /* the kernel gives /proc/PID/fd a size */
	char text[PROBES_TEXT_BYTES + 1];
};

static bool probes_sizes_fd_folders(int directory)
{
	struct stat st;
	return fstatat(directory, "self/fd", &st, 0) == 0 && st.st_size > 0;
}

bool probes_open(const char *procfs, struct probes **out, struct err *e)
{
	DIR *listing = opendir(procfs);
	if (!listing)
		return err_errno(e, "cannot list procfs at %s", procfs);
	struct probes *p = calloc(1, sizeof *p);
	BUG_ON(!p);
	int directory = dirfd(listing);
	p->listing = listing;
	p->directory = directory;
	for (size_t i = 0; i < PROBES_HOST_COUNT; i++)
		p->host_fds[i] = openat(
			directory, probes_host[i]->path, O_RDONLY | O_CLOEXEC);
	p->sizes_fds = probes_sizes_fd_folders(directory);
	*out = p;
	return true;
}

void probes_close(struct probes *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < PROBES_HOST_COUNT; i++) {
		if (p->host_fds[i] >= 0)
			close(p->host_fds[i]);
	}
	closedir(p->listing);
	free(p);
}

/* A regular file of a fixture, and a long text of procfs, may come in pieces. */
static const char *probes_pread(struct probes *p, int fd, size_t *length)
{
	size_t have = 0;
	while (have < PROBES_TEXT_BYTES) {
		ssize_t n = pread(
			fd, p->text + have, PROBES_TEXT_BYTES - have, (off_t)have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return NULL;
		have += (size_t)n;
		/* procfs fills what it is given as long as it has more to say. */
		if (n == 0 || (n < 4096 && have < 4096))
			break;
	}
	p->text[have] = '\0';
	if (length)
		*length = have;
	return p->text;
}

/* The line "processes" of /proc/stat, whose text the CPU probe uses. */
static int64_t probes_forks(const char *text)
{
	static const char label[] = "\nprocesses ";
	const char *line = strstr(text, label);
	int64_t forks;
	if (!line)
		return -1;
	line += strlen(label);
	return probe_number(&line, &forks) ? forks : -1;
}

void probes_read_host(struct probes *p, struct wire_values *out, int64_t *forks)
{
	*forks = -1;
	for (size_t i = 0; i < PROBES_HOST_COUNT; i++) {
		if (p->host_fds[i] < 0)
			continue;
		const char *text = probes_pread(p, p->host_fds[i], NULL);
		if (!text)
			continue;
		probes_host[i]->emit(text, out);
		if (probes_host[i] == &cpu_probe)
			*forks = probes_forks(text);
	}
}

const char *probes_text(
	struct probes *p, int pid, const char *path, int *kept, size_t *length)
{
	if (kept && *kept >= 0)
		return probes_pread(p, *kept, length);
	char name[64];
	snprintf(name, sizeof name, "%d/%s", pid, path);
	int fd = openat(p->directory, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	const char *text = probes_pread(p, fd, length);
	if (kept && text)
		*kept = fd;
	else
		close(fd);
	return text;
}

bool probes_read_process(struct probes *p, const struct probe *probe, int pid,
	int *kept, struct wire_values *out)
{
	const char *text = probes_text(p, pid, probe->path, kept, NULL);
	if (!text)
		return false;
	probe->emit(text, out);
	return true;
}

static void probes_count_fds(
	struct probes *p, const char *name, size_t *budget, struct wire_values *out)
{
	int fd = *budget ? openat(p->directory, name,
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			 : -1;
	scoped_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return;
	int64_t count = 0;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		if (*budget == 0)
			return;
		count++;
		--*budget;
	}
	probe_put(out, PROCESS_fds, count);
}

void probes_read_fds(struct probes *p, int pid, size_t *budget, struct wire_values *out)
{
	char name[64];
	snprintf(name, sizeof name, "%d/fd", pid);
	struct stat st;
	if (!p->sizes_fds)
		probes_count_fds(p, name, budget, out);
	else if (fstatat(p->directory, name, &st, 0) == 0)
		probe_put(out, PROCESS_fds, st.st_size);
}

/* 0: not the name of a process. */
static int probes_pid(const char *name)
{
	int64_t pid;
	if (*name < '1' || *name > '9' || !probe_number(&name, &pid) || *name)
		return 0;
	return pid <= INT32_MAX ? (int)pid : 0;
}

bool probes_list(struct probes *p, void (*each)(void *context, int pid), void *context)
{
	rewinddir(p->listing);
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(p->listing);
		if (!entry)
			return errno == 0;
		int pid = probes_pid(entry->d_name);
		if (pid)
			each(context, pid);
	}
}

int probes_directory(const struct probes *p)
{
	return p->directory;
}
