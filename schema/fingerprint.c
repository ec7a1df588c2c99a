#include "schema/fingerprint.h"

#include "schema/wire_limits.h"
#include "schema/wire_text.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FINGERPRINT_HASH_BYTES = FINGERPRINT_HASH_DIGITS / 2 };

static void fingerprint_add(crypto_generichash_state *state, const char *text)
{
	crypto_generichash_update(state, (const unsigned char *)text, strlen(text));
}

static void fingerprint_add_line(
	crypto_generichash_state *state, const char *name, const char *text)
{
	fingerprint_add(state, name);
	fingerprint_add(state, " ");
	fingerprint_add(state, text);
	fingerprint_add(state, "\n");
}

static void fingerprint_add_list(crypto_generichash_state *state, const char *name,
	const char *const *texts, size_t count)
{
	char number[24];
	snprintf(number, sizeof number, "%zu", count);
	fingerprint_add_line(state, name, number);
	for (size_t i = 0; i < count; i++) {
		fingerprint_add(state, texts[i]);
		fingerprint_add(state, "\n");
	}
}

void fingerprint_hash(
	const struct fingerprint *f, char out[FINGERPRINT_HASH_DIGITS + 1])
{
	crypto_generichash_state state;
	unsigned char digest[FINGERPRINT_HASH_BYTES];
	crypto_generichash_init(&state, NULL, 0, sizeof digest);
	fingerprint_add(&state, "tidemark fingerprint 1\n");
	fingerprint_add_line(&state, "app", f->app);
	fingerprint_add_line(&state, "app_version", f->app_version);
	fingerprint_add_line(&state, "git_head", f->git_head);
	fingerprint_add_line(&state, "build_id", f->build_id);
	fingerprint_add_line(&state, "image", f->image);
	fingerprint_add_line(&state, "runtime", f->runtime);
	fingerprint_add_line(&state, "runtime_version", f->runtime_version);
	fingerprint_add_line(&state, "source", f->source);
	fingerprint_add_line(&state, "is_cut", f->is_cut ? "1" : "0");
	fingerprint_add_list(&state, "environment", (const char *const *)f->environment,
		f->environment_count);
	fingerprint_add_list(
		&state, "packages", (const char *const *)f->packages, f->package_count);
	crypto_generichash_final(&state, digest, sizeof digest);
	sodium_bin2hex(out, FINGERPRINT_HASH_DIGITS + 1, digest, sizeof digest);
}

static int fingerprint_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Empty texts name nothing and are left out. */
static const char **fingerprint_clean_list(
	const char **texts, size_t *count, size_t maximum_bytes, struct arena *a)
{
	const char **clean = arena_array(a, *count, sizeof *clean);
	size_t kept = 0;
	for (size_t i = 0; i < *count; i++)
		if (texts[i] && *texts[i])
			clean[kept++] = wire_text_clean_long(
				texts[i], maximum_bytes, a);
	*count = kept;
	return clean;
}

static void fingerprint_sort(const char **texts, size_t *count)
{
	size_t kept = 0;
	if (*count)
		qsort(texts, *count, sizeof *texts, fingerprint_compare);
	for (size_t i = 0; i < *count; i++)
		if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0)
			texts[kept++] = texts[i];
	*count = kept;
}

/* How many of them fit. */
static size_t fingerprint_room(const char **packages, size_t count)
{
	size_t bytes = 0;
	for (size_t i = 0; i < count; i++) {
		bytes += strlen(packages[i]) + 1;
		if (i == FINGERPRINT_PACKAGES_MAX ||
			bytes > FINGERPRINT_PACKAGES_BYTES_MAX)
			return i;
	}
	return count;
}

static void fingerprint_clean(const char **text, struct arena *a)
{
	*text = *text ? wire_text_clean(*text, a) : "";
}

void fingerprint_tidy(struct fingerprint *f, struct arena *a)
{
	const char **texts[] = {&f->app, &f->app_version, &f->git_head, &f->build_id,
		&f->image, &f->runtime, &f->runtime_version, &f->source};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		fingerprint_clean(texts[i], a);
	f->environment = fingerprint_clean_list(
		f->environment, &f->environment_count, FINGERPRINT_TEXT_BYTES_MAX, a);
	fingerprint_sort(f->environment, &f->environment_count);
	if (f->environment_count > FINGERPRINT_ENVIRONMENT_MAX)
		f->environment_count = FINGERPRINT_ENVIRONMENT_MAX;
	f->packages = fingerprint_clean_list(
		f->packages, &f->package_count, FINGERPRINT_TEXT_BYTES_MAX, a);
	fingerprint_sort(f->packages, &f->package_count);
	size_t room = fingerprint_room(f->packages, f->package_count);
	f->is_cut = f->is_cut || room < f->package_count;
	f->package_count = room;
	f->remarks = fingerprint_clean_list(
		f->remarks, &f->remark_count, WIRE_SENTENCE_BYTES_MAX, a);
	if (f->remark_count > FINGERPRINT_REMARKS_MAX)
		f->remark_count = FINGERPRINT_REMARKS_MAX;
	char *hash = arena_alloc(a, FINGERPRINT_HASH_DIGITS + 1);
	fingerprint_hash(f, hash);
	f->hash = hash;
}
