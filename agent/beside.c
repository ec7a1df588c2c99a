#include "agent/beside.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool beside_find(const char *name, char out[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length <= 0)
		return false;
	self[length] = '\0';
	const char *slash = strrchr(self, '/');
	if (!slash)
		return false;
	int folder = (int)(slash - self);
	return snprintf(out, PATH_MAX, "%.*s/%s", folder, self, name) < PATH_MAX;
}
