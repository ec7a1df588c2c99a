#include "server/api/packages.h"

#include "common/err.h"
#include "common/scoped.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACKAGES_PREFIX "tidemark-agent_"

struct packages {
	pthread_mutex_t lock; /* guards all below */
	char *folder;
	struct packages_row rows[PACKAGES_MAX];
	size_t count;
	int64_t looked_ms;
	bool looked;
};

struct packages *packages_create(const char *folder)
{
	struct packages *p = calloc(1, sizeof *p);
	BUG_ON(!p);
	pthread_mutex_init(&p->lock, NULL);
	p->folder = strdup(folder);
	BUG_ON(!p->folder);
	return p;
}

void packages_destroy(struct packages *p)
{
	if (!p)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p->folder);
	free(p);
}

/* Copies the part up to `end` when it is a word that may stand in a shell's line. */
static bool packages_word(
	const char *from, const char *end, char out[PACKAGES_WORD_MAX])
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+~-";
	size_t length = end > from ? (size_t)(end - from) : 0;
	if (length == 0 || length >= PACKAGES_WORD_MAX || strspn(from, good) < length)
		return false;
	memcpy(out, from, length);
	out[length] = '\0';
	return true;
}

/* Fills name, version and architecture; false: no name of a package of ours. */
static bool packages_read_name(const char *name, struct packages_row *row)
{
	size_t prefix = strlen(PACKAGES_PREFIX), length = strlen(name);
	if (length >= PACKAGES_NAME_MAX || length < prefix + strlen("_.deb") ||
		strncmp(name, PACKAGES_PREFIX, prefix) != 0 ||
		strcmp(name + length - 4, ".deb") != 0)
		return false;
	const char *version = name + prefix, *middle = strchr(version, '_');
	strcpy(row->name, name);
	return middle && packages_word(version, middle, row->version) &&
	       packages_word(middle + 1, name + length - 4, row->architecture);
}

static int packages_open_file(
	const struct packages *p, const char *name, struct packages_row *row)
{
	scoped_fd int folder = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return -1;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat is;
	if (fd < 0)
		return -1;
	if (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode) || is.st_size <= 0 ||
		is.st_size > PACKAGES_BYTES_MAX) {
		close(fd);
		return -1;
	}
	row->bytes = (uint64_t)is.st_size;
	row->changed_us = (int64_t)is.st_mtim.tv_sec * 1000000 +
			  is.st_mtim.tv_nsec / 1000;
	row->inode = (int64_t)is.st_ino;
	return fd;
}

static bool packages_sum(int fd, char sum[PACKAGES_SUM_SIZE])
{
	crypto_hash_sha256_state state;
	uint8_t part[16 * 1024], hash[crypto_hash_sha256_BYTES];
	ssize_t n;
	crypto_hash_sha256_init(&state);
	while ((n = read(fd, part, sizeof part)) > 0)
		crypto_hash_sha256_update(&state, part, (unsigned long long)n);
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(sum, PACKAGES_SUM_SIZE, hash, sizeof hash);
	return n == 0;
}

static bool packages_is_same(const struct packages_row *a, const struct packages_row *b)
{
	return strcmp(a->name, b->name) == 0 && a->bytes == b->bytes &&
	       a->changed_us == b->changed_us && a->inode == b->inode;
}

/* Takes one file in, with the hash that was known of it. */
static bool packages_take(
	const struct packages *p, const char *name, struct packages_row *row)
{
	*row = (struct packages_row){0};
	if (!packages_read_name(name, row))
		return false;
	scoped_fd int fd = packages_open_file(p, name, row);
	if (fd < 0)
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (packages_is_same(&p->rows[i], row)) {
			*row = p->rows[i];
			return true;
		}
	return packages_sum(fd, row->sum);
}

static int packages_compare(const void *left, const void *right)
{
	const struct packages_row *a = left, *b = right;
	return strcmp(a->name, b->name);
}

static void packages_look(struct packages *p, int64_t now_ms)
{
	if (p->looked && now_ms >= p->looked_ms &&
		now_ms < p->looked_ms + PACKAGES_LOOK_MS)
		return;
	struct packages_row found[PACKAGES_MAX];
	size_t count = 0;
	DIR *folder = opendir(p->folder);
	const struct dirent *entry;
	while (folder && count < PACKAGES_MAX && (entry = readdir(folder)))
		count += packages_take(p, entry->d_name, &found[count]);
	if (folder)
		closedir(folder);
	qsort(found, count, sizeof *found, packages_compare);
	memcpy(p->rows, found, count * sizeof *found);
	p->count = count;
	p->looked = true;
	p->looked_ms = now_ms;
}

const struct packages_row *packages_list(
	struct packages *p, int64_t now_ms, struct arena *a, size_t *count)
{
	pthread_mutex_lock(&p->lock);
	packages_look(p, now_ms);
	struct packages_row *rows = arena_array(a, p->count, sizeof *rows);
	if (p->count)
		memcpy(rows, p->rows, p->count * sizeof *rows);
	*count = p->count;
	pthread_mutex_unlock(&p->lock);
	return rows;
}

/* "0.2.0-1" is of version 0.2.0. */
static bool packages_is_of(const struct packages_row *row, const char *version)
{
	size_t length = strlen(version);
	return strncmp(row->version, version, length) == 0 &&
	       (!row->version[length] || row->version[length] == '-');
}

static bool packages_is_better(const struct packages_row *candidate,
	const struct packages_row *than, const char *version)
{
	bool is = packages_is_of(candidate, version);
	bool was = packages_is_of(than, version);
	return is != was ? is : candidate->changed_us > than->changed_us;
}

const struct packages_row *packages_best(struct packages *p, const char *version,
	int64_t now_ms, struct arena *a, size_t *count)
{
	size_t all, best = 0;
	const struct packages_row *rows = packages_list(p, now_ms, a, &all);
	struct packages_row *out = arena_array(a, all, sizeof *out);
	for (size_t i = 0; i < all; i++) {
		size_t k = 0;
		while (k < best &&
			strcmp(out[k].architecture, rows[i].architecture) != 0)
			k++;
		if (k == best)
			out[best++] = rows[i];
		else if (packages_is_better(&rows[i], &out[k], version))
			out[k] = rows[i];
	}
	*count = best;
	return out;
}

int packages_open(
	struct packages *p, const char *name, int64_t now_ms, struct packages_row *row)
{
	int fd = -1;
	pthread_mutex_lock(&p->lock);
	packages_look(p, now_ms);
	for (size_t i = 0; i < p->count && fd < 0; i++)
		if (strcmp(p->rows[i].name, name) == 0) {
			*row = p->rows[i];
			fd = packages_open_file(p, name, row);
		}
	pthread_mutex_unlock(&p->lock);
	return fd;
}
