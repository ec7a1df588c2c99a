#include "agent/cost.h"

#include "common/scoped.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void cost_begin(struct cost *c)
{
	c->count = 0;
	c->known = false;
}

static uint64_t cost_own_us(void)
{
	struct rusage usage;
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static bool cost_read(const char *path, char *out, size_t size)
{
	scoped_file FILE *file = fopen(path, "re");
	size_t length = file ? fread(out, 1, size - 1, file) : 0;
	out[length] = '\0';
	return length > 0;
}

static uint64_t cost_rss_bytes(pid_t pid)
{
	char path[64], text[128];
	unsigned long long size, resident;
	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	if (!cost_read(path, text, sizeof text) ||
		sscanf(text, "%llu %llu", &size, &resident) != 2)
		return 0;
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Fields 14 and 15 of stat, counted behind the name, which may hold anything. */
static uint64_t cost_process_us(pid_t pid)
{
	char path[64], text[1024];
	unsigned long long user, system;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (!cost_read(path, text, sizeof text))
		return 0;
	const char *rest = strrchr(text, ')');
	if (!rest || sscanf(rest + 1,
			     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
			     &user, &system) != 2)
		return 0;
	return (user + system) * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* The oldest point that is needed for a minute stays first. */
static void cost_forget(struct cost *c, int64_t now_mono_ms)
{
	size_t old = 0;
	while (old + 1 < c->count &&
		now_mono_ms - c->points[old + 1].at_mono_ms >= COST_WINDOW_MS)
		old++;
	if (c->count - old == COST_POINTS)
		old++;
	c->count -= old;
	memmove(c->points, c->points + old, c->count * sizeof *c->points);
}

void cost_add(struct cost *c, uint64_t cpu_us, uint64_t rss_bytes, int64_t now_mono_ms)
{
	cost_forget(c, now_mono_ms);
	c->points[c->count++] = (struct cost_point){now_mono_ms, cpu_us};
	int64_t passed_ms = now_mono_ms - c->points[0].at_mono_ms;
	c->rss_bytes = rss_bytes;
	c->known = passed_ms >= COST_LEAST_MS;
	if (c->known)
		c->cpu_ppm = (uint32_t)((cpu_us - c->points[0].cpu_us) * 1000 /
					(uint64_t)passed_ms);
}

void cost_look(struct cost *c, pid_t scout, int64_t now_mono_ms)
{
	uint64_t scout_us = scout ? cost_process_us(scout) : 0;
	if (scout != c->scout || scout_us < c->scout_us) {
		c->scouts_us += c->scout_us;
		c->scout_us = 0;
		c->scout = scout;
	}
	if (scout_us > c->scout_us)
		c->scout_us = scout_us;
	cost_add(c, cost_own_us() + c->scouts_us + c->scout_us,
		cost_rss_bytes(getpid()) + (scout ? cost_rss_bytes(scout) : 0),
		now_mono_ms);
}
