#include "agent/fingerprint/jar.h"

#include "agent/command.h"
#include "common/err.h"
#include "common/scoped.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	JAR_END_BYTES = 22, /* end of central directory, without its comment */
	JAR_ENTRY_BYTES = 46,
	JAR_COMMENT_MAX = 65535,
};

static uint32_t jar_u16(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint32_t jar_u32(const uint8_t *bytes)
{
	return jar_u16(bytes) | jar_u16(bytes + 2) << 16;
}

void jar_add(const char *path, struct packages *out)
{
	struct command command = {.runtime = "java"};
	struct command_name name;
	if (strlen(path) >= sizeof command.script)
		return;
	strcpy(command.script, path);
	command_name_script(&command, &name);
	packages_add(out, name.name, name.version);
}

static void jar_entry(const uint8_t *name, size_t length, struct packages *out)
{
	char path[COMMAND_SCRIPT_MAX];
	if (length < 5 || length >= sizeof path || memchr(name, '\0', length) ||
		memcmp(name + length - 4, ".jar", 4) != 0)
		return;
	memcpy(path, name, length);
	path[length] = '\0';
	jar_add(path, out);
}

bool jar_add_directory(const uint8_t *bytes, size_t length, struct packages *out)
{
	size_t at = 0;
	while (length - at >= JAR_ENTRY_BYTES) {
		const uint8_t *entry = bytes + at;
		if (memcmp(entry, "PK\1\2", 4) != 0)
			return false;
		size_t name = jar_u16(entry + 28);
		size_t whole = JAR_ENTRY_BYTES + name + jar_u16(entry + 30) +
			       jar_u16(entry + 32);
		if (whole > length - at)
			return false;
		jar_entry(entry + JAR_ENTRY_BYTES, name, out);
		at += whole;
	}
	return at == length;
}

bool jar_add_inner(int fd, struct packages *out)
{
	struct stat st;
	if (fstat(fd, &st) < 0 || st.st_size < JAR_END_BYTES)
		return false;
	size_t tail = JAR_END_BYTES + JAR_COMMENT_MAX;
	if ((off_t)tail > st.st_size)
		tail = (size_t)st.st_size;
	scoped_free uint8_t *end = malloc(tail);
	BUG_ON(!end);
	if (pread(fd, end, tail, st.st_size - (off_t)tail) != (ssize_t)tail)
		return false;
	size_t at = tail - JAR_END_BYTES;
	while (memcmp(end + at, "PK\5\6", 4) != 0)
		if (at-- == 0)
			return false;
	size_t length = jar_u32(end + at + 12), start = jar_u32(end + at + 16);
	if (length > JAR_DIRECTORY_BYTES_MAX || (off_t)start > st.st_size)
		return false;
	scoped_free uint8_t *directory = malloc(length ? length : 1);
	BUG_ON(!directory);
	return pread(fd, directory, length, (off_t)start) == (ssize_t)length &&
	       jar_add_directory(directory, length, out);
}
