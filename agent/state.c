#include "agent/state.h"

#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define STATE_KEYS      "agent.key"
#define STATE_ENROLMENT "enrolment"
#define STATE_STATUS    "status"
#define STATE_SLOTS     "slots"
#define STATE_LOGS      "logs"
#define STATE_SETTINGS  "settings"
#define STATE_FINGERS   "fingerprints"

enum { STATE_FILE_MAX = 2 * 1024 * 1024, STATE_LOCK_MS = 2000 };

bool state_prepare(const char *dir, struct err *e)
{
	struct stat info;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_errno(e, "cannot make the state directory %s", dir);
	if (stat(dir, &info) != 0)
		return err_errno(e, "state directory %s", dir);
	if (!S_ISDIR(info.st_mode))
		return err_set(
			e, ERR_INPUT, "state directory %s is not a directory", dir);
	return true;
}

/* The directory, open and locked against other writers until it is closed; -1 on
 * failure. */
static int state_lock(const char *dir, struct err *e)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0) {
		err_errno(e, "cannot open the state directory %s", dir);
		return -1;
	}
	/* Others hold it for as long as a small file takes. */
	for (int wait_ms = 0; flock(folder, LOCK_EX | LOCK_NB) != 0; wait_ms += 20) {
		if (errno == EWOULDBLOCK && wait_ms < STATE_LOCK_MS) {
			usleep(20 * 1000);
			continue;
		}
		err_errno(e, "cannot lock the state directory %s", dir);
		close(folder);
		return -1;
	}
	return folder;
}

static bool state_write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		length -= (size_t)written;
	}
	return true;
}

/* Root writes for the directory's owner, who runs the service. */
static bool state_give_away(int folder, int fd)
{
	struct stat info;
	if (geteuid() != 0)
		return true;
	return fstat(folder, &info) == 0 && fchown(fd, info.st_uid, info.st_gid) == 0;
}

static bool state_fill(
	int folder, const char *name, const struct buf *content, bool sync)
{
	/* A new file: what lies there under this name may be somebody's link to another
	 * file, which root must not write for him. */
	unlinkat(folder, name, 0);
	scoped_fd int fd = openat(folder, name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd >= 0 && fchmod(fd, 0600) == 0 && state_give_away(folder, fd) &&
	       state_write_all(fd, content->data, content->length) &&
	       (!sync || fsync(fd) == 0);
}

/* Replaces a file as a whole.  `folder` is locked, so the temporary name is ours,
 * even when a crash has left it behind. */
static bool state_replace(
	int folder, const char *name, const struct buf *content, bool sync)
{
	char temporary[64];
	snprintf(temporary, sizeof temporary, ".%s.new", name);
	if (state_fill(folder, temporary, content, sync) &&
		renameat(folder, temporary, folder, name) == 0 &&
		(!sync || fsync(folder) == 0))
		return true;
	int reason = errno;
	unlinkat(folder, temporary, 0);
	errno = reason;
	return false;
}

/* Reads a whole small file.  False with errno ENOENT when there is none. */
static bool state_slurp(
	int folder, const char *name, struct buf *out, struct stat *info)
{
	scoped_fd int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, info) != 0)
		return false;
	if (info->st_size > STATE_FILE_MAX) {
		errno = EFBIG;
		return false;
	}
	for (;;) {
		char *room = buf_reserve(out, 4096);
		ssize_t got = read(fd, room, 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0) {
			*room = '\0';
			return true;
		}
		out->length += (size_t)got;
		if (out->length > STATE_FILE_MAX) {
			errno = EFBIG;
			return false;
		}
	}
}

/* Takes the line "NAME VALUE" off the text; NULL when the next line is another. */
static char *state_take(char **text, const char *name)
{
	size_t length = strlen(name);
	char *end = strchr(*text, '\n');
	if (!end || strncmp(*text, name, length) != 0 || (*text)[length] != ' ')
		return NULL;
	char *value = *text + length + 1;
	*end = '\0';
	*text = end + 1;
	return value;
}

static bool state_take_key(char **text, const char *name, uint8_t *key)
{
	size_t length;
	const char *end;
	const char *value = state_take(text, name);
	return value &&
	       sodium_hex2bin(key, STATE_KEY_BYTES, value, strlen(value), NULL, &length,
		       &end) == 0 &&
	       length == STATE_KEY_BYTES && *end == '\0';
}

static bool state_take_number(
	char **text, const char *name, uint64_t maximum, uint64_t *number)
{
	const char *value = state_take(text, name);
	if (!value || *value < '0' || *value > '9')
		return false;
	char *end;
	errno = 0;
	unsigned long long parsed = strtoull(value, &end, 10);
	if (*end || errno || parsed > maximum)
		return false;
	*number = parsed;
	return true;
}

static void state_put_key(struct buf *out, const char *name, const uint8_t *key)
{
	char hex[2 * STATE_KEY_BYTES + 1];
	sodium_bin2hex(hex, sizeof hex, key, STATE_KEY_BYTES);
	buf_printf(out, "%s %s\n", name, hex);
	sodium_memzero(hex, sizeof hex);
}

/* For bufs that have held a secret. */
static void state_wipe(struct buf *b)
{
	if (b->data)
		sodium_memzero(b->data, b->capacity);
	buf_finish(b);
}

static bool state_parse_keys(char *text, struct state_keys *keys)
{
	uint8_t derived[STATE_KEY_BYTES];
	return state_take_key(&text, "public", keys->public_key) &&
	       state_take_key(&text, "secret", keys->secret_key) &&
	       crypto_scalarmult_base(derived, keys->secret_key) == 0 &&
	       memcmp(derived, keys->public_key, sizeof derived) == 0;
}

static bool state_load_keys(
	int folder, const char *dir, struct state_keys *out, bool *found, struct err *e)
{
	struct stat info;
	struct buf text = {0};
	struct state_keys keys;
	bool good = state_slurp(folder, STATE_KEYS, &text, &info);
	*found = good || errno != ENOENT;
	if (!good && *found)
		err_errno(e, "cannot read %s/%s", dir, STATE_KEYS);
	if (good && info.st_mode & 077)
		good = err_set(e, ERR_INPUT,
			"%s/%s holds the agent's secret key and others can read it; "
			"run: chmod 600 %s/%s",
			dir, STATE_KEYS, dir, STATE_KEYS);
	if (good && !(text.length && state_parse_keys(text.data, &keys)))
		good = err_set(e, ERR_INPUT,
			"%s/%s is damaged; remove it and join again", dir, STATE_KEYS);
	if (good)
		*out = keys;
	sodium_memzero(&keys, sizeof keys);
	state_wipe(&text);
	return good || !*found;
}

static bool state_make_keys(
	int folder, const char *dir, struct state_keys *out, struct err *e)
{
	struct buf text = {0};
	struct state_keys keys;
	crypto_box_keypair(keys.public_key, keys.secret_key);
	state_put_key(&text, "public", keys.public_key);
	state_put_key(&text, "secret", keys.secret_key);
	bool good = state_replace(folder, STATE_KEYS, &text, true) ||
		    err_errno(e, "cannot write %s/%s", dir, STATE_KEYS);
	if (good)
		*out = keys;
	sodium_memzero(&keys, sizeof keys);
	state_wipe(&text);
	return good;
}

bool state_keys(const char *dir, struct state_keys *out, struct err *e)
{
	if (sodium_init() < 0)
		return err_set(e, ERR_IO, "libsodium cannot get random numbers");
	scoped_fd int folder = state_lock(dir, e);
	bool found;
	if (folder < 0 || !state_load_keys(folder, dir, out, &found, e))
		return false;
	return found || state_make_keys(folder, dir, out, e);
}

static bool state_parse_enrolment(char *text, struct state_enrolment *out)
{
	uint64_t port, agent_id;
	if (!state_take_key(&text, "server_key", out->server_key))
		return false;
	const char *host = state_take(&text, "host");
	if (!host || !*host || strlen(host) > STATE_HOST_MAX)
		return false;
	strcpy(out->host, host);
	if (!state_take_number(&text, "port", UINT16_MAX, &port) || port == 0 ||
		!state_take_number(&text, "agent_id", UINT32_MAX, &agent_id))
		return false;
	out->port = (uint16_t)port;
	out->agent_id = (uint32_t)agent_id;
	const char *servers = state_take(&text, "servers");
	struct err ignored;
	return !servers || endpoints_parse(servers, &out->servers, &ignored);
}

static int64_t state_time_us(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000 + t->tv_nsec / 1000;
}

bool state_read_enrolment(
	const char *dir, struct state_enrolment *out, bool *found, struct err *e)
{
	struct stat info;
	struct buf text = {0};
	struct state_enrolment enrolment = {0};
	scoped_fd int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool there = folder >= 0 && state_slurp(folder, STATE_ENROLMENT, &text, &info);
	bool good = there || errno == ENOENT ||
		    err_errno(e, "cannot read %s/%s", dir, STATE_ENROLMENT);
	if (there && !(text.length && state_parse_enrolment(text.data, &enrolment)))
		good = err_set(e, ERR_INPUT, "%s/%s is damaged; join again", dir,
			STATE_ENROLMENT);
	if (good) {
		*found = there;
		enrolment.written_us = there ? state_time_us(&info.st_mtim) : 0;
		if (there)
			*out = enrolment;
	}
	buf_finish(&text);
	return good;
}

bool state_write_enrolment(
	const char *dir, const struct state_enrolment *enrolment, struct err *e)
{
	struct buf text = {0};
	scoped_fd int folder = state_lock(dir, e);
	if (folder < 0)
		return false;
	state_put_key(&text, "server_key", enrolment->server_key);
	buf_printf(&text, "host %s\nport %u\nagent_id %" PRIu32 "\n", enrolment->host,
		(unsigned)enrolment->port, enrolment->agent_id);
	if (enrolment->servers.count) {
		buf_text(&text, "servers ");
		endpoints_format(&enrolment->servers, &text);
		buf_byte(&text, '\n');
	}
	bool good = state_replace(folder, STATE_ENROLMENT, &text, true) ||
		    err_errno(e, "cannot write %s/%s", dir, STATE_ENROLMENT);
	buf_finish(&text);
	return good;
}

bool state_write_status(const char *dir, const char *text, struct err *e)
{
	scoped_fd int folder = state_lock(dir, e);
	if (folder < 0)
		return false;
	struct buf content = {0};
	buf_text(&content, text);
	bool good = state_replace(folder, STATE_STATUS, &content, false) ||
		    err_errno(e, "cannot write %s/%s", dir, STATE_STATUS);
	buf_finish(&content);
	return good;
}

bool state_read_status(const char *dir, struct buf *out, int64_t *written_unix_ms,
	bool *found, struct err *e)
{
	struct stat info;
	struct buf text = {0};
	scoped_fd int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool there = folder >= 0 && state_slurp(folder, STATE_STATUS, &text, &info);
	bool good = there || errno == ENOENT ||
		    err_errno(e, "cannot read %s/%s", dir, STATE_STATUS);
	if (good)
		*found = there;
	if (there) {
		buf_append(out, text.data, text.length);
		*written_unix_ms = (int64_t)info.st_mtim.tv_sec * 1000 +
				   info.st_mtim.tv_nsec / 1000000;
	}
	buf_finish(&text);
	return good;
}

bool state_write_slots(const char *dir, const char *text, struct err *e)
{
	scoped_fd int folder = state_lock(dir, e);
	if (folder < 0)
		return false;
	struct buf content = {0};
	buf_text(&content, text);
	bool good = state_replace(folder, STATE_SLOTS, &content, true) ||
		    err_errno(e, "cannot write %s/%s", dir, STATE_SLOTS);
	buf_finish(&content);
	return good;
}

static bool state_read_text(
	const char *dir, const char *name, struct buf *out, bool *found, struct err *e)
{
	struct stat info;
	struct buf text = {0};
	scoped_fd int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool there = folder >= 0 && state_slurp(folder, name, &text, &info);
	bool good = there || errno == ENOENT ||
		    err_errno(e, "cannot read %s/%s", dir, name);
	if (good)
		*found = there;
	if (there)
		buf_append(out, text.data, text.length);
	buf_finish(&text);
	return good;
}

bool state_read_slots(const char *dir, struct buf *out, bool *found, struct err *e)
{
	return state_read_text(dir, STATE_SLOTS, out, found, e);
}

bool state_write_settings(const char *dir, const struct buf *text, struct err *e)
{
	scoped_fd int folder = state_lock(dir, e);
	return folder >= 0 &&
	       (state_replace(folder, STATE_SETTINGS, text, true) ||
		       err_errno(e, "cannot write %s/%s", dir, STATE_SETTINGS));
}

bool state_read_settings(const char *dir, struct buf *out, bool *found, struct err *e)
{
	return state_read_text(dir, STATE_SETTINGS, out, found, e);
}

bool state_write_logs(const char *dir, const struct buf *text, struct err *e)
{
	scoped_fd int folder = state_lock(dir, e);
	return folder >= 0 &&
	       (state_replace(folder, STATE_LOGS, text, false) ||
		       err_errno(e, "cannot write %s/%s", dir, STATE_LOGS));
}

bool state_read_logs(const char *dir, struct buf *out, bool *found, struct err *e)
{
	return state_read_text(dir, STATE_LOGS, out, found, e);
}

bool state_write_fingerprints(const char *dir, const struct buf *text, struct err *e)
{
	scoped_fd int folder = state_lock(dir, e);
	return folder >= 0 &&
	       (state_replace(folder, STATE_FINGERS, text, false) ||
		       err_errno(e, "cannot write %s/%s", dir, STATE_FINGERS));
}

bool state_read_fingerprints(
	const char *dir, struct buf *out, bool *found, struct err *e)
{
	return state_read_text(dir, STATE_FINGERS, out, found, e);
}
