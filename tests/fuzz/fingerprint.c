/* fuzzes: agent_fingerprint */
/*
 * What else a fingerprint is made of: refs of git, notes and directories of programs
 * and archives, maps, titles, variables, engines' files.
 */
#include "agent/fingerprint/elf_dynamic.h"
#include "agent/fingerprint/environment.h"
#include "agent/fingerprint/git_head.h"
#include "agent/fingerprint/image.h"
#include "agent/fingerprint/jar.h"
#include "agent/fingerprint/look.h"
#include "agent/fingerprint/manager.h"
#include "agent/fingerprint/mapped.h"
#include "agent/fingerprint/runtime_version.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_bytes {
	const uint8_t *data;
	size_t size;
};

static bool fuzz_read(void *context, uint64_t at, void *out, size_t length)
{
	const struct fuzz_bytes *bytes = context;
	if (at > bytes->size || length > bytes->size - at)
		return false;
	memcpy(out, bytes->data + at, length);
	return true;
}

static void fuzz_binary(const uint8_t *data, size_t size)
{
	char id[ELF_NOTES_ID_SIZE];
	struct fuzz_bytes bytes = {data, size};
	const struct elf_notes_source source = {fuzz_read, &bytes};
	struct packages p = {0};
	if (elf_notes_find(&source, id) || elf_notes_parse(data, size, id))
		BUG_ON(!id[0] || strspn(id, "0123456789abcdef") != strlen(id));
	struct elf_dynamic dynamic = {0};
	if (elf_dynamic_find(&source, &dynamic))
		BUG_ON(memchr(dynamic.soname, '\0', sizeof dynamic.soname) == NULL);
	elf_dynamic_finish(&dynamic);
	jar_add_directory(data, size, &p);
	packages_finish(&p);
}

static void fuzz_text(const char *text, size_t size, struct arena *a)
{
	static struct mapped mapped;
	static struct manager manager;
	char commit[GIT_HEAD_SIZE], name[64], version[RUNTIME_VERSION_SIZE];
	char image[IMAGE_SIZE], path[PATH_MAX];
	struct environment environment;
	int parent;
	uint64_t ticks;
	mapped_parse(text, a, &mapped);
	for (size_t i = 0; i < mapped.count; i++)
		BUG_ON(mapped.files[i].path[0] != '/');
	if (git_head_parse(text, commit, name, sizeof name))
		BUG_ON(!commit[0] == !name[0]);
	if (git_head_packed(text, "refs/heads/main", commit))
		BUG_ON(strlen(commit) != 40 && strlen(commit) != 64);
	environment_pick(text, size, "VERSION, GIT_SHA", a, &environment);
	BUG_ON(environment.count > FINGERPRINT_ENVIRONMENT_MAX);
	image_parse_docker(text, size, image);
	image_parse_podman(text, image);
	look_parse_stat(text, &parent, &ticks);
	look_join(path, "/srv", text);
	manager_parse_title(text, size, &manager);
	runtime_version_in_path(text, version);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	char *text = malloc(size + 1);
	BUG_ON(!text);
	arena_init(&a);
	memcpy(text, data, size);
	text[size] = '\0';
	fuzz_binary(data, size);
	fuzz_text(text, size, &a);
	arena_finish(&a);
	free(text);
	return 0;
}
