/*
 * Golden: an answer against its file in schema/api, which the console's tests use too.
 * With TIDEMARK_GOLDEN=write the files are written anew.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_GOLDEN_H
#define TIDEMARK_TESTS_SUPPORT_GOLDEN_H

#include "tests/support/http.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline char *golden_text(json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	assert_non_null(text);
	return text;
}

/* `name` without ".json". */
static inline void golden_compare(const char *name, const struct http_reply *r)
{
	char path[512];
	snprintf(path, sizeof path, TIDEMARK_SOURCE_DIR "/schema/api/%s.json", name);
	json_error_t why;
	json_t *answer = json_loads(r->body.data, JSON_REJECT_DUPLICATES, &why);
	if (!answer)
		fail_msg("%s: no JSON: %s", name, why.text);
	char *text = golden_text(answer);
	const char *mode = getenv("TIDEMARK_GOLDEN");
	if (mode && strcmp(mode, "write") == 0) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fprintf(file, "%s\n", text);
		fclose(file);
	}
	json_t *golden = json_load_file(path, 0, &why);
	if (!golden)
		fail_msg("%s: %s", path, why.text);
	char *expected = golden_text(golden);
	assert_string_equal(text, expected);
	free(text);
	free(expected);
	json_decref(answer);
	json_decref(golden);
}

#endif
