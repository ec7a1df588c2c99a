#include "agent/queue_spec.h"

#include "agent/list.h"
#include "common/conf.h"

#include <stdlib.h>
#include <string.h>

enum { QUEUE_SPEC_NAME_MAX = 128, QUEUE_SPEC_TIMEOUT_MS = 5000 };

/* Which keys a kind can have besides those that all have. */
enum {
	HAS_URL = 1 << 0,
	HAS_QUEUES = 1 << 1,
	HAS_PREFIX = 1 << 2,
	HAS_FIGURES = 1 << 3,
	HAS_LABEL = 1 << 4,
	HAS_COMMAND = 1 << 5,
	HAS_PORT = 1 << 6,
	HAS_FILES = 1 << 7,
	IS_REDIS = 1 << 8,
	IS_ALWAYS = 1 << 9,
};

static const struct {
	const char *name;
	unsigned has;
} queue_spec_kinds[QUEUE_KINDS] = {
	[QUEUE_NONE] = {"none", 0},
	[QUEUE_KUE] = {"kue", HAS_URL | HAS_QUEUES | HAS_PREFIX | IS_REDIS},
	[QUEUE_BULL] = {"bull", HAS_URL | HAS_QUEUES | HAS_PREFIX | IS_REDIS},
	[QUEUE_BULLMQ] = {"bullmq", HAS_URL | HAS_QUEUES | HAS_PREFIX | IS_REDIS},
	[QUEUE_REDIS] = {"redis", HAS_URL | HAS_QUEUES | IS_REDIS},
	[QUEUE_RABBITMQ] = {"rabbitmq", HAS_URL | HAS_QUEUES},
	[QUEUE_PROMETHEUS] = {"prometheus",
		HAS_URL | HAS_QUEUES | HAS_FIGURES | HAS_LABEL},
	[QUEUE_JSON] = {"json", HAS_URL | HAS_FIGURES},
	[QUEUE_COMMAND] = {"command", HAS_COMMAND},
	[QUEUE_BACKLOG] = {"backlog", HAS_PORT},
	[QUEUE_FILES] = {"files", HAS_FILES},
};

static const char *const queue_spec_figures[QUEUE_SPEC_FIGURES] = {"depth", "waiting",
	"active", "delayed", "entered", "completed", "failures", "oldest"};

enum key_type { KEY_TEXT, KEY_LIST, KEY_TIME };

#define SPEC_AT(field) offsetof(struct queue_spec, field)

static const struct {
	const char *key;
	enum key_type type;
	size_t offset;
	unsigned needs; /* the kind must have */
} queue_spec_keys[] = {
	{"url", KEY_TEXT, SPEC_AT(url), HAS_URL},
	{"user", KEY_TEXT, SPEC_AT(user), HAS_URL},
	{"password_file", KEY_TEXT, SPEC_AT(password_file), HAS_URL},
	{"ca_file", KEY_TEXT, SPEC_AT(ca_file), HAS_URL},
	{"prefix", KEY_TEXT, SPEC_AT(prefix), HAS_PREFIX},
	{"label", KEY_TEXT, SPEC_AT(label), HAS_LABEL},
	{"queues", KEY_LIST, SPEC_AT(queues), HAS_QUEUES},
	{"producers", KEY_LIST, SPEC_AT(producers), IS_ALWAYS},
	{"workers", KEY_LIST, SPEC_AT(workers), IS_ALWAYS},
	{"directory", KEY_TEXT, SPEC_AT(directory), HAS_FILES},
	{"pattern", KEY_TEXT, SPEC_AT(pattern), HAS_FILES},
	{"interval", KEY_TIME, SPEC_AT(given_interval_ms), IS_ALWAYS},
	{"timeout", KEY_TIME, SPEC_AT(given_timeout_ms), IS_ALWAYS},
};

enum { QUEUE_SPEC_KEYS = sizeof queue_spec_keys / sizeof queue_spec_keys[0] };

const char *queue_spec_kind_name(enum queue_kind kind)
{
	return queue_spec_kinds[kind].name;
}

const char *queue_spec_figure_name(enum queue_figure figure)
{
	return queue_spec_figures[figure];
}

bool queue_spec_is_glob(const char *name)
{
	return name[strcspn(name, "*?[\\")] != '\0';
}

static bool split_list(const char *key, const char *value, struct queue_list *out,
	struct arena *a, struct err *e)
{
	char name[QUEUE_SPEC_NAME_MAX];
	if (out->count > 0)
		return err_set(e, ERR_INPUT, "%s is given twice", key);
	out->names = arena_array(a, QUEUE_SPEC_LIST_MAX, sizeof *out->names);
	while (list_next(&value, name, sizeof name)) {
		if (out->count == QUEUE_SPEC_LIST_MAX)
			return err_set(e, ERR_INPUT, "%s has more than %d names", key,
				QUEUE_SPEC_LIST_MAX);
		out->names[out->count++] = arena_strdup(a, name);
	}
	return !*value || err_set(e, ERR_INPUT,
				  "%s has an empty name, or one that is too long, at "
				  "'%.40s'",
				  key, value);
}

static bool set_text(const char *key, const char *value, const char **out,
	struct arena *a, struct err *e)
{
	if (**out)
		return err_set(e, ERR_INPUT, "%s is given twice", key);
	*out = arena_strdup(a, value);
	return true;
}

/* Words by blanks; quotes of either kind hold a word together.  No shell looks at
 * them. */
static bool split_words(
	struct queue_spec *s, const char *at, struct arena *a, struct err *e)
{
	if (s->words)
		return err_set(e, ERR_INPUT, "command is given twice");
	s->words = arena_array(a, QUEUE_SPEC_WORDS_MAX + 1, sizeof *s->words);
	for (size_t count = 0;; count++) {
		at += strspn(at, " \t");
		if (!*at)
			break;
		if (count == QUEUE_SPEC_WORDS_MAX)
			return err_set(e, ERR_INPUT, "command has more than %d words",
				QUEUE_SPEC_WORDS_MAX);
		bool is_quoted = *at == '"' || *at == '\'';
		const char end[] = {*at, '\0'};
		at += is_quoted;
		size_t length = strcspn(at, is_quoted ? end : " \t");
		if (is_quoted && !at[length])
			return err_set(e, ERR_INPUT, "command: a quote is not closed");
		s->words[count] = arena_strndup(a, at, length);
		at += length + is_quoted;
	}
	return !s->words[0] || s->words[0][0] == '/' ||
	       err_set(e, ERR_INPUT, "command: '%s' does not begin with '/'",
		       s->words[0]);
}

static bool set_kind(struct queue_spec *s, const char *value, struct err *e)
{
	if (s->kind)
		return err_set(e, ERR_INPUT, "kind is given twice");
	for (int kind = QUEUE_NONE + 1; kind < QUEUE_KINDS; kind++) {
		if (strcmp(value, queue_spec_kinds[kind].name) == 0) {
			s->kind = kind;
			return true;
		}
	}
	return err_set(e, ERR_INPUT,
		"kind is '%s'; it can be kue, bull, bullmq, redis, rabbitmq, "
		"prometheus, json, command, backlog or files",
		value);
}

static bool set_port(struct queue_spec *s, const char *value, struct err *e)
{
	char *end;
	unsigned long port = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || port < 1 || port > 65535)
		return err_set(
			e, ERR_INPUT, "port: '%s' is not between 1 and 65535", value);
	s->port = (int)port;
	return true;
}

static bool set_time(const char *key, const char *value, int64_t *out, struct err *e)
{
	int64_t ms;
	if (*out)
		return err_set(e, ERR_INPUT, "%s is given twice", key);
	if (!conf_parse_duration(value, &ms, e))
		return err_wrap(e, "%s", key);
	if (ms < 100 || ms > 3600000)
		return err_set(e, ERR_INPUT, "%s: '%s' is not between 100ms and 1h",
			key, value);
	*out = ms;
	return true;
}

static bool set_key(struct queue_spec *s, const char *key, const char *value,
	struct arena *a, struct err *e)
{
	if (!*value)
		return err_set(e, ERR_INPUT, "%s is empty", key);
	if (strcmp(key, "kind") == 0)
		return set_kind(s, value, e);
	if (strcmp(key, "port") == 0)
		return set_port(s, value, e);
	if (strcmp(key, "command") == 0)
		return split_words(s, value, a, e);
	for (size_t i = 0; i < QUEUE_SPEC_FIGURES; i++) {
		if (strcmp(key, queue_spec_figures[i]) == 0)
			return set_text(key, value, &s->figure[i], a, e);
	}
	for (size_t i = 0; i < QUEUE_SPEC_KEYS; i++) {
		if (strcmp(key, queue_spec_keys[i].key) != 0)
			continue;
		void *field = (char *)s + queue_spec_keys[i].offset;
		switch (queue_spec_keys[i].type) {
		case KEY_TEXT:
			return set_text(key, value, field, a, e);
		case KEY_LIST:
			return split_list(key, value, field, a, e);
		case KEY_TIME:
			return set_time(key, value, field, e);
		}
	}
	if (strcmp(key, "password") == 0)
		return err_set(e, ERR_INPUT,
			"password: give the name of a file that holds it as "
			"password_file");
	return err_set(e, ERR_INPUT, "unknown key '%s'", key);
}

static struct queue_spec *add_spec(
	struct queue_specs *q, const char *name, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < q->count; i++) {
		if (strcmp(q->at[i].name, name) == 0)
			return &q->at[i];
	}
	if (!q->at)
		q->at = arena_array(a, QUEUE_SPECS_MAX, sizeof *q->at);
	if (q->count == QUEUE_SPECS_MAX) {
		err_set(e, ERR_INPUT, "more than %d [queue] sections", QUEUE_SPECS_MAX);
		return NULL;
	}
	if (strlen(name) >= QUEUE_SPEC_NAME_MAX) {
		err_set(e, ERR_INPUT, "the name is longer than %d bytes",
			QUEUE_SPEC_NAME_MAX - 1);
		return NULL;
	}
	struct queue_spec *s = &q->at[q->count++];
	*s = (struct queue_spec){.name = arena_strdup(a, name)};
	s->url = s->user = s->password_file = s->ca_file = s->prefix = s->label = "";
	s->directory = s->pattern = "";
	for (size_t i = 0; i < QUEUE_SPEC_FIGURES; i++)
		s->figure[i] = "";
	return s;
}

bool queue_specs_key(struct queue_specs *q, const char *name, const char *key,
	const char *value, struct arena *a, struct err *e)
{
	if (!*name)
		return err_set(e, ERR_INPUT, "[queue] needs a name");
	struct queue_spec *s = add_spec(q, name, a, e);
	if (!s || !set_key(s, key, value, a, e) ||
		(strcmp(key, "url") == 0 && !queue_spec_url(s->url, &s->at, a, e)))
		return err_wrap(e, "[queue %s]", name);
	return true;
}

bool queue_specs_load_key(struct queue_specs *q, const char *service, const char *key,
	const char *value, struct arena *a, struct err *e)
{
	struct queue_load *load = NULL;
	for (size_t i = 0; i < q->load_count; i++) {
		if (strcmp(q->loads[i].service, service) == 0)
			load = &q->loads[i];
	}
	if (!q->loads)
		q->loads = arena_array(a, QUEUE_SPECS_MAX, sizeof *q->loads);
	if (!load && q->load_count == QUEUE_SPECS_MAX)
		return err_set(e, ERR_INPUT, "more than %d services with load_url",
			QUEUE_SPECS_MAX);
	if (!load) {
		load = &q->loads[q->load_count++];
		*load = (struct queue_load){arena_strdup(a, service), "", "", {0}};
	}
	bool ok = false;
	if (strcmp(key, "load_url") == 0)
		ok = set_text(key, value, &load->url, a, e) &&
		     queue_spec_url(load->url, &load->at, a, e);
	else if (strcmp(key, "load_metric") == 0)
		ok = set_text(key, value, &load->metric, a, e);
	else
		err_set(e, ERR_INPUT, "unknown key '%s'", key);
	return ok || err_wrap(e, "[service %s]", service);
}

/* A key that says nothing about this kind of source is a mistake. */
static bool check_keys(const struct queue_spec *s, unsigned has, struct err *e)
{
	const char *kind = queue_spec_kinds[s->kind].name;
	for (size_t i = 0; i < QUEUE_SPEC_KEYS; i++) {
		const char *field = (const char *)s + queue_spec_keys[i].offset;
		bool is_set = false;
		if (queue_spec_keys[i].type == KEY_TEXT)
			is_set = **(const char *const *)field != '\0';
		if (queue_spec_keys[i].type == KEY_LIST)
			is_set = ((const struct queue_list *)field)->count > 0;
		if (is_set && !(queue_spec_keys[i].needs & (has | IS_ALWAYS)))
			return err_set(e, ERR_INPUT, "%s says nothing of kind %s",
				queue_spec_keys[i].key, kind);
	}
	for (size_t i = 0; i < QUEUE_SPEC_FIGURES; i++) {
		if (*s->figure[i] && !(has & HAS_FIGURES))
			return err_set(e, ERR_INPUT, "%s says nothing of kind %s",
				queue_spec_figures[i], kind);
	}
	if (s->words && !(has & HAS_COMMAND))
		return err_set(e, ERR_INPUT, "command says nothing of kind %s", kind);
	if (s->port && !(has & HAS_PORT))
		return err_set(e, ERR_INPUT, "port says nothing of kind %s", kind);
	return true;
}

static bool check_url(const struct queue_spec *s, unsigned has, struct err *e)
{
	if (!*s->url)
		return err_set(e, ERR_INPUT, "kind %s needs a url",
			queue_spec_kinds[s->kind].name);
	bool is_http = strncmp(s->at.scheme, "http", 4) == 0;
	if (is_http == !!(has & IS_REDIS))
		return err_set(e, ERR_INPUT, "url: kind %s needs %s",
			queue_spec_kinds[s->kind].name,
			is_http ? "redis://, rediss:// or the path of a socket"
				: "http:// or https://");
	if (*s->ca_file && strcmp(s->at.scheme, is_http ? "https" : "rediss") != 0)
		return err_set(e, ERR_INPUT, "ca_file: the url is not %s://",
			is_http ? "https" : "rediss");
	if (*s->user && !*s->password_file)
		return err_set(e, ERR_INPUT, "user needs a password_file");
	return true;
}

static bool check_needs(
	const struct queue_spec *s, unsigned has, bool allows_commands, struct err *e)
{
	bool has_figure = false;
	for (size_t i = 0; i < QUEUE_SPEC_FIGURES; i++)
		has_figure = has_figure || *s->figure[i];
	if ((has & HAS_FIGURES) && !has_figure)
		return err_set(e, ERR_INPUT,
			"kind %s needs one of depth, waiting, active, delayed, "
			"entered, completed, failures, oldest",
			queue_spec_kinds[s->kind].name);
	if (s->kind == QUEUE_REDIS && s->queues.count == 0)
		return err_set(e, ERR_INPUT, "kind redis needs queues: names of keys");
	if ((has & HAS_COMMAND) && (!s->words || !s->words[0]))
		return err_set(e, ERR_INPUT, "kind command needs a command");
	if ((has & HAS_COMMAND) && !allows_commands)
		return err_set(e, ERR_INPUT,
			"kind command needs allow_commands = yes in [agent]");
	if ((has & HAS_PORT) && !s->port)
		return err_set(e, ERR_INPUT, "kind backlog needs a port");
	if ((has & HAS_FILES) && s->directory[0] != '/')
		return err_set(e, ERR_INPUT, "directory: '%s' does not begin with '/'",
			s->directory);
	if (*s->password_file && s->password_file[0] != '/')
		return err_set(e, ERR_INPUT,
			"password_file: '%s' does not begin with '/'",
			s->password_file);
	return true;
}

static bool check_spec(
	struct queue_spec *s, int64_t interval_ms, bool allows_commands, struct err *e)
{
	if (!s->kind)
		return err_set(e, ERR_INPUT, "kind is missing");
	unsigned has = queue_spec_kinds[s->kind].has;
	if (!check_keys(s, has, e) || ((has & HAS_URL) && !check_url(s, has, e)) ||
		!check_needs(s, has, allows_commands, e))
		return false;
	s->interval_ms = s->given_interval_ms ? s->given_interval_ms : interval_ms;
	s->timeout_ms = s->interval_ms < QUEUE_SPEC_TIMEOUT_MS ? s->interval_ms
							       : QUEUE_SPEC_TIMEOUT_MS;
	if (s->given_timeout_ms)
		s->timeout_ms = s->given_timeout_ms;
	if (!*s->prefix && (has & HAS_PREFIX))
		s->prefix = s->kind == QUEUE_KUE ? "q" : "bull";
	if (!*s->pattern && (has & HAS_FILES))
		s->pattern = "*";
	return true;
}

bool queue_specs_check(
	struct queue_specs *q, int64_t interval_ms, bool allows_commands, struct err *e)
{
	for (size_t i = 0; i < q->count; i++) {
		if (!check_spec(&q->at[i], interval_ms, allows_commands, e))
			return err_wrap(e, "[queue %s]", q->at[i].name);
	}
	for (size_t i = 0; i < q->load_count; i++) {
		const struct queue_load *load = &q->loads[i];
		if (!*load->url || !*load->metric)
			err_set(e, ERR_INPUT,
				"load_url and load_metric need each other");
		else if (strncmp(load->at.scheme, "http", 4) != 0)
			err_set(e, ERR_INPUT,
				"load_url: http:// or https:// is needed");
		else
			continue;
		return err_wrap(e, "[service %s]", load->service);
	}
	return true;
}

const char *const queue_spec_example =
	"\n"
	"# Queues that services fill and empty; see docs/queues.md for every kind.\n"
	"#[queue jobs]\n"
	"# kue, bull, bullmq, redis, rabbitmq, prometheus, json, command, backlog, "
	"files\n"
	"#kind = bullmq\n"
	"# redis://, rediss://, the path of a socket, http:// or https://\n"
	"#url = rediss://redis.example:6379/0\n"
	"#user = tidemark\n"
	"#password_file = /etc/tidemark/redis.password\n"
	"#ca_file = /etc/ssl/certs/example.pem\n"
	"# names or globs; without: all\n"
	"#queues = mail, invoice-*\n"
	"# services that fill it, and those that empty it: names or globs\n"
	"#producers = checkout\n"
	"#workers = *-worker\n";
