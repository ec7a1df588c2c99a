/* Commits: of branches in files and packed, of worktrees, of broken repositories. */
#include "agent/fingerprint/git_head.h"

#include "tests/unit/agent/fixture.h"

#include "common/clock.h"

#include <fcntl.h>

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define OTHER  "89abcdef0123456789abcdef0123456789abcdef"

static bool find(const struct fixture *f, const char *folder, char out[GIT_HEAD_SIZE],
	struct err *e)
{
	const struct tree t = {.root = open(f->root, O_PATH | O_DIRECTORY),
		.until_mono_ms = INT64_MAX};
	bool ok = git_head_find(&t, folder, out, e);
	close(t.root);
	return ok;
}

static void follows_head_to_its_branch(void **state)
{
	(void)state;
	struct fixture f;
	char out[GIT_HEAD_SIZE];
	struct err e;
	fixture_init(&f);
	assert_true(find(&f, "/srv/app", out, &e));
	assert_string_equal(out, "");
	fixture_write(&f, "srv/app/.git/HEAD", "ref: refs/heads/main\n");
	fixture_write(&f, "srv/app/src/x", "");
	assert_true(find(&f, "/srv/app/src", out, &e)); /* no commit yet */
	assert_string_equal(out, "");
	fixture_write(&f, "srv/app/.git/packed-refs",
		"# pack-refs with: peeled\n" OTHER " refs/heads/main2\n" OTHER
		" refs/heads/main\n^" COMMIT "\n");
	assert_true(find(&f, "/srv/app/src", out, &e));
	assert_string_equal(out, OTHER);
	fixture_write(&f, "srv/app/.git/refs/heads/main", COMMIT "\n");
	assert_true(find(&f, "/srv/app/src", out, &e));
	assert_string_equal(out, COMMIT);
	fixture_write(&f, "srv/app/.git/HEAD", OTHER "\n");
	assert_true(find(&f, "/srv/app", out, &e));
	assert_string_equal(out, OTHER);
	fixture_finish(&f);
}

static void finds_worktrees(void **state)
{
	(void)state;
	struct fixture f;
	char out[GIT_HEAD_SIZE];
	struct err e;
	fixture_init(&f);
	fixture_write(&f, "tree/.git", "gitdir: /repo/.git/worktrees/tree\n");
	fixture_write(&f, "repo/.git/worktrees/tree/HEAD", "ref: refs/heads/b\n");
	fixture_write(&f, "repo/.git/worktrees/tree/commondir", "../..\n");
	fixture_write(&f, "repo/.git/refs/heads/b", COMMIT "\n");
	assert_true(find(&f, "/tree", out, &e));
	assert_string_equal(out, COMMIT);
	/* A submodule names its folder from where it stands. */
	fixture_write(&f, "repo/sub/.git", "gitdir: ../.git/modules/sub\n");
	fixture_write(&f, "repo/.git/modules/sub/HEAD", OTHER "\n");
	assert_true(find(&f, "/repo/sub", out, &e));
	assert_string_equal(out, OTHER);
	fixture_finish(&f);
}

static void says_what_it_cannot_read(void **state)
{
	(void)state;
	struct fixture f;
	char out[GIT_HEAD_SIZE];
	struct err e;
	fixture_init(&f);
	fixture_write(&f, "a/.git", "no repository\n");
	assert_false(find(&f, "/a", out, &e));
	fixture_write(&f, "b/.git/config", "");
	assert_false(find(&f, "/b", out, &e));
	assert_non_null(strstr(e.text, "HEAD"));
	fixture_write(&f, "c/.git/HEAD", "ref: refs/heads/.invalid\n");
	assert_false(find(&f, "/c", out, &e));
	assert_non_null(strstr(e.text, "format"));
	fixture_write(&f, "d/.git/HEAD", "ref: refs/../../secret\n");
	assert_false(find(&f, "/d", out, &e));
	fixture_write(&f, "e/.git/HEAD", "ref: refs/heads/loop\n");
	fixture_write(&f, "e/.git/refs/heads/loop", "ref: refs/heads/loop\n");
	assert_false(find(&f, "/e", out, &e));
	assert_non_null(strstr(e.text, "nowhere"));
	fixture_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_head_to_its_branch),
		cmocka_unit_test(finds_worktrees),
		cmocka_unit_test(says_what_it_cannot_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
