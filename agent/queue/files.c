#include "agent/queue/files.h"

#include "common/clock.h"
#include "common/scoped.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>

bool files_read(struct reading *r, struct err *e)
{
	const struct queue_spec *s = r->spec;
	scoped_dir DIR *directory = opendir(s->directory);
	if (!directory)
		return err_errno(e, "cannot read %s", s->directory);
	int64_t depth = 0, oldest_ms = 0, seen = 0;
	for (struct dirent *entry; (entry = readdir(directory)); seen++) {
		struct stat is;
		if (seen == FILES_MAX)
			return err_set(e, ERR_IO, "%s has more than %d entries",
				s->directory, FILES_MAX);
		if (seen % 256 == 0 && clock_mono_ms() > r->deadline_mono_ms)
			return err_set(
				e, ERR_IO, "%s takes too long to read", s->directory);
		if (fnmatch(s->pattern, entry->d_name, FNM_PERIOD) != 0 ||
			fstatat(dirfd(directory), entry->d_name, &is,
				AT_SYMLINK_NOFOLLOW) != 0 ||
			!S_ISREG(is.st_mode))
			continue;
		int64_t age_ms = r->at_unix_ms - (int64_t)is.st_mtim.tv_sec * 1000 -
				 is.st_mtim.tv_nsec / 1000000;
		depth++;
		if (age_ms > oldest_ms)
			oldest_ms = age_ms;
	}
	struct wire_values *v = reading_queue(r, s->name);
	reading_set(v, QUEUE_depth, depth);
	reading_set(v, QUEUE_waiting, depth);
	reading_set(v, QUEUE_oldest_ms, oldest_ms);
	return true;
}
