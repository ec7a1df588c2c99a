#include "agent/queue/redis.h"

#include "agent/queue/link.h"
#include "agent/queue/secret.h"
#include "common/buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct redis {
	const struct queue_spec *spec;
	int stop_fd;
	struct link *link; /* NULL: not connected */
	struct resp *resp;
	struct buf questions;
	size_t asked;
};

struct redis *redis_create(const struct queue_spec *spec, int stop_fd)
{
	struct redis *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	r->spec = spec;
	r->stop_fd = stop_fd;
	return r;
}

static void redis_hang_up(struct redis *r)
{
	link_close(r->link);
	resp_destroy(r->resp);
	r->link = NULL;
	r->resp = NULL;
}

void redis_destroy(struct redis *r)
{
	if (!r)
		return;
	redis_hang_up(r);
	buf_finish(&r->questions);
	free(r);
}

static void redis_word(struct buf *out, const char *word)
{
	buf_printf(out, "$%zu\r\n", strlen(word));
	buf_text(out, word);
	buf_text(out, "\r\n");
}

size_t redis_ask(struct redis *r, const char *command, ...)
{
	va_list words;
	size_t count = 1;
	va_start(words, command);
	while (va_arg(words, const char *))
		count++;
	va_end(words);
	buf_printf(&r->questions, "*%zu\r\n", count);
	redis_word(&r->questions, command);
	va_start(words, command);
	for (const char *word; (word = va_arg(words, const char *));)
		redis_word(&r->questions, word);
	va_end(words);
	return r->asked++;
}

/* Sends `questions`, and waits for `count` answers. */
static bool redis_exchange(struct redis *r, struct buf *questions, size_t count,
	struct arena *a, int64_t deadline_mono_ms, const struct resp_value **answers,
	struct err *e)
{
	resp_begin(r->resp, a);
	if (!link_write(
		    r->link, questions->data, questions->length, deadline_mono_ms, e))
		return false;
	for (size_t i = 0; i < count;) {
		char bytes[16384];
		size_t length;
		if (!resp_next(r->resp, &answers[i], e))
			return false;
		if (answers[i]) {
			i++;
			continue;
		}
		if (!link_read(r->link, bytes, sizeof bytes, &length, deadline_mono_ms,
			    e) ||
			!resp_feed(r->resp, bytes, length, e))
			return false;
	}
	return true;
}

/* The server's words, as far as they can be shown. */
static bool redis_refused(const struct resp_value *answer, struct err *e)
{
	char text[161];
	size_t i = 0;
	for (; answer->text[i] && i < sizeof text - 1; i++) {
		unsigned char c = (unsigned char)answer->text[i];
		text[i] = c >= ' ' && c < 0x7f ? (char)c : '?';
	}
	text[i] = '\0';
	return err_set(e, ERR_IO, "Redis says: %s", text);
}

/* Only that it did, and Redis's own word for why: a server that does not know AUTH
 * repeats it, with the password ("unknown command `AUTH`, with args beginning with").
 */
static bool redis_refused_password(const struct resp_value *answer, struct err *e)
{
	static const char *const codes[] = {"WRONGPASS", "NOAUTH", "NOPERM", "LOADING",
		"DENIED", "MASTERDOWN", "ERR"};
	size_t length = strcspn(answer->text, " ");
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strlen(codes[i]) == length &&
			memcmp(answer->text, codes[i], length) == 0)
			return err_set(e, ERR_IO,
				"Redis does not take the password: %s", codes[i]);
	return err_set(e, ERR_IO, "Redis does not take the password");
}

static bool redis_greet(
	struct redis *r, struct arena *a, int64_t deadline_mono_ms, struct err *e)
{
	const struct queue_spec *s = r->spec;
	struct buf words = {0};
	size_t count = 0;
	if (*s->password_file) {
		char password[SECRET_BYTES_MAX + 1];
		if (!secret_read(s->password_file, password, e))
			return false;
		buf_text(&words, *s->user ? "*3\r\n" : "*2\r\n");
		redis_word(&words, "AUTH");
		if (*s->user)
			redis_word(&words, s->user);
		redis_word(&words, password);
		secret_forget(password);
		count++;
	}
	bool is_socket = strcmp(s->at.scheme, "unix") == 0;
	const char *database = is_socket ? "" : s->at.path;
	if (database[0] == '/' && database[1]) {
		buf_text(&words, "*2\r\n");
		redis_word(&words, "SELECT");
		redis_word(&words, database + 1);
		count++;
	}
	const struct resp_value *answers[2] = {0};
	bool has_password = *s->password_file != '\0';
	bool ok = count == 0 ||
		  redis_exchange(r, &words, count, a, deadline_mono_ms, answers, e);
	for (size_t i = 0; ok && i < count; i++)
		ok = answers[i]->type != RESP_REFUSAL ||
		     (i == 0 && has_password ? redis_refused_password(answers[i], e)
					     : redis_refused(answers[i], e));
	if (words.data)
		explicit_bzero(words.data, words.length);
	buf_finish(&words);
	return ok;
}

static bool redis_connect(
	struct redis *r, struct arena *a, int64_t deadline_mono_ms, struct err *e)
{
	if (r->link)
		return true;
	const struct link_options options = {
		.at = &r->spec->at,
		.is_tls = strcmp(r->spec->at.scheme, "rediss") == 0,
		.ca_file = r->spec->ca_file,
		.stop_fd = r->stop_fd,
	};
	r->link = link_open(&options, deadline_mono_ms, e);
	if (!r->link)
		return false;
	r->resp = resp_create();
	return redis_greet(r, a, deadline_mono_ms, e);
}

static bool redis_check(const struct resp_value **answers, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		if (answers[i]->type == RESP_REFUSAL &&
			strncmp(answers[i]->text, "WRONGTYPE", 9) != 0)
			return redis_refused(answers[i], e);
	}
	return true;
}

bool redis_run(struct redis *r, struct arena *a, int64_t deadline_mono_ms,
	const struct resp_value ***answers, struct err *e)
{
	size_t count = r->asked;
	const struct resp_value **out = arena_array(
		a, count ? count : 1, sizeof(struct resp_value *));
	bool ok = count == 0 || (redis_connect(r, a, deadline_mono_ms, e) &&
					redis_exchange(r, &r->questions, count, a,
						deadline_mono_ms, out, e) &&
					redis_check(out, count, e));
	buf_reset(&r->questions);
	r->asked = 0;
	if (ok)
		*answers = out;
	else
		redis_hang_up(r);
	return ok;
}

static void redis_ask_scan(struct redis *r, const struct redis_scan *scan)
{
	char cursor[24];
	const char *pattern = scan->pattern ? scan->pattern : "*";
	snprintf(cursor, sizeof cursor, "%" PRIu64, scan->cursor);
	if (scan->key)
		redis_ask(r, "SSCAN", scan->key, cursor, "MATCH", pattern, "COUNT",
			"1000", NULL);
	else
		redis_ask(r, "SCAN", cursor, "MATCH", pattern, "COUNT", "1000", NULL);
}

bool redis_scan(struct redis *r, struct redis_scan *scan, struct arena *a,
	int64_t deadline_mono_ms, struct err *e)
{
	scan->is_whole = false;
	for (int round = 0; round < scan->rounds; round++) {
		const struct resp_value **answers;
		redis_ask_scan(r, scan);
		if (!redis_run(r, a, deadline_mono_ms, &answers, e))
			return false;
		const struct resp_value *page = answers[0];
		if (page->type == RESP_REFUSAL)
			return redis_refused(page, e);
		if (page->type != RESP_LIST || page->count != 2 ||
			page->items[0]->type != RESP_TEXT ||
			page->items[1]->type != RESP_LIST)
			return err_set(e, ERR_IO, "no answer to SCAN");
		const struct resp_value *names = page->items[1];
		scan->cursor = strtoull(page->items[0]->text, NULL, 10);
		for (size_t i = 0; i < names->count; i++) {
			const struct resp_value *name = names->items[i];
			/* A name with a NUL inside is none of ours. */
			if (name->type == RESP_TEXT &&
				strlen(name->text) == name->length &&
				!scan->each(scan->context, name->text))
				return true;
		}
		if (scan->cursor == 0) {
			scan->is_whole = true;
			return true;
		}
	}
	return true;
}

const char *redis_quote(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, strlen(text) * 2 + 1), *to = out;
	for (; *text; text++) {
		if (strchr("*?[]\\^", *text))
			*to++ = '\\';
		*to++ = *text;
	}
	return out;
}
