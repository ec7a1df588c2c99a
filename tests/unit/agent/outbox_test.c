/* The outbox: what others leave is sent, and what the spool gives up is sent again. */
#include "agent/outbox.h"

#include "tests/unit/agent/snapshot_batch.h"
#include "tests/unit/agent/spool_fixture.h"

struct world {
	struct folder folder;
	struct spool *spool;
	struct outbox *outbox;
	int found, damaged;
	char last[128];
};

static void found(void *context, const char *name, const struct wire_batch *batch,
	const struct err *e)
{
	struct world *w = context;
	w->found += batch != NULL;
	w->damaged += batch == NULL;
	snprintf(w->last, sizeof w->last, "%.127s", batch ? name : e->text);
}

static void open_both(struct world *w)
{
	struct err e;
	char path[128];
	snprintf(path, sizeof path, "%s/spool", w->folder.path);
	if (!spool_open(path, SPOOL_BYTES_MIN, &w->spool, &e))
		fail_msg("%s", e.text);
	const struct outbox_options options = {.state_dir = w->folder.path,
		.spool = w->spool,
		.spool_max_bytes = SPOOL_BYTES_MIN,
		.found = found,
		.context = w};
	if (!outbox_open(&options, &w->outbox, &e))
		fail_msg("%s", e.text);
}

static void close_both(struct world *w)
{
	outbox_close(w->outbox);
	spool_close(w->spool);
}

static int set_up(void **state)
{
	static struct world world;
	world = (struct world){0};
	folder_make(&world.folder);
	open_both(&world);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	close_both(w);
	folder_remove(&w->folder);
	return 0;
}

static size_t files(const struct world *w, const char *suffix)
{
	struct folder box;
	static char names[256][64];
	snprintf(box.path, sizeof box.path, "%.48s/outbox", w->folder.path);
	return folder_names(&box, suffix, names, 256);
}

static void tend(struct world *w)
{
	struct err e;
	if (!outbox_tend(w->outbox, &e))
		fail_msg("%s", e.text);
}

static void send(struct world *w, uint64_t capture)
{
	struct buf b = {0};
	struct err e;
	snapshot_batch(capture, SNAPSHOT_DONE, "", &b);
	assert_true(outbox_send(w->outbox, b.data, b.length, clock_unix_ms(), &e));
	buf_finish(&b);
}

/* Which captures the spool holds words on, in order. */
static size_t spooled(struct world *w, uint64_t captures[16], uint64_t sequences[16])
{
	size_t count = 0;
	for (uint64_t at = 0; spool_next(w->spool, at, &at);) {
		struct arena a;
		struct wire_batch batch;
		struct buf b = {0};
		struct err e;
		arena_init(&a);
		assert_true(spool_read(w->spool, at, &b, &e));
		if (wire_batch_decode(
			    b.data, b.length, clock_unix_ms(), &a, &batch, &e)) {
			assert_true(count < 16);
			captures[count] = batch.events[0].is.capture;
			sequences[count++] = at;
		}
		buf_finish(&b);
		arena_finish(&a);
	}
	return count;
}

static void what_others_leave_is_sent_in_order(void **state)
{
	struct world *w = *state;
	uint64_t captures[16], sequences[16];
	struct buf b = {0};
	struct err e;
	for (uint64_t n = 1; n <= 3; n++) {
		buf_reset(&b);
		snapshot_batch(n, SNAPSHOT_DONE, "", &b);
		assert_true(outbox_leave(w->folder.path, b.data, b.length, &e));
	}
	assert_int_equal(files(w, ".batch"), 3);
	tend(w);
	assert_int_equal(files(w, ".batch"), 0);
	assert_int_equal(w->found, 3);
	assert_int_equal(spooled(w, captures, sequences), 3);
	for (uint64_t n = 1; n <= 3; n++)
		assert_int_equal(captures[n - 1], n);
	tend(w);
	assert_int_equal(fixture_stats(w->spool).batches, 3);
	buf_finish(&b);
}

static void put(
	const struct world *w, const char *name, const void *bytes, size_t length)
{
	char path[256];
	snprintf(path, sizeof path, "%s/outbox/%s", w->folder.path, name);
	folder_store(path, bytes, length);
}

static void damaged_ones_are_set_aside(void **state)
{
	struct world *w = *state;
	static char large[WIRE_FRAME_BYTES_MAX + 1];
	struct buf b = {0}, ticks = {0};
	struct err e;
	char path[256], target[256];
	snapshot_batch(1, SNAPSHOT_DONE, "", &b);
	put(w, "a.batch", b.data, b.length - 1);
	put(w, "b.batch", "", 0);
	put(w, "c.batch", large, sizeof large);
	struct wire_tick tick = {.at_unix_ms = clock_unix_ms()};
	struct wire_snapshot_event event = {
		.is = {.capture = 1, .state = SNAPSHOT_DONE, .text = "", .actor = ""}};
	const struct wire_batch readings = {.boot_id = "b",
		.machine_id = "00112233445566778899aabbccddeeff",
		.hostname = "h",
		.kernel = "k",
		.interval_ms = 1000,
		.ticks = &tick,
		.tick_count = 1,
		.events = &event,
		.event_count = 1};
	assert_true(wire_batch_encode(&readings, &ticks, &e));
	put(w, "d.batch", ticks.data, ticks.length); /* not of snapshots alone */
	snprintf(path, sizeof path, "%s/outbox/e.batch", w->folder.path);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof path, "%s/outbox/f.batch", w->folder.path);
	snprintf(target, sizeof target, "%s/elsewhere", w->folder.path);
	folder_store(target, b.data, b.length);
	assert_int_equal(symlink(target, path), 0);
	put(w, "half.new", b.data, b.length); /* no name of ours */
	put(w, "z.batch", b.data, b.length);  /* comes through all the same */
	tend(w);
	assert_int_equal(w->damaged, 6);
	assert_int_equal(w->found, 1);
	assert_int_equal(files(w, ".damaged"), 6);
	assert_int_equal(files(w, ".batch"), 0);
	assert_int_equal(fixture_stats(w->spool).batches, 1);
	tend(w);
	assert_int_equal(w->damaged, 6); /* each is told once */
	buf_finish(&b);
	buf_finish(&ticks);
}

static void few_damaged_ones_are_kept(void **state)
{
	struct world *w = *state;
	char name[32];
	for (int i = 0; i < OUTBOX_DAMAGED_MAX + 5; i++) {
		snprintf(name, sizeof name, "%02d.batch", i);
		put(w, name, "junk", 4);
	}
	for (int i = 0; i < 4; i++)
		tend(w);
	assert_int_equal(w->damaged, OUTBOX_DAMAGED_MAX + 5);
	assert_int_equal(files(w, ".damaged"), OUTBOX_DAMAGED_MAX);
}

/* Fills the spool with readings until it has given up everything before. */
static void flood(struct world *w)
{
	uint64_t sequence;
	for (uint64_t n = 1; n <= 400; n++)
		assert_true(fixture_append(w->spool, n, 1000, &sequence));
}

static void what_the_spool_gives_up_is_sent_again(void **state)
{
	struct world *w = *state;
	uint64_t captures[16], sequences[16];
	send(w, 1);
	send(w, 2);
	assert_int_equal(spooled(w, captures, sequences), 2);
	outbox_settle(w->outbox, sequences[0]); /* the server has the first */
	spool_forget(w->spool, sequences[0]);
	flood(w);
	assert_int_equal(spooled(w, captures, sequences), 0);
	tend(w);
	assert_int_equal(spooled(w, captures, sequences), 1);
	assert_int_equal(captures[0], 2);
	assert_int_equal(outbox_held(w->outbox), 1);
	tend(w);
	assert_int_equal(spooled(w, captures, sequences), 1); /* once */
	outbox_settle(w->outbox, sequences[0]);
	assert_int_equal(outbox_held(w->outbox), 0);
	spool_forget(w->spool, sequences[0]);
	tend(w);
	assert_int_equal(spooled(w, captures, sequences), 0);
}

static void copies_outlive_the_agent(void **state)
{
	struct world *w = *state;
	uint64_t captures[16], sequences[16];
	send(w, 1);
	send(w, 2);
	spooled(w, captures, sequences);
	close_both(w);
	open_both(w);
	assert_int_equal(outbox_held(w->outbox), 2);
	tend(w); /* the spool has them: nothing is sent twice */
	assert_int_equal(spooled(w, captures, sequences), 2);
	flood(w);
	close_both(w);
	open_both(w);
	tend(w);
	assert_int_equal(spooled(w, captures, sequences), 2);
	assert_int_equal(captures[0], 1);
	assert_int_equal(captures[1], 2);
	assert_int_equal(w->found, 0); /* nobody left them */
}

static void copies_are_bounded(void **state)
{
	struct world *w = *state;
	for (uint64_t n = 1; n <= OUTBOX_HELD_MAX + 8; n++)
		send(w, n);
	assert_int_equal(outbox_held(w->outbox), OUTBOX_HELD_MAX);
	assert_int_equal(fixture_stats(w->spool).batches, OUTBOX_HELD_MAX + 8);
	close_both(w);
	open_both(w);
	assert_int_equal(outbox_held(w->outbox), OUTBOX_HELD_MAX);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(what_others_leave_is_sent_in_order),
		IN_WORLD(damaged_ones_are_set_aside),
		IN_WORLD(few_damaged_ones_are_kept),
		IN_WORLD(what_the_spool_gives_up_is_sent_again),
		IN_WORLD(copies_outlive_the_agent),
		IN_WORLD(copies_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
