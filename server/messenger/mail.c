#include "server/messenger/mail.h"

#include "server/messenger/sign.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum {
	MAIL_LINE = 76,
	MAIL_PLAIN_MAX = 60,
	MAIL_WORD = 45, /* bytes in an encoded word, which may have 75 characters */
};

static bool mail_is_plain(const char *text)
{
	size_t length = 0;
	for (; *text; text++, length++)
		if (*text < ' ' || *text > '~')
			return false;
	return length <= MAIL_PLAIN_MAX;
}

/* As it is, or as encoded words that break between characters. */
static void mail_words(const char *text, struct buf *out)
{
	size_t left = strlen(text);
	if (mail_is_plain(text)) {
		buf_text(out, text);
		return;
	}
	while (left > 0) {
		size_t count = left < MAIL_WORD ? left : MAIL_WORD;
		while (count > 1 && count < left &&
			((unsigned char)text[count] & 0xc0) == 0x80)
			count--;
		buf_text(out, "=?utf-8?B?");
		sign_encode((struct sign_text){text, count}, 0, out);
		buf_text(out, "?=");
		text += count;
		left -= count;
		if (left > 0)
			buf_text(out, "\r\n ");
	}
}

/* Addresses were checked when the target was made; this is in case they were not. */
static void mail_safe(const char *text, struct buf *out)
{
	for (; *text; text++)
		if (*text > ' ' && *text < 0x7f && !strchr("<>\"\\", *text))
			buf_byte(out, *text);
}

static void mail_recipients(const char *list, struct buf *out)
{
	const char *comma = "";
	for (const char *at = list; *(at += strspn(at, ", "));) {
		char one[256];
		size_t length = strcspn(at, ", ");
		size_t kept = length < sizeof one ? length : sizeof one - 1;
		memcpy(one, at, kept);
		one[kept] = 0;
		buf_text(out, comma);
		mail_safe(one, out);
		comma = ",\r\n ";
		at += length;
	}
}

static void mail_date(int64_t unix_ms, struct buf *out)
{
	static const char *const days[] = {
		"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		tm.tm_sec);
}

static void mail_ids(const struct news *n, struct buf *out)
{
	const char *domain = strchr(n->due->sender, '@');
	domain = domain ? domain + 1 : "tidemark.invalid";
	buf_printf(out, "Message-ID: <%s@", n->due->key);
	mail_safe(domain, out);
	buf_text(out, ">\r\n");
	if (!n->due->alert_id)
		return;
	static const char *const names[] = {"In-Reply-To", "References"};
	for (int i = 0; i < 2; i++) {
		buf_printf(out, "%s: <tidemark-alert-%" PRId64 "@", names[i],
			n->due->alert_id);
		mail_safe(domain, out);
		buf_text(out, ">\r\n");
	}
}

static void mail_headers(const struct news *n, const char *title, struct buf *out)
{
	buf_text(out, "From: Tidemark <");
	mail_safe(n->due->sender, out);
	buf_text(out, ">\r\nTo: ");
	mail_recipients(n->due->recipients, out);
	buf_text(out, "\r\nSubject: [Tidemark] ");
	mail_words(title, out);
	buf_text(out, "\r\n");
	mail_date(n->due->made_ms, out);
	mail_ids(n, out);
	buf_printf(out,
		"Auto-Submitted: auto-generated\r\n"
		"X-Tidemark-Event: %s\r\nMIME-Version: 1.0\r\n",
		n->due->event);
}

static void mail_part(const char *type, const struct buf *text, struct buf *out)
{
	buf_printf(out,
		"Content-Type: text/%s; charset=utf-8\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n",
		type);
	sign_encode((struct sign_text){text->data, text->length}, MAIL_LINE, out);
}

static void mail_escape(const char *text, size_t length, struct buf *out)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == '<')
			buf_text(out, "&lt;");
		else if (text[i] == '>')
			buf_text(out, "&gt;");
		else if (text[i] == '&')
			buf_text(out, "&amp;");
		else if (text[i] == '"')
			buf_text(out, "&quot;");
		else
			buf_byte(out, text[i]);
}

/* A line that begins with the console's address is a link. */
static void mail_html_line(
	const struct news *n, const char *line, size_t length, struct buf *out)
{
	size_t console = strlen(n->console);
	if (console && strncmp(line, n->console, console) == 0) {
		buf_text(out, "<a href=\"");
		mail_escape(line, length, out);
		buf_text(out, "\">");
		mail_escape(line, length, out);
		buf_text(out, "</a><br>\r\n");
		return;
	}
	mail_escape(line, length, out);
	buf_text(out, "<br>\r\n");
}

static void mail_html(const struct news *n, const char *title, const struct buf *text,
	struct buf *out)
{
	buf_text(out, "<!doctype html><html><body><p><b>");
	mail_escape(title, strlen(title), out);
	buf_text(out, "</b></p><p>\r\n");
	for (const char *line = text->data; *line;) {
		size_t length = strcspn(line, "\n");
		mail_html_line(n, line, length, out);
		line += length + (line[length] == '\n');
	}
	buf_text(out, "</p></body></html>\r\n");
}

void mail_write(const struct news *n, struct buf *out)
{
	struct buf title = {0}, lines = {0}, plain = {0}, html = {0};
	news_title(n, &title);
	news_text(n, &lines);
	buf_printf(&plain, "%s\r\n\r\n", title.data);
	for (size_t i = 0; i < lines.length; i++)
		if (lines.data[i] == '\n')
			buf_text(&plain, "\r\n");
		else
			buf_byte(&plain, lines.data[i]);
	mail_html(n, title.data, &lines, &html);
	mail_headers(n, title.data, out);
	/* The key is a UUID of ours; base64 cannot hold the dashes of a boundary. */
	buf_printf(out,
		"Content-Type: multipart/alternative; "
		"boundary=\"=-%s\"\r\n\r\n--=-%s\r\n",
		n->due->key, n->due->key);
	mail_part("plain", &plain, out);
	buf_printf(out, "--=-%s\r\n", n->due->key);
	mail_part("html", &html, out);
	buf_printf(out, "--=-%s--\r\n", n->due->key);
	buf_finish(&title);
	buf_finish(&lines);
	buf_finish(&plain);
	buf_finish(&html);
}
