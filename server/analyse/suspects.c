#include "server/analyse/suspects.h"

#include "server/analyse/suspects_inside.h"

const char *suspects_verdict_name(enum suspects_verdict verdict)
{
	static const char *const names[] = {
		[SUSPECTS_CONFIRMED] = "confirmed",
		[SUSPECTS_LIKELY] = "likely",
		[SUSPECTS_UNLIKELY] = "unlikely",
		[SUSPECTS_REFUTED] = "refuted",
		[SUSPECTS_OPEN] = "open",
		[SUSPECTS_NO_DATA] = "no-data",
	};
	return names[verdict];
}

void suspects_examine(
	const struct suspects_case *c, struct arena *a, struct suspects_rows *out)
{
	out->count = 0;
	suspects_parts_examine(c, a, out);
	suspects_course_examine(c, a, out);
}
