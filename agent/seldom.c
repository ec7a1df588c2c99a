#include "agent/seldom.h"

#include <stdio.h>
#include <string.h>

bool seldom_may(struct seldom *s, const char *text, int64_t now_mono_ms)
{
	int place = -1;
	for (int i = 0; i < SELDOM_TEXTS; i++) {
		bool old = !s->said[i].text[0] ||
			   now_mono_ms - s->said[i].said_ms >= SELDOM_MS;
		if (!old && strncmp(s->said[i].text, text, SELDOM_TEXT_BYTES - 1) == 0)
			return false;
		if (old && place < 0)
			place = i;
	}
	if (place < 0)
		return false;
	snprintf(s->said[place].text, SELDOM_TEXT_BYTES, "%s", text);
	s->said[place].said_ms = now_mono_ms;
	return true;
}
