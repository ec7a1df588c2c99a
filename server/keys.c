#include "server/keys.h"

#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { KEYS_HEX = 2 * KEYS_BYTES, KEYS_PATH_MAX = 4096 };

/* Creates path.new, then links it to path: of two starters one wins, whole. */
static bool keys_write(const char *path, const uint8_t *secret_key, struct err *e)
{
	char part[KEYS_PATH_MAX + 24], hex[KEYS_HEX + 1];
	snprintf(part, sizeof part, "%s.%ld", path, (long)getpid());
	sodium_bin2hex(hex, sizeof hex, secret_key, KEYS_BYTES);
	hex[KEYS_HEX] = '\n';
	scoped_fd int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0400);
	bool ok = fd >= 0 && write(fd, hex, sizeof hex) == (ssize_t)sizeof hex &&
		  fsync(fd) == 0;
	if (ok && link(part, path) != 0 && errno != EEXIST)
		ok = false;
	if (!ok)
		err_errno(e, "%s", part);
	unlink(part);
	sodium_memzero(hex, sizeof hex);
	return ok;
}

static bool keys_sync_folder(const char *folder, struct err *e)
{
	scoped_fd int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		return err_errno(e, "%s", folder);
	return true;
}

static bool keys_read(const char *path, uint8_t *secret_key, struct err *e)
{
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat info;
	if (fd < 0 || fstat(fd, &info) != 0)
		return err_errno(e, "%s", path);
	if (info.st_mode & 077)
		return err_set(e, ERR_INPUT,
			"%s can be read by others: someone may have the server's key "
			"(if "
			"not: chmod 400)",
			path);
	char hex[KEYS_HEX + 2];
	ssize_t n = read(fd, hex, sizeof hex);
	size_t length = 0;
	bool ok = n == KEYS_HEX + 1 && hex[KEYS_HEX] == '\n' &&
		  sodium_hex2bin(secret_key, KEYS_BYTES, hex, KEYS_HEX, NULL, &length,
			  NULL) == 0 &&
		  length == KEYS_BYTES;
	sodium_memzero(hex, sizeof hex);
	return ok || err_set(e, ERR_INPUT, "%s: not a key of 64 hex digits", path);
}

static bool keys_make(const char *folder, const char *path, struct err *e)
{
	uint8_t secret_key[KEYS_BYTES];
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return err_errno(e, "%s", folder);
	/* Any 32 bytes are a secret key, as crypto_box_keypair has it. */
	randombytes_buf(secret_key, sizeof secret_key);
	bool ok = keys_write(path, secret_key, e) && keys_sync_folder(folder, e);
	sodium_memzero(secret_key, sizeof secret_key);
	return ok;
}

/* Reads folder/name, or makes it first. */
static bool keys_get(const char *folder, const char *name, uint8_t *secret_key,
	bool *is_new, struct err *e)
{
	char path[KEYS_PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	*is_new = access(path, F_OK) != 0;
	if (*is_new && errno != ENOENT)
		return err_errno(e, "%s", path);
	if (*is_new && !keys_make(folder, path, e))
		return false;
	return keys_read(path, secret_key, e);
}

bool keys_load(const char *data_dir, struct keys *out, struct err *e)
{
	char folder[KEYS_PATH_MAX / 2];
	struct keys keys = {0};
	bool raw_is_new;
	if ((size_t)snprintf(folder, sizeof folder, "%s/keys", data_dir) >=
		sizeof folder)
		return err_set(e, ERR_INPUT, "data_dir is too long");
	if (sodium_init() < 0)
		return err_set(e, ERR_IO, "no source of random numbers");
	bool ok = keys_get(folder, "server.key", keys.secret_key, &keys.is_new, e) &&
		  keys_get(folder, "raw.key", keys.raw_key, &raw_is_new, e);
	if (ok) {
		crypto_scalarmult_base(keys.public_key, keys.secret_key);
		*out = keys;
	}
	keys_wipe(&keys);
	return ok;
}

void keys_wipe(struct keys *keys)
{
	sodium_memzero(keys, sizeof *keys);
}
