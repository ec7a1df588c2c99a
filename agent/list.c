#include "agent/list.h"

#include <fnmatch.h>
#include <string.h>

bool list_next(const char **rest, char *out, size_t size)
{
	const char *start = *rest + strspn(*rest, " \t");
	size_t whole = strcspn(start, ","), length = whole;
	bool more = start[whole] == ',';
	while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t'))
		length--;
	if (length == 0 && !more) {
		*rest = start + whole;
		return false;
	}
	if (length == 0 || length >= size)
		return false;
	memcpy(out, start, length);
	out[length] = '\0';
	*rest = start + whole + more;
	return true;
}

bool list_matches(const char *list, const char *name)
{
	char pattern[256];
	while (list_next(&list, pattern, sizeof pattern))
		if (fnmatch(pattern, name, 0) == 0)
			return true;
	return false;
}
