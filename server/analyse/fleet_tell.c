#include "server/analyse/fleet_inside.h"

void fleet_tell_all(struct fleet *f)
{
	struct fleet_seat_state *s, *next_s;
	HASH_ITER(hh, f->seats, s, next_s)
	s->due = true;
	struct fleet_version_state *v, *next_v;
	HASH_ITER(hh, f->versions, v, next_v)
	{
		v->changed = true;
		v->told_ms = 0;
	}
}
