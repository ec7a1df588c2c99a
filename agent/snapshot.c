#include "agent/snapshot.h"

#include "agent/capture/room.h"
#include "agent/heap/source.h"
#include "agent/snapshot_diff.h"
#include "agent/snapshot_summarize.h"
#include "agent/snapshot_take.h"
#include "common/scoped.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct snapshot_part {
	const char *name, *argument, *help;
	int (*run)(int argc, char **argv);
};

static const struct snapshot_part snapshot_parts[] = {
	{"summarize", "FILE|-", "Say what is in a snapshot file, also a packed one",
		snapshot_summarize},
	{"take", "PID|SERVICE", "Take one of a live process; first says what it costs",
		snapshot_take},
	{"diff", "BEFORE AFTER", "Say what grew between two files, and what holds it",
		snapshot_diff},
};

enum { SNAPSHOT_PARTS = sizeof snapshot_parts / sizeof snapshot_parts[0] };

const char *snapshot_arguments(void)
{
	static char text[256];
	size_t length = 0;
	for (size_t i = 0; i < SNAPSHOT_PARTS && length < sizeof text; i++)
		length += (size_t)snprintf(text + length, sizeof text - length,
			"%s%s %s", i ? " | " : "", snapshot_parts[i].name,
			snapshot_parts[i].argument);
	return text;
}

static int snapshot_help(void)
{
	printf("tidemark-agent snapshot: what is in a heap, and what makes it grow.\n\n"
	       "Usage: tidemark-agent snapshot PART [OPTIONS]\n\nParts:\n");
	for (size_t i = 0; i < SNAPSHOT_PARTS; i++) {
		const struct snapshot_part *p = &snapshot_parts[i];
		int width = printf("  %s %s", p->name, p->argument);
		printf("%*s%s\n", width < 30 ? 30 - width : 1, "", p->help);
	}
	printf("\n'tidemark-agent snapshot PART --help' says more.\n\n"
	       "The numbers are those of Chrome %s.\n"
	       "Names are printed as they are in the heap; the server hears only\n"
	       "those that look like a programmer's.\n",
		HEAP_RULES);
	return SNAPSHOT_EXIT_OK;
}

int snapshot_fail(const struct err *e)
{
	fprintf(stderr, "tidemark-agent: %s\n", e->text);
	return e->kind == ERR_INPUT ? SNAPSHOT_EXIT_USAGE : SNAPSHOT_EXIT_FAILED;
}

int snapshot_run(int argc, char **argv)
{
	struct err e;
	const char *name = argc > 1 ? argv[1] : "";
	for (size_t i = 0; i < SNAPSHOT_PARTS; i++) {
		if (strcmp(snapshot_parts[i].name, name) == 0)
			return snapshot_parts[i].run(argc - 1, argv + 1);
	}
	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 ||
		strcmp(name, "-h") == 0)
		return snapshot_help();
	err_set(&e, ERR_INPUT, "%s%s%s; see 'tidemark-agent snapshot help'",
		*name ? "unknown part '" : "snapshot needs to know what to do", name,
		*name ? "' of snapshot" : "");
	return snapshot_fail(&e);
}

bool snapshot_read_line(
	struct snapshot_line *line, int argc, char **argv, struct err *e)
{
	struct conf_line rest = {argc, argv, 1};
	int count = 0;
	if (!conf_load(line->table, line->target, NULL, line->arena, e))
		return false;
	for (;;) {
		if (!conf_arguments(line->table, line->target, &rest, line->arena, e))
			return false;
		if (rest.next == argc)
			break;
		if (count == line->wanted)
			return err_set(e, ERR_INPUT,
				"unexpected argument '%s'; usage: tidemark-agent "
				"snapshot %s",
				argv[rest.next], line->usage);
		line->arguments[count++] = argv[rest.next++];
	}
	return count == line->wanted ||
	       err_set(e, ERR_INPUT, "usage: tidemark-agent snapshot %s", line->usage);
}

bool snapshot_helped(const struct snapshot_line *line, int argc, char **argv)
{
	bool is_wanted = false;
	for (int i = 1; i < argc; i++)
		is_wanted |= strcmp(argv[i], "--help") == 0 ||
			     strcmp(argv[i], "-h") == 0;
	if (!is_wanted)
		return false;
	struct buf options = {0};
	conf_help(line->table, &options);
	printf("Usage: tidemark-agent snapshot %s [OPTIONS]\n\n%s\nOptions:\n%s",
		line->usage, line->about, options.data);
	if (line->more)
		printf("\n%s", line->more);
	buf_finish(&options);
	return true;
}

static bool snapshot_feed(
	void *context, const void *bytes, size_t length, struct err *e)
{
	return heap_feed(context, bytes, length, e);
}

static bool snapshot_read(struct heap *h, const char *path, struct err *e)
{
	const struct source_sink sink = {snapshot_feed, h};
	if (strcmp(path, "-") == 0)
		return source_read(STDIN_FILENO, &sink, e);
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "cannot be opened");
	return source_read(fd, &sink, e);
}

bool snapshot_load(const char *path, const struct heap_options *options,
	struct heap **out, struct err *e)
{
	struct heap *h = heap_create(options);
	if (!snapshot_read(h, path, e) || !heap_end(h, e)) {
		heap_destroy(h);
		/* What is wrong with a file is no wrong use of the program. */
		if (e->kind == ERR_INPUT)
			e->kind = ERR_IO;
		return err_wrap(
			e, "%s", strcmp(path, "-") == 0 ? "standard input" : path);
	}
	*out = h;
	return true;
}

uint64_t snapshot_memory_bytes(void)
{
	struct room room;
	struct err ignored;
	if (!room_read("/proc", "/sys/fs/cgroup", getpid(), &room, &ignored))
		return 0;
	return room.free_bytes / 5 * 4 + 1;
}
