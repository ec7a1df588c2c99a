/* What damage to its files does to a spool: nothing that is whole is lost, nothing
 * that is lost goes unnoticed, nothing is counted twice, nothing crashes.  Every cut
 * and every flipped bit: tests/faults/torn.c. */
#include "agent/spool.h"
#include "agent/spool_format.h"
#include "tests/unit/agent/spool_fixture.h"

enum { MAX_BYTES = SPOOL_BYTES_MIN, SEGMENT = SPOOL_BYTES_MIN / 8, BATCH = 300 };

#define SIZE spool_format_record_size(BATCH, false)

static int set_up(void **state)
{
	static struct folder folder;
	folder_make(&folder);
	fixture_clock_ms = 0;
	*state = &folder;
	return 0;
}

static int tear_down(void **state)
{
	folder_remove(*state);
	return 0;
}

/* A closed spool with batches 1 to `count`, none forgotten. */
static void make(const struct folder *f, uint64_t count)
{
	struct spool *s = fixture_open(f, MAX_BYTES);
	uint64_t sequence;
	for (uint64_t n = 1; n <= count; n++)
		assert_true(fixture_append(s, n, BATCH, &sequence));
	assert_int_equal(fixture_stats(s).lost, 0);
	spool_close(s);
}

static char *segment(const struct folder *f, int number)
{
	char names[64][64];
	int count = (int)folder_names(f, ".seg", names, 64);
	return folder_file(f, names[number < 0 ? count + number : number]);
}

static void flip(const char *path, size_t offset, int bit)
{
	size_t length;
	uint8_t *bytes = folder_load(path, &length);
	assert_true(offset < length);
	bytes[offset] ^= (uint8_t)(1 << bit);
	folder_store(path, bytes, length);
	free(bytes);
}

static size_t record_offset(size_t index)
{
	return SPOOL_FORMAT_HEADER_BYTES + index * SIZE;
}

/* The sequences that are held, checked to hold their own batch. */
static uint64_t held(struct spool *s)
{
	uint64_t count = 0;
	for (uint64_t at = 0; spool_next(s, at, &at); count++)
		assert_int_equal(fixture_number(s, at), at);
	return count;
}

/* Opens twice: the counts must be the same, for losses are counted once. */
static struct spool *open_twice(const struct folder *f, uint64_t lost, uint64_t pending)
{
	struct spool *s = fixture_open(f, MAX_BYTES);
	assert_int_equal(fixture_stats(s).lost, lost);
	assert_int_equal(fixture_gaps(s), pending);
	spool_close(s);
	s = fixture_open(f, MAX_BYTES);
	assert_int_equal(fixture_stats(s).lost, lost);
	assert_int_equal(fixture_gaps(s), pending);
	return s;
}

static void a_damaged_record_costs_itself_alone(void **state)
{
	const struct folder *f = *state;
	make(f, 200); /* several segments */
	flip(segment(f, 0), record_offset(9) + 100, 3);
	flip(segment(f, 1), record_offset(0), 0);
	flip(segment(f, 2), record_offset(20) + 8, 7);
	flip(segment(f, 2), record_offset(21) + 8, 7);
	struct spool *s = open_twice(f, 4, 4);
	struct wire_gap gaps[SPOOL_GAPS_MAX];
	uint64_t sequence;
	assert_int_equal(held(s), 196);
	assert_int_equal(spool_take_gaps(s, gaps), 1);
	assert_string_equal(gaps[0].reason, "spool record damaged");
	assert_int_equal(gaps[0].from_unix_ms, FIXTURE_START_MS + 9000);
	/* Reported once, and then never again. */
	assert_true(fixture_append(s, 201, BATCH, &sequence));
	assert_int_equal(sequence, 201);
	spool_close(s);
	s = fixture_open(f, MAX_BYTES);
	assert_int_equal(fixture_gaps(s), 0);
	/* More damage is only the difference. */
	spool_close(s);
	flip(segment(f, 1), record_offset(5), 0);
	s = open_twice(f, 5, 1);
	assert_int_equal(fixture_stats(s).batches, 196);
	spool_close(s);
}

static void damage_is_also_found_while_running(void **state)
{
	const struct folder *f = *state;
	struct spool *s = fixture_open(f, MAX_BYTES);
	struct buf b = {0};
	struct err e;
	uint64_t sequence;
	for (uint64_t n = 1; n <= 5; n++)
		assert_true(fixture_append(s, n, BATCH, &sequence));
	flip(segment(f, 0), record_offset(2) + 40, 1);
	assert_false(spool_read(s, 3, &b, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_int_equal(b.length, 0);
	assert_int_equal(fixture_stats(s).lost, 1);
	assert_int_equal(held(s), 4);
	assert_false(spool_read(s, 3, &b, &e));
	assert_int_equal(fixture_stats(s).lost, 1);
	spool_close(s);
	s = open_twice(f, 1, 1);
	assert_int_equal(held(s), 4);
	spool_close(s);
}

static void an_unfinished_record_ends_the_spool_but_not_its_use(void **state)
{
	const struct folder *f = *state;
	uint64_t sequence;
	size_t length;
	make(f, 10);
	char *path = segment(f, 0);
	uint8_t *bytes = folder_load(path, &length);
	/* Half of an eleventh record. */
	memcpy(bytes + record_offset(10), bytes + record_offset(9), SIZE / 2);
	folder_store(path, bytes, length);
	free(bytes);

	struct spool *s = open_twice(f, 1, 1);
	struct wire_gap gaps[SPOOL_GAPS_MAX];
	assert_int_equal(held(s), 10);
	assert_int_equal(spool_take_gaps(s, gaps), 1);
	assert_string_equal(gaps[0].reason, "spool record unfinished");
	assert_true(fixture_append(s, 1000, BATCH, &sequence));
	assert_true(sequence > 11 && sequence < 1000);
	spool_close(s);

	/* The jump in the sequence is no loss, now and later. */
	s = open_twice(f, 1, 0);
	assert_int_equal(fixture_stats(s).batches, 11);
	assert_int_equal(fixture_number(s, sequence), 1000);
	spool_close(s);
}

static void without_a_cursor_all_is_offered_again(void **state)
{
	const struct folder *f = *state;
	struct spool *s;
	make(f, 100);
	s = fixture_open(f, MAX_BYTES);
	uint64_t epoch = fixture_stats(s).epoch;
	for (uint64_t n = 1; n <= 95; n++)
		spool_forget(s, n);
	spool_close(s);
	unlink(folder_file(f, "cursor"));
	s = open_twice(f, 0, 0);
	assert_int_equal(fixture_stats(s).epoch, epoch);
	assert_true(held(s) >= 5);
	assert_true(fixture_stats(s).oldest <= 96);
	spool_close(s);
}

static void one_slot_of_the_cursor_is_enough(void **state)
{
	const struct folder *f = *state;
	for (int slot = 0; slot < 2; slot++) {
		folder_clear(f->path);
		make(f, 20);
		struct spool *s = fixture_open(f, MAX_BYTES);
		for (uint64_t n = 1; n <= 10; n++)
			spool_forget(s, n);
		spool_close(s);
		flip(folder_file(f, "cursor"), (size_t)slot * 4096 + 100, 4);
		s = open_twice(f, 0, 0);
		assert_true(held(s) == 10 || held(s) == 20);
		spool_close(s);
	}
}

static void missing_segments_are_counted(void **state)
{
	const struct folder *f = *state;
	char names[64][64];
	uint64_t sequence, first[64];
	make(f, 200);
	size_t count = folder_names(f, ".seg", names, 64);
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++)
		first[i] = strtoull(names[i], NULL, 16);

	unlink(folder_file(f, names[0]));
	uint64_t lost = first[1] - 1;
	struct spool *s = open_twice(f, lost, lost);
	assert_int_equal(held(s), 200 - lost);
	spool_close(s);

	unlink(folder_file(f, names[2]));
	lost += first[3] - first[2];
	s = open_twice(f, lost, lost);
	assert_int_equal(held(s), 200 - lost);
	spool_close(s);

	/* The newest: what it held is known by the cursor. */
	unlink(folder_file(f, names[4]));
	lost += 200 - first[4] + 1;
	s = open_twice(f, lost, lost);
	assert_int_equal(held(s), 200 - lost);
	assert_true(fixture_append(s, 5000, BATCH, &sequence));
	assert_true(sequence > 200);
	assert_int_equal(fixture_number(s, sequence), 5000);
	spool_close(s);
	s = open_twice(f, lost, 0);
	spool_close(s);

	/* All of them. */
	folder_names(f, ".seg", names, 64);
	uint64_t left = 0;
	s = fixture_open(f, MAX_BYTES);
	uint64_t epoch = fixture_stats(s).epoch;
	left = fixture_stats(s).batches;
	spool_close(s);
	while (folder_names(f, ".seg", names, 64))
		unlink(folder_file(f, names[0]));
	s = open_twice(f, lost + left, left);
	assert_int_equal(fixture_stats(s).epoch, epoch);
	uint64_t again;
	assert_true(fixture_append(s, 6000, BATCH, &again));
	assert_true(again > sequence);
	spool_close(s);
}

static void a_segment_of_another_spool_is_counted_and_removed(void **state)
{
	const struct folder *f = *state;
	size_t length;
	make(f, 7);
	uint8_t *foreign = folder_load(segment(f, 0), &length);
	folder_clear(f->path);
	make(f, 3);
	folder_store(folder_file(f, "0000000000000100.seg"), foreign, length);
	free(foreign);
	struct spool *s = open_twice(f, 7, 7);
	assert_int_equal(held(s), 3);
	assert_int_equal(access(folder_file(f, "0000000000000100.seg"), F_OK), -1);
	spool_close(s);
}

static void a_reuse_that_a_crash_broke_off_holds_nothing(void **state)
{
	const struct folder *f = *state;
	uint8_t bytes[SEGMENT] = {0};
	uint64_t sequence;
	make(f, 100);
	struct spool *s = fixture_open(f, MAX_BYTES);
	struct spool_header header = {.epoch = fixture_stats(s).epoch,
		.first = 101,
		.follows = 100,
		.size = sizeof bytes};
	uint64_t first = strtoull(strrchr(segment(f, 1), '/') + 1, NULL, 16);
	for (uint64_t n = 1; n < first; n++)
		spool_forget(s, n);
	spool_close(s);
	spool_format_put_header(&header, bytes);
	folder_store(folder_file(f, "0000000000000001.seg"), bytes, sizeof bytes);
	s = open_twice(f, 0, 0);
	assert_int_equal(held(s), 100 - first + 1);
	assert_true(fixture_append(s, 101, BATCH, &sequence));
	assert_int_equal(sequence, 101);
	spool_close(s);
}

static void an_empty_file_is_a_crash_while_making_a_segment(void **state)
{
	const struct folder *f = *state;
	static const uint8_t zeros[SEGMENT];
	uint64_t sequence;
	make(f, 5);
	folder_store(folder_file(f, "0000000000000006.seg"), zeros, sizeof zeros);
	struct spool *s = open_twice(f, 0, 0);
	assert_true(fixture_append(s, 6, BATCH, &sequence));
	assert_int_equal(sequence, 6);
	assert_int_equal(held(s), 6);
	spool_close(s);
}

static void losses_are_settled_though_the_cursor_did_not_hear_of_it(void **state)
{
	const struct folder *f = *state;
	size_t length;
	uint64_t sequence;
	make(f, 10);
	flip(segment(f, 0), record_offset(4), 1);
	spool_close(open_twice(f, 1, 1));
	uint8_t *before = folder_load(folder_file(f, "cursor"), &length);
	struct spool *s = fixture_open(f, MAX_BYTES);
	assert_int_equal(fixture_gaps(s), 1);
	assert_true(fixture_append(s, 11, BATCH, &sequence));
	spool_close(s);
	/* As if the crash had come right after the record. */
	folder_store(folder_file(f, "cursor"), before, length);
	free(before);
	s = open_twice(f, 1, 0);
	assert_int_equal(fixture_number(s, 11), 11);
	spool_close(s);
}

static void strange_files_are_left_alone(void **state)
{
	const struct folder *f = *state;
	const char *names[] = {"README", "0000000000000000.seg", "1.seg",
		"000000000000000A.seg", "ffffffffffffffff.seg", "00000000000000zz.seg"};
	make(f, 5);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		folder_store(folder_file(f, names[i]), "hello", 5);
	struct spool *s = open_twice(f, 0, 0);
	assert_int_equal(held(s), 5);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(access(folder_file(f, names[i]), F_OK), 0);
	spool_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_damaged_record_costs_itself_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			damage_is_also_found_while_running, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_unfinished_record_ends_the_spool_but_not_its_use, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			without_a_cursor_all_is_offered_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			one_slot_of_the_cursor_is_enough, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			missing_segments_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_segment_of_another_spool_is_counted_and_removed, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_reuse_that_a_crash_broke_off_holds_nothing, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			an_empty_file_is_a_crash_while_making_a_segment, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			losses_are_settled_though_the_cursor_did_not_hear_of_it, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			strange_files_are_left_alone, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
