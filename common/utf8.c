#include "common/utf8.h"

#include <string.h>

#include <stdbool.h>

static bool utf8_continues(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

size_t utf8_character(const char *text)
{
	const unsigned char *b = (const unsigned char *)text;
	if (b[0] < 0x80)
		return b[0] ? 1 : 0;
	if (b[0] < 0xc2 || b[0] > 0xf4 || !utf8_continues(b[1]))
		return 0;
	if (b[0] < 0xe0)
		return 2;
	if (!utf8_continues(b[2]))
		return 0;
	if (b[0] < 0xf0) {
		bool overlong = b[0] == 0xe0 && b[1] < 0xa0;
		bool surrogate = b[0] == 0xed && b[1] >= 0xa0;
		return overlong || surrogate ? 0 : 3;
	}
	bool overlong = b[0] == 0xf0 && b[1] < 0x90;
	bool beyond = b[0] == 0xf4 && b[1] >= 0x90;
	return overlong || beyond || !utf8_continues(b[3]) ? 0 : 4;
}

bool utf8_is_blank(const char *text)
{
	/* No-break, en quad to zero-width, line and paragraph, ideographic. */
	static const char *const spaces[] = {" ", "\t", "\n", "\r", "\v", "\f",
		"\u00a0", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
		"\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u200b", "\u2028",
		"\u2029", "\u202f", "\u3000", "\ufeff"};
	size_t i = 0;
	while (*text && i < sizeof spaces / sizeof *spaces) {
		size_t length = strlen(spaces[i]);
		bool is_space = strncmp(text, spaces[i], length) == 0;
		text += is_space ? length : 0;
		i = is_space ? 0 : i + 1;
	}
	return !*text;
}
