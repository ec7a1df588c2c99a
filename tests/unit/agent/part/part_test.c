/* What the parts of the scout share, used by several threads at once. */
#include "agent/part/part.h"

#include "agent/capture/frames.h"
#include "common/clock.h"
#include "tests/unit/cmocka_all.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 200 };

static struct wire_process process_of(uint32_t pid, const char *service)
{
	return (struct wire_process){.service = service,
		.version = "1.0.0",
		.runtime = "node",
		.rule = "unit",
		.command = "node app.js",
		.pid = pid,
		.start_ticks = 1000 + pid,
		.started_unix_ms = WIRE_TIME_MIN_MS};
}

static void the_crowd_is_copied(void **state)
{
	(void)state;
	struct crowd *c = crowd_create();
	struct arena a;
	size_t count;
	uint64_t seen = 0;
	char name[] = "checkout";
	struct wire_process p = process_of(7, name);
	arena_init(&a);
	assert_true(crowd_wait(c, &seen, clock_mono_ms() + 10)); /* nobody yet */
	assert_int_equal(seen, 0);
	crowd_set(c, &p, 1);
	name[0] = 'x';
	assert_true(crowd_wait(c, &seen, clock_mono_ms() + 10000));
	struct wire_process *copy = crowd_copy(c, &a, &count);
	crowd_set(c, NULL, 0);
	assert_int_equal(count, 1);
	assert_string_equal(copy[0].service, "checkout");
	assert_string_equal(copy[0].fingerprint, "");
	assert_true(crowd_wait(c, &seen, clock_mono_ms() + 10000));
	crowd_copy(c, &a, &count);
	assert_int_equal(count, 0);
	arena_finish(&a);
	crowd_destroy(c);
}

static void wishes_wake_who_waits(void **state)
{
	(void)state;
	struct crowd *c = crowd_create();
	uint64_t seen = 0, start_ticks;
	uint32_t pid;
	assert_false(crowd_asked(c, &pid, &start_ticks));
	for (uint32_t i = 0; i < 20; i++)
		crowd_ask(c, i, 100 + i);
	assert_true(crowd_wait(c, &seen, clock_mono_ms() + 60000));
	for (uint32_t i = 0; i < 16; i++) {
		assert_true(crowd_asked(c, &pid, &start_ticks));
		assert_int_equal(pid, i);
		assert_int_equal(start_ticks, 100 + i);
	}
	assert_false(crowd_asked(c, &pid, &start_ticks));
	crowd_destroy(c);
}

static void *wait_for_the_end(void *argument)
{
	struct crowd *c = argument;
	struct arena a;
	uint64_t seen = 0;
	size_t count;
	arena_init(&a);
	while (crowd_wait(c, &seen, clock_mono_ms() + 60000)) {
		struct wire_process *copy = crowd_copy(c, &a, &count);
		for (size_t i = 0; i < count; i++)
			assert_string_equal(copy[i].service, "checkout");
		arena_reset(&a);
	}
	arena_finish(&a);
	return NULL;
}

static void a_stop_ends_all_waiting(void **state)
{
	(void)state;
	struct crowd *c = crowd_create();
	pthread_t threads[THREADS];
	uint64_t seen = 0;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, wait_for_the_end, c), 0);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct wire_process p = process_of(i, "checkout");
		crowd_set(c, &p, i % 2);
	}
	int64_t begun_ms = clock_mono_ms();
	crowd_stop(c);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_true(clock_mono_ms() - begun_ms < 10000);
	assert_false(crowd_wait(c, &seen, INT64_MAX / 2));
	crowd_destroy(c);
}

struct poster {
	struct post *post;
	unsigned number;
};

static void *say_much(void *argument)
{
	const struct poster *p = argument;
	for (int i = 0; i < ROUNDS; i++) {
		char name[16];
		struct err e;
		snprintf(name, sizeof name, "s%u-%d", p->number, i);
		struct source_state source = {.name = name,
			.kind = "redis",
			.at_unix_ms = clock_unix_ms(),
			.works = true,
			.text = ""};
		const struct wire_batch batch = {.sources = &source, .source_count = 1};
		assert_true(i % 2 ? post_store(p->post, &batch, &e)
				  : post_join(p->post, &batch, &e));
	}
	return NULL;
}

/* Each word whole, whoever else speaks. */
static void words_do_not_mix(void **state)
{
	(void)state;
	const struct wire_batch host = {
		.boot_id = "11111111-2222-3333-4444-555555555555",
		.machine_id = "0123456789abcdef0123456789abcdef",
		.hostname = "host",
		.kernel = "6.1",
		.cpus = 2,
		.interval_ms = 10000};
	int pipe_fds[2];
	assert_int_equal(pipe(pipe_fds), 0);
	struct post *post = post_create(pipe_fds[1], &host);
	struct poster posters[THREADS];
	pthread_t threads[THREADS];
	for (unsigned i = 0; i < THREADS; i++) {
		posters[i] = (struct poster){post, i};
		assert_int_equal(
			pthread_create(&threads[i], NULL, say_much, &posters[i]), 0);
	}
	struct frames frames = {.fd = pipe_fds[0]};
	struct buf bytes = {0};
	struct arena a;
	struct err e;
	size_t joined = 0, stored = 0;
	arena_init(&a);
	while (joined + stored < THREADS * ROUNDS) {
		enum frames_kind kind;
		struct wire_batch batch;
		bool found;
		frames.count = 0;
		buf_reset(&bytes);
		assert_true(frames_next(&frames, &kind, &bytes, &found, &e));
		if (!found) {
			char part[512];
			ssize_t got = read(pipe_fds[0], part, sizeof part);
			assert_true(got > 0);
			buf_append(&frames.bytes, part, (size_t)got);
			continue;
		}
		if (!wire_batch_decode(
			    bytes.data, bytes.length, clock_unix_ms(), &a, &batch, &e))
			fail_msg("%s", e.text);
		assert_int_equal(batch.source_count, 1);
		assert_string_equal(batch.hostname, "host");
		joined += kind == FRAMES_JOIN;
		stored += kind == FRAMES_BATCH;
		arena_reset(&a);
	}
	assert_int_equal(joined, stored);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	buf_finish(&bytes);
	arena_finish(&a);
	post_destroy(post);
	frames_finish(&frames);
	close(pipe_fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_crowd_is_copied),
		cmocka_unit_test(wishes_wake_who_waits),
		cmocka_unit_test(a_stop_ends_all_waiting),
		cmocka_unit_test(words_do_not_mix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
