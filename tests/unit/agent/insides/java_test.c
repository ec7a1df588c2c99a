/* Where a Java machine's counters are found, and what is not opened in their place. */
#include "agent/insides/java.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char folder[64], file[96];
	struct facts facts;
	struct java_way way;
};

static void make(struct place *p)
{
	*p = (struct place){0};
	snprintf(p->folder, sizeof p->folder, "/tmp/hsperfdata_test-%d", (int)getpid());
	snprintf(p->file, sizeof p->file, "%s/%d", p->folder, (int)getpid());
	assert_int_equal(mkdir(p->folder, 0700), 0);
	p->facts.pid = p->facts.inner_pid = getpid();
	p->facts.uid = getuid();
	p->way.procfs = "/proc";
	p->way.facts = &p->facts;
}

static bool look(struct place *p)
{
	struct hsperf found;
	struct err e;
	bool ok = java_read(&p->way, &found, NULL, &e);
	if (!ok)
		assert_non_null(strstr(e.text, "no hsperfdata"));
	return ok;
}

static void finish(struct place *p)
{
	unlink(p->file);
	assert_int_equal(rmdir(p->folder), 0);
}

/* Who is root in a container can put a device there: opening one can have effects. */
static void what_is_no_file_is_not_opened(void **state)
{
	(void)state;
	struct place p;
	struct inotify_event event;
	make(&p);
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	assert_int_equal(mkfifo(p.file, 0600), 0);
	assert_true(inotify_add_watch(fd, p.file, IN_OPEN) >= 0);
	assert_false(look(&p));
	assert_int_equal(read(fd, &event, sizeof event), -1);
	close(fd);
	finish(&p);
}

static void a_link_is_not_followed(void **state)
{
	(void)state;
	struct place p;
	make(&p);
	assert_int_equal(
		symlink(TIDEMARK_SOURCE_DIR "/tests/golden/insides/g1.hsperf", p.file),
		0);
	assert_false(look(&p));
	finish(&p);
}

static void the_owners_file_is_read(void **state)
{
	(void)state;
	static char bytes[64 << 10];
	struct place p;
	make(&p);
	FILE *from = fopen(TIDEMARK_SOURCE_DIR "/tests/golden/insides/g1.hsperf", "re");
	FILE *to = fopen(p.file, "we");
	assert_true(from && to);
	size_t length = fread(bytes, 1, sizeof bytes, from);
	assert_int_equal(fwrite(bytes, 1, length, to), length);
	fclose(from);
	fclose(to);
	assert_true(look(&p));
	p.facts.uid++;
	assert_false(look(&p));
	finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_file_is_not_opened),
		cmocka_unit_test(a_link_is_not_followed),
		cmocka_unit_test(the_owners_file_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
