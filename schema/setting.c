#include "schema/setting.h"

#include "common/conf_parse.h"
#include "schema/wire_text.h"

#include <sodium.h>
#include <string.h>

/* clang-format off */
const struct setting setting_table[SETTING_COUNT] = {
#define SETTING(number, name, field, kind, minimum, maximum, words, fallback, consent, help)   \
	{number, #name, SETTING_##kind, minimum, maximum, words, fallback,                     \
		SETTING_##consent, help},
#include "schema/setting.def"
#undef SETTING
};
/* clang-format on */

const char *const setting_kind_name[] = {"duration", "bytes", "bool", "word", "list"};
const char *const setting_fate_name[SETTING_FATES] = {
	"applied", "overridden", "forbidden", "unknown", "bounds", "failed"};

int setting_named(const char *name)
{
	for (int i = 0; i < SETTING_COUNT; i++)
		if (strcmp(setting_table[i].name, name) == 0)
			return i;
	return -1;
}

int setting_numbered(uint32_t number)
{
	for (int i = 0; i < SETTING_COUNT; i++)
		if (setting_table[i].number == number)
			return i;
	return -1;
}

static bool setting_read_number(const struct setting *s, const char *text,
	struct arena *a, const char **value, struct err *e)
{
	const struct conf_option option = {
		.type = s->kind == SETTING_BYTES ? CONF_BYTES : CONF_DURATION,
		.minimum = s->minimum,
		.maximum = s->maximum,
	};
	int64_t number;
	if (!conf_parse_option(&option, &number, text, a, e))
		return false;
	struct buf out = {0};
	conf_parse_print(option.type, number, &out);
	*value = arena_strdup(a, out.data);
	buf_finish(&out);
	return true;
}

static bool setting_read_bool(
	const char *text, struct arena *a, const char **value, struct err *e)
{
	const struct conf_option option = {.type = CONF_BOOL};
	bool yes;
	if (!conf_parse_option(&option, &yes, text, a, e))
		return false;
	*value = yes ? "yes" : "no";
	return true;
}

/* The word that begins at *rest, without blanks around it; *rest is then behind it. */
static size_t setting_word(const char **rest, const char **word)
{
	*rest += strspn(*rest, " \t");
	*word = *rest;
	size_t length = strcspn(*rest, ",");
	*rest += length + ((*rest)[length] == ',');
	while (length && strchr(" \t", (*word)[length - 1]))
		length--;
	return length;
}

static bool setting_read_word(const struct setting *s, const char *text,
	struct arena *a, const char **value, struct err *e)
{
	const char *rest = s->words, *word;
	while (*rest) {
		size_t length = setting_word(&rest, &word);
		if (strlen(text) == length && memcmp(word, text, length) == 0) {
			*value = arena_strndup(a, word, length);
			return true;
		}
	}
	struct buf bounds = {0};
	setting_bounds(s, &bounds);
	err_set(e, ERR_INPUT, "'%.40s' is none of %s", text, bounds.data);
	buf_finish(&bounds);
	return false;
}

static bool setting_read_list(
	const char *text, struct arena *a, const char **value, struct err *e)
{
	const char *rest = text + strspn(text, " \t"), *word;
	struct buf out = {0};
	size_t count = 0;
	bool ok = true;
	buf_text(&out, "");
	while (ok && *rest) {
		bool last = !strchr(rest, ',');
		size_t length = setting_word(&rest, &word);
		ok = length > 0 && length <= SETTING_NAME_MAX &&
		     ++count <= SETTING_NAMES_MAX && (last || *rest);
		if (ok)
			buf_printf(&out, "%s%.*s", count > 1 ? ", " : "", (int)length,
				word);
	}
	*value = arena_strdup(a, out.data);
	buf_finish(&out);
	return ok || err_set(e, ERR_INPUT,
			     "not a list of at most %d names, by commas, of at most %d "
			     "bytes each",
			     SETTING_NAMES_MAX, SETTING_NAME_MAX);
}

bool setting_read(const struct setting *s, const char *text, struct arena *a,
	const char **value, struct err *e)
{
	if (!wire_text_check_long(text, SETTING_VALUE_MAX, e))
		return false;
	switch (s->kind) {
	case SETTING_DURATION:
	case SETTING_BYTES:
		return setting_read_number(s, text, a, value, e);
	case SETTING_BOOL:
		return setting_read_bool(text, a, value, e);
	case SETTING_WORD:
		return setting_read_word(s, text, a, value, e);
	case SETTING_LIST:
		break;
	}
	return setting_read_list(text, a, value, e);
}

bool setting_wants_consent(const struct setting *s, int64_t own, int64_t value)
{
	switch (s->consent) {
	case SETTING_NOT_NEEDED:
		break;
	case SETTING_NEEDED:
		return true;
	case SETTING_TO_RAISE:
		return value > own;
	case SETTING_TO_LOWER:
		return value < own;
	case SETTING_ABOVE_1G:
		return value > own && value > INT64_C(1) << 30;
	}
	return false;
}

void setting_bounds(const struct setting *s, struct buf *out)
{
	const struct conf_option option = {
		.type = s->kind == SETTING_BYTES      ? CONF_BYTES
			: s->kind == SETTING_DURATION ? CONF_DURATION
						      : CONF_TEXT,
		.minimum = s->minimum,
		.maximum = s->maximum,
	};
	const char *rest = s->words, *word, *between = "";
	conf_parse_bounds(&option, out);
	buf_text(out, "");
	while (*rest) {
		size_t length = setting_word(&rest, &word);
		buf_printf(out, "%s%.*s", between, (int)length, word);
		between = strchr(rest, ',') ? ", " : " or ";
	}
}

uint64_t setting_hash(const struct setting_value *values, size_t count)
{
	uint8_t digest[crypto_generichash_BYTES_MIN];
	crypto_generichash_state state;
	uint64_t hash;
	if (count == 0)
		return 0;
	crypto_generichash_init(&state, NULL, 0, sizeof digest);
	for (size_t i = 0; i < count; i++) {
		const uint8_t number[4] = {(uint8_t)values[i].number,
			(uint8_t)(values[i].number >> 8),
			(uint8_t)(values[i].number >> 16),
			(uint8_t)(values[i].number >> 24)};
		crypto_generichash_update(&state, number, sizeof number);
		crypto_generichash_update(&state, (const uint8_t *)values[i].value,
			strlen(values[i].value) + 1);
	}
	crypto_generichash_final(&state, digest, sizeof digest);
	memcpy(&hash, digest, sizeof hash);
	return hash ? hash : 1;
}
