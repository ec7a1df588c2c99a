#include "agent/fingerprint/pnpm_lock.h"

#include <string.h>

#include <yaml.h>

enum { PNPM_LOCK_TEXT_MAX = 512, PNPM_LOCK_DEPTH_MAX = 200 };

struct pnpm_lock {
	struct intake *in;
	struct packages *out;
	size_t since; /* bytes given since the last event */
	unsigned depth;
	bool is_value;    /* in a mapping the next is a value */
	bool in_packages; /* of the document's "packages" */
	char top[16];     /* the key at depth 1 */
	char key[PNPM_LOCK_TEXT_MAX], field[16];
	char name[PNPM_LOCK_TEXT_MAX], version[PNPM_LOCK_TEXT_MAX];
	bool is_mapping[PNPM_LOCK_DEPTH_MAX + 1];
};

static int pnpm_lock_feed(
	void *context, unsigned char *buffer, size_t size, size_t *given)
{
	struct pnpm_lock *l = context;
	size_t n = 0;
	int c;
	while (n < size && (c = intake_next(l->in)) != INTAKE_END)
		buffer[n++] = (unsigned char)c;
	*given = n;
	l->since += n;
	return !l->in->trouble && l->since <= PNPM_LOCK_ITEM_BYTES_MAX;
}

static void pnpm_lock_copy(char *out, size_t size, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	length = length < size && strlen(text) == length ? length : 0;
	memcpy(out, text, length);
	out[length] = '\0';
}

/* "a/1.0.0_peer@2" (5), "a@1.0.0(peer@2)" (6, 9): changes `key`. */
static bool pnpm_lock_split(char *key, const char **name, const char **version)
{
	char *text = key + (key[0] == '/');
	text[strcspn(text, "(")] = '\0';
	char *at = strchr(text + (text[0] == '@'), '@');
	char *slash = strchr(text, '/');
	if (text[0] == '@' && slash)
		slash = strchr(slash + 1, '/');
	if (slash && (!at || slash < at)) {
		at = slash;
		slash[1 + strcspn(slash + 1, "_")] = '\0';
	}
	if (!at || at == text)
		return false;
	*at = '\0';
	*name = text;
	*version = at + 1;
	return true;
}

static void pnpm_lock_end(struct pnpm_lock *l)
{
	const char *name, *version;
	if (l->name[0] && l->version[0])
		packages_add(l->out, l->name, l->version);
	else if (l->key[0] && pnpm_lock_split(l->key, &name, &version))
		packages_add(l->out, l->name[0] ? l->name : name,
			l->version[0] ? l->version : version);
	l->key[0] = l->name[0] = l->version[0] = '\0';
}

static void pnpm_lock_scalar(struct pnpm_lock *l, const yaml_event_t *event)
{
	bool is_key = l->is_mapping[l->depth] && !l->is_value;
	if (l->depth == 1 && is_key) {
		pnpm_lock_copy(l->top, sizeof l->top, event);
		l->in_packages = strcmp(l->top, "packages") == 0;
	} else if (l->depth == 2 && is_key && l->in_packages) {
		pnpm_lock_end(l);
		pnpm_lock_copy(l->key, sizeof l->key, event);
	} else if (l->depth == 3 && l->in_packages && is_key) {
		pnpm_lock_copy(l->field, sizeof l->field, event);
	} else if (l->depth == 3 && l->in_packages) {
		if (strcmp(l->field, "name") == 0)
			pnpm_lock_copy(l->name, sizeof l->name, event);
		else if (strcmp(l->field, "version") == 0)
			pnpm_lock_copy(l->version, sizeof l->version, event);
	}
	l->is_value = l->is_mapping[l->depth] && is_key;
}

static bool pnpm_lock_open(struct pnpm_lock *l, bool is_mapping)
{
	if (l->depth == PNPM_LOCK_DEPTH_MAX)
		return false;
	l->is_mapping[++l->depth] = is_mapping;
	l->is_value = false;
	return true;
}

static void pnpm_lock_close(struct pnpm_lock *l)
{
	if (l->depth == 2)
		pnpm_lock_end(l);
	if (l->depth)
		l->depth--;
	l->is_value = false; /* it was one; a mapping goes on with a key */
}

/* False at something that no lock file has. */
static bool pnpm_lock_take(struct pnpm_lock *l, const yaml_event_t *event)
{
	l->since = 0;
	switch (event->type) {
	case YAML_MAPPING_START_EVENT:
		return pnpm_lock_open(l, true);
	case YAML_SEQUENCE_START_EVENT:
		return pnpm_lock_open(l, false);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		pnpm_lock_close(l);
		return true;
	case YAML_SCALAR_EVENT:
		pnpm_lock_scalar(l, event);
		return true;
	case YAML_ALIAS_EVENT:
		return false;
	default:
		return true;
	}
}

bool pnpm_lock_read(struct intake *in, struct packages *out, struct err *e)
{
	struct pnpm_lock l = {.in = in, .out = out};
	yaml_parser_t parser;
	BUG_ON(!yaml_parser_initialize(&parser));
	yaml_parser_set_input(&parser, pnpm_lock_feed, &l);
	bool ok = true, ended = false;
	while (ok && !ended) {
		yaml_event_t event;
		ok = yaml_parser_parse(&parser, &event);
		if (!ok)
			break;
		ended = event.type == YAML_STREAM_END_EVENT;
		ok = pnpm_lock_take(&l, &event);
		yaml_event_delete(&event);
	}
	pnpm_lock_end(&l);
	bool failed = intake_failed(in, e);
	if (!ok && !failed)
		err_set(e, ERR_INPUT, "it is no lock file at line %zu",
			parser.mark.line + 1);
	yaml_parser_delete(&parser);
	return ok && !failed;
}
