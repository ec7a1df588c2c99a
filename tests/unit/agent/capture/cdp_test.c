#include "agent/capture/cdp.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define BEGIN                                                                          \
	"{\"method\":\"HeapProfiler.addHeapSnapshotChunk\",\"params\":{\"chunk\":\""

struct heard {
	struct buf chunks, messages;
	bool is_full; /* takes no more */
};

static bool hear_chunk(void *context, const void *bytes, size_t length, struct err *e)
{
	struct heard *h = context;
	if (h->is_full)
		return err_set(e, ERR_BUSY, "full");
	buf_append(&h->chunks, bytes, length);
	return true;
}

static bool hear_message(void *context, const char *text, size_t length, struct err *e)
{
	(void)e;
	struct heard *h = context;
	buf_append(&h->messages, text, length);
	buf_byte(&h->messages, '|');
	return true;
}

struct fixture {
	struct heard heard;
	struct cdp_events events;
	struct cdp *cdp;
	struct err e;
};

static void begin(struct fixture *f)
{
	memset(f, 0, sizeof *f);
	f->events = (struct cdp_events){
		.chunk = hear_chunk, .message = hear_message, .context = &f->heard};
	f->cdp = malloc(sizeof *f->cdp);
	cdp_init(f->cdp, &f->events);
	buf_text(&f->heard.chunks, "");
	buf_text(&f->heard.messages, "");
}

static void end(struct fixture *f)
{
	cdp_finish(f->cdp);
	free(f->cdp);
	buf_finish(&f->heard.chunks);
	buf_finish(&f->heard.messages);
}

static bool feed_cut(struct fixture *f, const char *text, size_t cut)
{
	size_t length = strlen(text);
	for (size_t i = 0; i < length; i += cut) {
		size_t part = length - i < cut ? length - i : cut;
		if (!cdp_feed(f->cdp, text + i, part, false, &f->e))
			return false;
	}
	return cdp_feed(f->cdp, "", 0, true, &f->e);
}

static void chunks_are_unescaped_wherever_they_are_cut(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"plain", "plain"},
		{"", ""},
		{"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\te", "a\"b\\c/d\b\f\n\r\te"},
		{"\\u0041\\u00e9\\u20AC", "A\xC3\xA9\xE2\x82\xAC"},
		{"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
		{"\\\\ud83d", "\\ud83d"}, /* a snapshot's own escape */
		{"\\ud83dx", "\xEF\xBF\xBDx"},
		{"\\ude00", "\xEF\xBF\xBD"},
		{"\\ud83d\\ud83d\\ude00", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
		{"\\ud83d\\n", "\xEF\xBF\xBD\n"},
		{"\\ud83d", "\xEF\xBF\xBD"},
		{"\xC3\xA9", "\xC3\xA9"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf text = {0};
		buf_printf(&text, BEGIN "%s\"}}", cases[i].in);
		for (size_t cut = 1; cut <= text.length; cut++) {
			struct fixture f;
			begin(&f);
			assert_true(feed_cut(&f, text.data, cut));
			assert_string_equal(f.heard.chunks.data, cases[i].out);
			assert_string_equal(f.heard.messages.data, "");
			end(&f);
		}
		buf_finish(&text);
	}
}

static void all_other_messages_come_whole(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{\"id\":1,\"result\":{}}",
		"{\"method\":\"HeapProfiler.addHeapSnapshotChunkX\"}",
		"{\"params\":{\"chunk\":\"x\"},"
		"\"method\":\"HeapProfiler.addHeapSnapshotChunk\"}",
		"{\"method\":\"HeapProfiler",
		"",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		for (size_t cut = 1; cut <= 60; cut++) {
			struct fixture f;
			struct buf expected = {0};
			begin(&f);
			buf_printf(&expected, "%s|", texts[i]);
			assert_true(feed_cut(&f, texts[i], cut));
			assert_string_equal(f.heard.messages.data, expected.data);
			assert_string_equal(f.heard.chunks.data, "");
			buf_finish(&expected);
			end(&f);
		}
	}
}

static void messages_follow_each_other(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	assert_true(feed_cut(&f, BEGIN "one,\"}}", 7));
	assert_true(feed_cut(&f, "{\"id\":1}", 3));
	assert_true(feed_cut(&f, BEGIN "two\"}}", 1000));
	assert_string_equal(f.heard.chunks.data, "one,two");
	assert_string_equal(f.heard.messages.data, "{\"id\":1}|");
	end(&f);
}

static void broken_chunks_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why;
	} cases[] = {
		{BEGIN "x", "half"},
		{BEGIN "x\"", "half"},
		{BEGIN "x\"}", "half"},
		{BEGIN "x\"}}}", "end"},
		{BEGIN "x\",\"y\":1}}", "end"},
		{BEGIN "\\x\"}}", "escape"},
		{BEGIN "\\u12g4\"}}", "escape"},
		{BEGIN "a\nb\"}}", "control"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		begin(&f);
		assert_false(feed_cut(&f, cases[i].text, 11));
		assert_int_equal(f.e.kind, ERR_INPUT);
		assert_non_null(strstr(f.e.text, cases[i].why));
		end(&f);
	}
}

static void messages_are_bounded_and_chunks_are_not(void **state)
{
	(void)state;
	static char part[1 << 16];
	memset(part, 'x', sizeof part);
	struct fixture f;
	begin(&f);
	assert_true(cdp_feed(f.cdp, BEGIN, strlen(BEGIN), false, &f.e));
	for (size_t sent = 0; sent <= CDP_MESSAGE_MAX; sent += sizeof part)
		assert_true(cdp_feed(f.cdp, part, sizeof part, false, &f.e));
	assert_true(cdp_feed(f.cdp, "\"}}", 3, true, &f.e));
	assert_true(f.heard.chunks.length > CDP_MESSAGE_MAX);

	bool ok = true;
	for (size_t sent = 0; ok && sent <= CDP_MESSAGE_MAX; sent += sizeof part)
		ok = cdp_feed(f.cdp, part, sizeof part, false, &f.e);
	assert_false(ok);
	assert_non_null(strstr(f.e.text, "4 MiB"));
	end(&f);
}

static void an_error_of_the_receiver_is_passed_on(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	f.heard.is_full = true;
	assert_false(feed_cut(&f, BEGIN "x\"}}", 100));
	assert_int_equal(f.e.kind, ERR_BUSY);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_are_unescaped_wherever_they_are_cut),
		cmocka_unit_test(all_other_messages_come_whole),
		cmocka_unit_test(messages_follow_each_other),
		cmocka_unit_test(broken_chunks_are_refused),
		cmocka_unit_test(messages_are_bounded_and_chunks_are_not),
		cmocka_unit_test(an_error_of_the_receiver_is_passed_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
