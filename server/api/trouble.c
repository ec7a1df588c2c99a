#include "server/api/trouble.h"

bool trouble_room(const struct api_shared *shared, struct room *out)
{
	struct err e;
	*out = (struct room){0};
	return shared->options.disk && room_read(shared->options.disk, out, &e);
}

const char *trouble_words(const struct api_shared *shared, struct arena *a)
{
	struct room room;
	struct buf why = {0};
	const char *words = NULL;
	trouble_room(shared, &room);
	if (shared->options.trouble)
		shared->options.trouble(&why);
	if (room.full)
		words = arena_printf(a, "the database's disk is full (%lld MiB left)",
			(long long)(room.free_bytes >> 20));
	else if (why.length > 0)
		words = arena_printf(
			a, "readings cannot be stored just now: %s", why.data);
	buf_finish(&why);
	return words;
}
