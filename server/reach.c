#include "server/reach.h"

#include "common/scoped.h"

#include <stdio.h>

enum { REACH_PATH_MAX = 4096 };

bool reach_save(const char *data_dir, const struct endpoints *places, struct err *e)
{
	char path[REACH_PATH_MAX], part[REACH_PATH_MAX + 8];
	struct buf text = {0};
	snprintf(path, sizeof path, "%s/reach", data_dir);
	snprintf(part, sizeof part, "%s.new", path);
	scoped_file FILE *file = fopen(part, "we");
	if (!file)
		return err_errno(e, "%s", part);
	endpoints_format(places, &text);
	fprintf(file, "%s\n", text.data);
	buf_finish(&text);
	if (fflush(file) != 0 || rename(part, path) != 0)
		return err_errno(e, "%s", path);
	return true;
}

bool reach_load(const char *data_dir, struct endpoints *out)
{
	char path[REACH_PATH_MAX], text[ENDPOINTS_TEXT_MAX];
	struct err ignored;
	snprintf(path, sizeof path, "%s/reach", data_dir);
	scoped_file FILE *file = fopen(path, "re");
	struct endpoints places;
	if (!file || !fgets(text, sizeof text, file) ||
		!endpoints_parse(text, &places, &ignored) || places.count == 0)
		return false;
	*out = places;
	return true;
}
