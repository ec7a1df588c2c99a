#include "agent/capture/limits.h"

#include "agent/capture/folder.h"
#include "common/scoped.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum {
	LIMITS_NICE = 10,
	LIMITS_OOM_SCORE = 500,
	/* linux/ioprio.h: the idle class, of this process. */
	LIMITS_IOPRIO_PROCESS = 1,
	LIMITS_IOPRIO_IDLE = 3 << 13,
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMITS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LIMITS_SANITIZED 1
#endif
#endif

static void limits_set(__rlimit_resource_t what, rlim_t value)
{
	struct rlimit limit;
	if (getrlimit(what, &limit) != 0)
		return;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < value)
		value = limit.rlim_max;
	limit.rlim_cur = value;
	setrlimit(what, &limit);
}

static void limits_set_score(int value)
{
	char score[16];
	scoped_fd int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	int length = snprintf(score, sizeof score, "%d\n", value);
	if (fd >= 0)
		folder_put(fd, score, (size_t)length);
}

void limits_be_modest(void)
{
	syscall(SYS_ioprio_set, LIMITS_IOPRIO_PROCESS, 0, LIMITS_IOPRIO_IDLE);
	limits_set(RLIMIT_CORE, 0);
	limits_set_score(LIMITS_OOM_SCORE);
}

void limits_be_slow(void)
{
	setpriority(PRIO_PROCESS, 0, LIMITS_NICE);
}

void limits_be_spared(void)
{
	limits_set_score(0);
}

void limits_end_with_parent(void)
{
	pid_t parent = getppid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have ended before we asked. */
	if (getppid() != parent)
		raise(SIGKILL);
}

void limits_memory(uint64_t more_bytes)
{
#ifdef LIMITS_SANITIZED
	(void)more_bytes;
#else
	long pages = 0;
	scoped_file FILE *file = fopen("/proc/self/statm", "re");
	if (!file || fscanf(file, "%ld", &pages) != 1)
		return;
	limits_set(RLIMIT_AS,
		(rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + (rlim_t)more_bytes);
#endif
}

void limits_analysis(uint64_t heap_max_bytes)
{
	limits_memory(heap_max_bytes + heap_max_bytes / 2 + LIMITS_BASE_BYTES);
}

void limits_processor(unsigned seconds)
{
	limits_set(RLIMIT_CPU, seconds);
}
