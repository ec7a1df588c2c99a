/* The server's key: made once, whole, and read by nobody else. */
#include "server/keys.h"
#include "server/privileges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

static char data_dir[64], key_path[96];

static int start(void **state)
{
	(void)state;
	snprintf(data_dir, sizeof data_dir, "/tmp/tidemark-keys-XXXXXX");
	if (!mkdtemp(data_dir))
		return -1;
	snprintf(key_path, sizeof key_path, "%s/keys/server.key", data_dir);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	char command[96];
	snprintf(command, sizeof command, "rm -rf %s", data_dir);
	return system(command);
}

static void a_pair_is_made_once(void **state)
{
	(void)state;
	struct err e;
	struct stat info;
	struct keys first, second;
	if (!keys_load(data_dir, &first, &e))
		fail_msg("%s", e.text);
	assert_true(first.is_new);
	assert_true(keys_load(data_dir, &second, &e));
	assert_false(second.is_new);
	assert_memory_equal(first.public_key, second.public_key, KEYS_BYTES);
	assert_memory_equal(first.secret_key, second.secret_key, KEYS_BYTES);
	assert_int_equal(stat(key_path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0400);

	/* ZeroMQ derives the same public key. */
	char secret[41], public[41], ours[41];
	zmq_z85_encode(secret, first.secret_key, 32);
	zmq_z85_encode(ours, first.public_key, 32);
	assert_int_equal(zmq_curve_public(public, secret), 0);
	assert_string_equal(public, ours);
	keys_wipe(&first);
	for (int i = 0; i < KEYS_BYTES; i++)
		assert_int_equal(first.secret_key[i], 0);
}

static void starters_at_the_same_time_get_the_same(void **state)
{
	(void)state;
	enum { STARTERS = 8 };
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	for (int i = 0; i < STARTERS; i++) {
		if (fork() != 0)
			continue;
		struct err e;
		struct keys keys = {0};
		if (!keys_load(data_dir, &keys, &e))
			fprintf(stderr, "%s\n", e.text);
		_exit(write(pipes[1], keys.public_key, KEYS_BYTES) != KEYS_BYTES);
	}
	uint8_t all[STARTERS][KEYS_BYTES];
	for (int i = 0; i < STARTERS; i++) {
		assert_int_equal(read(pipes[0], all[i], KEYS_BYTES), KEYS_BYTES);
		assert_memory_equal(all[i], all[0], KEYS_BYTES);
	}
	while (wait(NULL) > 0)
		;
}

static void a_key_that_others_can_read_is_refused(void **state)
{
	(void)state;
	struct err e;
	struct keys keys;
	assert_true(keys_load(data_dir, &keys, &e));
	assert_int_equal(chmod(key_path, 0440), 0);
	assert_false(keys_load(data_dir, &keys, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, key_path));
}

static void a_damaged_key_is_refused_and_kept(void **state)
{
	(void)state;
	static const char *const contents[] = {"", "abc", "zz",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0\n",
		"0123456789abcdefX123456789abcdef0123456789abcdef0123456789abcdef\n"};
	struct err e;
	struct keys keys;
	assert_true(keys_load(data_dir, &keys, &e));
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
		unlink(key_path);
		FILE *file = fopen(key_path, "w");
		assert_non_null(file);
		fputs(contents[i], file);
		fclose(file);
		chmod(key_path, 0400);
		assert_false(keys_load(data_dir, &keys, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_non_null(strstr(e.text, key_path));
	}
}

/* In a child, since there is no way back up. */
static int drop_in_child(const char *user, const char *folder)
{
	pid_t child = fork();
	if (child == 0) {
		struct err e;
		if (!privileges_drop(user, folder, &e))
			_exit(e.kind == ERR_INPUT ? 2 : 3);
		_exit(geteuid() == 0 || getegid() == 0 || setuid(0) == 0 ||
			access(folder, W_OK) != 0);
	}
	int status;
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void root_is_given_up(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	char folder[128], command[200];
	assert_int_equal(chmod(data_dir, 0755), 0);
	snprintf(folder, sizeof folder, "%s/a/b", data_dir);
	assert_int_equal(drop_in_child("nobody", folder), 0);
	assert_int_equal(drop_in_child("nobody", folder), 0);
	assert_int_equal(drop_in_child("no-such-user", folder), 2);
	assert_int_equal(drop_in_child("root", folder), 2);
	/* What belongs to others, or holds files of root, is not taken. */
	snprintf(folder, sizeof folder, "%s/c", data_dir);
	snprintf(command, sizeof command, "mkdir %s && touch %s/file", folder, folder);
	assert_int_equal(system(command), 0);
	assert_int_equal(drop_in_child("nobody", folder), 2);
	assert_int_equal(drop_in_child("nobody", "/usr"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_pair_is_made_once, start, stop),
		cmocka_unit_test_setup_teardown(
			starters_at_the_same_time_get_the_same, start, stop),
		cmocka_unit_test_setup_teardown(
			a_key_that_others_can_read_is_refused, start, stop),
		cmocka_unit_test_setup_teardown(
			a_damaged_key_is_refused_and_kept, start, stop),
		cmocka_unit_test_setup_teardown(root_is_given_up, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
