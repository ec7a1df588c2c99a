#include "agent/heap/parse_byte.h"

const char *parse_byte_unexpected(const char *at, const char *wanted, struct err *e)
{
	unsigned char c = (unsigned char)*at;
	if (c > ' ' && c < 0x7f)
		err_set(e, ERR_INPUT, "'%c' where %s is expected", c, wanted);
	else
		err_set(e, ERR_INPUT, "byte 0x%02x where %s is expected", c, wanted);
	return NULL;
}
