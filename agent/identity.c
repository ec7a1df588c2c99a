#include "agent/identity.h"

#include "common/scoped.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>
#include <sys/utsname.h>

/* The application key of the hash.  Changing it makes every host a new one. */
static const uint8_t identity_key[] = "tidemark machine id, version 1";

static void identity_hash(const void *bytes, size_t length, char *hex)
{
	uint8_t hash[16];
	crypto_generichash(hash, sizeof hash, bytes, length, identity_key,
		sizeof identity_key - 1);
	sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

/* The first line of the file without its end; false when there is none, or it is the
 * "uninitialized" that machine images carry. */
static bool identity_read_file(char *line, int size)
{
	scoped_file FILE *file = fopen("/etc/machine-id", "re");
	if (!file || !fgets(line, size, file))
		return false;
	size_t length = strlen(line);
	while (length && isspace((unsigned char)line[length - 1]))
		line[--length] = '\0';
	return length > 0 && strcmp(line, "uninitialized") != 0;
}

void identity_read(const char *machine_id, const char *hostname,
	const struct state_keys *keys, struct identity *out)
{
	struct utsname system;
	char line[128];
	memset(out, 0, sizeof *out);

	if (!hostname || !*hostname)
		hostname = uname(&system) == 0 ? system.nodename : "localhost";
	strncpy(out->hostname, hostname, sizeof out->hostname - 1);

	if (machine_id && *machine_id) {
		identity_hash(machine_id, strlen(machine_id), out->machine_id);
	} else if (identity_read_file(line, sizeof line)) {
		identity_hash(line, strlen(line), out->machine_id);
	} else {
		struct {
			char hostname[sizeof out->hostname];
			uint8_t key[STATE_KEY_BYTES];
		} own;
		memcpy(own.hostname, out->hostname, sizeof own.hostname);
		memcpy(own.key, keys->public_key, sizeof own.key);
		identity_hash(&own, sizeof own, out->machine_id);
	}
}
