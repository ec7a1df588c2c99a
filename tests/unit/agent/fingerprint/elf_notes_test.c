/* Build ids: of a real program, of short and of lying notes. */
#include "agent/fingerprint/elf_dynamic.h"

#include "tests/unit/cmocka_all.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t note(uint8_t *out, uint32_t name, uint32_t length, uint32_t type)
{
	const Elf64_Nhdr head = {name, length, type};
	memcpy(out, &head, sizeof head);
	memcpy(out + sizeof head, "GNU", 4);
	for (uint32_t i = 0; i < 8; i++)
		out[sizeof head + 4 + i] = (uint8_t)(0xa0 + i);
	return sizeof head + 4 + 8;
}

static bool parse(const uint8_t *bytes, size_t length, char out[ELF_NOTES_ID_SIZE])
{
	uint8_t *copy = malloc(length ? length : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, length);
	bool found = elf_notes_parse(copy, length, out);
	free(copy);
	return found;
}

static void finds_the_id_behind_other_notes(void **state)
{
	(void)state;
	uint8_t bytes[64];
	char id[ELF_NOTES_ID_SIZE];
	size_t n = note(bytes, 4, 6, NT_GNU_ABI_TAG); /* padded to 8 */
	n += note(bytes + n, 4, 8, NT_GNU_BUILD_ID);
	assert_true(parse(bytes, n, id));
	assert_string_equal(id, "a0a1a2a3a4a5a6a7");
	for (size_t length = 0; length < n; length++)
		assert_false(parse(bytes, length, id));
}

static void refuses_notes_that_lie(void **state)
{
	(void)state;
	static const uint32_t lies[][2] = {{UINT32_MAX, 8}, {4, UINT32_MAX},
		{UINT32_MAX - 2, UINT32_MAX - 2}, {4, 0}, {0, 8}};
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		uint8_t bytes[64];
		char id[ELF_NOTES_ID_SIZE];
		size_t n = note(bytes, lies[i][0], lies[i][1], NT_GNU_BUILD_ID);
		assert_false(parse(bytes, n, id));
	}
}

static void reads_real_programs(void **state)
{
	(void)state;
	char id[ELF_NOTES_ID_SIZE], known[ELF_NOTES_ID_SIZE];
	int fd = open("/proc/self/exe", O_RDONLY);
	assert_true(fd >= 0);
	bool found = elf_notes_build_id(fd, id);
	close(fd);
	/* What the system's own tool says, where there is one. */
	FILE *tool = popen("exec readelf -n /proc/$PPID/exe 2>/dev/null | "
			   "sed -n 's/.*Build ID: //p'",
		"r");
	assert_non_null(tool);
	if (fscanf(tool, "%128s", known) == 1) {
		assert_true(found);
		assert_string_equal(id, known);
	}
	pclose(tool);
	fd = open("/etc/passwd", O_RDONLY);
	assert_false(elf_notes_build_id(fd, id));
	close(fd);
}

static void reads_what_a_program_asks_for(void **state)
{
	(void)state;
	struct elf_dynamic d = {0};
	int fd = open("/proc/self/exe", O_RDONLY);
	assert_true(elf_dynamic_read(fd, &d));
	close(fd);
	bool found = false;
	for (size_t at = 0; at < d.needed.length; at += strlen(d.needed.data + at) + 1)
		found |= strncmp(d.needed.data + at, "libc.so.", 8) == 0;
	assert_true(found);
	assert_string_equal(d.soname, "");
	elf_dynamic_finish(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_id_behind_other_notes),
		cmocka_unit_test(refuses_notes_that_lie),
		cmocka_unit_test(reads_real_programs),
		cmocka_unit_test(reads_what_a_program_asks_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
