/* The raw file of a capture, part by part, as the server orders them. */
#include "agent/pull.h"

#include "tests/unit/agent/folder.h"

enum { PARTS = 3, BYTES = 2 * SNAPSHOT_RAW_PART_BYTES + 1000 };

struct world {
	struct folder folder;
	struct pull pull;
};

static int set_up(void **state)
{
	static struct world world;
	static char bytes[BYTES];
	struct raw_writer *writer;
	struct err e;
	uint64_t length;
	uint8_t sum[32];
	folder_make(&world.folder);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 + (i >> 9));
	assert_true(raw_create(world.folder.path, 7, 1 << 30, &writer, &e));
	assert_true(raw_add(writer, bytes, sizeof bytes, &e));
	assert_true(raw_end(writer, &length, sum, &e));
	raw_destroy(writer);
	pull_init(&world.pull, world.folder.path);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	pull_finish(&w->pull);
	folder_remove(&w->folder);
	return 0;
}

static void order(struct world *w, uint64_t capture, uint32_t from, uint32_t to)
{
	const struct snapshot_order o = {.capture = capture,
		.kind = SNAPSHOT_ORDER_RAW,
		.pid = 1,
		.service = "",
		.route = "",
		.part_from = from,
		.part_to = to};
	pull_order(&w->pull, &o);
}

static void sends_what_is_ordered_once(void **state)
{
	struct world *w = *state;
	assert_null(pull_part(&w->pull));
	order(w, 7, 0, 8);
	for (uint32_t n = 0; n < PARTS; n++) {
		const struct snapshot_raw_part *part = pull_part(&w->pull);
		assert_non_null(part);
		assert_int_equal(part->capture, 7);
		assert_int_equal(part->number, n);
		assert_int_equal(part->parts, PARTS);
		assert_int_equal(part->file_bytes, BYTES);
		assert_true(part->length > 0);
		assert_ptr_equal(pull_part(&w->pull), part); /* until it is sent */
		order(w, 7, n, 8);                           /* a repeat */
		order(w, 8, 0, 8);                           /* of another file */
		assert_ptr_equal(pull_part(&w->pull), part);
		pull_sent(&w->pull);
	}
	assert_null(pull_part(&w->pull));
	order(w, 7, 2, 3); /* what has got lost */
	assert_int_equal(pull_part(&w->pull)->number, 2);
	pull_sent(&w->pull);
	assert_null(pull_part(&w->pull));
	order(w, 7, 3, 9); /* behind the end */
	assert_null(pull_part(&w->pull));
	/* The connection broke: back to what has not arrived. */
	order(w, 7, 0, 3);
	for (int i = 0; i < 2; i++) {
		assert_non_null(pull_part(&w->pull));
		pull_sent(&w->pull);
	}
	order(w, 7, 1, 3);
	assert_int_equal(pull_part(&w->pull)->number, 1);
	pull_sent(&w->pull);
	assert_int_equal(pull_part(&w->pull)->number, 2);
	pull_sent(&w->pull);
	assert_null(pull_part(&w->pull));
}

static void says_that_a_file_is_gone(void **state)
{
	struct world *w = *state;
	struct err e;
	order(w, 8, 0, 8);
	assert_int_equal(pull_part(&w->pull)->capture, 8);
	assert_int_equal(pull_part(&w->pull)->parts, 0);
	assert_int_equal(pull_part(&w->pull)->length, 0);
	pull_sent(&w->pull);
	assert_null(pull_part(&w->pull));
	/* In the middle: a part is damaged. */
	order(w, 7, 0, 8);
	assert_int_equal(pull_part(&w->pull)->parts, PARTS);
	pull_sent(&w->pull);
	assert_int_equal(unlink(folder_file(&w->folder, "raw/7/000001")), 0);
	assert_int_equal(pull_part(&w->pull)->parts, 0);
	pull_sent(&w->pull);
	assert_null(pull_part(&w->pull));
	assert_true(raw_drop(w->folder.path, 7, &e));
	order(w, 7, 0, 8);
	assert_int_equal(pull_part(&w->pull)->parts, 0);
}

static void stops_for_one_that_is_dropped(void **state)
{
	struct world *w = *state;
	order(w, 7, 0, 8);
	assert_non_null(pull_part(&w->pull));
	pull_stop(&w->pull, 9);
	assert_non_null(pull_part(&w->pull));
	pull_stop(&w->pull, 7);
	assert_null(pull_part(&w->pull));
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(sends_what_is_ordered_once),
		IN_WORLD(says_that_a_file_is_gone),
		IN_WORLD(stops_for_one_that_is_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
