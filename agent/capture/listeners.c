#include "agent/capture/listeners.h"

#include "agent/capture/listeners_diag.h"
#include "agent/capture/procfile.h"
#include "common/scoped.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LISTENERS_STATE = 0x0A }; /* TCP_LISTEN */

enum listeners_reach listeners_reach(const uint32_t word[4], bool is_v6)
{
	unsigned char b[16] = {0};
	memcpy(b, word, is_v6 ? sizeof b : sizeof *word);
	if (!is_v6)
		return word[0] == 0  ? LISTENERS_ANY
		       : b[0] == 127 ? LISTENERS_LOOPBACK
				     : LISTENERS_OTHER;
	if (!word[0] && !word[1] && !word[2] && !word[3])
		return LISTENERS_ANY;
	bool is_mapped = !word[0] && !word[1] && b[10] == 0xff && b[11] == 0xff;
	if (is_mapped)
		return b[12] == 127 ? LISTENERS_LOOPBACK : LISTENERS_OTHER;
	bool is_one = !word[0] && !word[1] && !word[2] && !b[12] && !b[13] && !b[14] &&
		      b[15] == 1;
	return is_one ? LISTENERS_LOOPBACK : LISTENERS_OTHER;
}

/* Addresses stand there as 32-bit words in the machine's own order. */
static enum listeners_reach listeners_parse_reach(const char *address, bool is_v6)
{
	uint32_t word[4] = {0};
	int words = is_v6 ? 4 : 1;
	for (int i = 0; i < words; i++) {
		char digits[9];
		snprintf(digits, sizeof digits, "%.8s", address + (size_t)i * 8);
		word[i] = (uint32_t)strtoul(digits, NULL, 16);
	}
	return listeners_reach(word, is_v6);
}

bool listeners_parse_line(struct listeners *out, const char *line, bool is_v6)
{
	char address[33];
	unsigned port, state, backlog;
	uint32_t uid;
	uint64_t inode;
	int fields = sscanf(line,
		" %*u: %32[0-9A-F]:%4X %*[0-9A-F]:%*X %2X %*X:%X %*X:%*X %*X %" SCNu32
		" %*u %" SCNu64,
		address, &port, &state, &backlog, &uid, &inode);
	if (fields != 6 || state != LISTENERS_STATE ||
		strlen(address) != (is_v6 ? 32 : 8))
		return false;
	if (out->count == LISTENERS_MAX) {
		out->is_cut = true;
		return true;
	}
	struct listener *l = &out->at[out->count++];
	*l = (struct listener){.port = (uint16_t)port,
		.is_v6 = is_v6,
		.reach = listeners_parse_reach(address, is_v6),
		.uid = uid,
		.backlog = backlog,
		.inode = inode};
	return true;
}

static bool listeners_read_file(
	struct listeners *out, const char *procfs, int pid, bool is_v6)
{
	char path[PROCFILE_PATH_MAX];
	procfile_path(path, procfs, pid, is_v6 ? "net/tcp6" : "net/tcp");
	scoped_file FILE *file = fopen(path, "re");
	if (!file)
		return false;
	char line[512];
	bool is_first = true;
	while (fgets(line, sizeof line, file)) {
		if (!is_first && !listeners_parse_line(out, line, is_v6))
			break;
		is_first = false;
	}
	return true;
}

static bool listeners_is_ours(const char *procfs, int pid)
{
	char path[PROCFILE_PATH_MAX];
	struct stat theirs, ours;
	procfile_path(path, procfs, pid, "ns/net");
	return stat(path, &theirs) == 0 && stat("/proc/self/ns/net", &ours) == 0 &&
	       theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

bool listeners_read(struct listeners *out, const char *procfs, int pid, struct err *e)
{
	out->count = 0;
	out->is_cut = false;
	if (listeners_is_ours(procfs, pid) && listeners_diag_read(out))
		return true;
	if (!listeners_read_file(out, procfs, pid, false))
		return err_errno(e, "cannot read the sockets of process %d", pid);
	/* Without IPv6 there is no such file. */
	listeners_read_file(out, procfs, pid, true);
	return true;
}

const struct listener *listeners_find(const struct listeners *l, uint64_t inode)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->at[i].inode == inode)
			return &l->at[i];
	}
	return NULL;
}

const struct listener *listeners_on_port(const struct listeners *l, int port)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->at[i].port == port && l->at[i].reach != LISTENERS_OTHER)
			return &l->at[i];
	}
	return NULL;
}

enum listeners_owner listeners_owner(const char *procfs, int pid, uint64_t inode)
{
	char path[PROCFILE_PATH_MAX], wanted[48];
	procfile_path(path, procfs, pid, "fd");
	scoped_dir DIR *directory = opendir(path);
	if (!directory)
		return LISTENERS_UNKNOWN;
	snprintf(wanted, sizeof wanted, "socket:[%" PRIu64 "]", inode);
	bool is_read = false;
	for (struct dirent *entry; (entry = readdir(directory));) {
		char link[64];
		ssize_t length = readlinkat(
			dirfd(directory), entry->d_name, link, sizeof link - 1);
		if (length < 0)
			continue;
		is_read = true;
		link[length] = '\0';
		if (!strcmp(link, wanted))
			return LISTENERS_OWN;
	}
	return is_read ? LISTENERS_FOREIGN : LISTENERS_UNKNOWN;
}
