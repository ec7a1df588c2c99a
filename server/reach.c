#include "server/reach.h"

#include "common/scoped.h"

#include <inttypes.h>

enum { REACH_PATH_MAX = 4096 };

bool reach_save(const char *data_dir, const struct reach *reach, struct err *e)
{
	char path[REACH_PATH_MAX], part[REACH_PATH_MAX + 8];
	snprintf(path, sizeof path, "%s/reach", data_dir);
	snprintf(part, sizeof part, "%s.new", path);
	scoped_file FILE *file = fopen(part, "we");
	if (!file)
		return err_errno(e, "%s", part);
	fprintf(file, "%s %" PRIu16 "\n", reach->host, reach->enrol_port);
	if (fflush(file) != 0 || rename(part, path) != 0)
		return err_errno(e, "%s", path);
	return true;
}

bool reach_load(const char *data_dir, struct reach *out)
{
	char path[REACH_PATH_MAX];
	snprintf(path, sizeof path, "%s/reach", data_dir);
	scoped_file FILE *file = fopen(path, "re");
	struct reach reach;
	if (!file || fscanf(file, "%253s %" SCNu16, reach.host, &reach.enrol_port) != 2)
		return false;
	*out = reach;
	return true;
}
