#include "server/messenger/webhook.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum { WEBHOOK_TIMEOUT_MS = 10000 };

struct webhook {
	const struct webhook_post *post;
	bool refused; /* the address is not one to be told anything */
};

void webhook_init(void)
{
	BUG_ON(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK);
}

static bool webhook_is_foreign4(uint32_t address)
{
	return address >> 16 == 0xa9fe   /* 169.254/16: link-local */
	       || address >> 28 == 0xe   /* 224/4: multicast */
	       || address >> 24 == 0     /* 0/8: this host, on this network */
	       || address == UINT32_MAX; /* broadcast */
}

static bool webhook_is_foreign(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, address, sizeof in);
		return webhook_is_foreign4(ntohl(in.sin_addr.s_addr));
	}
	if (address->sa_family != AF_INET6)
		return true;
	struct sockaddr_in6 in6;
	memcpy(&in6, address, sizeof in6);
	if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
		uint32_t in4;
		memcpy(&in4, &in6.sin6_addr.s6_addr[12], sizeof in4);
		return webhook_is_foreign4(ntohl(in4));
	}
	return IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr) ||
	       IN6_IS_ADDR_MULTICAST(&in6.sin6_addr) ||
	       IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
}

static curl_socket_t webhook_open(
	void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct webhook *w = context;
	(void)purpose;
	if (webhook_is_foreign(&address->addr)) {
		w->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(
		address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int webhook_stops(
	void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct webhook *w = context;
	(void)a, (void)b, (void)c, (void)d;
	return w->post->stops && atomic_load(w->post->stops);
}

/* What the receiver says is of no use. */
static size_t webhook_ignore(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes, (void)context;
	return size * count;
}

static void webhook_prepare(CURL *curl, struct webhook *w, struct curl_slist *headers)
{
	curl_easy_setopt(curl, CURLOPT_URL, w->post->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)WEBHOOK_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "tidemark");
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, w->post->json);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)w->post->length);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, webhook_ignore);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, webhook_open);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, w);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, webhook_stops);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, w);
}

bool webhook_send(const struct webhook_post *post, struct err *e)
{
	struct webhook w = {.post = post};
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(
		NULL, "Content-Type: application/json");
	BUG_ON(!curl || !headers);
	webhook_prepare(curl, &w, headers);
	CURLcode code = curl_easy_perform(curl);
	long status = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (w.refused)
		return err_set(e, ERR_INPUT,
			"the address is link-local, multicast or nobody's");
	if (code != CURLE_OK)
		return err_set(e, ERR_IO, "%s", curl_easy_strerror(code));
	if (status < 200 || status > 299)
		return err_set(e, ERR_IO, "the receiver answered with %ld", status);
	return true;
}
