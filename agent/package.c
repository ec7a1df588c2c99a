#include "agent/package.h"

#include "agent/rooted.h"
#include "common/err.h"
#include "common/scoped.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the scan is; `c` never passes `end`. */
struct package_scan {
	const char *c, *end;
	bool in_scripts; /* the object behind the top-level key "scripts" */
};

struct package_string {
	const char *text;
	size_t length;
	bool plain; /* without escapes: what is written is what is meant */
};

/* At the opening quote.  False when the string does not end. */
static bool package_read_string(struct package_scan *s, struct package_string *out)
{
	const char *start = ++s->c;
	out->plain = true;
	while (s->c < s->end && *s->c != '"') {
		if (*s->c == '\\') {
			out->plain = false;
			s->c++;
		}
		s->c++;
	}
	if (s->c >= s->end)
		return false;
	out->text = start;
	out->length = (size_t)(s->c - start);
	s->c++;
	return true;
}

static void package_skip_blanks(struct package_scan *s)
{
	while (s->c < s->end && strchr(" \t\r\n", *s->c) && *s->c)
		s->c++;
}

/* Copies what fits and is plain; names and versions need neither escapes nor
 * control bytes. */
static void package_copy(const struct package_string *from, char *out, size_t size)
{
	out[0] = '\0';
	if (!from->plain || from->length >= size)
		return;
	for (size_t i = 0; i < from->length; i++) {
		if ((unsigned char)from->text[i] < 0x20)
			return;
	}
	memcpy(out, from->text, from->length);
	out[from->length] = '\0';
}

static bool package_is(const struct package_string *key, const char *text)
{
	return key->length == strlen(text) && memcmp(key->text, text, key->length) == 0;
}

/* Behind a key: takes its value when it is a string that we look for. */
static bool package_take_value(struct package_scan *s, const struct package_string *key,
	bool in_scripts, struct package *out)
{
	const struct {
		const char *key;
		bool in_scripts;
		char *text;
		size_t size;
	} wanted[] = {
		{"name", false, out->name, sizeof out->name},
		{"version", false, out->version, sizeof out->version},
		{"main", false, out->main, sizeof out->main},
		{"start", true, out->start, sizeof out->start},
	};
	package_skip_blanks(s);
	if (s->c >= s->end || *s->c != ':')
		return true; /* no key but a string in some other place */
	s->c++;
	package_skip_blanks(s);
	if (s->c < s->end && *s->c == '{' && !in_scripts)
		s->in_scripts = package_is(key, "scripts");
	if (s->c >= s->end || *s->c != '"')
		return true;
	struct package_string value;
	if (!package_read_string(s, &value))
		return false;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (wanted[i].in_scripts == in_scripts &&
			package_is(key, wanted[i].key))
			package_copy(&value, wanted[i].text, wanted[i].size);
	return true;
}

bool package_scan(const char *text, size_t length, struct package *out)
{
	struct package_scan s = {.c = text, .end = text + length};
	struct package found = {0};
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		s.c += 3;
	package_skip_blanks(&s);
	if (s.c >= s.end || *s.c != '{')
		return false;
	size_t depth = 0;
	do {
		struct package_string string;
		switch (*s.c) {
		case '{':
		case '[':
			depth++;
			s.c++;
			break;
		case '}':
		case ']':
			depth--;
			s.in_scripts = s.in_scripts && depth > 1;
			s.c++;
			break;
		case '"':
			if (!package_read_string(&s, &string))
				return false;
			if ((depth == 1 || (depth == 2 && s.in_scripts)) &&
				!package_take_value(&s, &string, depth == 2, &found))
				return false;
			break;
		default:
			s.c++;
		}
	} while (depth > 0 && s.c < s.end);
	if (depth > 0 || !found.name[0])
		return false;
	*out = found;
	return true;
}

static bool package_read_whole(int fd, char *text, size_t size)
{
	size_t have = 0;
	while (have < size) {
		ssize_t n = pread(fd, text + have, size - have, (off_t)have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		have += (size_t)n;
	}
	return true;
}

static bool package_may_read(const struct stat *st, const struct package_user *user)
{
	return user->uid == 0 || st->st_uid == user->uid ||
	       (st->st_gid == user->gid && (st->st_mode & S_IRGRP)) ||
	       (st->st_mode & S_IROTH);
}

static bool package_read(int root, const char *path, const struct package_user *user,
	struct package *out)
{
	/* Looked at before it is opened: opening a device can have effects. */
	scoped_fd int found = rooted_locate(root, path);
	struct stat st;
	if (found < 0 || fstat(found, &st) < 0 || !S_ISREG(st.st_mode) ||
		st.st_size <= 0 || st.st_size > PACKAGE_FILE_BYTES_MAX)
		return false;
	if (!package_may_read(&st, user))
		return false;
	scoped_fd int fd = rooted_open(found, 0);
	size_t size = (size_t)st.st_size;
	scoped_free char *text = malloc(size);
	BUG_ON(!text);
	return fd >= 0 && package_read_whole(fd, text, size) &&
	       package_scan(text, size, out);
}

/* From the folder `path` (changed on the way) up to the root. */
static bool package_search_up(
	int root, char *path, const struct package_user *user, struct package *out)
{
	for (int depth = 0; depth < PACKAGE_DEPTH_MAX; depth++) {
		char file[PATH_MAX + 16];
		snprintf(file, sizeof file, "%s/package.json", path);
		if (package_read(root, file, user, out))
			return true;
		char *slash = strrchr(path, '/');
		if (!slash)
			return false;
		*slash = '\0';
	}
	return false;
}

static bool package_search(int root, const char *script,
	const struct package_user *user, struct package *out)
{
	char folder[PATH_MAX];
	size_t length = strlen(script);
	if (script[0] != '/' || length >= sizeof folder)
		return false;
	memcpy(folder, script, length + 1);
	char *modules = strstr(folder, "/node_modules/");
	bool found = false;
	if (modules) {
		*modules = '\0';
		found = package_search_up(root, folder, user, out);
	}
	if (!found) {
		/* The script's own path comes first, as it may be a folder. */
		memcpy(folder, script, length + 1);
		found = package_search_up(root, folder, user, out);
	}
	const char *below = script + strlen(folder);
	if (found && strlen(below) < sizeof out->script)
		strcpy(out->script, below + strspn(below, "/"));
	return found;
}

static bool package_path_of(int fd, char out[PATH_MAX])
{
	char self[32];
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(self, out, PATH_MAX - 1);
	if (length <= 0 || length >= PATH_MAX - 1)
		return false;
	out[length] = '\0';
	return true;
}

/* Where the script's path leads to through links, as a path in its root. */
static bool package_resolve(int root, const char *script, char out[PATH_MAX])
{
	char top[PATH_MAX], path[PATH_MAX];
	scoped_fd int fd = rooted_locate(root, script);
	if (fd < 0 || !package_path_of(fd, path) || !package_path_of(root, top))
		return false;
	size_t length = strcmp(top, "/") == 0 ? 0 : strlen(top);
	if (strncmp(path, top, length) != 0 || path[length] != '/')
		return false;
	strcpy(out, path + length);
	return true;
}

bool package_find(int root, const char *script, const struct package_user *user,
	struct package *out)
{
	if (package_search(root, script, user, out))
		return true;
	/* A link such as /usr/bin/tool: look again where it leads to. */
	char real[PATH_MAX];
	return package_resolve(root, script, real) && strcmp(real, script) != 0 &&
	       package_search(root, real, user, out);
}
