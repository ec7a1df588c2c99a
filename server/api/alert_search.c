#include "server/api/alert_search.h"

#include <ctype.h>
#include <string.h>

enum alert_search_name {
	ALERT_SEARCH_IS,
	ALERT_SEARCH_SERVICE,
	ALERT_SEARCH_KIND,
	ALERT_SEARCH_OWNER,
	ALERT_SEARCH_VERSION,
	ALERT_SEARCH_HOST,
	ALERT_SEARCH_CAUSE,
	ALERT_SEARCH_WORD, /* no name */
	ALERT_SEARCH_NAMES,
};

static const char *const alert_search_names[ALERT_SEARCH_WORD] = {
	"is", "service", "kind", "owner", "version", "host", "cause"};

static const char *const alert_search_inboxes[] = {
	"new", "escalating", "regressed", "acknowledged", "archived", "resolved"};
static const char *const alert_search_kinds[] = {
	"leak", "native", "backlog", "version"};

enum {
	ALERT_SEARCH_INBOXES = sizeof alert_search_inboxes /
			       sizeof *alert_search_inboxes,
	ALERT_SEARCH_KINDS = sizeof alert_search_kinds / sizeof *alert_search_kinds,
	ALERT_SEARCH_OPEN = 3, /* inboxes of open alerts come first */
};

struct alert_search {
	const char *rest, *user;
	struct arena *arena;
	/* Room for what "is:open" stands for. */
	const char
		*texts[ALERT_SEARCH_NAMES][ALERT_SEARCH_TERMS_MAX * ALERT_SEARCH_OPEN];
	size_t counts[ALERT_SEARCH_NAMES];
	size_t terms;
};

static void alert_search_put(
	struct alert_search *s, enum alert_search_name name, const char *text)
{
	s->texts[name][s->counts[name]++] = text;
}

/* The text up to a space; quotes keep spaces, and are left out. */
static const char *alert_search_value(struct alert_search *s)
{
	size_t length = 0;
	char *text = arena_alloc(s->arena, strlen(s->rest) + 1);
	bool quoted = false;
	for (; *s->rest && (quoted || !isspace((unsigned char)*s->rest)); s->rest++) {
		if (*s->rest == '"')
			quoted = !quoted;
		else
			text[length++] = *s->rest;
	}
	text[length] = 0;
	return text;
}

/* Letters and a colon in front of a value. */
static size_t alert_search_name_length(const char *text)
{
	size_t n = 0;
	while (isalpha((unsigned char)text[n]))
		n++;
	return text[n] == ':' ? n : 0;
}

static const char *alert_search_known(
	const char *const *words, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], text) == 0)
			return words[i];
	return NULL;
}

static bool alert_search_is(struct alert_search *s, const char *value, struct err *e)
{
	const char *inbox = alert_search_known(
		alert_search_inboxes, ALERT_SEARCH_INBOXES, value);
	if (inbox) {
		alert_search_put(s, ALERT_SEARCH_IS, inbox);
		return true;
	}
	if (strcmp(value, "open") != 0)
		return err_set(e, ERR_INPUT,
			"q: is:%s is not known (known: open, new, escalating, "
			"regressed, acknowledged, archived, resolved)",
			value);
	for (size_t i = 0; i < ALERT_SEARCH_OPEN; i++)
		alert_search_put(s, ALERT_SEARCH_IS, alert_search_inboxes[i]);
	return true;
}

static bool alert_search_kind(struct alert_search *s, const char *value, struct err *e)
{
	const char *kind = alert_search_known(
		alert_search_kinds, ALERT_SEARCH_KINDS, value);
	if (!kind)
		return err_set(e, ERR_INPUT,
			"q: kind:%s is not known (known: leak, native, backlog, "
			"version)",
			value);
	alert_search_put(s, ALERT_SEARCH_KIND, kind);
	return true;
}

static bool alert_search_term(struct alert_search *s, enum alert_search_name name,
	const char *value, struct err *e)
{
	switch (name) {
	case ALERT_SEARCH_IS:
		return alert_search_is(s, value, e);
	case ALERT_SEARCH_KIND:
		return alert_search_kind(s, value, e);
	case ALERT_SEARCH_OWNER:
		if (strcmp(value, "me") == 0)
			value = s->user;
		else if (strcmp(value, "none") == 0)
			value = "";
		break;
	default:
		break;
	}
	alert_search_put(s, name, value);
	return true;
}

static bool alert_search_named(struct alert_search *s, size_t length, struct err *e)
{
	const char *name = arena_strndup(s->arena, s->rest, length);
	s->rest += length + 1;
	const char *value = alert_search_value(s);
	for (int i = 0; i < ALERT_SEARCH_WORD; i++) {
		if (strcmp(alert_search_names[i], name) != 0)
			continue;
		if (!*value)
			return err_set(e, ERR_INPUT, "q: %s: has no value", name);
		return alert_search_term(s, (enum alert_search_name)i, value, e);
	}
	return err_set(e, ERR_INPUT,
		"q: the term '%s:' is not known (known: is, service, kind, owner, "
		"version, host, cause)",
		name);
}

static struct alerts_texts alert_search_texts(
	const struct alert_search *s, enum alert_search_name name)
{
	size_t count = s->counts[name];
	const char **texts = arena_array(s->arena, count, sizeof *texts);
	for (size_t i = 0; i < count; i++)
		texts[i] = s->texts[name][i];
	return (struct alerts_texts){texts, count};
}

bool alert_search_parse(const char *text, const char *user, struct arena *a,
	struct alerts_filter *filter, struct err *e)
{
	struct alert_search s = {.rest = text, .user = user, .arena = a};
	for (;;) {
		while (isspace((unsigned char)*s.rest))
			s.rest++;
		if (!*s.rest)
			break;
		if (s.terms++ == ALERT_SEARCH_TERMS_MAX)
			return err_set(e, ERR_INPUT, "q: more than %d terms",
				ALERT_SEARCH_TERMS_MAX);
		size_t length = alert_search_name_length(s.rest);
		const char *word = length ? NULL : alert_search_value(&s);
		if (length && !alert_search_named(&s, length, e))
			return false;
		if (word && *word)
			alert_search_put(&s, ALERT_SEARCH_WORD, word);
	}
	filter->inboxes = alert_search_texts(&s, ALERT_SEARCH_IS);
	filter->services = alert_search_texts(&s, ALERT_SEARCH_SERVICE);
	filter->kinds = alert_search_texts(&s, ALERT_SEARCH_KIND);
	filter->owners = alert_search_texts(&s, ALERT_SEARCH_OWNER);
	filter->versions = alert_search_texts(&s, ALERT_SEARCH_VERSION);
	filter->hosts = alert_search_texts(&s, ALERT_SEARCH_HOST);
	filter->causes = alert_search_texts(&s, ALERT_SEARCH_CAUSE);
	filter->words = alert_search_texts(&s, ALERT_SEARCH_WORD);
	return true;
}
