#include "agent/entry.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What scripts and their folders are called whatever they do. */
static const char *const entry_plain[] = {"__main__", "app", "application", "apps",
	"asgi", "bin", "bootstrap", "build", "bundle", "cjs", "cli", "cluster", "cmd",
	"code", "compiled", "current", "daemon", "dist", "entry", "esm", "home", "html",
	"index", "jarlauncher", "js", "lib", "local", "main", "manage", "master",
	"node_modules", "opt", "out", "output", "packages", "propertieslauncher",
	"public", "release", "releases", "root", "run", "scripts", "server", "service",
	"services", "share", "source", "src", "srv", "start", "tmp", "ts", "usr", "var",
	"venv", "warlauncher", "web", "wsgi", "www"};

struct entry_word {
	const char *text;
	size_t length;
};

static bool entry_is(const struct entry_word *word, const char *text)
{
	return strlen(text) == word->length &&
	       strncasecmp(text, word->text, word->length) == 0;
}

/* Also of a folder such as ".output", and of one that is a date or number. */
static bool entry_is_plain(const struct entry_word *word)
{
	struct entry_word bare = *word;
	while (bare.length > 0 && bare.text[0] == '.') {
		bare.text++;
		bare.length--;
	}
	size_t digits = 0;
	while (digits < bare.length && strchr("0123456789-_T.", bare.text[digits]))
		digits++;
	if (digits == bare.length)
		return true;
	for (size_t i = 0; i < sizeof entry_plain / sizeof entry_plain[0]; i++)
		if (entry_is(&bare, entry_plain[i]))
			return true;
	return false;
}

/* "worker" of "shop-worker" and "@shop/worker": the package's name says it already. */
static bool entry_is_said(const struct entry_word *word, const char *package)
{
	size_t length = strlen(package);
	if (length < word->length || strncasecmp(package + length - word->length,
					     word->text, word->length) != 0)
		return false;
	return length == word->length ||
	       strchr("-_./", package[length - word->length - 1]);
}

/* Without ".js" and the like. */
static size_t entry_stem(const char *name, size_t length)
{
	static const char *const suffixes[] = {".js", ".mjs", ".cjs", ".ts", ".mts",
		".cts", ".jsx", ".tsx", ".py", ".rb", ".php", ".pl", ".sh", ".jar",
		".java"};
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		size_t n = strlen(suffixes[i]);
		if (length > n && memcmp(name + length - n, suffixes[i], n) == 0)
			return length - n;
	}
	return length;
}

static bool entry_next(const char **path, struct entry_word *out)
{
	*path += strspn(*path, "/");
	out->text = *path;
	out->length = strcspn(*path, "/");
	*path += out->length;
	return out->length > 0;
}

static bool entry_ends_word(char c)
{
	return !c || strchr(" \t;&|\"'=", c);
}

/* Whether a command names the path: "node ./src/app.js --port 1" names "src/app.js",
 * and (as does "main" in a package.json) also without its suffix. */
static bool entry_is_named(const char *command, const char *path, size_t length)
{
	size_t stem = entry_stem(path, length);
	if (length == 0)
		return false;
	for (const char *c = command; *c; c++) {
		bool begins = c == command || entry_ends_word(c[-1]) ||
			      (c - command >= 2 && c[-1] == '/' && c[-2] == '.');
		if (!begins || strncmp(c, path, stem) != 0)
			continue;
		if (entry_ends_word(c[stem]) ||
			(strncmp(c, path, length) == 0 && entry_ends_word(c[length])))
			return true;
	}
	return false;
}

/* The tool of "node_modules/.bin/next" and "node_modules/next/dist/bin/next". */
static bool entry_tool(const char *path, struct entry_word *out)
{
	static const char modules[] = "node_modules/";
	if (strncmp(path, modules, sizeof modules - 1) != 0)
		return false;
	path += sizeof modules - 1;
	if (!entry_next(&path, out))
		return false;
	if (entry_is(out, ".bin"))
		return entry_next(&path, out);
	if (out->text[0] == '@') {
		struct entry_word rest;
		if (entry_next(&path, &rest))
			out->length += 1 + rest.length;
	}
	return true;
}

static size_t entry_add(
	char *out, size_t size, size_t at, const struct entry_word *word)
{
	if (at + 1 + word->length >= size)
		return at;
	out[at] = '/';
	memcpy(out + at + 1, word->text, word->length);
	at += 1 + word->length;
	out[at] = '\0';
	return at;
}

void entry_name(const struct package *package, char *out, size_t size)
{
	const char *path = package->script + strspn(package->script, "/");
	size_t at = (size_t)snprintf(out, size, "%s", package->name);
	struct entry_word word;
	if (at >= size)
		return;
	if (entry_tool(path, &word)) {
		if (!entry_is_named(package->start, word.text, word.length))
			entry_add(out, size, at, &word);
		return;
	}
	if (entry_is_named(package->main, path, strlen(path)) ||
		entry_is_named(package->start, path, strlen(path)))
		return;
	while (entry_next(&path, &word)) {
		if (!*path)
			word.length = entry_stem(word.text, word.length);
		if (!entry_is_plain(&word) && !entry_is_said(&word, package->name))
			at = entry_add(out, size, at, &word);
	}
}

void entry_name_alone(const char *path, const char *name, char *out, size_t size)
{
	const struct entry_word own = {name, entry_stem(name, strlen(name))};
	struct entry_word word, folder = {0};
	while (entry_is_plain(&own) && entry_next(&path, &word)) {
		if (*path && !entry_is_plain(&word))
			folder = word;
	}
	snprintf(out, size, "%.*s%s%s", (int)folder.length,
		folder.text ? folder.text : "", folder.text ? "/" : "", name);
}
