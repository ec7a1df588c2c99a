#include "agent/capture/room.h"

#include "agent/capture/procfile.h"
#include "agent/probe/cgroups.h"
#include "agent/probe/probe.h"
#include "common/buf.h"
#include "common/scoped.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum {
	ROOM_PATH_MAX = CGROUPS_PATH_MAX + 320,
	ROOM_FILE_MAX = 16 << 10,
	ROOM_NAME_MAX = 90
};

/* The files of both versions. */
static const struct room_files {
	const char *usage, *limit, *high, *idle;
} room_files[] = {
	{"memory.current", "memory.max", "memory.high", "inactive_file "},
	{"memory.usage_in_bytes", "memory.limit_in_bytes", NULL,
		"total_inactive_file "},
};

/* No limit in version 1 is LONG_MAX rounded down to a page. */
#define ROOM_UNLIMITED_BYTES (INT64_C(1) << 60)

void room_format(uint64_t bytes, char out[32])
{
	double mib = (double)bytes / (1 << 20);
	if (mib < 1)
		snprintf(out, 32, "%.0f KiB", (double)bytes / 1024);
	else if (mib < 10)
		snprintf(out, 32, "%.1f MiB", mib);
	else if (mib < 10 * 1024)
		snprintf(out, 32, "%.0f MiB", mib);
	else
		snprintf(out, 32, "%.1f GiB", mib / 1024);
}

static bool room_read_file(const char *folder, const char *file, char *text)
{
	char path[ROOM_PATH_MAX + 64];
	snprintf(path, sizeof path, "%s/%s", folder, file);
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t length = read(fd, text, ROOM_FILE_MAX - 1);
	if (length <= 0)
		return false;
	text[length] = '\0';
	return true;
}

/* False also for "max". */
static bool room_read_number(const char *folder, const char *file, int64_t *out)
{
	char text[ROOM_FILE_MAX];
	const char *at = text;
	return room_read_file(folder, file, text) && probe_number(&at, out) &&
	       *out < ROOM_UNLIMITED_BYTES;
}

static int64_t room_idle_bytes(const char *folder, const char *key)
{
	char text[ROOM_FILE_MAX];
	int64_t idle;
	if (!room_read_file(folder, "memory.stat", text))
		return 0;
	for (const char *line = text; *line; line += *line == '\n') {
		if (strncmp(line, key, strlen(key)) == 0) {
			const char *at = line + strlen(key);
			return probe_number(&at, &idle) ? idle : 0;
		}
		line += strcspn(line, "\n");
	}
	return 0;
}

/* One group: `name` is its path in the hierarchy. */
static void room_narrow(struct room *room, const char *folder, const char *name,
	const struct room_files *files)
{
	int64_t limit = INT64_MAX, high, usage;
	room_read_number(folder, files->limit, &limit);
	if (files->high && room_read_number(folder, files->high, &high) && high < limit)
		limit = high;
	if (limit == INT64_MAX || !room_read_number(folder, files->usage, &usage))
		return;
	int64_t idle = room_idle_bytes(folder, files->idle);
	usage = idle < usage ? usage - idle : 0;
	uint64_t rest = usage < limit ? (uint64_t)(limit - usage) : 0;
	if (rest >= room->free_bytes)
		return;
	char limit_text[32], usage_text[32];
	room_format((uint64_t)limit, limit_text);
	room_format((uint64_t)usage, usage_text);
	room->free_bytes = rest;
	/* Its end says the most, and a reason has to fit on the wire. */
	size_t length = strlen(name);
	bool is_long = length > ROOM_NAME_MAX;
	snprintf(room->where, sizeof room->where,
		"control group %s%.*s: limit %s, used %s", is_long ? "..." : "",
		ROOM_NAME_MAX, is_long ? name + length - ROOM_NAME_MAX : name,
		limit_text, usage_text);
}

/* From the process's own group to the top of its hierarchy. */
static void room_climb(
	struct room *room, const char *cgroupfs, const struct cgroups_place *place)
{
	char folder[ROOM_PATH_MAX], pure[ROOM_PATH_MAX];
	snprintf(pure, sizeof pure, "%.300s/cgroup.controllers", cgroupfs);
	const char *top = place->version1 ? "/memory" : "/unified";
	if (!place->version1 && access(pure, F_OK) == 0)
		top = "";
	int length = snprintf(folder, sizeof folder, "%.300s%s", cgroupfs, top);
	size_t top_length = (size_t)length;
	snprintf(folder + length, sizeof folder - top_length, "%s", place->memory);
	for (;;) {
		const char *name = folder[top_length] ? folder + top_length : "/";
		room_narrow(room, folder, name, &room_files[place->version1]);
		char *slash = strrchr(folder + top_length, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
}

static bool room_read_machine(const char *procfs, struct room *out, struct err *e)
{
	char text[ROOM_FILE_MAX];
	static const char key[] = "MemAvailable:";
	int64_t kb;
	const char *at = room_read_file(procfs, "meminfo", text) ? strstr(text, key)
								 : NULL;
	if (at)
		at += sizeof key - 1;
	if (!at || !probe_number(&at, &kb))
		return err_set(e, ERR_IO,
			"%s/meminfo does not say how much memory is available", procfs);
	char available[32];
	out->available_bytes = out->free_bytes = (uint64_t)kb * 1024;
	room_format(out->free_bytes, available);
	snprintf(out->where, sizeof out->where, "the machine has %s available",
		available);
	return true;
}

bool room_read(const char *procfs, const char *cgroupfs, int pid, struct room *out,
	struct err *e)
{
	struct room room = {0};
	if (!room_read_machine(procfs, &room, e))
		return false;
	struct buf text = {0};
	struct cgroups_place place;
	if (procfile_read(procfs, pid, "cgroup", &text)) {
		cgroups_parse(text.data, &place);
		if (place.memory[0])
			room_climb(&room, cgroupfs, &place);
	}
	buf_finish(&text);
	*out = room;
	return true;
}
