#include "agent/sight.h"

#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <unistd.h>

enum { SIGHT_PAUSE_MS = 60 * 1000 };

/* What each buys where a process is another user's.  Of one's own user most of it can
 * be seen without any. */
static const struct sight_power {
	const char *name;
	unsigned bit;
	const char *buys;
} sight_powers[] = {
	{"CAP_SYS_PTRACE", CAP_SYS_PTRACE,
		"shared and private memory (PSS), swap, program, script, version"},
	{"CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH,
		"open files, packages in closed folders, collections of Java"},
	{"CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE,
		"heaps of Node.js through the preload's sockets"},
	{"CAP_KILL", CAP_KILL, "heap snapshots by the inspector, class histograms"},
	{"CAP_SYSLOG", CAP_SYSLOG, "signs of trouble in the kernel's log"},
};

enum { SIGHT_POWERS = sizeof sight_powers / sizeof *sight_powers };

/* Our own, which stand in the procfs of our own container. */
static uint64_t sight_read_capabilities(void)
{
	scoped_file FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	uint64_t set = 0;
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "CapEff: %" SCNx64, &set) == 1)
			break;
	return set;
}

static bool sight_is_closed(const char *procfs, uint32_t pid)
{
	char path[PATH_MAX], ignored[1];
	snprintf(path, sizeof path, "%s/%" PRIu32 "/exe", procfs, pid);
	return readlink(path, ignored, sizeof ignored) < 0 && errno == EACCES;
}

static bool sight_hides_files(const char *procfs, uint32_t pid)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%" PRIu32 "/fd", procfs, pid);
	scoped_fd int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 && errno == EACCES;
}

void sight_look(struct sight *s, const char *procfs,
	const struct wire_process *processes, size_t count, int64_t now_mono_ms)
{
	/* At the first tick nobody is followed yet. */
	if (s->looked_mono_ms && s->followed &&
		now_mono_ms - s->looked_mono_ms < SIGHT_PAUSE_MS)
		return;
	*s = (struct sight){.looked_mono_ms = now_mono_ms ? now_mono_ms : 1,
		.capabilities = sight_read_capabilities(),
		.user = geteuid(),
		.followed = count};
	for (size_t i = 0; i < count; i++) {
		s->closed += sight_is_closed(procfs, processes[i].pid);
		s->files_closed += sight_hides_files(procfs, processes[i].pid);
	}
}

static bool sight_has(const struct sight *s, const struct sight_power *p)
{
	return s->capabilities >> p->bit & 1;
}

static void sight_format_powers(const struct sight *s, bool has, struct buf *out)
{
	for (size_t i = 0; i < SIGHT_POWERS; i++) {
		const struct sight_power *p = &sight_powers[i];
		if (sight_has(s, p) == has)
			buf_printf(out, "%-12s%-20s %s\n", has ? "sees" : "cannot see",
				p->name, p->buys);
	}
}

void sight_format(const struct sight *s, struct buf *out)
{
	size_t count = 0;
	if (!s->looked_mono_ms)
		return;
	for (size_t i = 0; i < SIGHT_POWERS; i++)
		count += sight_has(s, &sight_powers[i]);
	buf_printf(out,
		"privileges  user %u with %zu of %d capabilities that buy sight of "
		"other users' processes\n",
		s->user, count, SIGHT_POWERS);
	sight_format_powers(s, true, out);
	sight_format_powers(s, false, out);
	buf_printf(out, "blind       to %zu of %zu followed processes: RSS alone",
		s->closed, s->followed);
	buf_printf(out, "; to the open files of %zu\n", s->files_closed);
}
