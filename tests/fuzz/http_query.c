/* fuzzes: server_api */
/*
 * Everything of a request's head that is text: path, query, the headers that we read.
 * The input is "path?query\nheader".
 */
#include "server/api/auth.h"
#include "server/api/encoding.h"
#include "server/api/exposition.h"
#include "server/api/query.h"
#include "server/api/routes.h"
#include "server/store/tokens.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void read_query(const char *text, struct arena *a)
{
	static const char *const words[] = {"open", "acknowledged", "resolved"};
	static const struct query_range range = {1, 1000, 100};
	struct query q;
	struct err e;
	const char *value, **list;
	const int64_t *ids;
	size_t count;
	int64_t number;
	int truth;
	if (!query_parse(text, a, &q, &e))
		return;
	query_text(&q, "q", 64, &value, &e);
	query_int(&q, "limit", &range, &number, &e);
	query_bool(&q, "active", &truth, &e);
	if (query_ids(&q, "instance", &ids, &count, &e) && count > QUERY_IDS_MAX)
		__builtin_trap();
	query_words(&q, "state", words, 3, &list, &count, &e);
	if (query_after(&q, &value, &e) && value) {
		double real;
		query_cursor(a, value);
		if (query_after_int(&value, 0, 1000, &number) && number > 1000)
			__builtin_trap();
		query_after_double(&value, &real);
	}
	query_finish(&q, &e);
}

static void read_header(const char *text, struct arena *a)
{
	const char *id, *secret;
	struct buf open = {0};
	encoding_takes_gzip(text);
	encoding_etag_matches(text, "\"0123456789abcdefghijkl\"");
	auth_cookie(text, true, a);
	auth_cookie(text, false, a);
	auth_same_site(text, "127.0.0.1:8470", true);
	tokens_api_parse(text, a, &id, &secret);
	exposition_open(text, &open);
	buf_finish(&open);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena a;
	arena_init(&a);
	char *text = arena_strndup(&a, (const char *)bytes, length);
	char *rest = text;
	char *target = strsep(&rest, "\n");
	char *header = rest ? strsep(&rest, "\n") : "";
	char *path = strsep(&target, "?");
	routes_find("GET", path, &a);
	routes_find("POST", path, &a);
	read_query(target ? target : "", &a);
	read_header(header, &a);
	arena_finish(&a);
	return 0;
}
