#include "server/store/hosts.h"

#include "common/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct hosts_entry {
	UT_hash_handle hh;
	int32_t host_id;
	char *text;           /* what is stored, as one line */
	size_t word;          /* index of the word to write, plus one */
	int64_t tell_mono_ms; /* when it is told again, news or not */
};

struct hosts {
	struct hosts_entry *entries;
};

struct hosts *hosts_create(void)
{
	struct hosts *h = calloc(1, sizeof *h);
	BUG_ON(!h);
	return h;
}

void hosts_forget(struct hosts *h)
{
	struct hosts_entry *entry, *next;
	HASH_ITER(hh, h->entries, entry, next)
	{
		HASH_DEL(h->entries, entry);
		free(entry->text);
		free(entry);
	}
}

void hosts_destroy(struct hosts *h)
{
	if (!h)
		return;
	hosts_forget(h);
	free(h);
}

static struct hosts_entry *hosts_get(struct hosts *h, int32_t host_id)
{
	struct hosts_entry *entry;
	HASH_FIND(hh, h->entries, &host_id, sizeof host_id, entry);
	if (entry)
		return entry;
	entry = calloc(1, sizeof *entry);
	BUG_ON(!entry);
	entry->host_id = host_id;
	HASH_ADD(hh, h->entries, host_id, sizeof entry->host_id, entry);
	return entry;
}

/* Remembers the word when it is news; returns whether it is. */
static bool hosts_is_news(struct hosts_entry *entry, const struct wire_batch *batch)
{
	char text[2 * WIRE_NAME_BYTES_MAX + 64];
	snprintf(text, sizeof text, "%s\n%s\n%u\n%u", batch->hostname, batch->kernel,
		batch->cpus, batch->interval_ms);
	int64_t now_ms = clock_mono_ms();
	if (entry->text && strcmp(entry->text, text) == 0 &&
		now_ms < entry->tell_mono_ms)
		return false;
	entry->tell_mono_ms = now_ms + HOSTS_TELL_MS;
	free(entry->text);
	entry->text = strdup(text);
	BUG_ON(!entry->text);
	return true;
}

static bool hosts_write(struct db *db, const struct hosts_word **words, size_t count,
	struct arena *a, struct err *e)
{
	const char **names = arena_array(a, count, sizeof *names);
	const char **kernels = arena_array(a, count, sizeof *kernels);
	int64_t *ids = arena_array(a, count, sizeof *ids);
	int64_t *cpus = arena_array(a, count, sizeof *cpus);
	int64_t *intervals = arena_array(a, count, sizeof *intervals);
	for (size_t i = 0; i < count; i++) {
		const struct wire_batch *batch = words[i]->batch;
		ids[i] = words[i]->host_id;
		names[i] = batch->hostname;
		kernels[i] = batch->kernel;
		cpus[i] = batch->cpus > INT32_MAX ? INT32_MAX : batch->cpus;
		intervals[i] = batch->interval_ms > INT32_MAX ? INT32_MAX
							      : batch->interval_ms;
	}
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, count);
	db_arg_texts(&args, names, count);
	db_arg_texts(&args, kernels, count);
	db_arg_ints(&args, cpus, count);
	db_arg_ints(&args, intervals, count);
	return db_query(db, SQL_HOST_PUT, &args, NULL, e);
}

bool hosts_put(struct hosts *h, struct db *db, const struct hosts_word *words,
	size_t count, struct arena *a, struct err *e)
{
	const struct hosts_word **news = arena_array(a, count, sizeof *news);
	struct hosts_entry **seen = arena_array(a, count, sizeof *seen);
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		struct hosts_entry *entry = hosts_get(h, words[i].host_id);
		if (!hosts_is_news(entry, words[i].batch))
			continue;
		if (!entry->word) {
			seen[n] = entry;
			entry->word = ++n;
		}
		news[entry->word - 1] = &words[i];
	}
	for (size_t i = 0; i < n; i++)
		seen[i]->word = 0;
	return n == 0 || hosts_write(db, news, n, a, e);
}

bool hosts_put_gaps(struct db *db, const struct hosts_word *words, size_t count,
	struct arena *a, struct err *e)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		n += words[i].batch->gap_count;
	if (n == 0)
		return true;
	const char **reasons = arena_array(a, n, sizeof *reasons);
	int64_t *ids = arena_array(a, n, sizeof *ids);
	int64_t *from = arena_array(a, n, sizeof *from);
	int64_t *to = arena_array(a, n, sizeof *to);
	int64_t *batches = arena_array(a, n, sizeof *batches);
	n = 0;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < words[i].batch->gap_count; j++, n++) {
			const struct wire_gap *gap = &words[i].batch->gaps[j];
			ids[n] = words[i].host_id;
			from[n] = gap->from_unix_ms;
			to[n] = gap->to_unix_ms;
			batches[n] = gap->batches > INT64_MAX ? INT64_MAX
							      : (int64_t)gap->batches;
			reasons[n] = gap->reason;
		}
	}
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, n);
	db_arg_ints(&args, from, n);
	db_arg_ints(&args, to, n);
	db_arg_ints(&args, batches, n);
	db_arg_texts(&args, reasons, n);
	return db_query(db, SQL_GAP_PUT, &args, NULL, e);
}
