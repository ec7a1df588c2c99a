#include "agent/heap/privacy.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>

enum {
	PRIVACY_IDENTIFIER_MAX = 40,
	PRIVACY_DIGITS_MAX = 4,
	PRIVACY_NUMBERS_MAX = 2, /* separate ones */
	PRIVACY_HEX_RUN = 12,
	/* In names of files, where hashes of contents and dates of releases are usual.
	 */
	PRIVACY_FILE_DIGITS_MAX = 14,
	PRIVACY_FILE_HEX_RUN = 24,
	PRIVACY_CONSONANTS = 7,   /* small ones, on end */
	PRIVACY_ELEMENT_MAX = 12, /* "<blockquote>" */
	PRIVACY_MIX_LENGTH = 10,  /* from here on the words in a name are counted */
};

/* What services begin their tokens with. */
static const char *const privacy_prefixes[] = {"sk_", "pk_", "rk_", "sk-", "AKIA",
	"ASIA", "AIza", "ya29", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_",
	"glpat", "xoxa", "xoxb", "xoxp", "xoxr", "xoxs", "eyJ", "npm_", "whsec_",
	"tmk1"};

static bool privacy_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool privacy_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool privacy_is_word(char c)
{
	return privacy_is_letter(c) || privacy_is_digit(c) || c == '_' || c == '$';
}

static bool privacy_has_prefix(const char *text, size_t length)
{
	size_t count = sizeof privacy_prefixes / sizeof privacy_prefixes[0];
	for (size_t i = 0; i < count; i++) {
		size_t of_prefix = strlen(privacy_prefixes[i]);
		if (length > of_prefix &&
			memcmp(text, privacy_prefixes[i], of_prefix) == 0)
			return true;
	}
	return false;
}

/* So many hexadecimal digits on end, one of them a digit. */
static bool privacy_has_hex_run(const char *text, size_t length, size_t so_many)
{
	size_t run = 0, digits = 0;
	for (size_t i = 0; i < length; i++) {
		if (!isxdigit((unsigned char)text[i])) {
			run = digits = 0;
			continue;
		}
		run++;
		digits += privacy_is_digit(text[i]);
		if (run >= so_many && digits > 0)
			return true;
	}
	return false;
}

static bool privacy_has_consonant_run(const char *text, size_t length)
{
	size_t run = 0;
	for (size_t i = 0; i < length && run < PRIVACY_CONSONANTS; i++)
		run = text[i] >= 'a' && text[i] <= 'z' && !strchr("aeiouy", text[i])
			      ? run + 1
			      : 0;
	return run == PRIVACY_CONSONANTS;
}

/* Words of camelCase, snake_case and CONSTANTS are long; those of random letters and
 * digits change their kind at every second character. */
static bool privacy_has_short_words(const char *text, size_t length)
{
	if (length < PRIVACY_MIX_LENGTH)
		return false;
	size_t words = 1;
	for (size_t i = 1; i < length; i++) {
		char before = text[i - 1], c = text[i];
		bool upper = c >= 'A' && c <= 'Z';
		bool before_upper = before >= 'A' && before <= 'Z';
		bool next_lower = i + 1 < length && text[i + 1] >= 'a';
		words += privacy_is_digit(c) != privacy_is_digit(before) ||
			 (upper && (!before_upper || next_lower));
	}
	return length * 10 < words * 21; /* about two characters each */
}

/* Behind these a number and small letters are usual: "utf8mb4", "base64url". */
static bool privacy_is_stem(const char *text, size_t length)
{
	static const char *const stems[] = {"utf", "base", "sha", "md", "ipv", "http",
		"oauth", "int", "uint", "float", "es", "crc", "aes", "x", "h", "s", "v",
		"u", "i", "f", "win", "fn", "arg", "args"};
	for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++)
		if (strlen(stems[i]) == length &&
			strncasecmp(stems[i], text, length) == 0)
			return true;
	return false;
}

static size_t privacy_letters(const char *text, size_t length)
{
	size_t count = 0;
	while (count < length && privacy_is_letter(text[count]))
		count++;
	return count;
}

/* Digits inside a word, where letters would be: "Tr0ub4dor".  Not "Int8Array", where a
 * word begins behind them, nor "i18n" and "e2e", nor "str2num". */
static bool privacy_has_digits_in_word(const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t stem = privacy_letters(text + at, length - at), digits = 0;
		const char *behind = text + at + stem;
		size_t left = length - at - stem;
		while (digits < left && privacy_is_digit(behind[digits]))
			digits++;
		size_t rest = privacy_letters(behind + digits, left - digits);
		bool is_inside = stem > 0 && digits > 0 && rest > 0 &&
				 behind[digits] >= 'a';
		bool is_usual = privacy_is_stem(text + at, stem) ||
				(stem == 1 && rest < 3) ||
				(digits == 1 && *behind == '2');
		if (is_inside && !is_usual)
			return true;
		at += stem + digits + (stem + digits == 0);
	}
	return false;
}

bool privacy_looks_secret(const char *text, size_t length)
{
	size_t digits = 0, numbers = 0;
	for (size_t i = 0; i < length; i++) {
		bool is_digit = privacy_is_digit(text[i]);
		digits += is_digit;
		numbers += is_digit && (i == 0 || !privacy_is_digit(text[i - 1]));
	}
	return length > PRIVACY_IDENTIFIER_MAX || digits > PRIVACY_DIGITS_MAX ||
	       numbers > PRIVACY_NUMBERS_MAX || privacy_has_prefix(text, length) ||
	       privacy_has_hex_run(text, length, PRIVACY_HEX_RUN) ||
	       privacy_has_consonant_run(text, length) ||
	       privacy_has_digits_in_word(text, length) ||
	       privacy_has_short_words(text, length);
}

/* A name that a programmer may have written. */
static bool privacy_is_identifier(const char *text, size_t length)
{
	if (length > 1 && text[0] == '#') { /* a private property */
		text++;
		length--;
	}
	if (length == 0 || privacy_is_digit(text[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!privacy_is_word(text[i]))
			return false;
	return !privacy_looks_secret(text, length);
}

/* Identifiers between separators: "std::vector", "Foo.bar", "x / Y". */
static bool privacy_are_identifiers(
	const char *text, size_t length, const char *between)
{
	size_t start = 0;
	for (size_t i = 0; i <= length; i++) {
		if (i < length && !strchr(between, text[i]))
			continue;
		if (i > start && !privacy_is_identifier(text + start, i - start))
			return false;
		start = i + 1;
	}
	return length > 0;
}

/* Words that stand alone before a name. */
static size_t privacy_skip_words(const char *name)
{
	static const char *const words[] = {"Detached ", "get ", "set ", "bound ",
		"async ", "static ", "system / ", "Node / ", "C++ "};
	size_t at = 0;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strncmp(name + at, words[i], strlen(words[i])) == 0)
			at += strlen(words[i]);
	return at;
}

/* "<div>", "<h1>": no attributes, and no elements that people make up. */
static bool privacy_is_element(const char *name, size_t length)
{
	size_t letters = privacy_letters(name + 1, length - 2);
	bool has_level = letters == 1 && length == 4 && privacy_is_digit(name[2]);
	return length <= PRIVACY_ELEMENT_MAX && letters > 0 &&
	       (letters == length - 2 || has_level);
}

/* "(compiled code)", "[module]", "<div>": words in brackets. */
static bool privacy_is_bracketed(const char *name, size_t length)
{
	if (length > 2 && name[0] == '<' && name[length - 1] == '>')
		return privacy_is_element(name, length);
	return length > 2 && strchr("([", name[0]) && strchr(")]", name[length - 1]) &&
	       privacy_are_identifiers(name + 1, length - 2, " -/.");
}

/* "Map Iterator", "Iterator Helper": as the language calls its own classes. */
static bool privacy_is_iterator(const char *name, size_t length)
{
	static const char end[] = " Iterator";
	size_t of_end = sizeof end - 1;
	if (strcmp(name, "Iterator Helper") == 0)
		return true;
	return length > of_end && strcmp(name + length - of_end, end) == 0 &&
	       privacy_are_identifiers(name, length - of_end, " -");
}

/* "EventEmitter.init": each part of it stands in the code, or V8 and Node have made the
 * name. */
static bool privacy_is_chain(const struct privacy *p, const char *name, size_t length)
{
	static const char *const own[] = {
		"node::", "node:", "v8::", "v8.", "std::", "internal/"};
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (strncmp(name, own[i], strlen(own[i])) == 0)
			return true;
	for (size_t start = 0, i = 0; i <= length; i++) {
		if (i < length && !strchr(".:", name[i]))
			continue;
		if (i - start == length)
			return true; /* no chain at all */
		if (i > start &&
			!(p->known && known_has(p->known, name + start, i - start)))
			return false;
		start = i + 1;
	}
	return true;
}

static bool privacy_is_class(const struct privacy *p, const char *name)
{
	size_t length = strlen(name);
	if (length == 0 || length > PRIVACY_NAME_BYTES_MAX)
		return false;
	size_t skip = privacy_skip_words(name);
	if (length - skip > 2 && strcmp(name + length - 2, "()") == 0)
		length -= 2;
	if (skip == length || privacy_is_iterator(name, length) ||
		privacy_is_bracketed(name + skip, length - skip))
		return true;
	/* What V8 and Node name themselves may have spaces and "::". */
	const char *bare = name + skip;
	bool is_native = strstr(name, " / ") && strstr(name, " / ") < bare;
	return privacy_are_identifiers(bare, length - skip, skip ? ".: -" : ".:") &&
	       (is_native || privacy_is_chain(p, bare, length - skip));
}

static bool privacy_is_property(
	const struct privacy *p, const char *name, size_t length)
{
	return privacy_is_identifier(name, length) &&
	       (!p->known || known_has(p->known, name, length));
}

/* "{a, b}", each of them a name; cut after one when it becomes too long. */
static const char *privacy_interface(
	const struct privacy *p, const char *name, struct arena *arena)
{
	size_t length = strlen(name), start = 1, fits = 0;
	if (name[length - 1] != '}')
		return NULL;
	while (start < length - 1) {
		const char *comma = strstr(name + start, ", ");
		size_t end = comma ? (size_t)(comma - name) : length - 1;
		bool is_more = strncmp(name + start, "…", sizeof "…" - 1) == 0;
		if (!is_more && !privacy_is_property(p, name + start, end - start))
			return NULL;
		if (end + sizeof ", …}" <= PRIVACY_NAME_BYTES_MAX)
			fits = end;
		start = comma ? end + 2 : end;
	}
	if (length <= PRIVACY_NAME_BYTES_MAX)
		return arena_strdup(arena, name);
	return fits ? arena_printf(arena, "%.*s, …}", (int)fits, name) : NULL;
}

/* An inspector calls the global object so, and the address of a page follows. */
static bool privacy_is_global(const char *name)
{
	static const char global[] = "global / ";
	return strncmp(name, global, sizeof global - 1) == 0;
}

const char *privacy_class(const struct privacy *p, const char *name, const char *kind,
	struct arena *arena)
{
	const char *kept = NULL;
	if (privacy_is_global(name))
		return "global";
	if (name[0] == '{' && strcmp(name, "{}") != 0)
		kept = privacy_interface(p, name, arena);
	else if (privacy_is_class(p, name) || strcmp(name, "{}") == 0 || !name[0])
		kept = arena_strdup(arena, name);
	if (kept)
		return kept;
	uint8_t hash[crypto_generichash_BYTES_MIN];
	crypto_generichash(hash, sizeof hash, (const uint8_t *)name, strlen(name),
		p->key, sizeof p->key);
	return arena_printf(
		arena, "%s#%02x%02x%02x%02x", kind, hash[0], hash[1], hash[2], hash[3]);
}

/* "<symbol nodejs.util.inspect.custom>". */
static bool privacy_is_symbol(const char *name, size_t length)
{
	static const char symbol[] = "<symbol ";
	size_t of_symbol = sizeof symbol - 1;
	return length > of_symbol + 1 && length <= PRIVACY_NAME_BYTES_MAX &&
	       memcmp(name, symbol, of_symbol) == 0 && name[length - 1] == '>' &&
	       privacy_are_identifiers(name + of_symbol, length - of_symbol - 1, ".:");
}

const char *privacy_property(
	const struct privacy *p, const char *name, struct arena *arena)
{
	/* Accessors are held under "get name" and "set name". */
	bool is_accessor = strncmp(name, "get ", 4) == 0 ||
			   strncmp(name, "set ", 4) == 0;
	const char *bare = is_accessor ? name + 4 : name;
	size_t length = strlen(bare);
	bool kept = privacy_is_property(p, bare, length) ||
		    privacy_is_symbol(bare, length);
	return kept ? arena_strdup(arena, name) : "[key]";
}

const char *privacy_variable(const char *name, struct arena *arena)
{
	const struct privacy shape_only = {.known = NULL};
	return privacy_property(&shape_only, name, arena);
}

/* A name of a file or folder: "@koa", "koa@2.15.0", but no mail address. */
static bool privacy_is_segment(const char *text, size_t length)
{
	size_t digits = 0;
	for (size_t i = 0; i < length; i++) {
		bool is_address = text[i] == '@' && i > 0 && i + 1 < length &&
				  privacy_is_letter(text[i + 1]);
		if (is_address ||
			!(privacy_is_word(text[i]) || strchr(".@+-~:()[]", text[i])))
			return false;
		digits += privacy_is_digit(text[i]);
	}
	return digits <= PRIVACY_FILE_DIGITS_MAX && !privacy_has_prefix(text, length) &&
	       !privacy_has_hex_run(text, length, PRIVACY_FILE_HEX_RUN);
}

/* No other scheme than that of files: an address may hold a password. */
static bool privacy_is_file(const char *location)
{
	const char *scheme = strstr(location, "://");
	return strncmp(location, "data:", 5) != 0 &&
	       strncmp(location, "blob:", 5) != 0 &&
	       strncmp(location, "evalmachine", 11) != 0 &&
	       (!scheme || strncmp(location, "file://", 7) == 0);
}

/* What stands between "/home/", or "/Users/", and the next slash is who somebody is;
 * home may also be within /var, /export and the like. */
static bool privacy_is_person(const char *location, size_t start)
{
	static const char *const homes[] = {"/home/", "/Users/"};
	for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
		size_t length = strlen(homes[i]), slashes = 0;
		if (start < length ||
			memcmp(location + start - length, homes[i], length) != 0)
			continue;
		const char *from = strncmp(location, "file://", 7) == 0 ? location + 7
									: location;
		for (const char *at = from; at < location + start; at++)
			slashes += *at == '/';
		return slashes <= 3;
	}
	return false;
}

const char *privacy_location(const char *location, struct arena *arena)
{
	char out[2 * PRIVACY_SCRIPT_BYTES_MAX] = "";
	size_t length = strlen(location), used = 0, end = length, tail = length;
	if (length == 0 || length >= sizeof out / 2 || !privacy_is_file(location))
		return "";
	/* ":line:column" is kept whatever comes before it. */
	for (int colons = 0; tail > 0 && colons < 2; tail--) {
		if (location[tail - 1] == ':')
			colons++;
		else if (!privacy_is_digit(location[tail - 1]))
			break;
	}
	end = strcspn(location, "?#");
	if (end > tail)
		end = tail;
	for (size_t start = 0; start < end;) {
		size_t stop = start + strcspn(location + start, "/");
		if (stop > end)
			stop = end;
		bool clean = privacy_is_segment(location + start, stop - start);
		bool is_person = stop < end && privacy_is_person(location, start);
		const char *segment = is_person ? "~"
				      : clean   ? location + start
						: "[name]";
		size_t bytes = clean && !is_person ? stop - start : strlen(segment);
		if (used + bytes + 1 + length - tail >= PRIVACY_SCRIPT_BYTES_MAX)
			return "";
		memcpy(out + used, segment, bytes);
		used += bytes;
		if (stop < end)
			out[used++] = '/';
		start = stop + 1;
	}
	if (used == 0)
		return "";
	memcpy(out + used, location + tail, length - tail);
	return arena_strndup(arena, out, used + length - tail);
}
