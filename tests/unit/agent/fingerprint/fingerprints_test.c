/* The part: what it sends, and what it does not send again. */
#include "agent/fingerprint/fingerprints.h"

#include "agent/capture/frames.h"
#include "agent/fingerprint/look.h"
#include "agent/fingerprint/recall.h"
#include "common/clock.h"
#include "tests/unit/agent/fixture.h"

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

/* Another agent reads something else on disk: what the life began with holds. */
static void remembered(const struct fixture *f, struct part *part,
	const struct wire_process *crowd, struct heard *h)
{
	char path[PATH_MAX], text[512] = "";
	pthread_t thread;
	FILE *file = fopen(fixture_path(f, path, "fingerprints"), "r+e");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof text - 1, file) > FINGERPRINT_HASH_DIGITS);
	char *hash = strstr(text, h->hash);
	assert_non_null(hash);
	fseek(file, hash - text, SEEK_SET);
	fputs("00000000", file);
	fclose(file);
	const size_t contents = h->contents;
	struct crowd *before = part->crowd;
	part->crowd = crowd_create();
	assert_int_equal(pthread_create(&thread, NULL, run, part), 0);
	crowd_set(part->crowd, crowd, 1);
	hear(h, 1500);
	assert_int_equal(strncmp(h->hash, "00000000", 8), 0);
	assert_int_equal(h->contents, contents);
	crowd_stop(part->crowd);
	assert_int_equal(pthread_join(thread, NULL), 0);
	crowd_destroy(part->crowd);
	part->crowd = before;
}

static void recalls_lives_of_this_boot_only(void **state)
{
	(void)state;
	struct buf text = {0};
	struct recall_line line = {7, 4711, "0123456789abcdef0123456789abcdef"}, got;
	recall_begin(&text, "boot-1");
	recall_add(&text, &line);
	buf_text(&text, "8 12 0123\n");
	assert_null(recall_open(text.data, "boot-2"));
	assert_null(recall_open(text.data, "boot"));
	assert_null(recall_open("", "boot-1"));
	const char *rest = recall_open(text.data, "boot-1");
	assert_true(recall_next(&rest, &got));
	assert_int_equal(got.pid, 7);
	assert_int_equal(got.start_ticks, 4711);
	assert_string_equal(got.hash, line.hash);
	assert_false(recall_next(&rest, &got));
	buf_finish(&text);
}

static void sends_contents_once_and_a_hash_for_each_process(void **state)
{
	(void)state;
	struct fixture f;
	fixture_init(&f);
	struct config config = {.procfs = "/proc",
		.state_dir = f.root,
		.fingerprint_env = "",
		.fingerprint_pm2 = ""};
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
	remembered(&f, &part, crowd, &h);
	fixture_finish(&f);
	post_destroy(part.post);
	crowd_destroy(part.crowd);
	look_close(&own);
	frames_finish(&h.frames);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recalls_lives_of_this_boot_only),
		cmocka_unit_test(sends_contents_once_and_a_hash_for_each_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
