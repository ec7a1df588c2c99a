#include "server/messenger/post.h"

#include "server/messenger/chat.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	POST_HTTP_MS = 10000,
	POST_MAIL_MS = 30000,
	POST_ANSWER = 2048,
	POST_REST_MAX_S = 600,
};

struct post {
	CURL *curl;
	const struct parcel *parcel;
	const struct post_rules *rules;
	struct curl_slist *headers, *recipients;
	size_t sent; /* bytes of the mail */
	enum networks_verdict verdict;
	char answer[POST_ANSWER + 1]; /* its beginning */
	size_t answered;
	bool asks_rcpt;        /* the last command named a recipient */
	char reply[128];       /* the last of a mail server that was a refusal */
	size_t refused_people; /* recipients */
};

void post_init(void)
{
	BUG_ON(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK);
}

static curl_socket_t post_open(
	void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct post *p = context;
	(void)purpose;
	enum networks_verdict verdict = networks_judge(
		p->rules->networks, &address->addr);
	if (verdict != NETWORKS_OPEN) {
		if (verdict > p->verdict)
			p->verdict = verdict;
		return CURL_SOCKET_BAD;
	}
	return socket(
		address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Of what a receiver says only the beginning is of use. */
static size_t post_answer(char *bytes, size_t size, size_t count, void *context)
{
	struct post *p = context;
	size_t room = POST_ANSWER - p->answered, length = size * count;
	size_t kept = length < room ? length : room;
	memcpy(p->answer + p->answered, bytes, kept);
	p->answered += kept;
	p->answer[p->answered] = 0;
	return length;
}

/* What a mail server was asked last; nothing of it is kept. */
static int post_asked(
	CURL *curl, curl_infotype type, char *bytes, size_t length, void *context)
{
	struct post *p = context;
	(void)curl;
	if (type == CURLINFO_HEADER_OUT)
		p->asks_rcpt = length >= 4 && memcmp(bytes, "RCPT", 4) == 0;
	return 0;
}

/* Lines of a mail server: what it refuses, in its words, made harmless. */
static size_t post_reply(char *bytes, size_t size, size_t count, void *context)
{
	struct post *p = context;
	size_t length = size * count;
	if (length >= 4 && (*bytes == '4' || *bytes == '5')) {
		size_t kept = 0;
		for (size_t i = 0; i < length && kept < sizeof p->reply - 1; i++)
			if (bytes[i] >= ' ' && bytes[i] <= '~')
				p->reply[kept++] = bytes[i];
		p->reply[kept] = 0;
		if (bytes[3] == ' ' && p->asks_rcpt)
			p->refused_people++;
	}
	return length;
}

static size_t post_body(char *out, size_t size, size_t count, void *context)
{
	struct post *p = context;
	size_t left = p->parcel->body.length - p->sent, room = size * count;
	size_t length = left < room ? left : room;
	memcpy(out, p->parcel->body.data + p->sent, length);
	p->sent += length;
	return length;
}

static void post_rules(struct post *p, const char *url)
{
	CURL *curl = p->curl;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
		p->parcel->is_mail ? "smtp,smtps" : "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	/* A name server that does not answer holds up nobody else. */
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
		(long)(p->parcel->is_mail ? POST_MAIL_MS : POST_HTTP_MS));
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "tidemark");
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, post_open);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, p);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, post_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, p);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, p);
	if (*p->rules->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, p->rules->ca_file);
}

static void post_add(struct curl_slist **list, const char *text)
{
	*list = curl_slist_append(*list, text);
	BUG_ON(!*list);
}

static void post_http(struct post *p)
{
	const struct parcel *parcel = p->parcel;
	post_add(&p->headers, "Content-Type: application/json");
	post_add(&p->headers, "Expect:");
	for (size_t i = 0; i < parcel->header_count; i++)
		post_add(&p->headers, parcel->headers[i]);
	curl_easy_setopt(p->curl, CURLOPT_HTTPHEADER, p->headers);
	curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, parcel->body.data);
	curl_easy_setopt(p->curl, CURLOPT_POSTFIELDSIZE, (long)parcel->body.length);
	if (*parcel->password && !*parcel->username) {
		curl_easy_setopt(p->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		curl_easy_setopt(p->curl, CURLOPT_XOAUTH2_BEARER, parcel->password);
	} else if (*parcel->username) {
		curl_easy_setopt(p->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(p->curl, CURLOPT_USERNAME, parcel->username);
		curl_easy_setopt(p->curl, CURLOPT_PASSWORD, parcel->password);
	}
}

static void post_mail(struct post *p)
{
	const struct parcel *parcel = p->parcel;
	char from[300];
	snprintf(from, sizeof from, "<%s>", parcel->sender);
	curl_easy_setopt(p->curl, CURLOPT_MAIL_FROM, from);
	for (size_t i = 0; i < parcel->recipient_count; i++) {
		char one[300];
		snprintf(one, sizeof one, "<%s>", parcel->recipients[i]);
		post_add(&p->recipients, one);
	}
	curl_easy_setopt(p->curl, CURLOPT_MAIL_RCPT, p->recipients);
	/* Who can be reached is told, whoever cannot. */
	curl_easy_setopt(p->curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	curl_easy_setopt(p->curl, CURLOPT_USE_SSL,
		(long)(parcel->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	curl_easy_setopt(p->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(p->curl, CURLOPT_READFUNCTION, post_body);
	curl_easy_setopt(p->curl, CURLOPT_READDATA, p);
	curl_easy_setopt(
		p->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)parcel->body.length);
	curl_easy_setopt(p->curl, CURLOPT_HEADERFUNCTION, post_reply);
	curl_easy_setopt(p->curl, CURLOPT_HEADERDATA, p);
	curl_easy_setopt(p->curl, CURLOPT_DEBUGFUNCTION, post_asked);
	curl_easy_setopt(p->curl, CURLOPT_DEBUGDATA, p);
	curl_easy_setopt(p->curl, CURLOPT_VERBOSE, 1L);
	if (*parcel->username) {
		curl_easy_setopt(p->curl, CURLOPT_USERNAME, parcel->username);
		curl_easy_setopt(p->curl, CURLOPT_PASSWORD, parcel->password);
	}
}

struct post *post_create(
	const struct parcel *parcel, const char *url, const struct post_rules *rules)
{
	struct post *p = calloc(1, sizeof *p);
	BUG_ON(!p);
	p->curl = curl_easy_init();
	BUG_ON(!p->curl);
	p->parcel = parcel;
	p->rules = rules;
	post_rules(p, url);
	if (parcel->is_mail)
		post_mail(p);
	else
		post_http(p);
	return p;
}

void post_destroy(struct post *p)
{
	if (!p)
		return;
	curl_easy_cleanup(p->curl);
	curl_slist_free_all(p->headers);
	curl_slist_free_all(p->recipients);
	free(p);
}

void *post_handle(struct post *p)
{
	return p->curl;
}

static struct post_result post_say(enum post_end end, const char *problem)
{
	struct post_result r = {.end = end};
	snprintf(r.problem, sizeof r.problem, "%s", problem);
	return r;
}

/* No connection, or one that broke. */
static struct post_result post_broken(struct post *p, CURLcode code)
{
	if (p->verdict == NETWORKS_NEVER)
		return post_say(POST_REFUSED,
			"the address is link-local, multicast, a cloud's or nobody's");
	if (p->verdict == NETWORKS_PRIVATE)
		return post_say(POST_DOWN,
			"the address is in a private network that notify_networks "
			"does not name");
	if (!p->parcel->is_mail || !*p->reply)
		return post_say(POST_DOWN, curl_easy_strerror(code));
	struct post_result r = {
		.end = code == CURLE_LOGIN_DENIED ? POST_DOWN : POST_REJECTED};
	snprintf(r.problem, sizeof r.problem, "the mail server answered: %s", p->reply);
	return r;
}

static struct post_result post_mailed(const struct post *p)
{
	struct post_result r = {.end = POST_TAKEN};
	if (p->refused_people)
		snprintf(r.problem, sizeof r.problem,
			"%zu of %zu recipients were refused: %s", p->refused_people,
			p->parcel->recipient_count, p->reply);
	return r;
}

struct post_result post_end(struct post *p, int code)
{
	if (code != CURLE_OK)
		return post_broken(p, (CURLcode)code);
	if (p->parcel->is_mail)
		return post_mailed(p);
	struct post_result r = {.end = POST_TAKEN};
	long status = 0;
	curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200 || status > 299) {
		curl_off_t rest_s = 0;
		bool rests = status >= 500 || status == 429 || status == 408;
		curl_easy_getinfo(p->curl, CURLINFO_RETRY_AFTER, &rest_s);
		if (rest_s > POST_REST_MAX_S)
			rest_s = POST_REST_MAX_S;
		r.end = rests ? POST_DOWN : POST_REJECTED;
		r.rest_ms = rests ? rest_s * 1000 : 0;
		snprintf(r.problem, sizeof r.problem, "the receiver answered with %ld",
			status);
		return r;
	}
	long long errcode = p->parcel->has_errcode ? chat_errcode(p->answer) : 0;
	if (errcode) {
		r.end = POST_REJECTED;
		snprintf(r.problem, sizeof r.problem,
			"the receiver answered with error %lld", errcode);
	}
	return r;
}
