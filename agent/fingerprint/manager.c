#include "agent/fingerprint/manager.h"

#include "agent/capture/procfile.h"
#include "agent/fingerprint/modules.h"
#include "agent/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where it is looked for. */
struct manager_search {
	const struct look *daemon;
	struct manager *found;
	struct remarks *remarks;
};

bool manager_parse_title(const char *cmdline, size_t length, struct manager *out)
{
	static const char start[] = "PM2 v", daemon[] = ": God Daemon (";
	if (!cmdline || length < sizeof start || strncmp(cmdline, start, 5) != 0)
		return false;
	const char *version = cmdline + 5;
	const char *end = strstr(version, daemon);
	if (!end || end == version || end - version >= MANAGER_VERSION_SIZE)
		return false;
	const char *home = end + sizeof daemon - 1;
	size_t n = strcspn(home, ")");
	*out = (struct manager){0};
	memcpy(out->version, version, (size_t)(end - version));
	if (n < sizeof out->home)
		memcpy(out->home, home, n);
	return true;
}

bool manager_is_container(const char *script)
{
	return strstr(script, "/lib/ProcessContainer") != NULL;
}

/* Takes the folder when it is the package that runs. */
static void manager_try(struct manager_search *s, const char *folder)
{
	struct package package;
	struct manager *p = s->found;
	char real[PATH_MAX];
	if (!modules_read_one(&s->daemon->tree, folder, &package) ||
		strcmp(package.name, "pm2") != 0 ||
		strcmp(package.version, p->version) != 0 ||
		!tree_resolve(&s->daemon->tree, folder, real, sizeof real))
		return;
	if (!p->folder[0])
		snprintf(p->folder, sizeof p->folder, "%s", real);
	else if (strcmp(p->folder, real) != 0)
		remarks_add(s->remarks,
			"pm2 %s stands in two places; taken is the one in %.200s",
			p->version, p->folder);
}

__attribute__((format(printf, 2, 3))) static void manager_try_format(
	struct manager_search *s, const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;
	va_start(arguments, format);
	int n = vsnprintf(path, sizeof path, format, arguments);
	va_end(arguments);
	if (n < PATH_MAX && path[0] == '/')
		manager_try(s, path);
}

/* A program such as /usr/local/bin/pm2 is a link to the package's bin/pm2. */
static void manager_try_program(struct manager_search *s, const char *path)
{
	char real[PATH_MAX];
	if (path[0] != '/' || !tree_resolve(&s->daemon->tree, path, real, sizeof real))
		return;
	char *bin = strstr(real, "/bin/pm2");
	if (!bin)
		return;
	*bin = '\0';
	manager_try(s, real);
}

static void manager_try_settings(struct manager_search *s, const char *folders)
{
	char folder[PATH_MAX];
	while (folders && list_next(&folders, folder, sizeof folder))
		manager_try(s, folder);
}

/* Of the daemon's environment only PATH and "_" are looked at. */
static void manager_try_environment(struct manager_search *s)
{
	struct buf text = {0};
	char path[PATH_MAX];
	const struct look *d = s->daemon;
	if (!procfile_read(d->procfs, d->pid, "environ", &text))
		buf_reset(&text);
	for (size_t at = 0; at < text.length; at += strlen(text.data + at) + 1) {
		const char *item = text.data + at;
		if (strncmp(item, "_=", 2) == 0)
			manager_try_program(s, item + 2);
		if (strncmp(item, "PATH=", 5) != 0)
			continue;
		for (const char *c = item + 5; *c;) {
			int n = (int)strcspn(c, ":");
			if (snprintf(path, sizeof path, "%.*s/pm2", n, c) < PATH_MAX)
				manager_try_program(s, path);
			c += n;
			c += *c == ':';
		}
	}
	if (text.data)
		explicit_bzero(text.data, text.capacity);
	buf_finish(&text);
}

/* `pm2 startup` writes a unit that says where it stands. */
static void manager_try_unit(struct manager_search *s)
{
	struct buf text = {0};
	char path[PATH_MAX];
	const char *unit = s->daemon->unit.name;
	snprintf(path, sizeof path, "/etc/systemd/system/%s.service", unit);
	if (unit[0] && tree_read(&s->daemon->tree, path, 64 << 10, &text) &&
		text.data) {
		const char *start = strstr(text.data, "\nExecStart=");
		if (start) {
			start += 11;
			start += strspn(start, "-@+!: ");
			snprintf(path, sizeof path, "%.*s",
				(int)strcspn(start, " \t\r\n"), start);
			manager_try_program(s, path);
		}
	}
	buf_finish(&text);
}

static void manager_try_upwards(struct manager_search *s, const char *folder)
{
	char at[PATH_MAX];
	snprintf(at, sizeof at, "%s", folder);
	for (int depth = 0; at[0] && depth < PACKAGE_DEPTH_MAX; depth++) {
		manager_try_format(s, "%s/node_modules/pm2", at);
		char *slash = strrchr(at, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
}

/* "prefix=/home/shop/npm" of npm's own settings is where it installs programs. */
static void manager_try_npm_prefix(struct manager_search *s, const char *home)
{
	struct buf text = {0};
	char path[PATH_MAX];
	if (snprintf(path, sizeof path, "%s/.npmrc", home) < PATH_MAX &&
		tree_read(&s->daemon->tree, path, 64 << 10, &text) && text.data)
		for (const char *c = text.data; *c;) {
			size_t n = strcspn(c, "\r\n");
			if (strncmp(c, "prefix=", 7) == 0)
				manager_try_format(s, "%.*s/lib/node_modules/pm2",
					(int)n - 7, c + 7);
			c += n;
			c += strspn(c, "\r\n");
		}
	/* Passwords of registries stand there, too. */
	if (text.data)
		explicit_bzero(text.data, text.capacity);
	buf_finish(&text);
}

/* Below the prefix of Node.js itself, and of the user's home. */
static void manager_try_usual(struct manager_search *s)
{
	static const char *const homes[] = {".npm-global/lib/node_modules/pm2",
		".npm/lib/node_modules/pm2", "node_modules/pm2",
		".config/yarn/global/node_modules/pm2",
		".local/share/pnpm/global/5/node_modules/pm2"};
	char prefix[PATH_MAX];
	snprintf(prefix, sizeof prefix, "%s", s->daemon->program);
	char *bin = strstr(prefix, "/bin/");
	if (bin) {
		*bin = '\0';
		manager_try_format(s, "%s/lib/node_modules/pm2", prefix);
	}
	manager_try(s, "/usr/local/lib/node_modules/pm2");
	manager_try(s, "/usr/lib/node_modules/pm2");
	manager_try_program(s, "/usr/local/bin/pm2");
	manager_try_program(s, "/usr/bin/pm2");
	snprintf(prefix, sizeof prefix, "%s", s->found->home);
	char *slash = strrchr(prefix, '/');
	if (!slash)
		return;
	*slash = '\0';
	manager_try_npm_prefix(s, prefix);
	for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++)
		manager_try_format(s, "%s/%s", prefix, homes[i]);
}

void manager_find(const struct look *daemon, const struct manager_hints *hints,
	struct manager *p, struct remarks *remarks)
{
	struct manager_search s = {daemon, p, remarks};
	char folder[PATH_MAX];
	p->folder[0] = '\0';
	/* Where one of these says it, there is nothing to choose from. */
	snprintf(folder, sizeof folder, "%s", hints->container);
	char *lib = strstr(folder, "/lib/ProcessContainer");
	if (lib) {
		*lib = '\0';
		manager_try(&s, folder);
	}
	if (!p->folder[0])
		manager_try_settings(&s, hints->folders);
	if (!p->folder[0])
		manager_try_unit(&s);
	if (p->folder[0])
		return;
	manager_try_environment(&s);
	manager_try_usual(&s);
	manager_try_upwards(&s, hints->application);
	manager_try_upwards(&s, daemon->folder);
	if (!p->folder[0])
		remarks_add(remarks,
			"pm2 %s runs inside of it, but its files were not found: its "
			"packages (@pm2/io) are missing; see fingerprint_pm2",
			p->version);
}
