#include "common/room.h"

#include <sys/statvfs.h>

#define ROOM_KEPT_MIN (INT64_C(64) << 20) /* four files of PostgreSQL's log */
#define ROOM_KEPT_MAX (INT64_C(1) << 30)
#define ROOM_NONE     (INT64_C(34) << 20) /* two, and what goes with them */
enum { ROOM_KEPT_PART = 50, ROOM_LOW_PART = 10 };

bool room_read(const char *folder, struct room *out, struct err *e)
{
	struct statvfs info;
	if (statvfs(folder, &info) != 0)
		return err_errno(e, "%s", folder);
	int64_t free_bytes = (int64_t)info.f_bavail * (int64_t)info.f_frsize;
	int64_t total = (int64_t)info.f_blocks * (int64_t)info.f_frsize;
	int64_t kept = total / ROOM_KEPT_PART;
	kept = kept < ROOM_KEPT_MIN   ? ROOM_KEPT_MIN
	       : kept > ROOM_KEPT_MAX ? ROOM_KEPT_MAX
				      : kept;
	*out = (struct room){
		.free_bytes = free_bytes,
		.total_bytes = total,
		.kept_bytes = kept,
		.low = free_bytes < 2 * kept || free_bytes < total / ROOM_LOW_PART,
		.full = free_bytes < kept,
		.none = free_bytes < ROOM_NONE,
	};
	return true;
}
