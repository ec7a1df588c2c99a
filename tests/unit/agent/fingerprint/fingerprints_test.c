/* The part: what it sends, and what it does not send again. */
#include "agent/fingerprint/fingerprints.h"

#include "agent/capture/frames.h"
#include "agent/fingerprint/look.h"
#include "common/clock.h"
#include "tests/unit/cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static void *run(void *argument)
{
	fingerprints_run(argument);
	return NULL;
}

struct heard {
	struct frames frames;
	size_t contents, joined;
	char content[FINGERPRINT_HASH_DIGITS + 1], hash[FINGERPRINT_HASH_DIGITS + 1];
};

/* Until nothing has come for a while. */
static void hear(struct heard *h, int quiet_ms)
{
	struct pollfd fd = {.fd = h->frames.fd, .events = POLLIN};
	while (poll(&fd, 1, quiet_ms) > 0) {
		struct err e;
		bool found = true;
		h->frames.count = 0;
		assert_true(frames_read(&h->frames, &e));
		while (found) {
			struct buf bytes = {0};
			struct arena a;
			struct wire_batch batch;
			enum frames_kind kind;
			arena_init(&a);
			assert_true(frames_next(&h->frames, &kind, &bytes, &found, &e));
			if (found)
				assert_true(wire_batch_decode(bytes.data, bytes.length,
					clock_unix_ms(), &a, &batch, &e));
			if (found && kind == FRAMES_BATCH) {
				assert_int_equal(batch.fingerprint_count, 1);
				strcpy(h->content, batch.fingerprints[0].hash);
				h->contents++;
			} else if (found) {
				assert_int_equal(batch.process_count, 1);
				strcpy(h->hash, batch.processes[0].fingerprint);
				h->joined++;
			}
			arena_finish(&a);
			buf_finish(&bytes);
		}
	}
}

static void sends_contents_once_and_a_hash_for_each_process(void **state)
{
	(void)state;
	struct config config = {
		.procfs = "/proc", .fingerprint_env = "", .fingerprint_pm2 = ""};
	const struct wire_batch host = {.boot_id = "boot",
		.machine_id = "machine",
		.hostname = "host",
		.kernel = "6.1",
		.cpus = 1,
		.interval_ms = 10000};
	struct look own;
	struct err e;
	int fds[2];
	assert_true(look_open(&own, "/proc", getpid(), 0, &e));
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	struct part part = {.config = &config,
		.crowd = crowd_create(),
		.post = post_create(fds[1], &host),
		.stop_fd = -1};
	struct wire_process crowd[] = {
		{.service = "test",
			.version = "",
			.runtime = "native",
			.rule = "program",
			.command = "test",
			.pid = (uint32_t)getpid(),
			.started_unix_ms = clock_unix_ms() - 60000,
			.start_ticks = own.start_ticks},
		{.service = "gone",
			.version = "",
			.runtime = "native",
			.rule = "program",
			.command = "gone",
			.pid = (uint32_t)getpid(), /* another life of the number */
			.started_unix_ms = clock_unix_ms() - 90000,
			.start_ticks = own.start_ticks - 1},
	};
	struct heard h = {.frames = {.fd = fds[0]}};
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, run, &part), 0);
	crowd_set(part.crowd, crowd, 2);
	hear(&h, 1500);
	assert_int_equal(h.contents, 1);
	assert_int_equal(h.joined, 1);
	assert_string_equal(h.content, h.hash);
	/* Nothing is repeated for who is known. */
	crowd_set(part.crowd, crowd, 2);
	hear(&h, 300);
	assert_int_equal(h.joined, 1);
	/* Who is forgotten and comes again is read anew; the contents are known. */
	crowd_set(part.crowd, crowd, 0);
	hear(&h, 300);
	crowd_set(part.crowd, crowd, 1);
	hear(&h, 1500);
	assert_int_equal(h.contents, 1);
	assert_int_equal(h.joined, 2);
	crowd_stop(part.crowd);
	assert_int_equal(pthread_join(thread, NULL), 0);
	post_destroy(part.post);
	crowd_destroy(part.crowd);
	look_close(&own);
	frames_finish(&h.frames);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_contents_once_and_a_hash_for_each_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
