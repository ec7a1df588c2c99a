#include "server/messenger/parcel.h"

#include "server/messenger/chat.h"
#include "server/messenger/labels.h"
#include "server/messenger/letter.h"
#include "server/messenger/mail.h"
#include "server/messenger/sign.h"

#include <string.h>

static void parcel_header(struct parcel *p, const char *header)
{
	p->headers[p->header_count++] = header;
}

static void parcel_login(const struct messages_due *due, struct parcel *p)
{
	p->username = due->username;
	p->password = due->password;
}

static void parcel_sign(const struct news *n, struct arena *a, struct parcel *p)
{
	struct buf header = {0};
	parcel_header(p, arena_printf(a, "Idempotency-Key: %s", n->due->key));
	if (!*n->due->signing)
		return;
	buf_text(&header, "Tidemark-Signature: ");
	sign_header(n->due->signing, n->due->signing_old, n->now_ms / 1000,
		(struct sign_text){p->body.data, p->body.length}, &header);
	parcel_header(p, arena_strdup(a, header.data));
	buf_finish(&header);
}

static void parcel_webhook(const struct news *n, struct arena *a, struct parcel *p)
{
	letter_write(n, &p->body);
	parcel_login(n->due, p);
	parcel_sign(n, a, p);
}

static void parcel_version4(const struct news *n, struct arena *a, struct parcel *p)
{
	labels_webhook(n, &p->body);
	parcel_login(n->due, p);
	parcel_sign(n, a, p);
}

void parcel_push(const struct messages_due *due, struct arena *a, struct parcel *p)
{
	p->url_count = 0;
	for (const char *at = due->url;
		*(at += strspn(at, " ")) && p->url_count < PARCEL_URLS;) {
		int length = (int)strcspn(at, " ");
		const char *slash = at[length - 1] == '/' ? "" : "/";
		p->urls[p->url_count++] = arena_printf(
			a, "%.*s%sapi/v2/alerts", length, at, slash);
		at += length;
	}
	parcel_login(due, p);
}

static void parcel_alertmanager(const struct news *n, struct arena *a, struct parcel *p)
{
	parcel_push(n->due, a, p);
	labels_push(n, &p->body);
}

static void parcel_smtp(const struct news *n, struct arena *a, struct parcel *p)
{
	mail_write(n, &p->body);
	parcel_login(n->due, p);
	p->is_mail = true;
	p->starttls = n->due->starttls;
	p->sender = n->due->sender;
	for (const char *at = n->due->recipients;
		*(at += strspn(at, ", ")) && p->recipient_count < PARCEL_RECIPIENTS;) {
		int length = (int)strcspn(at, ", ");
		p->recipients[p->recipient_count++] = arena_printf(
			a, "%.*s", length, at);
		at += length;
	}
}

static void parcel_slack(const struct news *n, struct arena *a, struct parcel *p)
{
	(void)a;
	chat_slack(n, &p->body);
}

static void parcel_feishu(const struct news *n, struct arena *a, struct parcel *p)
{
	(void)a;
	chat_feishu(n, &p->body);
	p->has_errcode = true;
}

static void parcel_dingtalk(const struct news *n, struct arena *a, struct parcel *p)
{
	struct buf url = {0};
	chat_dingtalk_url(n, &url);
	p->urls[0] = arena_strdup(a, url.data);
	buf_finish(&url);
	chat_dingtalk(n, &p->body);
	p->has_errcode = true;
}

static void parcel_wecom(const struct news *n, struct arena *a, struct parcel *p)
{
	(void)a;
	chat_wecom(n, &p->body);
	p->has_errcode = true;
}

static const struct {
	const char *kind;
	void (*make)(const struct news *n, struct arena *a, struct parcel *p);
} parcel_ways[] = {
	{"webhook", parcel_webhook},
	{"alertmanager-webhook", parcel_version4},
	{"alertmanager", parcel_alertmanager},
	{"smtp", parcel_smtp},
	{"slack", parcel_slack},
	{"feishu", parcel_feishu},
	{"dingtalk", parcel_dingtalk},
	{"wecom", parcel_wecom},
};

void parcel_make(const struct news *n, struct arena *a, struct parcel *p)
{
	*p = (struct parcel){
		.urls = {n->due->url}, .url_count = 1, .username = "", .password = ""};
	for (size_t i = 0; i < sizeof parcel_ways / sizeof *parcel_ways; i++)
		if (strcmp(parcel_ways[i].kind, n->due->kind) == 0) {
			parcel_ways[i].make(n, a, p);
			return;
		}
	BUG_ON(true);
}

void parcel_finish(struct parcel *p)
{
	buf_finish(&p->body);
}
