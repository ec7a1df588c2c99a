#include "agent/fingerprint/image.h"

#include "agent/fingerprint/json_events.h"
#include "common/scoped.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGE_FILE_MAX = 1 << 20 };

struct image_reading {
	char *out;
	bool in_config;
};

static void image_open(void *context, unsigned depth, const char *key, bool is_object)
{
	struct image_reading *r = context;
	if (depth == 1)
		r->in_config = is_object && strcmp(key, "Config") == 0;
}

static void image_value(void *context, unsigned depth, const char *key,
	const char *text, bool is_string)
{
	struct image_reading *r = context;
	if (depth == 2 && r->in_config && is_string && strcmp(key, "Image") == 0)
		snprintf(r->out, IMAGE_SIZE, "%s", text);
}

static void image_read(struct intake *in, char out[IMAGE_SIZE])
{
	struct image_reading r = {.out = out};
	const struct json_events events = {
		.open = image_open, .value = image_value, .context = &r};
	struct err e;
	if (!json_events_read(in, &events, &e))
		out[0] = '\0';
}

void image_parse_docker(const void *text, size_t length, char out[IMAGE_SIZE])
{
	struct intake *in = malloc(sizeof *in);
	BUG_ON(!in);
	out[0] = '\0';
	intake_init_memory(in, text, length);
	image_read(in, out);
	free(in);
}

void image_parse_podman(const char *text, char out[IMAGE_SIZE])
{
	static const char key[] = "image=\"";
	out[0] = '\0';
	while (*text) {
		if (strncmp(text, key, sizeof key - 1) == 0) {
			text += sizeof key - 1;
			size_t n = strcspn(text, "\"\n");
			snprintf(out, IMAGE_SIZE, "%.*s", (int)n, text);
			return;
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

static void image_docker(const struct look *l, char out[IMAGE_SIZE])
{
	char path[160];
	if (!l->container[0])
		return;
	snprintf(path, sizeof path, "/var/lib/docker/containers/%s/config.v2.json",
		l->container);
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return;
	struct intake *in = malloc(sizeof *in);
	BUG_ON(!in);
	intake_init_file(in, fd, IMAGE_FILE_MAX, l->tree.until_mono_ms);
	image_read(in, out);
	free(in);
}

void image_find(const struct look *l, char out[IMAGE_SIZE])
{
	struct buf text = {0};
	out[0] = '\0';
	if (!l->unit.container[0])
		return;
	image_docker(l, out);
	if (!out[0] && !l->is_root_ours && l->tree.root >= 0 &&
		tree_read(&l->tree, "/run/.containerenv", IMAGE_FILE_MAX, &text) &&
		text.data)
		image_parse_podman(text.data, out);
	buf_finish(&text);
}
