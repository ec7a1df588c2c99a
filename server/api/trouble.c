#include "server/api/trouble.h"

#include <sys/statvfs.h>

#define TROUBLE_LOW_BYTES (INT64_C(3) << 30)
enum { TROUBLE_LOW_PART = 10 };

void trouble_disk(const struct api_shared *shared, struct trouble_disk *out)
{
	struct statvfs info;
	*out = (struct trouble_disk){0};
	if (!shared->options.disk || statvfs(shared->options.disk, &info) != 0)
		return;
	out->known = true;
	out->free_bytes = (int64_t)info.f_bavail * (int64_t)info.f_frsize;
	out->total_bytes = (int64_t)info.f_blocks * (int64_t)info.f_frsize;
	out->full = out->free_bytes < TROUBLE_FULL_BYTES;
	out->low = out->free_bytes < TROUBLE_LOW_BYTES ||
		   out->free_bytes < out->total_bytes / TROUBLE_LOW_PART;
}

const char *trouble_words(const struct api_shared *shared, struct arena *a)
{
	struct trouble_disk disk;
	struct buf why = {0};
	const char *words = NULL;
	trouble_disk(shared, &disk);
	if (shared->options.trouble)
		shared->options.trouble(&why);
	if (disk.full)
		words = arena_printf(a, "the database's disk is full (%lld MiB left)",
			(long long)(disk.free_bytes >> 20));
	else if (why.length > 0)
		words = arena_printf(
			a, "readings cannot be stored just now: %s", why.data);
	buf_finish(&why);
	return words;
}
