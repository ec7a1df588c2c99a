#include "agent/beside.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool beside_path(
	const char *folder, const char *place, const char *name, char out[PATH_MAX])
{
	return snprintf(out, PATH_MAX, "%s/%s%s", folder, place, name) < PATH_MAX;
}

bool beside_find(const char *name, char out[PATH_MAX])
{
	char self[PATH_MAX], installed[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length <= 0)
		return false;
	self[length] = '\0';
	char *slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = '\0';
	if (!beside_path(self, "", name, out))
		return false;
	if (access(out, X_OK) != 0 &&
		beside_path(self, "../libexec/tidemark/", name, installed) &&
		access(installed, X_OK) == 0)
		strcpy(out, installed);
	return true;
}
