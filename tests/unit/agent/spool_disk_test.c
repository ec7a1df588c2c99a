/* What a bad day of the disk does to a spool: kill -9 while writing, a full disk, and
 * every system call failing in turn.  What was accepted stays, what was not is
 * counted, and the spool recovers by itself. */
#include "agent/spool.h"
#include "agent/spool_format.h"
#include "tests/unit/agent/spool_fixture.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* These stand before libc's: each call counts, and those from fault_from to fault_to
 * fail. */
static long fault_calls, fault_from = -1, fault_to = -1;
static int fault_errno;
static off_t fault_death_at = -1; /* writing there is the end of the process */

static bool fault_strikes(void)
{
	long call = fault_calls++;
	if (fault_from < 0 || call < fault_from || call > fault_to)
		return false;
	errno = fault_errno;
	return true;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	if (offset == fault_death_at)
		_exit(9);
	if (fault_strikes()) {
		/* Half of it arrives, as may happen. */
		syscall(SYS_pwrite64, fd, bytes, length / 2, offset);
		errno = fault_errno;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, bytes, length, offset);
}

int fdatasync(int fd)
{
	return fault_strikes() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return fault_strikes() ? -1 : (int)syscall(SYS_fsync, fd);
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
	if (fault_strikes())
		return -1;
	return (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (fault_strikes())
		return -1;
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

static int set_up(void **state)
{
	static struct folder folder;
	folder_make(&folder);
	*state = &folder;
	fault_from = fault_to = -1;
	fixture_clock_ms = 0;
	return 0;
}

static int tear_down(void **state)
{
	folder_remove(*state);
	return 0;
}

enum { ATTEMPTS = 60, BATCH = 1000 };

/* What became of each batch of a run; the index is its number. */
struct outcome {
	uint64_t sequence[ATTEMPTS + 1]; /* 0: refused */
	bool forgotten[ATTEMPTS + 1];
	bool opened;
};

/* Fills four segments or so, forgetting two of three on the way. */
static void run(const struct folder *f, struct outcome *o)
{
	struct spool *s;
	struct err e;
	*o = (struct outcome){0};
	fault_calls = 0;
	o->opened = spool_open(f->path, SPOOL_BYTES_MIN, &s, &e);
	if (!o->opened)
		return;
	for (uint64_t n = 1; n <= ATTEMPTS; n++) {
		if (!fixture_append(s, n, BATCH, &o->sequence[n]))
			o->sequence[n] = 0;
		uint64_t old = n > 5 ? n - 5 : 0;
		if (old % 3 && o->sequence[old]) {
			spool_forget(s, o->sequence[old]);
			o->forgotten[old] = true;
		}
	}
	spool_close(s);
}

/* Everything that was accepted and not forgotten is held.  Returns how many batches
 * are neither held nor forgotten. */
static uint64_t check(
	const struct folder *f, const struct outcome *o, struct spool_stats *stats)
{
	uint64_t gone = 0;
	struct spool *s = fixture_open(f, SPOOL_BYTES_MIN);
	*stats = fixture_stats(s);
	for (uint64_t n = 1; n <= ATTEMPTS; n++) {
		if (o->sequence[n] && !o->forgotten[n])
			assert_int_equal(fixture_number(s, o->sequence[n]), n);
		else if (!o->forgotten[n])
			gone++;
	}
	for (uint64_t at = 0; spool_next(s, at, &at);)
		fixture_number(s, at);
	spool_close(s);
	return gone;
}

static void every_call_may_fail_once(void **state)
{
	const struct folder *f = *state;
	struct outcome o;
	struct spool_stats stats;
	run(f, &o);
	long calls = fault_calls;
	assert_true(calls > 100);
	assert_int_equal(check(f, &o, &stats), 0);
	assert_int_equal(stats.lost, 0);
	long refused = 0;
	for (long call = 0; call < calls; call++) {
		folder_clear(f->path);
		fault_errno = EIO;
		fault_from = fault_to = call;
		run(f, &o);
		fault_from = fault_to = -1;
		assert_true(o.opened);
		/* The last save may be the one that failed. */
		uint64_t gone = check(f, &o, &stats);
		if (call < calls - 2)
			assert_int_equal(stats.lost, gone);
		refused += gone > 0;
	}
	/* A second try in a new segment saves the batch every time. */
	assert_int_equal(refused, 0);
}

static void every_call_may_fail_from_some_time_on(void **state)
{
	const struct folder *f = *state;
	struct outcome o;
	const int errors[] = {EIO, ENOSPC};
	run(f, &o);
	long calls = fault_calls;
	for (size_t i = 0; i < 2; i++) {
		for (long call = 0; call < calls; call++) {
			folder_clear(f->path);
			fault_errno = errors[i];
			fault_from = call;
			fault_to = call + 60;
			run(f, &o);
			fault_from = fault_to = -1;
			struct spool *s = fixture_open(f, SPOOL_BYTES_MIN);
			uint64_t held = 0, forgotten = 0, sequence;
			for (uint64_t at = 0; spool_next(s, at, &at); held++)
				fixture_number(s, at);
			for (uint64_t n = 1; n <= ATTEMPTS; n++)
				forgotten += o.forgotten[n];
			if (call + 60 < calls - 10)
				assert_true(fixture_stats(s).lost + held + forgotten >=
					    ATTEMPTS);
			/* And all is well again. */
			assert_true(fixture_append(s, 100, BATCH, &sequence));
			assert_int_equal(fixture_number(s, sequence), 100);
			spool_close(s);
		}
	}
}

static void too_few_descriptors_are_no_damage(void **state)
{
	struct spool *s = fixture_open(*state, 1 << 20);
	uint64_t sequence;
	struct buf b = {0};
	struct err e;
	struct rlimit limit, tight;
	assert_true(fixture_append(s, 1, BATCH, &sequence));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	tight = limit;
	tight.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	assert_false(spool_read(s, sequence, &b, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(fixture_number(s, sequence), 1);
	assert_int_equal(fixture_stats(s).lost, 0);
	spool_close(s);
}

/* The child's words on the pipe: a sequence that was accepted, with its batch, or
 * one that it is about to forget. */
struct word {
	uint64_t accepted, number, forgetting;
};

static void write_until_killed(const struct folder *f, uint64_t number, int pipe_fd)
{
	struct spool *s;
	struct err e;
	uint64_t sequence;
	if (!spool_open(f->path, 1 << 20, &s, &e))
		_exit(1);
	for (;; number++) {
		struct word word = {.number = number};
		if (!fixture_append(
			    s, number, 50 + number * 977 % 9000, &word.accepted))
			_exit(2);
		if (write(pipe_fd, &word, sizeof word) != sizeof word)
			_exit(3);
		if (number % 2 && spool_next(s, 0, &sequence)) {
			word = (struct word){.forgetting = sequence};
			if (write(pipe_fd, &word, sizeof word) != sizeof word)
				_exit(4);
			spool_forget(s, sequence);
		}
	}
}

static void kill_nine_loses_nothing_that_was_accepted(void **state)
{
	enum { ROUNDS = 60, WORDS = 100000 };
	const struct folder *f = *state;
	static uint64_t number_of[WORDS]; /* by sequence; 0: not waiting */
	uint64_t newest = 0, number = 1, checked = 0;
	memset(number_of, 0, sizeof number_of);
	for (int round = 0; round < ROUNDS; round++) {
		int ends[2];
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
		pid_t child = fork();
		if (child == 0)
			write_until_killed(f, number, ends[1]);
		close(ends[1]);
		struct timespec nap = {0, (1 + round * 7 % 23) * 1000000L};
		nanosleep(&nap, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));

		struct word word;
		while (read(ends[0], &word, sizeof word) == sizeof word) {
			if (word.forgetting) {
				number_of[word.forgetting] = 0;
				continue;
			}
			assert_true(word.accepted > newest && word.accepted < WORDS);
			newest = word.accepted;
			number_of[newest] = word.number;
			number = word.number + 1;
		}
		close(ends[0]);
		number++; /* one more may have been accepted unheard */

		struct spool *s = fixture_open(f, 1 << 20);
		uint64_t oldest = fixture_stats(s).oldest;
		for (uint64_t at = 1; at <= newest; at++) {
			if (!number_of[at])
				continue;
			/* Dropped since the spool is full: counted. */
			if (at < oldest && fixture_stats(s).lost) {
				number_of[at] = 0;
				continue;
			}
			assert_int_equal(fixture_number(s, at), number_of[at]);
			checked++;
		}
		for (uint64_t at = 0; spool_next(s, at, &at);) {
			fixture_number(s, at);
			if (at > newest)
				newest = at;
		}
		spool_close(s);
	}
	assert_true(checked > 500);
	print_message("%llu batches survived\n", (unsigned long long)checked);
}

static void an_end_between_a_segment_and_its_first_record_loses_nothing(void **state)
{
	const struct folder *f = *state;
	uint64_t sequence, newest;
	for (uint64_t before = 0; before < 3; before++) {
		folder_clear(f->path);
		struct spool *s = fixture_open(f, SPOOL_BYTES_MIN);
		for (uint64_t n = 1; n <= before; n++)
			assert_true(fixture_append(s, n, BATCH, &sequence));
		spool_close(s);
		pid_t child = fork();
		if (child == 0) {
			fault_death_at = SPOOL_FORMAT_HEADER_BYTES;
			s = fixture_open(f, SPOOL_BYTES_MIN);
			fixture_append(s, 50, BATCH, &sequence);
			_exit(1);
		}
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(WEXITSTATUS(status), 9);

		s = fixture_open(f, SPOOL_BYTES_MIN);
		assert_int_equal(fixture_stats(s).lost, 0);
		assert_true(fixture_append(s, 60, BATCH, &sequence));
		assert_true(fixture_append(s, 61, BATCH, &newest));
		assert_int_equal(fixture_number(s, sequence), 60);
		assert_int_equal(fixture_number(s, newest), 61);
		spool_close(s);
		s = fixture_open(f, SPOOL_BYTES_MIN);
		assert_int_equal(fixture_stats(s).lost, 0);
		assert_int_equal(fixture_stats(s).batches, before + 2);
		assert_int_equal(fixture_number(s, sequence), 60);
		assert_int_equal(fixture_number(s, newest), 61);
		spool_close(s);
	}
}

/* A file system of its own, of this size; false when that is not allowed here. */
static bool mount_small(const struct folder *f, const char *size)
{
	char options[64];
	snprintf(options, sizeof options, "size=%s", size);
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tidemark", f->path, "tmpfs", 0, options) == 0;
}

static void a_full_disk_drops_exactly_and_recovers_alone(void **state)
{
	const struct folder *f = *state;
	uint64_t sequence, number = 0;
	if (!mount_small(f, "256k")) {
		print_message("mounting is not allowed here\n");
		skip();
	}
	struct spool *s = fixture_open(f, 64 << 20);
	while (number < 500) {
		fixture_append(s, ++number, 4000, &sequence);
		struct spool_stats stats = fixture_stats(s);
		assert_int_equal(stats.batches + stats.lost, number);
	}
	/* The newest are kept, on most of what the disk has. */
	struct spool_stats stats = fixture_stats(s);
	assert_true(stats.batches > 20);
	assert_int_equal(fixture_number(s, sequence), number);
	assert_int_equal(fixture_gaps(s), stats.lost);
	spool_close(s);
	s = fixture_open(f, 64 << 20);
	assert_int_equal(fixture_stats(s).lost, stats.lost);
	assert_int_equal(fixture_stats(s).batches, stats.batches);

	/* Room again: nothing more is lost. */
	assert_int_equal(mount(NULL, f->path, NULL, MS_REMOUNT, "size=16m"), 0);
	while (number < 1500)
		assert_true(fixture_append(s, ++number, 4000, &sequence));
	assert_int_equal(fixture_stats(s).lost, stats.lost);
	assert_int_equal(fixture_stats(s).batches + stats.lost, number);
	spool_close(s);
	umount(f->path);
}

static void a_disk_that_others_filled_does_not_stop_a_connected_agent(void **state)
{
	const struct folder *f = *state;
	uint64_t sequence, number = 0;
	static uint8_t junk[4096];
	if (!mount_small(f, "1m")) {
		print_message("mounting is not allowed here\n");
		skip();
	}
	struct spool *s = fixture_open(f, 1 << 20);
	assert_true(fixture_append(s, ++number, 1000, &sequence));
	spool_forget(s, sequence);
	int hog = open(folder_file(f, "hog"), O_WRONLY | O_CREAT, 0600);
	while (write(hog, junk, sizeof junk) == sizeof junk)
		;
	close(hog);
	while (number < 2000) {
		assert_true(fixture_append(s, ++number, 1000, &sequence));
		assert_int_equal(fixture_number(s, sequence), number);
		spool_forget(s, sequence);
	}
	assert_int_equal(fixture_stats(s).lost, 0);
	spool_close(s);
	s = fixture_open(f, 1 << 20);
	assert_int_equal(fixture_stats(s).lost, 0);
	assert_int_equal(fixture_stats(s).batches, 0);
	spool_close(s);

	/* Born on a full disk: every batch is lost and counted, until there is room. */
	char names[8][64];
	while (folder_names(f, ".seg", names, 8))
		unlink(folder_file(f, names[0]));
	unlink(folder_file(f, "cursor"));
	hog = open(folder_file(f, "hog"), O_WRONLY | O_APPEND, 0600);
	while (write(hog, junk, sizeof junk) == sizeof junk)
		;
	close(hog);
	s = fixture_open(f, 1 << 20);
	for (int i = 1; i <= 10; i++) {
		assert_false(fixture_append(s, ++number, 1000, &sequence));
		assert_int_equal(fixture_stats(s).lost, i);
	}
	unlink(folder_file(f, "hog"));
	assert_int_equal(fixture_gaps(s), 10);
	assert_true(fixture_append(s, ++number, 1000, &sequence));
	assert_int_equal(fixture_gaps(s), 0);
	spool_close(s);
	umount(f->path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_call_may_fail_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			every_call_may_fail_from_some_time_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			too_few_descriptors_are_no_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			kill_nine_loses_nothing_that_was_accepted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_end_between_a_segment_and_its_first_record_loses_nothing,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_full_disk_drops_exactly_and_recovers_alone, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_disk_that_others_filled_does_not_stop_a_connected_agent,
			set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
