#include "agent/capture/digests.h"

#include "agent/capture/folder.h"
#include "agent/heap/digest_file.h"
#include "common/scoped.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DIGESTS_PREFIX_MAX = 64, DIGESTS_NAME_MAX = 256 };

/* "BOOT-PID-TICKS-": the milliseconds since 1970 come behind it. */
static void digests_prefix(
	const struct digests_owner *owner, char out[DIGESTS_PREFIX_MAX])
{
	char boot[9] = "";
	snprintf(boot, sizeof boot, "%s", owner->boot_id);
	for (char *c = boot; *c; c++) {
		if (!strchr("0123456789abcdef", *c))
			*c = '0';
	}
	snprintf(out, DIGESTS_PREFIX_MAX, "%s-%" PRIu32 "-%" PRIu64 "-", boot,
		owner->pid, owner->start_ticks);
}

/* The digits behind the last '-' of a digest's name; NULL for other files. */
static const char *digests_time(const char *name)
{
	const char *dash = strrchr(name, '-');
	if (!dash || *name == '.' || strlen(dash + 1) != 13 ||
		strspn(dash + 1, "0123456789") != 13 ||
		strlen(name) >= DIGESTS_NAME_MAX)
		return NULL;
	return dash + 1;
}

struct digests_list {
	size_t count;
	uint64_t bytes;
	char oldest[DIGESTS_NAME_MAX], newest[DIGESTS_NAME_MAX];
};

/* Of those that begin with the prefix. */
static void digests_look(int folder, const char *prefix, struct digests_list *out)
{
	*out = (struct digests_list){0};
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped_dir DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		const char *time = digests_time(entry->d_name);
		if (!time || strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		struct stat info;
		if (fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
			out->bytes += (uint64_t)info.st_size;
		out->count++;
		if (!*out->oldest || strcmp(time, digests_time(out->oldest)) < 0)
			snprintf(out->oldest, DIGESTS_NAME_MAX, "%s", entry->d_name);
		if (!*out->newest || strcmp(time, digests_time(out->newest)) > 0)
			snprintf(out->newest, DIGESTS_NAME_MAX, "%s", entry->d_name);
	}
}

/* The oldest leave until there are so many at most, and of so many bytes. */
static void digests_prune(
	int folder, const char *prefix, size_t most, uint64_t most_bytes)
{
	struct digests_list list;
	for (digests_look(folder, prefix, &list);
		list.count > most || list.bytes > most_bytes;
		digests_look(folder, prefix, &list)) {
		if (unlinkat(folder, list.oldest, 0) != 0)
			return;
	}
}

bool digests_load(const char *state_dir, const struct digests_owner *owner,
	int64_t *at_ms, struct buf *out, struct err *e)
{
	char prefix[DIGESTS_PREFIX_MAX];
	struct digests_list list;
	scoped_fd int folder = folder_open(state_dir, "digests", e);
	if (folder < 0)
		return false;
	digests_prefix(owner, prefix);
	digests_look(folder, prefix, &list);
	*at_ms = list.count ? strtoll(digests_time(list.newest), NULL, 10) : 0;
	return !list.count ||
	       folder_read(folder, list.newest, DIGESTS_BYTES_MAX, out) ||
	       err_errno(e, "cannot read %s", list.newest);
}

bool digests_store(const char *state_dir, const struct digests_owner *owner,
	int64_t at_ms, const struct buf *bytes, struct err *e)
{
	char prefix[DIGESTS_PREFIX_MAX], name[DIGESTS_NAME_MAX];
	scoped_fd int folder = folder_open(state_dir, "digests", e);
	if (folder < 0)
		return false;
	if (bytes->length > DIGESTS_BYTES_MAX)
		return err_set(e, ERR_INPUT,
			"the digest of process %" PRIu32 " is larger than %d bytes",
			owner->pid, DIGESTS_BYTES_MAX);
	digests_prefix(owner, prefix);
	snprintf(name, sizeof name, "%s%013" PRId64, prefix, at_ms);
	/* Room first: not even for a moment are there more bytes than allowed. */
	digests_prune(folder, "", SIZE_MAX, DIGESTS_BYTES_MAX - bytes->length);
	bool ok = folder_write(folder, name, bytes->data, bytes->length, e);
	digests_prune(folder, prefix, 1, UINT64_MAX);
	digests_prune(folder, "", DIGESTS_ALL, UINT64_MAX);
	return ok;
}

bool digests_find(const char *state_dir, const struct digests_owner *owner,
	uint64_t max_bytes, struct digest **out, struct err *e)
{
	struct buf bytes = {0};
	struct digest *found = NULL;
	int64_t at_ms;
	bool ok = digests_load(state_dir, owner, &at_ms, &bytes, e);
	if (ok && bytes.length)
		ok = digest_file_read(bytes.data, bytes.length, max_bytes, &found, e) ||
		     err_wrap(e, "the last digest of process %" PRIu32, owner->pid);
	buf_finish(&bytes);
	if (ok)
		*out = found;
	return ok;
}

bool digests_keep(const char *state_dir, const struct digests_owner *owner,
	const struct digest *d, struct err *e)
{
	struct buf bytes = {0};
	digest_file_write(d, &bytes);
	bool ok = digests_store(
		state_dir, owner, digest_facts(d)->taken_unix_ms, &bytes, e);
	buf_finish(&bytes);
	return ok;
}
