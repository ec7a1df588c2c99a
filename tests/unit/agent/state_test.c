/* The agent's small files: made once, readable by nobody else, never half written,
 * and a clear word when something is wrong with them. */
#include "agent/identity.h"
#include "agent/state.h"
#include "common/clock.h"
#include "tests/unit/agent/folder.h"

#include <sys/syscall.h>
#include <sys/wait.h>

/* Stands before libc's and counts. */
static int syncs;

int fsync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fsync, fd);
}

static int set_up(void **state)
{
	static struct folder folder;
	folder_make(&folder);
	*state = &folder;
	return 0;
}

static int tear_down(void **state)
{
	folder_remove(*state);
	return 0;
}

static void the_directory_is_made_for_its_owner_alone(void **state)
{
	const struct folder *f = *state;
	char *dir = folder_file(f, "new");
	struct stat info;
	struct err e;
	assert_true(state_prepare(dir, &e));
	assert_true(state_prepare(dir, &e));
	assert_int_equal(stat(dir, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	assert_false(state_prepare(folder_file(f, "no/such"), &e));
	assert_non_null(strstr(e.text, "no/such"));
	folder_store(folder_file(f, "file"), "", 0);
	assert_false(state_prepare(folder_file(f, "file"), &e));
	assert_int_equal(e.kind, ERR_INPUT);
}

static void keys_are_made_once_and_stay_private(void **state)
{
	const struct folder *f = *state;
	struct state_keys first, again;
	struct stat info;
	struct err e;
	assert_true(state_keys(f->path, &first, &e));
	assert_true(state_keys(f->path, &again, &e));
	assert_memory_equal(&first, &again, sizeof first);
	assert_int_equal(stat(folder_file(f, "agent.key"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);

	chmod(folder_file(f, "agent.key"), 0640);
	assert_false(state_keys(f->path, &again, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, "chmod 600"));
}

/* Damage must never lead to a new key: the agent would be a stranger. */
static void a_damaged_key_is_refused_and_kept(void **state)
{
	const struct folder *f = *state;
	struct state_keys keys;
	struct err e;
	size_t length;
	assert_true(state_keys(f->path, &keys, &e));
	char *path = folder_file(f, "agent.key");
	uint8_t *bytes = folder_load(path, &length);
	for (size_t cut = 0; cut < length; cut++) {
		folder_store(path, bytes, cut);
		assert_false(state_keys(f->path, &keys, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_non_null(strstr(e.text, "damaged"));
	}
	for (size_t i = 0; i < length; i++) {
		bytes[i] ^= 1;
		folder_store(path, bytes, length);
		/* X25519 ignores some bits of a secret key: then it is the same key. */
		struct state_keys other;
		if (state_keys(f->path, &other, &e))
			assert_memory_equal(other.public_key, keys.public_key, 32);
		bytes[i] ^= 1;
	}
	folder_store(path, bytes, length);
	assert_true(state_keys(f->path, &keys, &e));
	free(bytes);
}

static void two_processes_make_one_key(void **state)
{
	const struct folder *f = *state;
	struct state_keys keys, theirs;
	struct err e;
	enum { PROCESSES = 8 };
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			bool good = state_keys(f->path, &keys, &e);
			_exit(!good ||
				write(ends[1], &keys, sizeof keys) != sizeof keys);
		}
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_true(state_keys(f->path, &keys, &e));
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(read(ends[0], &theirs, sizeof theirs), sizeof theirs);
		assert_memory_equal(&keys, &theirs, sizeof keys);
	}
	close(ends[0]);
	close(ends[1]);
}

static void root_writes_for_the_owner_of_the_directory(void **state)
{
	const struct folder *f = *state;
	struct state_keys keys;
	struct stat info;
	struct err e;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(f->path, 65534, 65534), 0);
	assert_true(state_keys(f->path, &keys, &e));
	assert_int_equal(stat(folder_file(f, "agent.key"), &info), 0);
	assert_int_equal(info.st_uid, 65534);
	assert_int_equal(info.st_gid, 65534);
}

/* Whose directory it is may have put a second name of another file there. */
static void nothing_is_written_into_what_lies_in_the_way(void **state)
{
	const struct folder *f = *state;
	struct state_keys keys;
	struct stat info;
	struct err e;
	FILE *other = fopen(folder_file(f, "other"), "w");
	assert_non_null(other);
	assert_true(fputs("other", other) >= 0);
	assert_int_equal(fclose(other), 0);
	int folder = open(f->path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(linkat(folder, "other", folder, ".agent.key.new", 0), 0);
	close(folder);
	assert_true(state_keys(f->path, &keys, &e));
	assert_int_equal(stat(folder_file(f, "other"), &info), 0);
	assert_int_equal(info.st_size, 5);
	assert_int_equal(info.st_nlink, 1);
}

static struct state_enrolment example(void)
{
	struct state_enrolment x = {
		.host = "collector.example", .port = 8471, .agent_id = 4294967295u};
	for (int i = 0; i < 32; i++)
		x.server_key[i] = (uint8_t)(i * 8);
	return x;
}

static void the_enrolment_comes_back_as_written(void **state)
{
	const struct folder *f = *state;
	struct state_enrolment x = example(), back;
	struct err e;
	bool found = true;
	assert_true(state_read_enrolment(f->path, &back, &found, &e));
	assert_false(found);
	assert_true(state_read_enrolment(folder_file(f, "no/such"), &back, &found, &e));
	assert_false(found);
	/* A crash may have left this. */
	folder_store(folder_file(f, ".enrolment.new"), "junk", 4);
	for (int i = 0; i < 3; i++) {
		assert_true(state_write_enrolment(f->path, &x, &e));
		memset(&back, 0, sizeof back);
		assert_true(state_read_enrolment(f->path, &back, &found, &e));
		assert_true(found);
		assert_true(back.written_us > 0);
		back.written_us = 0;
		assert_memory_equal(&x, &back, sizeof x);
		strcpy(x.host, "fe80::1");
		memset(x.host + 8, 0, sizeof x.host - 8);
		x.agent_id = 1;
		assert_true(endpoints_parse(
			"collector.example:8471, [fe80::2]:9000", &x.servers, &e));
	}
}

static void a_damaged_enrolment_says_join_again(void **state)
{
	const struct folder *f = *state;
	struct state_enrolment x = example(), back;
	struct err e;
	bool found;
	size_t length;
	assert_true(state_write_enrolment(f->path, &x, &e));
	char *path = folder_file(f, "enrolment");
	uint8_t *bytes = folder_load(path, &length);
	for (size_t cut = 0; cut < length; cut++) {
		folder_store(path, bytes, cut);
		found = true;
		assert_false(state_read_enrolment(f->path, &back, &found, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_non_null(strstr(e.text, "join again"));
	}
	for (size_t bit = 0; bit < length * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		folder_store(path, bytes, length);
		state_read_enrolment(f->path, &back, &found, &e);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(bytes);
}

static void the_status_is_the_newest_text(void **state)
{
	const struct folder *f = *state;
	struct buf text = {0};
	struct err e;
	bool found = true;
	int64_t written_ms = 0;
	assert_true(state_read_status(f->path, &text, &written_ms, &found, &e));
	assert_false(found);
	assert_true(state_write_status(f->path, "first, and longer\n", &e));
	assert_true(state_write_status(f->path, "second\n", &e));
	assert_true(state_read_status(f->path, &text, &written_ms, &found, &e));
	assert_true(found);
	assert_string_equal(text.data, "second\n");
	assert_true(clock_unix_ms() - written_ms < 10000);
	buf_finish(&text);
}

static void a_machine_is_told_by_a_hash_of_its_id(void **state)
{
	(void)state;
	struct state_keys keys = {.public_key = {1}}, others = {.public_key = {2}};
	struct identity a, b;
	identity_read("machine-1", "alpha", &keys, &a);
	identity_read("machine-1", "beta", &others, &b);
	assert_string_equal(a.machine_id, b.machine_id);
	assert_string_equal(a.hostname, "alpha");
	assert_int_equal(strlen(a.machine_id), 32);
	assert_int_equal(strspn(a.machine_id, "0123456789abcdef"), 32);
	/* Fixed for good: another hash would make every host a new one. */
	assert_string_equal(a.machine_id, "35a175bc81258cf9df2687e8acbfde02");
	identity_read("machine-2", NULL, &keys, &b);
	assert_string_not_equal(a.machine_id, b.machine_id);
	assert_true(strlen(b.hostname) > 0);
	/* This host's own, with and without a file. */
	identity_read(NULL, NULL, &keys, &a);
	identity_read("", "", &keys, &b);
	assert_string_equal(a.machine_id, b.machine_id);
	assert_string_equal(a.hostname, b.hostname);
}

/* After a power cut there is the old text or the new one, never an empty file. */
static void seats_are_on_disk_before_they_take_their_name(void **state)
{
	const struct folder *f = *state;
	struct err e;
	syncs = 0;
	assert_true(state_write_slots(f->path, "slots", &e));
	assert_int_equal(syncs, 2); /* the file, then the directory */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			seats_are_on_disk_before_they_take_their_name, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			the_directory_is_made_for_its_owner_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			keys_are_made_once_and_stay_private, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_damaged_key_is_refused_and_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			two_processes_make_one_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			root_writes_for_the_owner_of_the_directory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			nothing_is_written_into_what_lies_in_the_way, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			the_enrolment_comes_back_as_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_damaged_enrolment_says_join_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_status_is_the_newest_text, set_up, tear_down),
		cmocka_unit_test(a_machine_is_told_by_a_hash_of_its_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
