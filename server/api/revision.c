#include "server/api/revision.h"

#include "server/api/encoding.h"

#include <inttypes.h>
#include <string.h>

void revision_put_etag(struct call *c, int64_t revision)
{
	char whole[ENCODING_ETAG_SIZE];
	const struct buf *body = &c->response->body;
	encoding_etag(body->data, body->length, whole);
	http_add_header(c->response, "ETag",
		arena_printf(c->arena, "\"%" PRId64 "-%s", revision, whole + 1));
}

bool revision_wanted(struct call *c, int64_t *revision, struct err *e)
{
	const char *header = http_header(c->request, "If-Match");
	*revision = 0;
	if (!header || strcmp(header, "*") == 0)
		return true;
	size_t weak = strncmp(header, "W/", 2) == 0 ? 2 : 0;
	const char *tag = header + weak;
	size_t length = strlen(tag);
	if (length > 2 && tag[0] == '"' && strchr(tag + 1, '"') == tag + length - 1 &&
		query_id(arena_strndup(c->arena, tag + 1, strcspn(tag + 1, "-\"")),
			revision))
		return true;
	return call_problem(c, 400, e,
		"If-Match: must be the revision in quotes, the ETag of a read, or *");
}

bool revision_refuse(struct call *c, const char *what, struct err *e)
{
	return call_problem(
		c, 412, e, "%s have changed since you read them: read again", what);
}
