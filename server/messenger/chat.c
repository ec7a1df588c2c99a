#include "server/messenger/chat.h"

#include "common/json.h"
#include "server/messenger/sign.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAT_TEXT_MAX = 15000, CHAT_WECOM_MAX = 2048 };

static void chat_words(const struct news *n, struct buf *out)
{
	news_title(n, out);
	buf_byte(out, '\n');
	news_text(n, out);
}

/* At most so many bytes, whole characters. */
static void chat_cut(size_t most, struct buf *out)
{
	if (out->length <= most)
		return;
	size_t end = most - 3;
	while (end > 0 && ((unsigned char)out->data[end] & 0xc0) == 0x80)
		end--;
	out->length = end;
	buf_text(out, "…");
}

/* Where a "<" may begin a mention (<at user_id="all"> of Feishu, <@all> of WeCom): a
 * space without width behind it makes it a "<" and nothing else. */
static void chat_text(const struct news *n, size_t most, struct buf *out)
{
	struct buf words = {0};
	chat_words(n, &words);
	for (size_t i = 0; i < words.length; i++) {
		buf_byte(out, words.data[i]);
		if (words.data[i] == '<')
			buf_text(out, "\xe2\x80\x8b");
	}
	buf_finish(&words);
	chat_cut(most, out);
}

/* As Slack's mrkdwn wants its three characters. */
static void chat_escape(const char *text, struct buf *out)
{
	for (; *text; text++)
		if (*text == '&')
			buf_text(out, "&amp;");
		else if (*text == '<')
			buf_text(out, "&lt;");
		else if (*text == '>')
			buf_text(out, "&gt;");
		else
			buf_byte(out, *text);
}

void chat_slack(const struct news *n, struct buf *out)
{
	struct buf text = {0}, escaped = {0};
	struct json j;
	chat_words(n, &text);
	chat_cut(CHAT_TEXT_MAX, &text);
	chat_escape(text.data, &escaped);
	json_init(&j, out);
	json_object(&j);
	json_put_string(&j, "text", escaped.data);
	json_end(&j);
	buf_finish(&text);
	buf_finish(&escaped);
}

static void chat_wrapped(
	struct json *j, const char *outer, const char *inner, const char *text)
{
	json_key(j, outer);
	json_object(j);
	json_put_string(j, inner, text);
	json_end(j);
}

void chat_feishu(const struct news *n, struct buf *out)
{
	struct buf text = {0}, sign = {0};
	struct json j;
	chat_text(n, CHAT_TEXT_MAX, &text);
	json_init(&j, out);
	json_object(&j);
	if (*n->due->password) {
		/* The key is "TIMESTAMP\nSECRET", what is signed is nothing. */
		char seconds[24];
		struct buf key = {0};
		snprintf(seconds, sizeof seconds, "%" PRId64, n->now_ms / 1000);
		buf_printf(&key, "%s\n%s", seconds, n->due->password);
		sign_base64((struct sign_text){key.data, key.length},
			(struct sign_text){"", 0}, &sign);
		json_put_string(&j, "timestamp", seconds);
		json_put_string(&j, "sign", sign.data);
		buf_finish(&key);
	}
	json_put_string(&j, "msg_type", "text");
	chat_wrapped(&j, "content", "text", text.data);
	json_end(&j);
	buf_finish(&text);
	buf_finish(&sign);
}

static void chat_msgtype(const struct news *n, size_t most, struct buf *out)
{
	struct buf text = {0};
	struct json j;
	chat_text(n, most, &text);
	json_init(&j, out);
	json_object(&j);
	json_put_string(&j, "msgtype", "text");
	chat_wrapped(&j, "text", "content", text.data);
	json_end(&j);
	buf_finish(&text);
}

void chat_dingtalk(const struct news *n, struct buf *out)
{
	chat_msgtype(n, CHAT_TEXT_MAX, out);
}

void chat_wecom(const struct news *n, struct buf *out)
{
	chat_msgtype(n, CHAT_WECOM_MAX, out);
}

void chat_dingtalk_url(const struct news *n, struct buf *out)
{
	buf_text(out, n->due->url);
	if (!*n->due->password)
		return;
	struct buf text = {0}, sign = {0};
	buf_printf(&text, "%" PRId64 "\n%s", n->now_ms, n->due->password);
	sign_base64((struct sign_text){n->due->password, strlen(n->due->password)},
		(struct sign_text){text.data, text.length}, &sign);
	buf_printf(out,
		"%ctimestamp=%" PRId64 "&sign=", strchr(n->due->url, '?') ? '&' : '?',
		n->now_ms);
	for (const char *c = sign.data; *c; c++)
		if (isalnum((unsigned char)*c))
			buf_byte(out, *c);
		else
			buf_printf(out, "%%%02X", (unsigned char)*c);
	buf_finish(&text);
	buf_finish(&sign);
}

int64_t chat_errcode(const char *answer)
{
	static const char *const names[] = {
		"\"errcode\"", "\"code\"", "\"StatusCode\""};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *at = strstr(answer, names[i]);
		if (!at)
			continue;
		at += strlen(names[i]);
		at += strspn(at, " \t\r\n:\"");
		return strtoll(at, NULL, 10);
	}
	return 0;
}
