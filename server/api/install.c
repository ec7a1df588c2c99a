#include "server/api/install.h"

#include "install_script.h"
#include "server/api/packages.h"
#include "server/api/shared.h"

#include <sodium.h>
#include <string.h>

enum { INSTALL_ADDRESS_MAX = 512 };

/* What may stand in a line for a shell, and in an address. */
static bool install_is_plain(const char *address)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:/[]~";
	size_t length = strlen(address);
	return length > 0 && length <= INSTALL_ADDRESS_MAX &&
	       strspn(address, good) == length;
}

const char *install_address(struct call *c)
{
	const char *configured = c->shared->options.console_url;
	const char *host = http_header(c->request, "Host");
	const char *address = NULL;
	if (configured && *configured)
		address = configured;
	else if (host && !strchr(host, '/'))
		address = arena_printf(c->arena, "%s://%s",
			c->request->is_secure ? "https" : "http", host);
	if (!address || !install_is_plain(address))
		return NULL;
	size_t length = strlen(address);
	while (length && address[length - 1] == '/')
		length--;
	return arena_strndup(c->arena, address, length);
}

/* A line for each architecture: itself, version, SHA-256 and name. */
static const char *install_packages(struct call *c)
{
	size_t count;
	const char *lines = "";
	const struct packages_row *rows = packages_best(
		c->shared->packages, TIDEMARK_VERSION, c->now_ms, c->arena, &count);
	for (size_t i = 0; i < count; i++)
		lines = arena_printf(c->arena, "%s%s%s %s %s %s", lines, i ? "\n" : "",
			rows[i].architecture, rows[i].version, rows[i].sum,
			rows[i].name);
	return lines;
}

/* `text` with each `mark` replaced. */
static const char *install_fill(
	struct call *c, const char *text, const char *mark, const char *value)
{
	const char *at;
	while ((at = strstr(text, mark)))
		text = arena_printf(c->arena, "%s%s%s",
			arena_strndup(c->arena, text, (size_t)(at - text)), value,
			at + strlen(mark));
	return text;
}

const char *install_script_text(struct call *c)
{
	const char *address = install_address(c);
	if (!address)
		return NULL;
	const char *text = install_fill(c, install_script, "@URL@", address);
	return install_fill(c, text, "@PACKAGES@", install_packages(c));
}

const char *install_line(struct call *c, const char *token)
{
	const char *address = install_address(c);
	if (!address)
		return NULL;
	if (strncmp(address, "https://", 8) == 0)
		return arena_printf(c->arena,
			"{ echo 'TIDEMARK_TOKEN=%s'; curl -fsS %s/install.sh; } | "
			"sudo sh",
			token, address);
	const char *script = install_script_text(c);
	uint8_t hash[crypto_hash_sha256_BYTES];
	char sum[2 * sizeof hash + 1];
	crypto_hash_sha256(hash, (const unsigned char *)script, strlen(script));
	sodium_bin2hex(sum, sizeof sum, hash, sizeof hash);
	/* $(…) takes the last line end away, which printf gives back. */
	return arena_printf(c->arena,
		"s=$(curl -fsS %s/install.sh) && "
		"[ \"$(printf '%%s\\n' \"$s\" | sha256sum)\" = '%s  -' ] && "
		"{ echo 'TIDEMARK_TOKEN=%s'; printf '%%s\\n' \"$s\"; } | sudo sh || "
		"echo 'Tidemark was not installed: the reason is above, or the script "
		"is not the one that the console showed' >&2",
		address, sum, token);
}
