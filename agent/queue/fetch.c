#include "agent/queue/fetch.h"

#include "agent/queue/secret.h"
#include "common/clock.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct fetch {
	struct fetch_options options;
	CURL *curl;
	struct buf *body;
	bool is_too_long;
};

void fetch_start(void)
{
	BUG_ON(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK);
}

struct fetch *fetch_create(const struct fetch_options *options)
{
	struct fetch *f = calloc(1, sizeof *f);
	BUG_ON(!f);
	f->options = *options;
	f->curl = curl_easy_init();
	BUG_ON(!f->curl);
	return f;
}

void fetch_destroy(struct fetch *f)
{
	if (!f)
		return;
	curl_easy_cleanup(f->curl);
	free(f);
}

static size_t fetch_take(char *bytes, size_t size, size_t count, void *context)
{
	struct fetch *f = context;
	if (size * count > f->options.most_bytes - f->body->length) {
		f->is_too_long = true;
		return 0;
	}
	buf_append(f->body, bytes, size * count);
	return size * count;
}

static int fetch_stops(
	void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct fetch *f = context;
	struct pollfd fd = {.fd = f->options.stop_fd, .events = POLLIN};
	(void)a, (void)b, (void)c, (void)d;
	return poll(&fd, 1, 0) > 0;
}

/* Name and password, or a token, for this one request. */
static bool fetch_authorize(struct fetch *f, struct err *e)
{
	char password[SECRET_BYTES_MAX + 1];
	const struct fetch_options *o = &f->options;
	if (!o->password_file[0])
		return true;
	if (!secret_read(o->password_file, password, e))
		return false;
	if (o->user[0]) {
		curl_easy_setopt(f->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(f->curl, CURLOPT_USERNAME, o->user);
		curl_easy_setopt(f->curl, CURLOPT_PASSWORD, password);
	} else {
		curl_easy_setopt(f->curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(f->curl, CURLOPT_XOAUTH2_BEARER, password);
	}
	secret_forget(password);
	return true;
}

static void fetch_prepare(struct fetch *f, const char *url, int64_t left_ms)
{
	const char *scheme = strncmp(url, "https:", 6) == 0 ? "https" : "http";
	curl_easy_reset(f->curl);
	curl_easy_setopt(f->curl, CURLOPT_URL, url);
	curl_easy_setopt(f->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(f->curl, CURLOPT_REDIR_PROTOCOLS_STR, scheme);
	curl_easy_setopt(f->curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(f->curl, CURLOPT_MAXREDIRS, 3L);
	curl_easy_setopt(f->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(f->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(f->curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(f->curl, CURLOPT_TIMEOUT_MS, (long)left_ms);
	curl_easy_setopt(f->curl, CURLOPT_BUFFERSIZE, 16384L);
	curl_easy_setopt(f->curl, CURLOPT_USERAGENT, "tidemark");
	curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, fetch_take);
	curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(f->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(f->curl, CURLOPT_XFERINFOFUNCTION, fetch_stops);
	curl_easy_setopt(f->curl, CURLOPT_XFERINFODATA, f);
	if (f->options.ca_file[0])
		curl_easy_setopt(f->curl, CURLOPT_CAINFO, f->options.ca_file);
}

static bool fetch_failed(const struct fetch *f, CURLcode code, struct err *e)
{
	if (f->is_too_long)
		return err_set(e, ERR_IO, "the answer is longer than %zu KiB",
			f->options.most_bytes >> 10);
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return err_set(e, ERR_BUSY, "stopping");
	if (code == CURLE_OPERATION_TIMEDOUT)
		return err_set(e, ERR_IO, "no whole answer in time");
	long status = 0;
	curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_UNSUPPORTED_PROTOCOL)
		return err_set(e, ERR_IO,
			status >= 300 ? "it redirects to another scheme"
				      : "the answer is no HTTP");
	return err_set(e, ERR_IO, "%s", curl_easy_strerror(code));
}

bool fetch_get(struct fetch *f, const char *url, int64_t deadline_mono_ms,
	struct buf *body, struct err *e)
{
	int64_t left_ms = deadline_mono_ms - clock_mono_ms();
	if (left_ms <= 0)
		return err_set(e, ERR_IO, "no time left");
	buf_reset(body);
	f->body = body;
	f->is_too_long = false;
	fetch_prepare(f, url, left_ms);
	if (!fetch_authorize(f, e))
		return false;
	CURLcode code = curl_easy_perform(f->curl);
	long status = 0;
	curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_setopt(f->curl, CURLOPT_PASSWORD, NULL);
	curl_easy_setopt(f->curl, CURLOPT_XOAUTH2_BEARER, NULL);
	if (code != CURLE_OK)
		return fetch_failed(f, code, e);
	return status == 200 || err_set(e, ERR_IO, "the answer has status %ld", status);
}
