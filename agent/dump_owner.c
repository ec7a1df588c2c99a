#include "agent/dump_owner.h"

#include <stdio.h>
#include <string.h>

enum { DUMP_OWNER_CLOCK_MS = 2000 };

static bool dump_owner_is_users(const struct dumps_file *file, const struct life *life)
{
	return file->owner == 0 || file->owner == life->owner;
}

/* Could have written it, whoever owns the file. */
static bool dump_owner_could(const struct dumps_file *file, const struct life *life)
{
	const char *service = file->directory->service;
	return (!service || strcmp(service, life->is.service) == 0) &&
	       life->is.started_unix_ms <= file->made_unix_ms + DUMP_OWNER_CLOCK_MS &&
	       (life->runs ||
		       life->seen_unix_ms + LIVES_ENDED_MS >= file->made_unix_ms);
}

/* The only one; NULL: none or several (*count). */
static const struct life *dump_owner_only(const struct dumps_file *file,
	const struct lives *lives, bool of_user, size_t *count)
{
	size_t all;
	const struct life *const *each = lives_all(lives, &all), *found = NULL;
	*count = 0;
	for (size_t i = 0; i < all; i++) {
		const struct life *life = each[i];
		if (!life->runs || !dump_owner_could(file, life) ||
			(of_user && file->owner != life->owner))
			continue;
		found = life;
		(*count)++;
	}
	return *count == 1 ? found : NULL;
}

static const struct life *dump_owner_named(
	const struct dumps_file *file, const struct lives *lives)
{
	size_t all;
	const struct life *const *each = lives_all(lives, &all), *found = NULL;
	for (size_t i = 0; i < all; i++) {
		const struct life *life = each[i];
		if (life->is.pid == file->pid && dump_owner_could(file, life) &&
			dump_owner_is_users(file, life) &&
			(!found ||
				life->is.started_unix_ms > found->is.started_unix_ms))
			found = life;
	}
	return found;
}

const struct life *dump_owner(const struct dumps_file *file, const struct lives *lives,
	char why[DUMP_OWNER_WHY_BYTES])
{
	const char *service = file->directory->service;
	const struct life *found = file->pid ? dump_owner_named(file, lives) : NULL;
	size_t count = 0, of_user = 0;
	if (!found && service)
		found = dump_owner_only(file, lives, false, &count);
	if (!found && service && count > 1)
		found = dump_owner_only(file, lives, true, &of_user);
	if (found)
		return found;
	if (service)
		snprintf(why, DUMP_OWNER_WHY_BYTES,
			"%zu processes of service %s run here, and neither its name "
			"nor its user (%u) says which of them wrote it",
			count, service, (unsigned)file->owner);
	else if (file->pid)
		snprintf(why, DUMP_OWNER_WHY_BYTES,
			"no process %u of its user (%u) is followed here",
			(unsigned)file->pid, (unsigned)file->owner);
	else
		snprintf(why, DUMP_OWNER_WHY_BYTES,
			"its name tells no process; name the service by 'dumps = "
			"DIRECTORY' in its [service] section");
	return NULL;
}
