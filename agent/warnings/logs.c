#include "agent/warnings/logs.h"

#include "agent/warnings/patterns.h"
#include "agent/warnings/tail.h"
#include "agent/warnings/words.h"
#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	LOGS_GLOB_MS = 10000, /* between two looks for new files of a glob */
	LOGS_QUIET_MS = 10000,
	LOGS_LOOK_MS = 250, /* of matching in one look, and then the other parts */
};

struct logs_file {
	struct tail tail;
	struct words words;
	char *path;
	bool is_away; /* the path is another file's now, or nobody's */
	int64_t moved_ms;
};

struct logs_mark { /* of the state directory */
	struct tail_mark mark;
	char *path;
};

struct logs_section {
	const struct log_spec *spec;
	struct patterns *patterns;
	bool is_known, was_looked_at;
	struct logs_mark marks[LOGS_FILES_MAX];
	size_t mark_count;
	struct logs_file *files[LOGS_FILES_MAX];
	size_t file_count, matched;
	uint64_t left_out, skipped_bytes; /* skipped: of files that are closed */
	int64_t globbed_ms;
	char trouble[LOGS_TEXT_MAX];
};

struct logs {
	struct logs_options options;
	struct logs_section *sections;
	size_t first; /* section of the next look: one with much to read is last then */
};

/* Where lines of a file go. */
struct logs_stream {
	const struct logs *logs;
	const struct logs_section *section;
	struct words *words;
};

static void logs_load_file(struct logs_section *s, const char *line)
{
	struct tail_mark mark;
	uint64_t device, inode;
	int at = 0;
	if (sscanf(line,
		    "file %" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNu32 " %" SCNu32
		    " %n",
		    &device, &inode, &mark.offset, &mark.head_length, &mark.head_sum,
		    &at) != 5 ||
		at == 0 || s->mark_count == LOGS_FILES_MAX)
		return;
	mark.device = (dev_t)device;
	mark.inode = (ino_t)inode;
	s->marks[s->mark_count].mark = mark;
	s->marks[s->mark_count].path = strdup(line + at);
	BUG_ON(!s->marks[s->mark_count].path);
	s->mark_count++;
}

static void logs_load(struct logs *l, const char *saved)
{
	scoped_free char *text = strdup(saved);
	struct logs_section *section = NULL;
	BUG_ON(!text);
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n"));) {
		if (strncmp(line, "log ", 4) == 0) {
			section = NULL;
			for (size_t i = 0; i < l->options.count; i++)
				if (strcmp(l->options.specs[i].name, line + 4) == 0)
					section = &l->sections[i];
			if (section)
				section->is_known = true;
		} else if (section && strncmp(line, "file ", 5) == 0)
			logs_load_file(section, line);
	}
}

struct logs *logs_create(const struct logs_options *options, const char *saved)
{
	struct logs *l = calloc(1, sizeof *l);
	BUG_ON(!l);
	l->options = *options;
	l->sections = calloc(options->count + 1, sizeof *l->sections);
	BUG_ON(!l->sections);
	for (size_t i = 0; i < options->count; i++) {
		l->sections[i].spec = &options->specs[i];
		l->sections[i].patterns = patterns_create(&options->specs[i]);
	}
	logs_load(l, saved);
	return l;
}

static void logs_close(struct logs_section *s, size_t at)
{
	struct logs_file *f = s->files[at];
	s->skipped_bytes += f->tail.skipped_bytes;
	tail_close(&f->tail);
	free(f->path);
	free(f);
	/* The order stays: what was written first is read first. */
	memmove(&s->files[at], &s->files[at + 1],
		(--s->file_count - at) * sizeof(struct logs_file *));
}

static void logs_forget_marks(struct logs_section *s)
{
	while (s->mark_count)
		free(s->marks[--s->mark_count].path);
}

void logs_destroy(struct logs *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->options.count; i++) {
		struct logs_section *s = &l->sections[i];
		while (s->file_count)
			logs_close(s, 0);
		logs_forget_marks(s);
		patterns_destroy(s->patterns);
	}
	free(l->sections);
	free(l);
}

static struct logs_file *logs_find(
	const struct logs_section *s, dev_t device, ino_t inode)
{
	for (size_t i = 0; i < s->file_count; i++) {
		const struct tail_mark *mark = &s->files[i]->tail.mark;
		if (mark->device == device && mark->inode == inode)
			return s->files[i];
	}
	return NULL;
}

static bool logs_is_copy(const struct logs_section *s, const struct tail *tail)
{
	for (size_t i = 0; i < s->file_count; i++) {
		const struct tail_mark *mark = &s->files[i]->tail.mark;
		if (mark->head_length >= 64 && tail_begins_as(tail, mark))
			return true;
	}
	for (size_t i = 0; i < s->mark_count; i++)
		if (s->marks[i].mark.head_length >= 64 &&
			tail_begins_as(tail, &s->marks[i].mark))
			return true;
	return false;
}

static void logs_place(struct logs_section *s, struct tail *tail)
{
	for (size_t i = 0; i < s->mark_count; i++)
		if (tail_resume(tail, &s->marks[i].mark))
			return;
	if (!s->is_known || logs_is_copy(s, tail))
		tail_to_end(tail);
}

static void logs_open(struct logs_section *s, const char *path, int64_t now_ms)
{
	struct tail tail;
	struct err e;
	if (s->file_count == LOGS_FILES_MAX) {
		s->left_out++;
		return;
	}
	if (!tail_open(&tail, path, &e)) {
		snprintf(s->trouble, sizeof s->trouble, "%.*s",
			(int)sizeof s->trouble - 1, e.text);
		return;
	}
	logs_place(s, &tail);
	struct logs_file *f = calloc(1, sizeof *f);
	BUG_ON(!f);
	f->tail = tail;
	f->path = strdup(path);
	BUG_ON(!f->path);
	f->moved_ms = now_ms;
	s->files[s->file_count++] = f;
}

/* A path of the section: what was there before is away when it is another file. */
static void logs_meet(struct logs_section *s, const char *path, int64_t now_ms)
{
	struct stat info;
	if (strchr(path, '\n') || stat(path, &info) != 0 || S_ISDIR(info.st_mode))
		return;
	s->matched++;
	struct logs_file *file = logs_find(s, info.st_dev, info.st_ino);
	if (!file) {
		logs_open(s, path, now_ms);
		return;
	}
	file->is_away = false;
	if (strcmp(file->path, path) != 0) {
		free(file->path);
		file->path = strdup(path);
		BUG_ON(!file->path);
	}
}

/* What was renamed while nobody looked: found by its inode beside where it was. */
static void logs_find_renamed(
	struct logs_section *s, const struct logs_mark *mark, int64_t now_ms)
{
	char folder[PATH_MAX - 256], path[PATH_MAX];
	struct stat info;
	const char *slash = strrchr(mark->path, '/');
	if (!slash || logs_find(s, mark->mark.device, mark->mark.inode) ||
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - mark->path + 1),
			mark->path) >= (int)sizeof folder)
		return;
	scoped_dir DIR *dir = opendir(folder);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_ino != mark->mark.inode)
			continue;
		snprintf(path, sizeof path, "%s%s", folder, entry->d_name);
		if (stat(path, &info) != 0 || info.st_dev != mark->mark.device ||
			info.st_ino != mark->mark.inode)
			continue;
		size_t before = s->file_count;
		logs_open(s, path, now_ms);
		/* Not the file that it was: nothing that we knew anything of. */
		if (s->file_count > before &&
			s->files[before]->tail.read_to < mark->mark.offset)
			logs_close(s, before);
		return;
	}
}

static void logs_glob(struct logs_section *s, int64_t now_ms)
{
	glob_t found;
	for (size_t i = 0; i < s->file_count; i++)
		s->files[i]->is_away = true;
	s->trouble[0] = '\0';
	s->matched = 0;
	s->left_out = 0;
	for (size_t i = 0; i < s->mark_count; i++)
		logs_find_renamed(s, &s->marks[i], now_ms);
	int reason = glob(s->spec->file, 0, NULL, &found);
	for (size_t i = 0; reason == 0 && i < found.gl_pathc; i++)
		logs_meet(s, found.gl_pathv[i], now_ms);
	globfree(&found);
	if (reason != 0 && reason != GLOB_NOMATCH)
		snprintf(s->trouble, sizeof s->trouble, "the directory cannot be read");
	s->globbed_ms = now_ms;
	logs_forget_marks(s);
	s->is_known = s->was_looked_at = true;
}

static void logs_on_line(void *context, const char *line, size_t length)
{
	const struct logs_stream *stream = context;
	const struct logs_options *o = &stream->logs->options;
	struct sign signs[2];
	length -= length > 0 && line[length - 1] == '\r';
	size_t count = words_line(stream->words, line, length, signs);
	for (size_t i = 0; i < count; i++)
		o->found(o->context, stream->section->spec, &signs[i]);
	for (size_t from = 0;
		patterns_match(stream->section->patterns, &from, line, length, signs);)
		o->found(o->context, stream->section->spec, signs);
}

static bool logs_read(struct logs *l, struct logs_section *s, size_t at, int64_t now_ms,
	int64_t until_mono_ms)
{
	struct logs_file *f = s->files[at];
	struct logs_stream stream = {l, s, &f->words};
	struct err e;
	struct sign held;
	int64_t got = tail_read(&f->tail, until_mono_ms, logs_on_line, &stream, &e);
	if (got > 0)
		f->moved_ms = now_ms;
	/* Nothing followed: the stack that could have come is not there. */
	if (got == 0 && words_flush(&f->words, &held))
		l->options.found(l->options.context, s->spec, &held);
	bool is_over = f->is_away && now_ms - f->moved_ms > LOGS_QUIET_MS;
	if (got < 0 || is_over) {
		if (got < 0)
			snprintf(s->trouble, sizeof s->trouble, "%.200s", e.text);
		logs_close(s, at);
	}
	return got != 0 || is_over;
}

/* Whether a path is another file than it was, or nobody's; the one path of a section
 * without wildcards may be one again at any time. */
static bool logs_has_turned(const struct logs_section *s)
{
	bool has_any = false;
	for (size_t i = 0; i < s->file_count; i++) {
		const struct logs_file *f = s->files[i];
		struct stat info;
		if (f->is_away)
			continue;
		has_any = true;
		if (stat(f->path, &info) != 0 || info.st_ino != f->tail.mark.inode ||
			info.st_dev != f->tail.mark.device)
			return true;
	}
	return !has_any && !strpbrk(s->spec->file, "*?[");
}

void logs_prepare(struct logs *l, int64_t now_ms)
{
	for (size_t i = 0; i < l->options.count; i++)
		if (l->sections[i].spec->file[0] == '/')
			logs_glob(&l->sections[i], now_ms);
}

bool logs_look(struct logs *l, int64_t now_ms)
{
	bool has_moved = false;
	int64_t until_ms = clock_mono_ms() + LOGS_LOOK_MS;
	size_t count = l->options.count, first = l->first++;
	for (size_t i = 0; i < count; i++) {
		struct logs_section *s = &l->sections[(first + i) % count];
		if (i > 0 && clock_mono_ms() >= until_ms)
			break;
		if (s->spec->file[0] != '/')
			continue;
		size_t before = s->file_count;
		if (!s->was_looked_at || now_ms - s->globbed_ms >= LOGS_GLOB_MS ||
			logs_has_turned(s))
			logs_glob(s, now_ms);
		has_moved |= s->file_count != before;
		for (size_t at = 0; at < s->file_count;) {
			size_t files = s->file_count;
			has_moved |= logs_read(l, s, at, now_ms, until_ms);
			at += s->file_count == files;
			if (clock_mono_ms() >= until_ms)
				break;
		}
	}
	return has_moved;
}

static void logs_save_mark(const struct tail_mark *m, const char *path, struct buf *out)
{
	buf_printf(out,
		"file %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu32 " %" PRIu32 " %s\n",
		(uint64_t)m->device, (uint64_t)m->inode, m->offset, m->head_length,
		m->head_sum, path);
}

void logs_save(const struct logs *l, struct buf *out)
{
	for (size_t i = 0; i < l->options.count; i++) {
		const struct logs_section *s = &l->sections[i];
		if (!s->is_known)
			continue;
		buf_printf(out, "log %s\n", s->spec->name);
		/* Of before, as long as nobody has looked. */
		for (size_t k = 0; k < s->mark_count; k++)
			logs_save_mark(&s->marks[k].mark, s->marks[k].path, out);
		for (size_t k = 0; k < s->file_count; k++)
			logs_save_mark(&s->files[k]->tail.mark, s->files[k]->path, out);
	}
}

bool logs_state(const struct logs *l, size_t at, bool *works, char text[LOGS_TEXT_MAX])
{
	const struct logs_section *s = &l->sections[at];
	uint64_t skipped = s->skipped_bytes;
	if (s->spec->file[0] != '/')
		return false;
	for (size_t i = 0; i < s->file_count; i++)
		skipped += s->files[i]->tail.skipped_bytes;
	*works = s->file_count > 0 && !s->trouble[0];
	text[0] = '\0';
	if (s->trouble[0])
		snprintf(text, LOGS_TEXT_MAX, "%s", s->trouble);
	else if (!s->file_count)
		snprintf(
			text, LOGS_TEXT_MAX, "no file is there: %.200s", s->spec->file);
	else if (s->left_out)
		snprintf(text, LOGS_TEXT_MAX, "%" PRIu64 " more files than %d",
			s->left_out, LOGS_FILES_MAX);
	else if (skipped)
		snprintf(text, LOGS_TEXT_MAX,
			"it grew faster than it is read: %" PRIu64 " MB were skipped",
			(skipped + 500000) / 1000000);
	return true;
}
