/* What receivers are sent, without a receiver: the shapes that are documented, and
 * texts of others that stay texts. */
#include "server/messenger/chat.h"
#include "server/messenger/labels.h"
#include "server/messenger/letter.h"
#include "server/messenger/mail.h"
#include "server/messenger/parcel.h"
#include "server/messenger/sign.h"

#include <jansson.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#define KEY "1f0c4a52-3f65-4d0e-9a63-000000000001"
/* Reckoned with another program. */
#define SIGNED_NEW    "fd5115ca4664808d45758da6fb73be038b400c572a91d70ac3c9263e5ffd8d94"
#define SIGNED_OLD    "f0e43184d0b7d25f0d0d066e7f6d6a6ed9c2556bcc8dd1cdf4e509e1579ccb55"
#define FEISHU_SIGN   "IQlh2IH5FCrhr9MISzhOORD9kqpxqQMlctRFkFAiINU="
#define DINGTALK_SIGN "n1t9EZl0%2Fini25nay48k92LwlT3Icp2UduQldCXZXt8%3D"

#define HOSTILE "x\r\nBcc: evil@example.com\r\n\r\n.\r\n<script>\"\\ \xc3\xa9"

static struct messages_due due;
static struct alerts_row alert, *alerts[] = {&alert};
static struct messages_item items[] = {{7, 1795338000000, "opened", HOSTILE}};

static struct news news_of(const char *event, size_t alert_count)
{
	due = (struct messages_due){.id = 1,
		.made_ms = 1795338000000,
		.at_ms = 1795338000000,
		.tries = 1,
		.key = KEY,
		.target = "on call",
		.kind = "webhook",
		.url = "http://192.0.2.7/x",
		.recipients = "ops@example.com, ada@example.com",
		.sender = "tidemark@example.com",
		.username = "",
		.password = "",
		.signing = "",
		.signing_old = "",
		.alert_id = alert_count ? 7 : 0,
		.event = event,
		.text = HOSTILE,
		.by = HOSTILE,
		.starttls = true};
	alert = (struct alerts_row){
		.id = 7, .state = "open", .inbox = "new", .opened_ms = 1795337000500};
	alert.finding = (struct findings_row){.kind = "leak",
		.level = "confirmed",
		.cause = HOSTILE,
		.summary = HOSTILE,
		.service = {1, HOSTILE},
		.version = {2, "1.1.0"},
		.hosts = 2,
		.hosts_leaking = 1};
	return (struct news){.due = &due,
		.console = "https://tidemark.example",
		.now_ms = 1795338001000,
		.alerts = alerts,
		.alert_count = alert_count};
}

static json_t *parsed(const struct buf *text)
{
	json_error_t e;
	json_t *root = json_loadb(text->data, text->length, 0, &e);
	if (!root)
		fail_msg("%s: %s", e.text, text->data);
	return root;
}

static const char *text_at(json_t *root, const char *a, const char *b)
{
	json_t *value = json_object_get(root, a);
	return json_string_value(b ? json_object_get(value, b) : value);
}

/* The figures of FIPS 198 are libsodium's affair; these are the recipe's. */
static void a_signature_can_be_verified(void **state)
{
	(void)state;
	struct buf out = {0};
	/* printf '1795338000.{}' | openssl dgst -sha256 -hmac tms1_abc */
	sign_header("tms1_abc", "", 1795338000, (struct sign_text){"{}", 2}, &out);
	assert_string_equal(out.data, "t=1795338000,v1=" SIGNED_NEW);
	buf_reset(&out);
	sign_header(
		"tms1_abc", "tms1_old", 1795338000, (struct sign_text){"{}", 2}, &out);
	assert_string_equal(out.data, "t=1795338000,v1=" SIGNED_NEW ",v1=" SIGNED_OLD);
	buf_finish(&out);
}

static void a_webhook_has_its_headers(void **state)
{
	(void)state;
	struct arena a;
	struct parcel p;
	struct news n = news_of("opened", 1);
	arena_init(&a);
	due.signing = "tms1_abc";
	parcel_make(&n, &a, &p);
	assert_int_equal(p.header_count, 2);
	assert_string_equal(p.headers[0], "Idempotency-Key: " KEY);
	assert_non_null(strstr(p.headers[1], "Tidemark-Signature: t=1795338001,v1="));
	json_t *root = parsed(&p.body);
	assert_string_equal(text_at(root, "key", NULL), KEY);
	assert_string_equal(text_at(root, "alert", "service"), HOSTILE);
	assert_true(json_is_null(json_object_get(root, "digest")));
	json_decref(root);
	parcel_finish(&p);
	arena_finish(&a);
}

static void an_alertmanager_is_pushed_to_at_each_address(void **state)
{
	(void)state;
	struct arena a;
	struct parcel p;
	struct news n = news_of("opened", 1);
	arena_init(&a);
	due.kind = "alertmanager";
	due.url = " http://192.0.2.1:9093  https://192.0.2.2/am/ ";
	parcel_make(&n, &a, &p);
	assert_int_equal(p.url_count, 2);
	assert_string_equal(p.urls[0], "http://192.0.2.1:9093/api/v2/alerts");
	assert_string_equal(p.urls[1], "https://192.0.2.2/am/api/v2/alerts");
	json_t *root = parsed(&p.body), *one = json_array_get(root, 0);
	assert_string_equal(text_at(one, "labels", "alertname"), "TidemarkLeak");
	assert_string_equal(text_at(one, "startsAt", NULL), "2026-11-22T08:43:20.5Z");
	assert_string_equal(text_at(one, "endsAt", NULL), "2026-11-22T09:05:01Z");
	json_decref(root);
	parcel_finish(&p);
	arena_finish(&a);
}

static void what_is_over_is_resolved(void **state)
{
	(void)state;
	struct news n = news_of("resolved", 1);
	struct buf out = {0};
	alert.state = "resolved";
	alert.resolved_ms = 1795338000330;
	labels_webhook(&n, &out);
	json_t *root = parsed(&out);
	assert_string_equal(text_at(root, "status", NULL), "resolved");
	json_t *one = json_array_get(json_object_get(root, "alerts"), 0);
	assert_string_equal(text_at(one, "endsAt", NULL), "2026-11-22T09:00:00.33Z");
	json_decref(root);
	buf_finish(&out);
}

/* Header lines of a mail, to the empty line; each must be one of ours. */
static void check_headers(const char *mail)
{
	static const char *const known[] = {"From: ", "To: ", "Subject: ", "Date: ",
		"Message-ID: ", "In-Reply-To: ", "References: ", "Auto-Submitted: ",
		"X-Tidemark-Event: ", "MIME-Version: ", "Content-Type: ", " "};
	while (strncmp(mail, "\r\n", 2) != 0) {
		bool ok = false;
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			ok |= strncmp(mail, known[i], strlen(known[i])) == 0;
		const char *end = strstr(mail, "\r\n");
		if (!ok || !end || end - mail > 998)
			fail_msg("a header that is not ours: %.80s", mail);
		for (const char *c = mail; c < end; c++)
			if (*c < ' ' || *c > '~')
				fail_msg("a byte that no header may have: %.80s", mail);
		mail = end + 2;
	}
}

static void names_cannot_become_headers(void **state)
{
	(void)state;
	struct news n = news_of("opened", 1);
	struct buf out = {0};
	due.recipients = "ops@example.com\r\nBcc: evil@example.com";
	due.sender = "a@example.com>\r\nX: <y";
	mail_write(&n, &out);
	check_headers(out.data);
	assert_null(strstr(out.data, "\r\nBcc"));
	/* No line of the body is a lone dot, or anything but base64 and boundaries. */
	assert_null(strstr(out.data, "\r\n.\r\n"));
	assert_null(strstr(out.data, "<script>"));
	buf_finish(&out);
}

static void subjects_break_between_characters(void **state)
{
	(void)state;
	char name[400] = "";
	struct news n = news_of("opened", 1);
	struct buf out = {0};
	for (int i = 0; i < 90; i++)
		strcat(name, i % 3 ? "\xe6\xb3\x84" : "a");
	alert.finding.service.name = name;
	mail_write(&n, &out);
	check_headers(out.data);
	const char *at = strstr(out.data, "Subject: ");
	for (; (at = strstr(at, "=?utf-8?B?")); at++) {
		const char *end = strstr(at, "?=");
		assert_true(end && end - at <= 73);
	}
	buf_finish(&out);
}

static void chats_get_the_shapes_that_they_document(void **state)
{
	(void)state;
	struct news n = news_of("opened", 1);
	struct buf out = {0};
	chat_slack(&n, &out);
	json_t *root = parsed(&out);
	assert_non_null(strstr(text_at(root, "text", NULL), "&lt;script&gt;"));
	json_decref(root);
	buf_reset(&out);
	chat_feishu(&n, &out);
	root = parsed(&out);
	assert_int_equal(json_object_size(root), 2);
	assert_string_equal(text_at(root, "msg_type", NULL), "text");
	assert_non_null(text_at(root, "content", "text"));
	json_decref(root);
	buf_reset(&out);
	due.password = "SECabc";
	chat_feishu(&n, &out);
	root = parsed(&out);
	assert_string_equal(text_at(root, "timestamp", NULL), "1795338001");
	assert_string_equal(text_at(root, "sign", NULL), FEISHU_SIGN);
	json_decref(root);
	buf_reset(&out);
	chat_dingtalk_url(&n, &out);
	assert_string_equal(out.data,
		"http://192.0.2.7/x?timestamp=1795338001000&sign=" DINGTALK_SIGN);
	buf_finish(&out);
}

static void a_text_for_wecom_is_cut_between_characters(void **state)
{
	(void)state;
	char summary[9001] = "";
	struct news n = news_of("opened", 1);
	struct buf out = {0};
	for (int i = 0; i < 3000; i++)
		memcpy(summary + 3 * i, "\xe6\xb3\x84", 4);
	alert.finding.summary = summary;
	chat_wecom(&n, &out);
	json_t *root = parsed(&out);
	const char *text = text_at(root, "text", "content");
	assert_true(strlen(text) <= 2048 && strlen(text) > 2040);
	json_decref(root);
	buf_finish(&out);
}

static void refusals_are_found_in_answers(void **state)
{
	(void)state;
	assert_int_equal(chat_errcode("{\"errcode\":0,\"errmsg\":\"ok\"}"), 0);
	assert_int_equal(chat_errcode("{\"errcode\": 93000, \"errmsg\":\"x\"}"), 93000);
	assert_int_equal(chat_errcode("{\"code\":19021,\"msg\":\"sign\"}"), 19021);
	assert_int_equal(chat_errcode("{\"StatusCode\":0}"), 0);
	assert_int_equal(chat_errcode("ok"), 0);
	assert_int_equal(chat_errcode(""), 0);
}

static void trials_and_digests_have_every_shape(void **state)
{
	(void)state;
	static void (*const json[])(const struct news *, struct buf *) = {letter_write,
		labels_webhook, labels_push, chat_slack, chat_feishu, chat_dingtalk,
		chat_wecom};
	for (int digest = 0; digest < 2; digest++) {
		struct news n = news_of(digest ? "digest" : "test", 0);
		due.digest = digest;
		n.items = items;
		n.item_count = (size_t)digest;
		n.total = 120;
		for (size_t i = 0; i < sizeof json / sizeof *json; i++) {
			struct buf out = {0};
			json[i](&n, &out);
			json_decref(parsed(&out));
			buf_finish(&out);
		}
		struct buf out = {0};
		mail_write(&n, &out);
		check_headers(out.data);
		assert_null(strstr(out.data, "References"));
		buf_finish(&out);
	}
}

/* Feishu and WeCom read mentions in a text. */
static void a_name_calls_nobody(void **state)
{
	(void)state;
	static const struct {
		void (*write)(const struct news *, struct buf *);
		const char *outer, *inner;
	} kinds[] = {{chat_slack, "text", NULL}, {chat_feishu, "content", "text"},
		{chat_dingtalk, "text", "content"}, {chat_wecom, "text", "content"}};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct news n = news_of("opened", 1);
		struct buf out = {0};
		alert.finding.cause = "<at user_id=\"all\"></at> <@all> <!channel>";
		alert.finding.service.name = "@scope/name <at user_id=\"all\">";
		kinds[i].write(&n, &out);
		json_t *root = parsed(&out);
		const char *text = text_at(root, kinds[i].outer, kinds[i].inner);
		assert_null(strstr(text, "<at"));
		assert_null(strstr(text, "</at"));
		assert_null(strstr(text, "<@"));
		assert_null(strstr(text, "<!"));
		assert_non_null(strstr(text, "@scope/name"));
		json_decref(root);
		buf_finish(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_can_be_verified),
		cmocka_unit_test(a_webhook_has_its_headers),
		cmocka_unit_test(an_alertmanager_is_pushed_to_at_each_address),
		cmocka_unit_test(what_is_over_is_resolved),
		cmocka_unit_test(names_cannot_become_headers),
		cmocka_unit_test(subjects_break_between_characters),
		cmocka_unit_test(chats_get_the_shapes_that_they_document),
		cmocka_unit_test(a_text_for_wecom_is_cut_between_characters),
		cmocka_unit_test(refusals_are_found_in_answers),
		cmocka_unit_test(trials_and_digests_have_every_shape),
		cmocka_unit_test(a_name_calls_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
