/* fuzzes: common */
#include "common/conf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fuzz_settings {
	const char *name;
	int64_t workers, interval_ms, spool_bytes;
	bool loud;
};

static const struct conf_option fuzz_options[] = {
	{"agent", "name", CONF_TEXT, offsetof(struct fuzz_settings, name), 0, 0, "",
		"x"},
	{"agent", "workers", CONF_INT, offsetof(struct fuzz_settings, workers), 1, 64,
		"2", "x"},
	{"agent", "interval", CONF_DURATION,
		offsetof(struct fuzz_settings, interval_ms), 1000, 3600000, "10s", "x"},
	{"spool", "size", CONF_BYTES, offsetof(struct fuzz_settings, spool_bytes), 0, 0,
		"64M", "x"},
	{"spool", "loud", CONF_BOOL, offsetof(struct fuzz_settings, loud), 0, 0, "no",
		"x"},
};

static bool fuzz_free_key(void *context, const char *section, const char *key,
	const char *value, struct err *e)
{
	(void)context;
	BUG_ON(!section || !key || !value);
	return *key != 'x' || err_set(e, ERR_INPUT, "unknown key '%s'", key);
}

static const struct conf_table fuzz_table = {
	.program = "fuzz",
	.own_section = "agent",
	.env_prefix = "TIDEMARK_FUZZ",
	.options = fuzz_options,
	.count = sizeof fuzz_options / sizeof *fuzz_options,
	.free_key = fuzz_free_key,
};

static void fuzz_check(const struct fuzz_settings *s)
{
	BUG_ON(!s->name);
	BUG_ON(s->workers < 1 || s->workers > 64);
	BUG_ON(s->interval_ms < 1000 || s->interval_ms > 3600000);
	BUG_ON(s->spool_bytes < 0);
}

/* Once as a file, once as arguments, one to a line. */
static void fuzz_arguments(char *text, struct arena *a)
{
	char *argv[64] = {"fuzz"};
	int argc = 1;
	for (char *word = strtok(text, "\n"); word && argc < 63;
		word = strtok(NULL, "\n"))
		argv[argc++] = word;
	struct fuzz_settings s;
	struct err e;
	struct conf_line line = {argc, argv, 1};
	conf_find_config(argc, argv);
	BUG_ON(!conf_load(&fuzz_table, &s, NULL, a, &e));
	if (conf_arguments(&fuzz_table, &s, &line, a, &e)) {
		BUG_ON(line.next < 1 || line.next > argc);
		fuzz_check(&s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char path[] = "/tmp/fuzz_conf_XXXXXX";
	int fd = mkstemp(path);
	BUG_ON(fd < 0 || write(fd, bytes, length) != (ssize_t)length);
	close(fd);
	struct arena a;
	struct fuzz_settings s;
	struct err e;
	arena_init(&a);
	if (conf_load(&fuzz_table, &s, path, &a, &e))
		fuzz_check(&s);
	else
		BUG_ON(e.kind != ERR_INPUT || strncmp(e.text, path, strlen(path)) != 0);
	unlink(path);
	fuzz_arguments(arena_strndup(&a, (const char *)bytes, length), &a);
	arena_finish(&a);
	return 0;
}
