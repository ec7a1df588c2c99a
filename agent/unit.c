#include "agent/unit.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { UNIT_CONTAINER_ID = 64 }; /* hex digits, in every engine */

/* Ends in '*': a prefix. */
static const char *const unit_launchers[] = {
	"anacron",
	"atd",
	"containerd",
	"cri-docker",
	"crio",
	"cron",
	"crond",
	"docker",
	"gitlab-runner",
	"incus",
	"kubelet",
	"lxc*",
	"lxd*",
	"monit",
	"nomad",
	"pm2*",
	"podman*",
	"rc-local",
	"runit",
	"ssh",
	"ssh@*",
	"sshd",
	"sshd@*",
	"supervisor",
	"supervisord",
	"user@*",
};

static bool unit_is_launcher(const char *name)
{
	for (size_t i = 0; i < sizeof unit_launchers / sizeof unit_launchers[0]; i++) {
		const char *known = unit_launchers[i];
		size_t length = strlen(known);
		if (known[length - 1] == '*' ? strncmp(name, known, length - 1) == 0
					     : strcmp(name, known) == 0)
			return true;
	}
	return false;
}

static size_t unit_hex_digits(const char *text, size_t length)
{
	size_t n = 0;
	while (n < length && isxdigit((unsigned char)text[n]))
		n++;
	return n;
}

/* "docker-<id>.scope", "cri-containerd-<id>.scope", "crio-<id>", "libpod-<id>",
 * "<id>" in a folder docker or kubepods, "...:cri-containerd:<id>": in all of them
 * the id stands alone between two other characters. */
static bool unit_find_container(const char *part, size_t length, char id[13])
{
	for (size_t i = 0; i + UNIT_CONTAINER_ID <= length; i++) {
		size_t digits = unit_hex_digits(part + i, length - i);
		if (digits == UNIT_CONTAINER_ID &&
			(i == 0 || part[i - 1] == '-' || part[i - 1] == ':')) {
			memcpy(id, part + i, 12);
			id[12] = '\0';
			return true;
		}
		i += digits;
	}
	return false;
}

/* systemd writes '\x2d' for a '-' that is part of a name. */
static void unit_unescape(const char *text, size_t length, char *out, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < length && n + 1 < size; i++) {
		if (length - i >= 4 && memcmp(text + i, "\\x2d", 4) == 0) {
			out[n++] = '-';
			i += 3;
		} else {
			out[n++] = text[i];
		}
	}
	out[n] = '\0';
}

static void unit_read_service(const char *part, size_t length, struct unit *out)
{
	static const char suffix[] = ".service";
	size_t suffix_length = sizeof suffix - 1;
	if (length <= suffix_length ||
		memcmp(part + length - suffix_length, suffix, suffix_length) != 0)
		return;
	/* The deepest service counts: "user@1000.service/app.slice/sync.service". */
	unit_unescape(part, length - suffix_length, out->name, sizeof out->name);
	out->launcher = unit_is_launcher(out->name);
}

void unit_parse(const char *cgroup_path, struct unit *out)
{
	static const char payload[] = "libpod-payload-";
	*out = (struct unit){0};
	while (*cgroup_path) {
		size_t length = strcspn(cgroup_path, "/");
		if (unit_find_container(cgroup_path, length, out->container))
			out->is_its_own = strncmp(cgroup_path, payload,
						  sizeof payload - 1) == 0;
		unit_read_service(cgroup_path, length, out);
		cgroup_path += length;
		cgroup_path += *cgroup_path == '/';
	}
}
