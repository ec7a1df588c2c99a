/* The spool as a queue: what goes in comes out, once, in order, over restarts; what
 * had to be given up is counted and reported. */
#include "agent/spool.h"
#include "tests/unit/agent/spool_fixture.h"

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

static void comes_out_as_it_went_in(void **state)
{
	struct spool *s = fixture_open(*state, 1 << 20);
	uint64_t sequence = 0, at = 0, expected = 0;
	for (uint64_t n = 1; n <= 100; n++) {
		assert_true(fixture_append(s, n, 8 + n * 13 % 900, &sequence));
		assert_int_equal(sequence, n);
	}
	while (spool_next(s, at, &at))
		assert_int_equal(fixture_number(s, at), ++expected);
	assert_int_equal(expected, 100);
	assert_int_equal(fixture_stats(s).batches, 100);
	assert_int_equal(fixture_stats(s).oldest, 1);
	assert_int_equal(fixture_stats(s).lost, 0);
	spool_close(s);
}

static void forgets_in_any_order(void **state)
{
	struct spool *s = fixture_open(*state, 1 << 20);
	uint64_t sequence;
	for (uint64_t n = 1; n <= 6; n++)
		assert_true(fixture_append(s, n, 100, &sequence));
	const struct {
		uint64_t forget, oldest, batches;
	} steps[] = {{3, 1, 5}, {2, 1, 4}, {2, 1, 4}, {99, 1, 4}, {0, 1, 4}, {1, 4, 3},
		{6, 4, 2}, {4, 5, 1}, {5, 7, 0}};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		spool_forget(s, steps[i].forget);
		assert_int_equal(fixture_stats(s).oldest, steps[i].oldest);
		assert_int_equal(fixture_stats(s).batches, steps[i].batches);
		assert_int_equal(fixture_stats(s).bytes, steps[i].batches * 100);
	}
	assert_false(spool_next(s, 0, &sequence));
	struct buf b = {0};
	struct err e;
	assert_false(spool_read(s, 3, &b, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	spool_close(s);
}

static void a_restart_keeps_epoch_sequence_and_what_waits(void **state)
{
	struct spool *s = fixture_open(*state, 1 << 20);
	uint64_t epoch = fixture_stats(s).epoch, sequence, expected = 0;
	assert_true(epoch > 0 && epoch <= INT64_MAX);
	spool_close(s);
	for (uint64_t round = 0; round < 20; round++) {
		s = fixture_open(*state, 1 << 20);
		assert_int_equal(fixture_stats(s).epoch, epoch);
		assert_true(fixture_append(s, 2 * round + 1, 500, &sequence));
		assert_true(fixture_append(s, 2 * round + 2, 500, &sequence));
		assert_int_equal(sequence, 2 * round + 2);
		spool_forget(s, round + 1);
		assert_int_equal(fixture_stats(s).oldest, round + 2);
		assert_int_equal(fixture_stats(s).lost, 0);
		spool_close(s);
	}
	s = fixture_open(*state, 1 << 20);
	for (expected = 20; spool_next(s, expected, &sequence);)
		assert_int_equal(fixture_number(s, sequence), ++expected);
	assert_int_equal(expected, 40);
	spool_close(s);
}

static void an_emptied_spool_never_starts_again_at_one(void **state)
{
	struct spool *s = fixture_open(*state, 1 << 20);
	uint64_t sequence;
	for (uint64_t n = 1; n <= 3; n++) {
		assert_true(fixture_append(s, n, 50, &sequence));
		spool_forget(s, sequence);
	}
	spool_close(s);
	s = fixture_open(*state, 1 << 20);
	assert_true(fixture_append(s, 4, 50, &sequence));
	assert_int_equal(sequence, 4);
	spool_close(s);
}

/* A machine that is set back to an older image goes on in the same epoch, where the
 * server has newer batches already. */
static void a_spool_that_was_set_back_uses_no_sequence_twice(void **state)
{
	const struct folder *f = *state;
	for (uint64_t before = 0; before < 2; before++) {
		folder_clear(f->path);
		fixture_clock_ms = FIXTURE_START_MS;
		struct spool *s = fixture_open(f, 1 << 20);
		uint64_t sequence, newest, epoch = fixture_stats(s).epoch;
		if (before)
			assert_true(fixture_append(s, 1, 50, &sequence));
		spool_close(s);
		char names[8][64];
		uint8_t *bytes[8];
		size_t lengths[8], count = folder_names(f, ".seg", names, 7);
		strcpy(names[count++], "cursor");
		for (size_t i = 0; i < count; i++)
			bytes[i] = folder_load(folder_file(f, names[i]), &lengths[i]);
		for (int round = 0; round < 3; round++) {
			fixture_clock_ms += 5000;
			s = fixture_open(f, 1 << 20);
			assert_true(fixture_append(s, 2, 50, &newest));
			spool_close(s);
		}
		folder_clear(f->path);
		for (size_t i = 0; i < count; i++) {
			folder_store(folder_file(f, names[i]), bytes[i], lengths[i]);
			free(bytes[i]);
		}
		fixture_clock_ms += 5000;
		s = fixture_open(f, 1 << 20);
		assert_int_equal(fixture_stats(s).epoch, epoch);
		assert_true(fixture_append(s, 3, 50, &sequence));
		assert_true(sequence > newest);
		assert_int_equal(fixture_number(s, sequence), 3);
		assert_int_equal(fixture_stats(s).lost, 0);
		spool_close(s);
		/* The jump is no loss, with a cursor or without. */
		unlink(folder_file(f, "cursor"));
		s = fixture_open(f, 1 << 20);
		assert_int_equal(fixture_stats(s).lost, 0);
		assert_int_equal(fixture_stats(s).batches, before + 1);
		assert_int_equal(fixture_number(s, sequence), 3);
		spool_close(s);
	}
}

static void an_empty_directory_is_a_new_epoch(void **state)
{
	const struct folder *f = *state;
	struct spool *s = fixture_open(f, 1 << 20);
	uint64_t sequence, epoch = fixture_stats(s).epoch;
	assert_true(fixture_append(s, 1, 50, &sequence));
	spool_close(s);
	folder_clear(f->path);
	s = fixture_open(f, 1 << 20);
	assert_int_not_equal(fixture_stats(s).epoch, epoch);
	assert_int_equal(fixture_stats(s).oldest, 1);
	spool_close(s);
}

/* Segment files go away with their last batch. */
static void what_is_forgotten_leaves_the_disk(void **state)
{
	struct spool *s = fixture_open(*state, 1 << 20);
	char names[16][64];
	uint64_t sequence;
	for (uint64_t n = 1; n <= 500; n++)
		assert_true(fixture_append(s, n, 1000, &sequence));
	assert_true(folder_names(*state, ".seg", names, 16) >= 4);
	assert_true(fixture_stats(s).disk_bytes > 500 * 1000);
	for (uint64_t n = 1; n <= 500; n++)
		spool_forget(s, n);
	assert_int_equal(folder_names(*state, ".seg", names, 16), 1);
	assert_true(fixture_stats(s).disk_bytes <= (1 << 20) / 8);
	spool_close(s);
}

static void drops_the_oldest_when_full_and_says_so(void **state)
{
	struct folder *f = *state;
	struct spool *s = fixture_open(f, SPOOL_BYTES_MIN);
	struct wire_gap gaps[SPOOL_GAPS_MAX];
	uint64_t sequence, oldest;
	for (uint64_t n = 1; n <= 400; n++) {
		assert_true(fixture_append(s, n, 1000, &sequence));
		assert_int_equal(sequence, n);
		assert_true(fixture_stats(s).disk_bytes <= SPOOL_BYTES_MIN);
	}
	struct spool_stats stats = fixture_stats(s);
	assert_true(stats.batches > 80 && stats.batches < 128);
	assert_int_equal(stats.lost + stats.batches, 400);
	assert_true(spool_next(s, 0, &oldest));
	assert_int_equal(oldest, stats.lost + 1);
	assert_int_equal(fixture_number(s, oldest), oldest);

	assert_int_equal(spool_take_gaps(s, gaps), 1);
	assert_string_equal(gaps[0].reason, "spool full");
	assert_int_equal(gaps[0].batches, stats.lost);
	assert_int_equal(gaps[0].from_unix_ms, FIXTURE_START_MS + 1000);
	assert_int_equal(
		gaps[0].to_unix_ms, FIXTURE_START_MS + (int64_t)stats.lost * 1000);
	spool_close(s);
}

static void gaps_wait_until_a_batch_has_reported_them(void **state)
{
	struct spool *s = fixture_open(*state, SPOOL_BYTES_MIN);
	uint64_t sequence;
	for (uint64_t n = 1; n <= 200; n++)
		assert_true(fixture_append(s, n, 1000, &sequence));
	uint64_t lost = fixture_stats(s).lost;
	assert_true(lost > 0);
	spool_close(s);

	/* Not taken by the batches above, so still pending; taking is not reporting. */
	s = fixture_open(*state, SPOOL_BYTES_MIN);
	assert_int_equal(fixture_gaps(s), lost);
	spool_close(s);
	s = fixture_open(*state, SPOOL_BYTES_MIN);
	assert_int_equal(fixture_gaps(s), lost);
	assert_int_equal(fixture_gaps(s), lost);
	for (uint64_t n = sequence; n > lost; n--)
		spool_forget(s, n);
	assert_true(fixture_append(s, 201, 1000, &sequence));
	assert_int_equal(fixture_gaps(s), 0);
	assert_int_equal(fixture_stats(s).lost, lost);
	spool_close(s);
	s = fixture_open(*state, SPOOL_BYTES_MIN);
	assert_int_equal(fixture_gaps(s), 0);
	assert_int_equal(fixture_number(s, sequence), 201);
	spool_close(s);
}

static void a_lost_report_of_losses_is_reported_again(void **state)
{
	struct spool *s = fixture_open(*state, SPOOL_BYTES_MIN);
	uint64_t sequence, number = 0, reports = 0;
	while (fixture_stats(s).lost < 300) {
		/* Each batch reports, and each is dropped later itself. */
		reports += fixture_gaps(s) != 0;
		assert_true(fixture_append(s, ++number, 1000, &sequence));
	}
	assert_true(reports > 5);
	/* Whoever reads what is held now learns of all that was lost. */
	struct spool_stats stats = fixture_stats(s);
	assert_int_equal(stats.lost + stats.batches, number);
	uint64_t pending = fixture_gaps(s);
	for (uint64_t at = 0; spool_next(s, at, &at);)
		spool_forget(s, at);
	spool_close(s);
	assert_true(pending > 0 && pending < 300);

	/* The same again, with the reports held back from being forgotten: what is
	 * pending grows by what the dropped ones had reported. */
	s = fixture_open(*state, SPOOL_BYTES_MIN);
	fixture_gaps(s);
	assert_true(fixture_append(s, ++number, 1000, &sequence));
	assert_int_equal(fixture_gaps(s), 0);
	uint64_t before = fixture_stats(s).lost;
	while (spool_next(s, 0, &sequence) && fixture_number(s, sequence) < number) {
		spool_forget(s, sequence);
	}
	uint64_t carrier = sequence;
	while (spool_next(s, 0, &sequence) && sequence == carrier)
		assert_true(fixture_append(s, ++number, 1000, &sequence));
	assert_int_equal(fixture_gaps(s), pending + fixture_stats(s).lost - before);
	spool_close(s);
}

/* The server will never store it: that is a loss like others, and what it was to
 * report is a loss still. */
static void what_the_server_refuses_is_reported_as_lost(void **state)
{
	struct spool *s = fixture_open(*state, SPOOL_BYTES_MIN);
	struct wire_gap gaps[SPOOL_GAPS_MAX];
	char reason[300] = "x";
	uint64_t sequence, n = 1;
	while (fixture_stats(s).lost == 0)
		assert_true(fixture_append(s, n++, 1000, &sequence));
	uint64_t lost = fixture_gaps(s);
	assert_int_equal(lost, fixture_stats(s).lost);
	assert_true(fixture_append(s, n++, 1000, &sequence)); /* reports them */
	assert_int_equal(fixture_gaps(s), 0);

	for (int i = 0; i < 90; i++)
		strcat(reason, "中");
	spool_refuse(s, sequence, reason);
	spool_refuse(s, sequence, reason);
	spool_refuse(s, 1000000, reason);
	uint64_t next;
	assert_false(spool_next(s, sequence - 1, &next));
	assert_int_equal(fixture_stats(s).lost, lost + 1);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(spool_take_gaps(s, gaps), 2);
		assert_int_equal(gaps[0].batches, lost);
		assert_int_equal(gaps[1].batches, 1);
		assert_int_equal(gaps[1].from_unix_ms,
			FIXTURE_START_MS + (int64_t)(n - 1) * 1000);
		assert_int_equal(strncmp(gaps[1].reason, "refused by the server: x中",
					 strlen("refused by the server: x中")),
			0);
		assert_int_equal((strlen(gaps[1].reason) - 24) % 3, 0);
		assert_true(strlen(gaps[1].reason) <= WIRE_NAME_BYTES_MAX);
		spool_close(s);
		s = fixture_open(*state, SPOOL_BYTES_MIN);
	}
	while (spool_next(s, 0, &next))
		spool_forget(s, next);
	assert_int_equal(fixture_gaps(s), lost + 1);
	assert_true(fixture_append(s, n++, 1000, &sequence));
	assert_int_equal(fixture_gaps(s), 0);
	spool_close(s);
}

static void big_batches_get_segments_of_their_own(void **state)
{
	struct spool *s = fixture_open(*state, 2 << 20);
	uint64_t sequence;
	size_t biggest = WIRE_FRAME_BYTES_MAX - WIRE_UPLOAD_OVERHEAD_BYTES;
	assert_true(fixture_append(s, 1, 100, &sequence));
	assert_true(fixture_append(s, 2, biggest, &sequence));
	assert_true(fixture_append(s, 3, 100, &sequence));
	spool_close(s);
	s = fixture_open(*state, 2 << 20);
	for (uint64_t n = 1; n <= 3; n++)
		assert_int_equal(fixture_number(s, n), n);
	assert_false(fixture_append(s, 4, biggest + 1, &sequence));
	assert_int_equal(fixture_gaps(s), 1);
	spool_close(s);

	/* Larger than the whole spool: refused and counted, the rest stays. */
	s = fixture_open(*state, SPOOL_BYTES_MIN);
	assert_false(fixture_append(s, 5, SPOOL_BYTES_MIN, &sequence));
	assert_int_equal(fixture_stats(s).lost, 2);
	assert_int_equal(fixture_stats(s).batches, 3);
	spool_close(s);
}

static void is_used_by_one_process_at_a_time(void **state)
{
	const struct folder *f = *state;
	struct spool *s = fixture_open(f, 1 << 20), *second = NULL;
	struct err e;
	assert_false(spool_open(f->path, 1 << 20, &second, &e));
	assert_int_equal(e.kind, ERR_BUSY);
	assert_non_null(strstr(e.text, f->path));
	assert_null(second);
	spool_close(s);
	spool_close(fixture_open(f, 1 << 20));
}

static void says_why_it_cannot_open(void **state)
{
	const struct folder *f = *state;
	struct spool *s = NULL;
	struct err e;
	assert_false(spool_open(f->path, SPOOL_BYTES_MIN - 1, &s, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_false(spool_open(folder_file(f, "no/such"), 1 << 20, &s, &e));
	assert_int_equal(e.kind, ERR_IO);
	folder_store(folder_file(f, "file"), "x", 1);
	assert_false(spool_open(folder_file(f, "file"), 1 << 20, &s, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_null(s);
	spool_close(NULL);
}

/* The server wants it smaller: what waits in it is worth more. */
static void another_size_drops_nothing(void **state)
{
	struct spool *s = fixture_open(*state, 1 << 20);
	uint64_t sequence, at = 0, count = 0;
	for (uint64_t n = 1; n <= 600; n++)
		assert_true(fixture_append(s, n, 1000, &sequence));
	assert_false(spool_resize(s, SPOOL_BYTES_MIN - 1));
	assert_false(spool_resize(s, 512 << 10));
	assert_true(spool_resize(s, 4 << 20));
	for (uint64_t n = 601; n <= 2000; n++)
		assert_true(fixture_append(s, n, 1000, &sequence));
	while (spool_next(s, at, &at))
		assert_int_equal(fixture_number(s, at), ++count);
	assert_int_equal(count, 2000);
	for (uint64_t n = 1; n <= 1900; n++)
		spool_forget(s, n);
	while (!spool_resize(s, 1 << 20)) {
		assert_true(fixture_append(s, ++count, 1000, &sequence));
		spool_forget(s, count - 100);
	}
	assert_int_equal(fixture_stats(s).batches, 100);
	assert_int_equal(fixture_stats(s).lost, 0);
	for (uint64_t n = 1; n <= 2000; n++)
		assert_true(fixture_append(s, ++count, 1000, &sequence));
	assert_true(fixture_stats(s).disk_bytes <= 1 << 20);
	assert_true(fixture_stats(s).lost > 0);
	spool_close(s);
}

/* What was kept under a larger bound is not dropped by a start under a smaller one that
 * takes what it finds. */
static void what_is_found_may_stay(void **state)
{
	struct spool *s = fixture_open(*state, 8 << 20);
	uint64_t sequence, before;
	for (uint64_t n = 1; n <= 4000; n++)
		assert_true(fixture_append(s, n, 1000, &sequence));
	spool_close(s);
	s = fixture_open(*state, 1 << 20);
	assert_false(spool_resize(s, 1 << 20));
	assert_true(spool_resize(s, (int64_t)fixture_stats(s).disk_bytes));
	before = fixture_stats(s).disk_bytes;
	for (uint64_t n = 1; n <= 100; n++)
		assert_true(fixture_append(s, n, 1000, &sequence));
	/* As any full one: a segment of the oldest at a time. */
	assert_true(fixture_stats(s).lost < 1100);
	assert_true(fixture_stats(s).disk_bytes <= before);
	spool_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			another_size_drops_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_found_may_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			comes_out_as_it_went_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			forgets_in_any_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_restart_keeps_epoch_sequence_and_what_waits, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			an_emptied_spool_never_starts_again_at_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_spool_that_was_set_back_uses_no_sequence_twice, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			an_empty_directory_is_a_new_epoch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_forgotten_leaves_the_disk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			drops_the_oldest_when_full_and_says_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			gaps_wait_until_a_batch_has_reported_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_lost_report_of_losses_is_reported_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_the_server_refuses_is_reported_as_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			big_batches_get_segments_of_their_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			is_used_by_one_process_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			says_why_it_cannot_open, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
