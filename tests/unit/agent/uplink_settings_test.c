/* What the agent runs is said with each batch, as it then is; what it is to run is
 * heard once for each receipt that carries it, also of a batch that is held. */
#include "tests/unit/agent/uplink_world.h"

static struct setting_state says;           /* what the agent runs */
static struct setting_state said;           /* what the collector read */
static const struct setting_orders *orders; /* that receipts carry */
static uint64_t told_revision;
static int times;

static void hear_told(void *context, const struct setting_orders *told)
{
	assert_ptr_equal(context, &says);
	told_revision = told->revision;
	assert_true(told->hash == setting_hash(told->values, told->count));
	times++;
}

static void receive_settings(struct collector *c, const void *frame, size_t length)
{
	struct world *w = c->user;
	struct wire_upload upload;
	struct arena a;
	struct err e;
	arena_init(&a);
	assert_true(wire_upload_decode(frame, length, &a, &upload, &e));
	w->frames++;
	assert_non_null(upload.settings);
	said = *upload.settings;
	collector_receipt(c, &(struct wire_receipt){.epoch = upload.epoch,
				     .sequence = upload.sequence,
				     .fate = w->fate,
				     .reason = "",
				     .settings = orders});
	arena_finish(&a);
}

static void begin_settings(struct world *w)
{
	struct err e;
	const struct uplink_options options = {.enrolment = &w->enrolment,
		.keys = &w->keys,
		.spool = w->spool,
		.settings = &says,
		.told = hear_told,
		.told_context = &says,
		.backoff_min_ms = 100,
		.backoff_max_ms = 400};
	w->collector.receive = receive_settings;
	says = (struct setting_state){0};
	orders = NULL;
	times = 0;
	assert_true(uplink_create(&options, &w->uplink, &e));
}

static void each_batch_says_what_is_run_then(void **state)
{
	struct world *w = *state;
	begin_settings(w);
	append(w, 1, 1, 100);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_int_equal(said.revision, 0);
	says = (struct setting_state){.revision = 7,
		.hash = 9,
		.exceptions = {{1, SETTING_OVERRIDDEN}},
		.exception_count = 1,
		.has_cost = true,
		.cpu_ppm = 42,
		.rss_bytes = 43};
	append(w, 2, 2, 100);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_memory_equal(&said, &says, sizeof said);
	assert_int_equal(times, 0);
}

static void what_is_told_is_heard(void **state)
{
	struct world *w = *state;
	static const struct setting_value values[] = {{1, "10s"}};
	const struct setting_orders told = {.revision = 7,
		.hash = setting_hash(values, 1),
		.values = values,
		.count = 1};
	begin_settings(w);
	orders = &told;
	append(w, 1, 1, 100);
	GO_UNTIL(w, times == 1);
	assert_int_equal(told_revision, 7);
	/* A server that can store nothing can still make its agents cheaper. */
	w->fate = WIRE_HELD;
	append(w, 2, 2, 100);
	GO_UNTIL(w, times == 2);
	assert_int_equal(fixture_stats(w->spool).batches, 1);
}

/* Who waits for the next reading is woken: the change may make it come sooner. */
static void a_word_ends_the_wait(void **state)
{
	struct world *w = *state;
	const struct setting_orders none = {0};
	begin_settings(w);
	append(w, 1, 1, 100);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	orders = &none;
	append(w, 2, 2, 100);
	int frames = w->frames;
	while (w->frames == frames) {
		uplink_run(w->uplink, clock_mono_ms() + 2, -1);
		collector_step(&w->collector);
	}
	int64_t until_ms = clock_mono_ms() + 60000;
	while (times == 0)
		uplink_run(w->uplink, until_ms, -1);
	assert_true(clock_mono_ms() < until_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			each_batch_says_what_is_run_then, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_told_is_heard, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_word_ends_the_wait, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
