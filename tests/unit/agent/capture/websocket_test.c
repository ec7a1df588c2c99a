#include "agent/capture/websocket.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

struct heard {
	struct buf text, pings;
	int messages;
};

static bool hear_text(
	void *context, const char *bytes, size_t length, bool is_last, struct err *e)
{
	(void)e;
	struct heard *h = context;
	buf_append(&h->text, bytes, length);
	h->messages += is_last;
	return true;
}

static bool hear_ping(void *context, const void *bytes, size_t length, struct err *e)
{
	(void)e;
	struct heard *h = context;
	buf_append(&h->pings, bytes, length);
	return true;
}

struct fixture {
	struct heard heard;
	struct websocket_events events;
	struct websocket websocket;
	struct err e;
};

static void begin(struct fixture *f)
{
	memset(f, 0, sizeof *f);
	f->events = (struct websocket_events){
		.text = hear_text, .ping = hear_ping, .context = &f->heard};
	websocket_init(&f->websocket, &f->events);
	buf_text(&f->heard.text, "");
	buf_text(&f->heard.pings, "");
}

static void end(struct fixture *f)
{
	buf_finish(&f->heard.text);
	buf_finish(&f->heard.pings);
}

static void append_frame(struct buf *out, int first, const char *text, size_t length)
{
	buf_byte(out, (char)first);
	if (length < 126) {
		buf_byte(out, (char)length);
	} else if (length <= UINT16_MAX) {
		buf_byte(out, 126);
		buf_be16(out, (uint16_t)length);
	} else {
		buf_byte(out, 127);
		buf_be64(out, length);
	}
	buf_append(out, text, length);
}

static void accept_is_that_of_the_standard(void **state)
{
	(void)state;
	char accept[WEBSOCKET_ACCEPT_BYTES]; /* RFC 6455, 1.3 */
	websocket_accept("dGhlIHNhbXBsZSBub25jZQ==", accept);
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	char one[WEBSOCKET_KEY_BYTES], two[WEBSOCKET_KEY_BYTES];
	websocket_key(one);
	websocket_key(two);
	assert_int_equal(strlen(one), 24);
	assert_string_not_equal(one, two);
}

static void messages_come_whole_however_they_are_cut(void **state)
{
	(void)state;
	static char large[70000];
	memset(large, 'x', sizeof large);
	struct buf wire = {0};
	append_frame(&wire, 0x81, "one", 3);
	append_frame(&wire, 0x01, "tw", 2);
	append_frame(&wire, 0x89, "hi", 2); /* between two parts */
	append_frame(&wire, 0x80, "o", 1);
	append_frame(&wire, 0x81, "", 0);
	append_frame(&wire, 0x81, large, 300);
	append_frame(&wire, 0x81, large, sizeof large);
	for (size_t cut = 1; cut < 400; cut += cut < 20 ? 1 : 97) {
		struct fixture f;
		begin(&f);
		for (size_t i = 0; i < wire.length; i += cut) {
			size_t part = wire.length - i < cut ? wire.length - i : cut;
			assert_true(websocket_feed(
				&f.websocket, wire.data + i, part, &f.e));
		}
		assert_int_equal(f.heard.messages, 5);
		assert_memory_equal(f.heard.text.data, "onetwo", 6);
		assert_int_equal(f.heard.text.length, 6 + 300 + sizeof large);
		assert_string_equal(f.heard.pings.data, "hi");
		end(&f);
	}
	buf_finish(&wire);
}

static void broken_frames_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t length;
		const char *why;
	} cases[] = {
		{"\xC1\x01x", 3, "extension"},
		{"\x81\x81mask", 6, "masks"},
		{"\x82\x01x", 3, "no text"},
		{"\x83\x01x", 3, "no text"},
		{"\x8B\x00", 2, "unknown"},
		{"\x09\x00", 2, "in parts"},
		{"\x89\x7E\x00\x80", 4, "in parts"},
		{"\x80\x01x", 3, "disorder"},
		{"\x01\x01x\x81\x01x", 6, "disorder"},
		{"\x81\x7F\x80\x00\x00\x00\x00\x00\x00\x00", 10, "2^63"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		begin(&f);
		assert_false(websocket_feed(
			&f.websocket, cases[i].bytes, cases[i].length, &f.e));
		assert_int_equal(f.e.kind, ERR_INPUT);
		assert_non_null(strstr(f.e.text, cases[i].why));
		end(&f);
	}
}

static void a_huge_frame_is_only_a_long_wait(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	assert_true(websocket_feed(&f.websocket,
		"\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
		"ab",
		12, &f.e));
	assert_int_equal(f.heard.messages, 0);
	assert_string_equal(f.heard.text.data, "ab");
	end(&f);
}

static void goodbye_ends_the_stream(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	assert_true(websocket_feed(&f.websocket, "\x88\x02\x03\xE9\x81\x01x", 7, &f.e));
	assert_true(f.websocket.is_closed);
	assert_int_equal(f.websocket.close_code, 1001);
	assert_int_equal(f.heard.messages, 0);
	end(&f);
}

static void what_we_send_is_masked(void **state)
{
	(void)state;
	static const size_t lengths[] = {0, 5, 125, 126, 65535, 65536};
	static char text[65536];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)i;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		size_t length = lengths[i];
		size_t header = length < 126 ? 2 : length <= UINT16_MAX ? 4 : 10;
		struct buf out = {0};
		websocket_frame(&out, WEBSOCKET_TEXT, text, length);
		assert_int_equal(out.length, header + 4 + length);
		assert_int_equal((unsigned char)out.data[0], 0x81);
		assert_true(out.data[1] & 0x80);
		const char *mask = out.data + header;
		for (size_t k = 0; k < length; k++)
			assert_int_equal((char)(mask[4 + k] ^ mask[k & 3]), text[k]);
		buf_finish(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_is_that_of_the_standard),
		cmocka_unit_test(messages_come_whole_however_they_are_cut),
		cmocka_unit_test(broken_frames_are_refused),
		cmocka_unit_test(a_huge_frame_is_only_a_long_wait),
		cmocka_unit_test(goodbye_ends_the_stream),
		cmocka_unit_test(what_we_send_is_masked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
