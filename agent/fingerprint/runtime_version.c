#include "agent/fingerprint/runtime_version.h"

#include "agent/fingerprint/intake.h"
#include "agent/fingerprint/modules.h"
#include "common/scoped.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { RUNTIME_VERSION_FILE_MAX = 64 << 10, RUNTIME_VERSION_DPKG_MAX = 32 << 20 };

struct runtime_version_place {
	const struct tree *tree;
	const char *program, *name; /* /usr/bin/node, node */
	char prefix[PATH_MAX];      /* /usr */
};

static bool runtime_version_copy(
	char out[RUNTIME_VERSION_SIZE], const char *text, size_t length)
{
	if (length == 0 || length >= RUNTIME_VERSION_SIZE)
		return false;
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

/* Length of "1.2.3" or "1.2.3-rc.1"; 0: there is none. */
static size_t runtime_version_length(const char *text)
{
	size_t n = 0;
	for (int part = 0; part < 3; part++) {
		size_t digits = strspn(text + n, "0123456789");
		if (digits == 0)
			return 0;
		n += digits;
		if (part < 2 && text[n++] != '.')
			return 0;
	}
	return n;
}

bool runtime_version_in_path(const char *path, char out[RUNTIME_VERSION_SIZE])
{
	bool found = false;
	for (const char *c = path; *c; c++) {
		if (c > path && !strchr("/-@v", c[-1]))
			continue;
		size_t n = runtime_version_length(c);
		if (n && strchr("/-", c[n]))
			found = runtime_version_copy(out, c, n);
	}
	return found;
}

/* What follows `key` on a line that begins with it, without quotes. */
static bool runtime_version_line(
	const char *text, const char *key, char out[RUNTIME_VERSION_SIZE])
{
	size_t length = strlen(key);
	while (*text) {
		if (strncmp(text, key, length) == 0) {
			text += length;
			text += strspn(text, " \t=\"");
			return runtime_version_copy(
				out, text, strcspn(text, "\" \t\r\n"));
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return false;
}

__attribute__((format(printf, 3, 4))) static bool runtime_version_read(
	const struct runtime_version_place *p, struct buf *text, const char *format,
	...)
{
	char path[PATH_MAX];
	va_list arguments;
	va_start(arguments, format);
	int n = vsnprintf(path, sizeof path, format, arguments);
	va_end(arguments);
	buf_reset(text);
	return n < PATH_MAX &&
	       tree_read(p->tree, path, RUNTIME_VERSION_FILE_MAX, text) && text->data;
}

/* "20.20.2" of the version that dpkg notes for a package: "1:20.20.2+dfsg-1". */
static bool runtime_version_dpkg(const struct runtime_version_place *p,
	const char *package, char out[RUNTIME_VERSION_SIZE])
{
	if (strncmp(p->program, "/usr/bin/", 9) != 0)
		return false;
	scoped_fd int fd = tree_open(p->tree, "/var/lib/dpkg/status", NULL);
	if (fd < 0)
		return false;
	struct intake *in = malloc(sizeof *in);
	BUG_ON(!in);
	intake_init_file(in, fd, RUNTIME_VERSION_DPKG_MAX, p->tree->until_mono_ms);
	struct buf line = {0};
	bool is_it = false, found = false;
	while (!found && intake_line(in, &line, 256)) {
		if (strncmp(line.data, "Package: ", 9) == 0)
			is_it = strcmp(line.data + 9, package) == 0;
		if (!is_it || strncmp(line.data, "Version: ", 9) != 0)
			continue;
		const char *version = line.data + 9;
		const char *epoch = strchr(version, ':');
		version = epoch ? epoch + 1 : version;
		found = runtime_version_copy(out, version, strcspn(version, "-+~"));
	}
	buf_finish(&line);
	free(in);
	return found;
}

static bool runtime_version_node(const struct runtime_version_place *p,
	struct buf *text, char out[RUNTIME_VERSION_SIZE])
{
	char major[RUNTIME_VERSION_SIZE], minor[RUNTIME_VERSION_SIZE];
	char patch[RUNTIME_VERSION_SIZE];
	if (runtime_version_read(
		    p, text, "%s/include/node/node_version.h", p->prefix) &&
		runtime_version_line(text->data, "#define NODE_MAJOR_VERSION", major) &&
		runtime_version_line(text->data, "#define NODE_MINOR_VERSION", minor) &&
		runtime_version_line(text->data, "#define NODE_PATCH_VERSION", patch))
		return snprintf(out, RUNTIME_VERSION_SIZE, "%.20s.%.20s.%.20s", major,
			       minor, patch) > 0;
	struct package package;
	if (p->prefix[0] && modules_read_one(p->tree, p->prefix, &package) &&
		strncmp(package.name, "node", 4) == 0 && package.version[0])
		return runtime_version_copy(
			out, package.version, strlen(package.version));
	return runtime_version_in_path(p->program, out) ||
	       runtime_version_dpkg(p, "nodejs", out);
}

static bool runtime_version_java(const struct runtime_version_place *p,
	struct buf *text, char out[RUNTIME_VERSION_SIZE])
{
	return (runtime_version_read(p, text, "%s/release", p->prefix) ||
		       runtime_version_read(p, text, "%s/../release", p->prefix)) &&
	       runtime_version_line(text->data, "JAVA_VERSION", out);
}

static bool runtime_version_python(const struct runtime_version_place *p,
	struct buf *text, char out[RUNTIME_VERSION_SIZE])
{
	char package[PATH_MAX];
	if (runtime_version_read(
		    p, text, "%s/include/%s/patchlevel.h", p->prefix, p->name) &&
		runtime_version_line(text->data, "#define PY_VERSION ", out))
		return true;
	snprintf(package, sizeof package, "%.60s-minimal", p->name);
	return runtime_version_in_path(p->program, out) ||
	       runtime_version_dpkg(p, package, out);
}

/* "3.11" of "python3.11". */
static bool runtime_version_of_name(
	const struct runtime_version_place *p, char out[RUNTIME_VERSION_SIZE])
{
	const char *digits = p->name + strcspn(p->name, "0123456789");
	size_t n = strspn(digits, "0123456789.");
	return digits[n] == '\0' && runtime_version_copy(out, digits, n);
}

void runtime_version_find(const struct tree *t, const char *runtime,
	const char *program, char out[RUNTIME_VERSION_SIZE])
{
	static const struct {
		const char *runtime;
		bool (*find)(const struct runtime_version_place *, struct buf *,
			char[RUNTIME_VERSION_SIZE]);
	} ways[] = {
		{"node", runtime_version_node},
		{"java", runtime_version_java},
		{"python", runtime_version_python},
	};
	struct runtime_version_place p = {.tree = t, .program = program};
	struct buf text = {0};
	out[0] = '\0';
	const char *slash = strrchr(program, '/');
	if (!slash || strcmp(runtime, "native") == 0)
		return;
	p.name = slash + 1;
	/* The folder above the one that holds it. */
	snprintf(p.prefix, sizeof p.prefix, "%.*s", (int)(slash - program), program);
	char *above = strrchr(p.prefix, '/');
	if (above)
		*above = '\0';
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (strcmp(ways[i].runtime, runtime) == 0 &&
			ways[i].find(&p, &text, out))
			goto done;
	runtime_version_of_name(&p, out);
done:
	buf_finish(&text);
}
