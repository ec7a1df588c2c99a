/* The join token: every part survives the trip, every wrong part is named, and the
 * secret is in no message. */
#include "schema/token.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define KEY    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define SECRET "s3cr3t-Value_x"

static void token_fill(struct join_token *t, const char *host, uint16_t port)
{
	memset(t, 0, sizeof *t);
	for (size_t i = 0; i < sizeof t->public_key; i++)
		t->public_key[i] = (uint8_t)i;
	strcpy(t->id, "0123456789abcdef");
	strcpy(t->secret, SECRET);
	strcpy(t->host, host);
	t->port = port;
}

static void formats_as_documented(void **state)
{
	(void)state;
	struct join_token t;
	struct buf text = {0};
	struct err e;
	token_fill(&t, "collector.example", 8472);
	assert_true(token_format(&t, &text, &e));
	assert_string_equal(text.data,
		"tmk1." KEY ".0123456789abcdef." SECRET "@collector.example:8472");
	buf_finish(&text);
}

static void round_trip_keeps_every_part(void **state)
{
	(void)state;
	const char *hosts[] = {"a", "127.0.0.1", "::1", "fe80::1", "db_1.x-y.example"};
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		struct join_token t, back;
		struct buf text = {0};
		struct err e;
		token_fill(&t, hosts[i], i ? 65535 : 1);
		buf_text(&text, " \t");
		assert_true(token_format(&t, &text, &e));
		buf_text(&text, "\r\n");
		assert_true(token_parse(text.data, &back, &e));
		assert_memory_equal(&t, &back, sizeof t);
		buf_finish(&text);
	}
}

static void wrong_parts_are_named(void **state)
{
	(void)state;
	const struct {
		const char *text, *says;
	} cases[] = {
		{"", "does not begin"},
		{"tma1." KEY ".id." SECRET "@h:1", "does not begin"},
		{"tmk1.", "not complete"},
		{"tmk1." KEY ".id." SECRET, "not complete"},
		{"tmk1." KEY ".id@h:1", "not complete"},
		{"tmk1.AAAA.id." SECRET "@h:1", "key"},
		{"tmk1." KEY "A.id." SECRET "@h:1", "key"},
		{"tmk1." KEY "=.id." SECRET "@h:1", "key"},
		/* The last letter's spare bits are not zero. */
		{"tmk1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9.id." SECRET "@h:1",
			"key"},
		{"tmk1." KEY ".." SECRET "@h:1", "id"},
		{"tmk1." KEY ".i d." SECRET "@h:1", "id"},
		{"tmk1." KEY ".id." SECRET "!@h:1", "secret"},
		{"tmk1." KEY ".id.@h:1", "secret"},
		{"tmk1." KEY ".id." SECRET "." SECRET "@h:1", "secret"},
		{"tmk1." KEY ".id." SECRET "@", "HOST:PORT"},
		{"tmk1." KEY ".id." SECRET "@h", "HOST:PORT"},
		{"tmk1." KEY ".id." SECRET "@::1:1", "host"},
		{"tmk1." KEY ".id." SECRET "@:1", "host"},
		{"tmk1." KEY ".id." SECRET "@h h:1", "host"},
		{"tmk1." KEY ".id." SECRET "@h:0", "port"},
		{"tmk1." KEY ".id." SECRET "@h:65536", "port"},
		{"tmk1." KEY ".id." SECRET "@h:", "port"},
		{"tmk1." KEY ".id." SECRET "@h:+1", "port"},
		{"tmk1." KEY ".id." SECRET "@h:1:1", "port"},
		{"tmk1." KEY ".id." SECRET "@[::1]1", "HOST:PORT"},
		{"tmk1." KEY ".id." SECRET "@[::1]", "HOST:PORT"},
		{"tmk1." KEY ".id." SECRET "@[h]:1", "HOST:PORT"},
		{"tmk1." KEY ".id." SECRET "@[:g]:1", "host"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct join_token t, before;
		struct err e = {0};
		memset(&t, 0x5a, sizeof t);
		before = t;
		if (token_parse(cases[i].text, &t, &e))
			fail_msg("accepted: %s", cases[i].text);
		assert_int_equal(e.kind, ERR_INPUT);
		if (!strstr(e.text, cases[i].says))
			fail_msg("%s: says '%s'", cases[i].text, e.text);
		assert_null(strstr(e.text, SECRET));
		assert_memory_equal(&t, &before, sizeof t);
	}
}

static void lengths_are_bounded(void **state)
{
	(void)state;
	char text[1024], name[300];
	struct join_token t;
	struct err e;
	memset(name, 'a', sizeof name);
	for (int length = 63; length <= 66; length++) {
		snprintf(text, sizeof text, "tmk1." KEY ".id.%.*s@h:1", length, name);
		assert_int_equal(token_parse(text, &t, &e), length <= TOKEN_PART_MAX);
		snprintf(text, sizeof text, "tmk1." KEY ".%.*s.s@h:1", length, name);
		assert_int_equal(token_parse(text, &t, &e), length <= TOKEN_PART_MAX);
	}
	for (int length = 252; length <= 255; length++) {
		snprintf(text, sizeof text, "tmk1." KEY ".id.s@%.*s:1", length, name);
		assert_int_equal(token_parse(text, &t, &e), length <= TOKEN_HOST_MAX);
	}
}

static void every_cut_and_every_changed_letter_is_safe(void **state)
{
	(void)state;
	const char *whole = "tmk1." KEY ".id." SECRET "@[fe80::1]:8472";
	char text[256];
	struct join_token t;
	struct err e;
	/* Cutting digits off the port leaves a shorter port, nothing else parses. */
	for (size_t cut = 0; cut + 3 < strlen(whole); cut++) {
		snprintf(text, cut + 1, "%s", whole);
		assert_false(token_parse(text, &t, &e));
	}
	for (size_t i = 0; i < strlen(whole); i++)
		for (int letter = 1; letter < 256; letter++) {
			strcpy(text, whole);
			text[i] = (char)letter;
			if (!token_parse(text, &t, &e))
				assert_int_equal(e.kind, ERR_INPUT);
		}
}

static void what_could_not_be_parsed_is_not_formatted(void **state)
{
	(void)state;
	struct join_token t;
	struct buf text = {0};
	struct err e;
	token_fill(&t, "h", 0);
	assert_false(token_format(&t, &text, &e));
	token_fill(&t, "h h", 1);
	assert_false(token_format(&t, &text, &e));
	token_fill(&t, "h", 1);
	strcpy(t.secret, "a@b");
	assert_false(token_format(&t, &text, &e));
	assert_null(strstr(e.text, "a@b"));
	token_fill(&t, "h", 1);
	t.id[0] = '\0';
	assert_false(token_format(&t, &text, &e));
	assert_int_equal(text.length, 0);
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_as_documented),
		cmocka_unit_test(round_trip_keeps_every_part),
		cmocka_unit_test(wrong_parts_are_named),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(every_cut_and_every_changed_letter_is_safe),
		cmocka_unit_test(what_could_not_be_parsed_is_not_formatted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
