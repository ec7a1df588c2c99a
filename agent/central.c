#include "agent/central.h"

#include "agent/state.h"
#include "schema/wire_limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char central_head[] = "tidemark settings 1\n";

static void central_except(struct central *c, uint32_t number, enum setting_fate fate)
{
	struct setting_state *s = &c->state;
	int at = setting_numbered(number);
	if (at >= 0)
		c->fates[at] = fate;
	if (fate != SETTING_APPLIED && s->exception_count < SETTING_EXCEPTIONS_MAX)
		s->exceptions[s->exception_count++] = (struct setting_exception){
			number, fate};
}

static enum setting_fate central_put(
	struct central *c, const struct setting_value *v, struct arena *a)
{
	struct err ignored;
	const char *value;
	int at = setting_numbered(v->number);
	if (at < 0)
		return SETTING_UNKNOWN;
	if (!config_lets_set(c->own, at))
		return SETTING_FORBIDDEN;
	if (c->own->sources[at] != CONF_FROM_DEFAULT)
		return SETTING_OVERRIDDEN;
	if (c->tries >= CENTRAL_TRIES_MAX)
		return SETTING_FAILED;
	if (!setting_read(&setting_table[at], v->value, a, &value, &ignored))
		return SETTING_BOUNDS;
	if (!config_lets_value(c->own, at, value))
		return SETTING_FORBIDDEN;
	if (!config_set(&c->live, at, value, a, &ignored))
		return SETTING_BOUNDS;
	c->values[at] = value;
	return SETTING_APPLIED;
}

/* The owner's settings, and over them those that are in force. */
static void central_apply(struct central *c)
{
	c->live = *c->own;
	c->state = (struct setting_state){
		.revision = c->orders.revision, .hash = c->orders.hash};
	memset(c->values, 0, sizeof c->values);
	memset(c->fates, 0, sizeof c->fates);
	for (size_t i = 0; i < c->orders.count; i++)
		central_except(c, c->orders.values[i].number,
			central_put(c, &c->orders.values[i], &c->arenas[c->arena]));
}

static bool central_save(const struct central *c, struct err *e)
{
	struct buf text = {0};
	buf_text(&text, central_head);
	buf_printf(&text, "revision %" PRIu64 "\nhash %016" PRIx64 "\ntries %d\n",
		c->orders.revision, c->orders.hash, c->tries);
	for (size_t i = 0; i < c->orders.count; i++)
		buf_printf(&text, "%" PRIu32 " %s\n", c->orders.values[i].number,
			c->orders.values[i].value);
	bool ok = state_write_settings(c->own->state_dir, &text, e);
	buf_finish(&text);
	return ok;
}

/* One "NUMBER VALUE" line, which ends at *text's next newline. */
static bool central_parse_setting(struct central *c, struct setting_value *values,
	const char *line, size_t length)
{
	char *end;
	unsigned long number = strtoul(line, &end, 10);
	if (*end != ' ' || number == 0 || number > UINT32_MAX ||
		c->orders.count == WIRE_SETTINGS_MAX ||
		length < (size_t)(end + 1 - line))
		return false;
	values[c->orders.count++] = (struct setting_value){
		(uint32_t)number, arena_strndup(&c->arenas[c->arena], end + 1,
					  length - (size_t)(end + 1 - line))};
	return true;
}

static bool central_parse(struct central *c, const char *text)
{
	struct setting_value *values = arena_array(
		&c->arenas[c->arena], WIRE_SETTINGS_MAX, sizeof *values);
	int read = 0;
	if (strncmp(text, central_head, sizeof central_head - 1) != 0)
		return false;
	text += sizeof central_head - 1;
	if (sscanf(text, "revision %" SCNu64 "\nhash %" SCNx64 "\ntries %d\n%n",
		    &c->orders.revision, &c->orders.hash, &c->tries, &read) != 3 ||
		read == 0)
		return false;
	c->orders.values = values;
	for (text += read; *text;) {
		size_t length = strcspn(text, "\n");
		if (text[length] != '\n' ||
			!central_parse_setting(c, values, text, length))
			return false;
		text += length + 1;
	}
	return c->orders.hash == setting_hash(values, c->orders.count);
}

static bool central_load(struct central *c, struct err *e)
{
	struct buf text = {0};
	bool found;
	bool ok = state_read_settings(c->own->state_dir, &text, &found, e);
	if (ok && found && !central_parse(c, text.data)) {
		c->orders = (struct setting_orders){0};
		c->tries = -1;
		ok = err_set(e, ERR_INPUT, "%s/settings is damaged", c->own->state_dir);
	}
	buf_finish(&text);
	return ok;
}

bool central_read(struct central *c, const struct config *own, struct err *e)
{
	*c = (struct central){.own = own, .tries = -1};
	arena_init(&c->arenas[0]);
	arena_init(&c->arenas[1]);
	bool ok = central_load(c, e);
	central_apply(c);
	return ok;
}

bool central_open(struct central *c, const struct config *own, struct err *e)
{
	if (!central_read(c, own, e))
		return false;
	if (c->tries < 0 || c->tries >= CENTRAL_TRIES_MAX)
		return true;
	c->tries++;
	central_apply(c);
	return central_save(c, e);
}

void central_close(struct central *c)
{
	arena_finish(&c->arenas[0]);
	arena_finish(&c->arenas[1]);
}

void central_hear(struct central *c, const struct setting_orders *orders)
{
	struct arena *a = &c->arenas[!c->arena];
	if (orders->revision == c->state.revision && orders->hash == c->state.hash) {
		c->has_heard = false;
		return;
	}
	if (c->has_heard && orders->revision == c->heard.revision &&
		orders->hash == c->heard.hash)
		return;
	arena_reset(a);
	struct setting_value *values = arena_array(a, orders->count, sizeof *values);
	for (size_t i = 0; i < orders->count; i++)
		values[i] = (struct setting_value){orders->values[i].number,
			arena_strdup(a, orders->values[i].value)};
	c->heard = *orders;
	c->heard.values = values;
	c->has_heard = true;
}

bool central_take(struct central *c, struct err *e)
{
	if (!c->has_heard)
		return false;
	c->has_heard = false;
	c->orders = c->heard;
	c->arena = !c->arena;
	c->tries = c->orders.count > 0 ? 0 : -1;
	central_apply(c);
	central_save(c, e);
	return true;
}

bool central_confirm(struct central *c, struct err *e)
{
	if (c->tries < 0 || c->tries >= CENTRAL_TRIES_MAX)
		return true;
	c->tries = -1;
	return central_save(c, e);
}

char **central_arguments(const struct central *c, struct arena *a)
{
	size_t count = 0;
	if (!c->own->arguments)
		return NULL;
	while (c->own->arguments[count])
		count++;
	char **out = arena_array(a, count + SETTING_COUNT + 1, sizeof *out);
	memcpy(out, c->own->arguments, count * sizeof *out);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (!c->values[i])
			continue;
		char *flag = arena_printf(
			a, "--%s=%s", setting_table[i].name, c->values[i]);
		for (char *at = flag; *at != '='; at++)
			if (*at == '_')
				*at = '-';
		out[count++] = flag;
	}
	return out;
}

static const char *central_source(const struct central *c, int at)
{
	static const char *const names[] = {
		"default", "own file", "own environment", "own command line"};
	return c->values[at] ? "server" : names[c->own->sources[at]];
}

static void central_format_told(const struct central *c, struct buf *out)
{
	static const char *const words[SETTING_FATES] = {"is applied",
		"is set by this host itself", "is not left to the server ('central')",
		"is not known to this version", "is none that this version takes",
		"did not let it through to a server"};
	for (size_t i = 0; i < c->orders.count; i++) {
		const struct setting_value *v = &c->orders.values[i];
		int at = setting_numbered(v->number);
		enum setting_fate fate = at < 0 ? SETTING_UNKNOWN : c->fates[at];
		if (fate == SETTING_APPLIED)
			continue;
		if (at >= 0)
			buf_printf(out, "  told %s = %s: it %s\n",
				setting_table[at].name, v->value, words[fate]);
		else
			buf_printf(out, "  told setting %" PRIu32 ": it %s\n",
				v->number, words[fate]);
	}
}

void central_format(const struct central *c, struct buf *out)
{
	if (c->orders.revision)
		buf_printf(out, "settings    revision %" PRIu64 " of the server%s\n",
			c->orders.revision,
			c->tries >= CENTRAL_TRIES_MAX ? ", given up: see below" : "");
	else
		buf_text(out, "settings    of this host alone\n");
	for (int i = 0; i < SETTING_COUNT; i++) {
		buf_printf(out, "  %-18s ", setting_table[i].name);
		config_show(&c->live, i, out);
		buf_printf(out, " (%s)\n", central_source(c, i));
	}
	central_format_told(c, out);
	if (c->state.has_cost)
		buf_printf(out, "own cost    %.2f %% of a core, %.1f MiB\n",
			(double)c->state.cpu_ppm / 10000,
			(double)c->state.rss_bytes / (1 << 20));
}
