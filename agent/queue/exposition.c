#include "agent/queue/exposition.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One line while it is being read; what is kept goes to the series' text. */
struct exposition_line {
	const char *at, *end;
	struct exposition_series *out;
	size_t used;
};

static bool keep(struct exposition_line *l, char c)
{
	if (l->used == EXPOSITION_TEXT_MAX)
		return false;
	l->out->text[l->used++] = c;
	return true;
}

static void skip_blanks(struct exposition_line *l)
{
	while (l->at < l->end && (*l->at == ' ' || *l->at == '\t'))
		l->at++;
}

static bool take(struct exposition_line *l, char c)
{
	skip_blanks(l);
	if (l->at == l->end || *l->at != c)
		return false;
	l->at++;
	return true;
}

static bool read_name(struct exposition_line *l, const char **out)
{
	skip_blanks(l);
	const char *start = l->at;
	*out = l->out->text + l->used;
	while (l->at < l->end && (isalnum((unsigned char)*l->at) || *l->at == '_' ||
					 *l->at == ':' || *l->at == '.')) {
		if (!keep(l, *l->at++))
			return false;
	}
	return l->at > start && !isdigit((unsigned char)*start) && keep(l, '\0');
}

/* In quotes; \\, \" and \n stand for what they say. */
static bool read_value(struct exposition_line *l, const char **out)
{
	*out = l->out->text + l->used;
	if (!take(l, '"'))
		return false;
	while (l->at < l->end && *l->at != '"') {
		char c = *l->at++;
		if (c == '\\' && l->at < l->end) {
			c = *l->at++;
			c = c == 'n' ? '\n' : c;
		}
		if (!c || !keep(l, c))
			return false;
	}
	return take(l, '"') && keep(l, '\0');
}

static bool read_labels(struct exposition_line *l)
{
	struct exposition_series *out = l->out;
	while (!take(l, '}')) {
		if (out->label_count == EXPOSITION_LABELS_MAX)
			return false;
		struct exposition_label *label = &out->labels[out->label_count++];
		if (!read_name(l, &label->name) || !take(l, '=') ||
			!read_value(l, &label->value))
			return false;
		if (!take(l, ',')) {
			if (!take(l, '}'))
				return false;
			break;
		}
	}
	return true;
}

static bool read_series(struct exposition_line *l)
{
	l->out->label_count = 0;
	return read_name(l, &l->out->metric) && (!take(l, '{') || read_labels(l));
}

/* A number, and nothing but blanks and what we do not use (time, exemplar) behind. */
static bool read_number(struct exposition_line *l)
{
	char text[64];
	size_t length = 0;
	skip_blanks(l);
	while (l->at < l->end && *l->at != ' ' && *l->at != '\t') {
		if (length == sizeof text - 1)
			return false;
		text[length++] = *l->at++;
	}
	text[length] = '\0';
	char *end;
	l->out->value = strtod(text, &end);
	return length > 0 && !*end;
}

bool exposition_next(struct exposition *x, struct exposition_series *out)
{
	while (x->at < x->end) {
		const char *newline = memchr(x->at, '\n', (size_t)(x->end - x->at));
		const char *end = newline ? newline : x->end;
		struct exposition_line l = {x->at, end, out, 0};
		x->at = newline ? newline + 1 : x->end;
		if (end > l.at && end[-1] == '\r')
			l.end--;
		skip_blanks(&l);
		if (l.at == l.end || *l.at == '#')
			continue;
		if (read_series(&l) && read_number(&l))
			return true;
		x->refused++;
	}
	return false;
}

bool exposition_select(const char *text, struct exposition_series *out, struct err *e)
{
	struct exposition_line l = {text, text + strlen(text), out, 0};
	bool ok = read_series(&l);
	skip_blanks(&l);
	out->value = NAN;
	return (ok && l.at == l.end) ||
	       err_set(e, ERR_INPUT, "'%s' is not METRIC{label=\"value\"}", text);
}

const char *exposition_label(const struct exposition_series *s, const char *name)
{
	for (size_t i = 0; i < s->label_count; i++) {
		if (strcmp(s->labels[i].name, name) == 0)
			return s->labels[i].value;
	}
	return NULL;
}

bool exposition_matches(const struct exposition_series *selector,
	const struct exposition_series *series)
{
	if (strcmp(selector->metric, series->metric) != 0)
		return false;
	for (size_t i = 0; i < selector->label_count; i++) {
		const char *value = exposition_label(series, selector->labels[i].name);
		if (!value || strcmp(value, selector->labels[i].value) != 0)
			return false;
	}
	return true;
}
