/* The files of /proc/PID/maps. */
#include "agent/fingerprint/mapped.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void takes_each_file_once(void **state)
{
	(void)state;
	struct arena a;
	struct mapped *m = malloc(sizeof *m);
	arena_init(&a);
	mapped_parse("55d0-55d1 r--p 00000000 fe:00 12  /usr/bin/node\n"
		     "7f00-7f01 r--p 00000000 fe:00 77     /usr/lib/libssl.so.3\n"
		     "7f01-7f02 r-xp 00001000 fe:00 77     /usr/lib/libssl.so.3\n"
		     "7f02-7f03 rw-p 00000000 00:00 0 \n"
		     "7f03-7f04 rw-s 00000000 00:01 9 /dev/shm/x\n"
		     "7f03-7f04 rw-s 00000000 00:01 9 /memfd:doublemapper (deleted)\n"
		     "7f04-7f05 r-xp 00000000 fe:00 78 /srv/a\\012b.node (deleted)\n"
		     "7fff-8000 r-xp 00000000 00:00 0 [vdso]\n"
		     "garbage\n7f r-xp\n\n7f05-7f06 r-xp 0 fe:00 79 /cut",
		&a, m);
	assert_int_equal(m->count, 4);
	assert_string_equal(m->files[0].path, "/usr/bin/node");
	assert_false(m->files[0].is_code);
	assert_string_equal(m->files[1].path, "/usr/lib/libssl.so.3");
	assert_int_equal(m->files[1].inode, 77);
	assert_true(m->files[1].is_code);
	assert_false(m->files[1].is_gone);
	assert_string_equal(m->files[2].path, "/srv/a\nb.node");
	assert_true(m->files[2].is_gone);
	free(m);
	arena_finish(&a);
}

static void is_bounded(void **state)
{
	(void)state;
	struct arena a;
	struct mapped *m = malloc(sizeof *m);
	size_t size = 2000 * 64;
	char *text = malloc(size), *at = text;
	arena_init(&a);
	for (int i = 1; i <= 2000; i++)
		at += snprintf(at, size - (size_t)(at - text),
			"7f-80 r-xp 0 fe:00 %d /lib/l%d.so\n", i, i);
	mapped_parse(text, &a, m);
	assert_int_equal(m->count, MAPPED_FILES_MAX);
	assert_true(m->is_cut);
	free(text);
	free(m);
	arena_finish(&a);
}

static void knows_libraries_by_their_names(void **state)
{
	(void)state;
	assert_true(mapped_is_library("/lib/libc.so.6"));
	assert_true(mapped_is_library("/lib/libx.so"));
	assert_true(mapped_is_library("/srv/addon.node"));
	assert_true(mapped_is_library("/lib/a.software.so.1.2"));
	assert_false(mapped_is_library("/usr/bin/node"));
	assert_false(mapped_is_library("/lib/a.sorted"));
	assert_false(mapped_is_library("/lib/locale-archive"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_each_file_once),
		cmocka_unit_test(is_bounded),
		cmocka_unit_test(knows_libraries_by_their_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
