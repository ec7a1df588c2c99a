#include "agent/spool_cursor.h"

#include "agent/spool_bytes.h"
#include "common/crc32c.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SPOOL_CURSOR_NAME "cursor"
#define SPOOL_CURSOR_NEW  "cursor.new"

enum {
	SPOOL_CURSOR_NUMBERS = 8,
	SPOOL_CURSOR_LOSSES = 24 + 8 * SPOOL_CURSOR_NUMBERS,
	SPOOL_CURSOR_REFUSAL = SPOOL_CURSOR_LOSSES + SPOOL_LOSSES_BYTES,
};

_Static_assert(
	SPOOL_CURSOR_REFUSAL + (int)SPOOL_REFUSAL_BYTES <= (int)SPOOL_CURSOR_SLOT_BYTES,
	"a slot holds all");

static const char spool_cursor_magic[8] = "TMCURSR\1";

static uint32_t spool_cursor_crc(const uint8_t *bytes)
{
	return crc32c(crc32c(0, bytes, 8), bytes + 12, SPOOL_CURSOR_SLOT_BYTES - 12);
}

void spool_cursor_encode(const struct spool_position *position, uint64_t generation,
	uint8_t bytes[SPOOL_CURSOR_SLOT_BYTES])
{
	const uint64_t numbers[SPOOL_CURSOR_NUMBERS] = {position->epoch,
		position->oldest, position->last, position->next, position->newest,
		position->torn, position->records, position->lost};
	memset(bytes, 0, SPOOL_CURSOR_SLOT_BYTES);
	memcpy(bytes, spool_cursor_magic, sizeof spool_cursor_magic);
	spool_bytes_put64(bytes + 16, generation);
	for (int i = 0; i < SPOOL_CURSOR_NUMBERS; i++)
		spool_bytes_put64(bytes + 24 + 8 * i, numbers[i]);
	spool_losses_encode(&position->pending, bytes + SPOOL_CURSOR_LOSSES);
	memcpy(bytes + SPOOL_CURSOR_REFUSAL, position->refusal, SPOOL_REFUSAL_BYTES);
	spool_bytes_put32(bytes + 8, spool_cursor_crc(bytes));
}

bool spool_cursor_decode(const uint8_t bytes[SPOOL_CURSOR_SLOT_BYTES],
	uint64_t *generation, struct spool_position *out)
{
	if (memcmp(bytes, spool_cursor_magic, sizeof spool_cursor_magic) != 0 ||
		spool_bytes_get32(bytes + 8) != spool_cursor_crc(bytes))
		return false;
	uint64_t *const numbers[SPOOL_CURSOR_NUMBERS] = {&out->epoch, &out->oldest,
		&out->last, &out->next, &out->newest, &out->torn, &out->records,
		&out->lost};
	*generation = spool_bytes_get64(bytes + 16);
	for (int i = 0; i < SPOOL_CURSOR_NUMBERS; i++)
		*numbers[i] = spool_bytes_get64(bytes + 24 + 8 * i);
	spool_losses_decode(bytes + SPOOL_CURSOR_LOSSES, &out->pending);
	memcpy(out->refusal, bytes + SPOOL_CURSOR_REFUSAL, SPOOL_REFUSAL_BYTES);
	out->refusal[SPOOL_REFUSAL_BYTES - 1] = '\0';
	return out->epoch && out->oldest && out->oldest <= out->next &&
	       out->last < out->next && out->next <= INT64_MAX;
}

static off_t spool_cursor_offset(int slot)
{
	return slot * (SPOOL_CURSOR_FILE_BYTES / 2);
}

void spool_cursor_open(
	struct spool_cursor *c, int folder, struct spool_position *out, bool *found)
{
	*c = (struct spool_cursor){.folder = folder, .fd = -1};
	*found = false;
	c->fd = openat(folder, SPOOL_CURSOR_NAME, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	for (int slot = 0; slot < 2 && c->fd >= 0; slot++) {
		uint8_t bytes[SPOOL_CURSOR_SLOT_BYTES];
		struct spool_position position;
		uint64_t generation;
		if (pread(c->fd, bytes, sizeof bytes, spool_cursor_offset(slot)) !=
				sizeof bytes ||
			!spool_cursor_decode(bytes, &generation, &position))
			continue;
		if (*found && generation < c->generation)
			continue;
		*found = true;
		*out = position;
		c->generation = generation;
		c->synced_slot = slot;
	}
}

void spool_cursor_close(struct spool_cursor *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* A file of its own first, so that a crash leaves the old one in place. */
static bool spool_cursor_replace(struct spool_cursor *c, const uint8_t *bytes)
{
	int fd = openat(c->folder, SPOOL_CURSOR_NEW,
		O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && ftruncate(fd, SPOOL_CURSOR_FILE_BYTES) == 0 &&
		pwrite(fd, bytes, SPOOL_CURSOR_SLOT_BYTES, 0) ==
			SPOOL_CURSOR_SLOT_BYTES &&
		/* Room for both slots: a full disk must not stop the second. */
		(fallocate(fd, 0, 0, SPOOL_CURSOR_FILE_BYTES) == 0 ||
			errno == EOPNOTSUPP) &&
		fsync(fd) == 0 &&
		renameat(c->folder, SPOOL_CURSOR_NEW, c->folder, SPOOL_CURSOR_NAME) ==
			0 &&
		fsync(c->folder) == 0) {
		c->fd = fd;
		c->synced_slot = 0;
		return true;
	}
	if (fd >= 0)
		close(fd);
	return false;
}

bool spool_cursor_save(struct spool_cursor *c, const struct spool_position *position,
	bool sync, struct err *e)
{
	uint8_t bytes[SPOOL_CURSOR_SLOT_BYTES];
	int slot = 1 - c->synced_slot;
	spool_cursor_encode(position, ++c->generation, bytes);
	if (c->fd < 0)
		return spool_cursor_replace(c, bytes) ||
		       err_errno(e, "cannot write the spool's cursor");
	if (pwrite(c->fd, bytes, sizeof bytes, spool_cursor_offset(slot)) !=
			sizeof bytes ||
		(sync && fdatasync(c->fd) != 0)) {
		err_errno(e, "cannot write the spool's cursor");
		spool_cursor_close(c);
		return false;
	}
	if (sync)
		c->synced_slot = slot;
	return true;
}
