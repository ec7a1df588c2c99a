#include "agent/log_spec.h"

#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool log_spec_is_name(const char *text, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789";
	return length > 0 && length <= LOG_SPEC_NAME_MAX &&
	       strspn(text, letters) >= length;
}

/* Behind the bracket expression that begins at `at`; NULL: it has no end. */
static const char *log_spec_bracket(const char *at)
{
	at++;
	at += *at == '^';
	at += *at == ']';
	while (*at && *at != ']') {
		char kind = at[1];
		if (*at == '[' && (kind == ':' || kind == '.' || kind == '=')) {
			const char end[] = {kind, ']', '\0'};
			at = strstr(at + 2, end);
			if (!at)
				return NULL;
			at++;
		}
		at++;
	}
	return *at ? at + 1 : NULL;
}

/* An expression on its way from the configuration's form to that of regcomp. */
struct log_spec_reading {
	const char *at;
	char out[LOG_SPEC_PATTERN_MAX + 1];
	size_t length, fields;
	uint64_t repeats;
};

static void log_spec_copy(struct log_spec_reading *r, const char *until)
{
	memcpy(r->out + r->length, r->at, (size_t)(until - r->at));
	r->length += (size_t)(until - r->at);
	r->at = until;
}

/* At "(": counts the group, and takes its name out. */
static bool log_spec_group(struct log_spec_reading *r, struct log_pattern *p,
	struct arena *a, struct err *e)
{
	if (p->group_count == LOG_SPEC_GROUPS_MAX)
		return err_set(
			e, ERR_INPUT, "more than %d groups", LOG_SPEC_GROUPS_MAX);
	const char **field = &p->fields[p->group_count++];
	log_spec_copy(r, r->at + 1);
	if (*r->at != '?')
		return true;
	const char *name = r->at + 2;
	const char *end = r->at[1] == '<' ? strchr(name, '>') : NULL;
	if (!end || !log_spec_is_name(name, (size_t)(end - name)))
		return err_set(e, ERR_INPUT,
			"a group with a name is written (?<NAME>...), the name of at "
			"most %d letters, digits, '_' and '-'",
			LOG_SPEC_NAME_MAX);
	*field = arena_strndup(a, name, (size_t)(end - name));
	r->at = end + 1;
	if (strcmp(*field, "pattern") == 0)
		return err_set(e, ERR_INPUT, "no field can be called 'pattern'");
	if (strcmp(*field, "pid") != 0 && ++r->fields > LOG_SPEC_FIELDS_MAX)
		return err_set(
			e, ERR_INPUT, "more than %d fields", LOG_SPEC_FIELDS_MAX);
	return true;
}

/* At "{": nested repetitions multiply, so all of them do. */
static bool log_spec_repeat(struct log_spec_reading *r, struct err *e)
{
	char *end;
	unsigned long least = strtoul(r->at + 1, &end, 10);
	unsigned long most = *end == ',' ? strtoul(end + 1, &end, 10) : least;
	unsigned long times = most > least ? most : least;
	r->repeats *= times > 1
			      ? (times > LOG_SPEC_REPEATS_MAX ? LOG_SPEC_REPEATS_MAX + 1
							      : times)
			      : 1;
	log_spec_copy(r, r->at + 1);
	return r->repeats <= LOG_SPEC_REPEATS_MAX ||
	       err_set(e, ERR_INPUT, "repetitions of more than %d times all together",
		       LOG_SPEC_REPEATS_MAX);
}

static bool log_spec_translate(struct log_spec_reading *r, struct log_pattern *p,
	struct arena *a, struct err *e)
{
	while (*r->at) {
		bool ok = true;
		const char *end;
		switch (*r->at) {
		case '\\':
			if (r->at[1] >= '1' && r->at[1] <= '9')
				return err_set(e, ERR_INPUT, "a back reference");
			log_spec_copy(r, r->at + (r->at[1] ? 2 : 1));
			break;
		case '[':
			end = log_spec_bracket(r->at);
			if (!end)
				return err_set(e, ERR_INPUT, "'[' without ']'");
			log_spec_copy(r, end);
			break;
		case '(':
			ok = log_spec_group(r, p, a, e);
			break;
		case '{':
			ok = log_spec_repeat(r, e);
			break;
		default:
			log_spec_copy(r, r->at + 1);
		}
		if (!ok)
			return false;
	}
	r->out[r->length] = '\0';
	return true;
}

static bool log_spec_expression(
	struct log_pattern *p, const char *value, struct arena *a, struct err *e)
{
	struct log_spec_reading r = {.at = value, .repeats = 1};
	regex_t compiled;
	if (!*value || strlen(value) > LOG_SPEC_PATTERN_MAX)
		return err_set(e, ERR_INPUT, "of 1 to %d bytes", LOG_SPEC_PATTERN_MAX);
	if (!log_spec_translate(&r, p, a, e))
		return false;
	int reason = regcomp(&compiled, r.out, REG_EXTENDED);
	if (reason != 0) {
		char text[128];
		regerror(reason, &compiled, text, sizeof text);
		return err_set(e, ERR_INPUT, "%s", text);
	}
	bool is_empty = regexec(&compiled, "", 0, NULL, 0) == 0;
	regfree(&compiled);
	p->expression = arena_strdup(a, r.out);
	return !is_empty || err_set(e, ERR_INPUT, "it matches every line");
}

static bool log_spec_pattern(struct log_spec *s, const char *name, const char *value,
	struct arena *a, struct err *e)
{
	if (!log_spec_is_name(name, strlen(name)))
		return err_set(e, ERR_INPUT,
			"a pattern needs a name of at most %d letters, digits, '_' and "
			"'-'",
			LOG_SPEC_NAME_MAX);
	for (size_t i = 0; i < s->pattern_count; i++)
		if (strcmp(s->patterns[i].name, name) == 0)
			return err_set(e, ERR_INPUT, "pattern %s is given twice", name);
	if (s->pattern_count == LOG_SPEC_PATTERNS_MAX)
		return err_set(
			e, ERR_INPUT, "more than %d patterns", LOG_SPEC_PATTERNS_MAX);
	if (!s->patterns)
		s->patterns = arena_array(
			a, LOG_SPEC_PATTERNS_MAX, sizeof *s->patterns);
	struct log_pattern *p = &s->patterns[s->pattern_count];
	*p = (struct log_pattern){.name = arena_strdup(a, name)};
	if (!log_spec_expression(p, value, a, e))
		return err_wrap(e, "pattern %s", name);
	s->pattern_count++;
	return true;
}

static bool log_spec_text(struct log_spec *s, const char **field, const char *key,
	const char *value, struct arena *a, struct err *e)
{
	if (*field)
		return err_set(e, ERR_INPUT, "%s is given twice", key);
	if (!*value)
		return err_set(e, ERR_INPUT, "%s is empty", key);
	if (field == &s->file && *value != '/' && strcmp(value, "journal") != 0)
		return err_set(e, ERR_INPUT,
			"file: '%s' neither begins with '/' nor is the word journal",
			value);
	*field = arena_strdup(a, value);
	return true;
}

bool log_spec_key(struct log_spec *s, const char *key, const char *value,
	struct arena *a, struct err *e)
{
	static const char pattern[] = "pattern ";
	bool ok;
	if (strcmp(key, "file") == 0)
		ok = log_spec_text(s, &s->file, key, value, a, e);
	else if (strcmp(key, "service") == 0)
		ok = log_spec_text(s, &s->service, key, value, a, e);
	else if (strncmp(key, pattern, sizeof pattern - 1) == 0) {
		const char *name = key + sizeof pattern - 1;
		ok = log_spec_pattern(s, name + strspn(name, " \t"), value, a, e);
	} else
		ok = err_set(e, ERR_INPUT, "unknown key '%s'", key);
	return ok || err_wrap(e, "[log %s]", s->name);
}

bool log_spec_check(const struct log_spec *s, struct err *e)
{
	return s->file || err_set(e, ERR_INPUT, "[log %s] has no file", s->name);
}
