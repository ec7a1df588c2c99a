#include "agent/capture/facts.h"

#include "agent/capture/procfile.h"
#include "agent/probe/probe.h"
#include "agent/probe/process_stat.h"
#include "common/scoped.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The value of "Key:\t..." in a status file, NULL when there is none. */
static const char *facts_field(const char *text, const char *key)
{
	size_t length = strlen(key);
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, length) && line[length] == ':')
			return line + length + 1;
	}
	return NULL;
}

static uint64_t facts_mask(const char *text, const char *key)
{
	const char *value = facts_field(text, key);
	return value ? strtoull(value, NULL, 16) : 0;
}

/* The number at `index` of a list; -1 when there is none. */
static int64_t facts_number(const char *text, const char *key, int index)
{
	const char *value = facts_field(text, key);
	int64_t number = -1;
	for (int i = 0; value && i <= index; i++) {
		while (*value == ' ' || *value == '\t')
			value++;
		if (!probe_number(&value, &number))
			return -1;
	}
	return number;
}

static int facts_innermost(const char *text, int pid)
{
	const char *value = facts_field(text, "NSpid");
	int64_t number = pid;
	while (value) {
		while (*value == ' ' || *value == '\t')
			value++;
		if (!isdigit((unsigned char)*value) || !probe_number(&value, &number))
			break;
	}
	return number > 0 && number <= INT32_MAX ? (int)number : pid;
}

bool facts_parse_status(const char *text, struct facts *out)
{
	const char *state = facts_field(text, "State");
	int64_t uid = facts_number(text, "Uid", 1);
	int64_t pid = facts_number(text, "Pid", 0);
	if (!state || uid < 0 || uid > UINT32_MAX || pid <= 0 || pid > INT32_MAX)
		return false;
	while (*state == ' ' || *state == '\t')
		state++;
	out->state = *state;
	out->uid = (uid_t)uid;
	out->inner_pid = facts_innermost(text, (int)pid);
	out->signals_blocked = facts_mask(text, "SigBlk");
	out->signals_ignored = facts_mask(text, "SigIgn");
	out->signals_caught = facts_mask(text, "SigCgt");
	int64_t rss = facts_number(text, "VmRSS", 0);
	int64_t anonymous = facts_number(text, "RssAnon", 0);
	out->rss_bytes = rss > 0 ? (uint64_t)rss << 10 : 0;
	out->anonymous_bytes = anonymous > 0 ? (uint64_t)anonymous << 10 : 0;
	return true;
}

int64_t facts_age_ms(const char *procfs, const struct facts *f)
{
	char path[PROCFILE_PATH_MAX];
	double up_s = 0;
	snprintf(path, sizeof path, "%s/uptime", procfs);
	scoped_file FILE *file = fopen(path, "re");
	if (!file || fscanf(file, "%lf", &up_s) != 1)
		return 0;
	double age_s = up_s - (double)f->start_ticks / (double)sysconf(_SC_CLK_TCK);
	return age_s > 0 && age_s < 1e9 ? (int64_t)(age_s * 1000) : 0;
}

bool facts_catches(const struct facts *f, int signal)
{
	uint64_t bit = UINT64_C(1) << (signal - 1);
	return (f->signals_caught & bit) && !(f->signals_ignored & bit);
}

/* "node", "nodejs", "node20", "node-20.1": as distributions call it. */
static bool facts_is_node_name(const char *name)
{
	if (strncmp(name, "node", 4) != 0)
		return false;
	name += 4;
	if (!strncmp(name, "js", 2))
		name += 2;
	return name[strspn(name, "0123456789.-")] == '\0';
}

static const char *facts_last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The program file says it; where that may not be read the command line does, and last
 * the kernel's name for it, which a process can choose. */
static void facts_read_program(
	const char *procfs, int pid, const struct buf *command, struct facts *out)
{
	char path[PROCFILE_PATH_MAX], exe[FACTS_PATH_MAX] = "";
	procfile_path(path, procfs, pid, "exe");
	ssize_t length = readlink(path, exe, sizeof exe - 1);
	if (length > 0) {
		exe[length] = '\0';
		char *deleted = strstr(exe, " (deleted)");
		if (deleted)
			*deleted = '\0';
		snprintf(out->program, sizeof out->program, "%.63s",
			facts_last_part(exe));
	} else if (command->length > 0) {
		snprintf(out->program, sizeof out->program, "%.63s",
			facts_last_part(command->data));
	}
	out->is_node = facts_is_node_name(out->program);
}

static void facts_read_network(const char *procfs, int pid, struct facts *out)
{
	char path[PROCFILE_PATH_MAX];
	struct stat theirs, ours;
	procfile_path(path, procfs, pid, "ns/net");
	if (stat(path, &theirs) != 0)
		return;
	out->net_namespace = theirs.st_ino;
	out->is_net_ours = stat("/proc/self/ns/net", &ours) == 0 &&
			   ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

static const char *facts_variable(const struct buf *environment, const char *name)
{
	size_t length = strlen(name);
	const char *end = environment->data + environment->length;
	for (const char *c = environment->data; c && c < end; c += strlen(c) + 1) {
		if (!strncmp(c, name, length) && c[length] == '=')
			return c + length + 1;
	}
	return NULL;
}

/* Only an absolute folder is any use to us. */
static void facts_folder(const char *value, char out[FACTS_PATH_MAX])
{
	if (value && value[0] == '/' && strlen(value) < FACTS_PATH_MAX)
		strcpy(out, value);
}

static void facts_read_environment(const char *procfs, int pid, struct facts *out)
{
	struct buf environment = {0};
	if (procfile_read(procfs, pid, "environ", &environment)) {
		struct facts_flags *flags = &out->flags;
		flags->is_options_known = environment.length < PROCFILE_BYTES_MAX;
		const char *options = facts_variable(&environment, "NODE_OPTIONS");
		if (options)
			facts_parse_options(options, flags);
		facts_folder(facts_variable(&environment, "TIDEMARK_PRELOAD_DIR"),
			flags->preload_dir);
		facts_folder(facts_variable(&environment, "XDG_RUNTIME_DIR"),
			flags->runtime_dir);
	}
	if (environment.data)
		explicit_bzero(environment.data, environment.capacity);
	buf_finish(&environment);
}

static bool facts_read_identity(
	const char *procfs, int pid, struct facts *out, struct err *e)
{
	struct buf text = {0};
	struct process_stat stat;
	bool ok = procfile_read(procfs, pid, "stat", &text);
	if (!ok) {
		err_set(e, ERR_INPUT, "there is no process %d", pid);
	} else if (!process_stat_parse(text.data, &stat) || stat.kernel_thread) {
		ok = err_set(e, ERR_INPUT, "process %d is no program", pid);
	} else {
		out->start_ticks = stat.start_ticks;
		snprintf(out->program, sizeof out->program, "%s", stat.comm);
		buf_reset(&text);
		ok = procfile_read(procfs, pid, "status", &text) &&
		     facts_parse_status(text.data, out);
		if (!ok)
			err_set(e, ERR_INPUT, "process %d has just ended", pid);
	}
	buf_finish(&text);
	return ok;
}

bool facts_read_kind(const char *procfs, int pid, struct facts *out)
{
	struct buf command = {0};
	*out = (struct facts){.pid = pid};
	facts_read_program(procfs, pid, &command, out);
	if (!out->program[0] && procfile_read(procfs, pid, "cmdline", &command))
		facts_read_program(procfs, pid, &command, out);
	buf_finish(&command);
	return out->program[0];
}

bool facts_read(const char *procfs, int pid, struct facts *out, struct err *e)
{
	struct facts f = {.pid = pid, .inner_pid = pid};
	f.flags.inspect_port = FACTS_INSPECT_PORT;
	if (pid <= 0)
		return err_set(e, ERR_INPUT, "%d is no process id", pid);
	if (!facts_read_identity(procfs, pid, &f, e))
		return false;

	struct buf command = {0};
	procfile_read(procfs, pid, "cmdline", &command);
	facts_read_program(procfs, pid, &command, &f);
	facts_read_environment(procfs, pid, &f);
	facts_parse_command(command.data, command.length, &f);
	facts_read_network(procfs, pid, &f);
	buf_finish(&command);
	*out = f;
	return true;
}
