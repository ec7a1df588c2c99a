/* The scout's other side: a real child, which is a script that says what a file holds.
 */
#include "agent/scouting.h"

#include "agent/capture/frames.h"
#include "common/clock.h"
#include "tests/unit/agent/fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

struct world {
	struct fixture f;
	char says[PATH_MAX], heard[PATH_MAX], program[PATH_MAX];
	struct config config;
	struct spool *spool;
	struct scouting *scouting;
	struct wire_process processes[2];
	struct wire_sample samples[2];
	struct processes_tick tick;
	struct arena arena;
	char told[8][600];
	int told_count;
};

static void tell(void *context, enum log_level level, const char *text)
{
	struct world *w = context;
	(void)level;
	snprintf(w->told[w->told_count++ % 8], sizeof w->told[0], "%s", text);
}

static bool was_told(const struct world *w, const char *what)
{
	for (int i = 0; i < w->told_count && i < 8; i++)
		if (strstr(w->told[i], what))
			return true;
	return false;
}

static struct wire_process process_of(uint32_t pid)
{
	return (struct wire_process){.service = "checkout",
		.version = "1.0.0",
		.runtime = "node",
		.rule = "unit",
		.command = "node app.js",
		.fingerprint = "",
		.pid = pid,
		.start_ticks = 1000 + pid,
		.started_unix_ms = clock_unix_ms() - 60000};
}

static struct wire_batch frame_of(struct wire_process *process)
{
	return (struct wire_batch){.boot_id = "11111111-2222-3333-4444-555555555555",
		.machine_id = "0123456789abcdef0123456789abcdef",
		.hostname = "host",
		.kernel = "6.1",
		.cpus = 2,
		.interval_ms = 1000,
		.processes = process,
		.process_count = process ? 1 : 0};
}

static void put_frame(
	struct world *w, enum frames_kind kind, const struct wire_batch *b)
{
	struct buf bytes = {0};
	struct err e;
	if (!wire_batch_encode(b, &bytes, &e))
		fail_msg("%s", e.text);
	int fd = open(w->says, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && frames_write(fd, kind, bytes.data, bytes.length));
	close(fd);
	buf_finish(&bytes);
}

static void put_bytes(struct world *w, const char *bytes)
{
	int fd = open(w->says, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && write(fd, bytes, strlen(bytes)) > 0);
	close(fd);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct err e;
	char text[3 * PATH_MAX];
	*state = w;
	fixture_init(&w->f);
	arena_init(&w->arena);
	snprintf(w->says, sizeof w->says, "%s/says", w->f.root);
	snprintf(w->heard, sizeof w->heard, "%s/heard", w->f.root);
	snprintf(w->program, sizeof w->program, "%s/scout", w->f.root);
	snprintf(text, sizeof text, "#!/bin/sh\ncat '%s'\nexec cat >'%s'\n", w->says,
		w->heard);
	fixture_write(&w->f, "scout", text);
	fixture_write(&w->f, "says", "");
	assert_int_equal(chmod(w->program, 0700), 0);
	snprintf(text, sizeof text, "%s/spool", w->f.root);
	if (!spool_open(text, 1 << 20, &w->spool, &e))
		fail_msg("%s", e.text);
	return 0;
}

static void start(struct world *w, const char *program)
{
	static const struct batch_host host = {
		.boot_id = "11111111-2222-3333-4444-555555555555",
		.machine_id = "0123456789abcdef0123456789abcdef",
		.hostname = "host",
		.kernel = "6.1",
		.cpus = 2,
		.interval_ms = 1000};
	const struct scouting_options options = {.config = &w->config,
		.host = &host,
		.spool = w->spool,
		.program = program,
		.tell = tell,
		.context = w};
	w->scouting = scouting_create(&options);
	assert_non_null(w->scouting);
}

static int tear_down(void **state)
{
	struct world *w = *state;
	scouting_destroy(w->scouting);
	spool_close(w->spool);
	arena_finish(&w->arena);
	fixture_finish(&w->f);
	free(w);
	return 0;
}

/* One tick of the agent, after the scout has had time to say something. */
static void tick(struct world *w)
{
	w->processes[0] = process_of(7);
	w->processes[1] = process_of(8);
	memset(w->samples, 0, sizeof w->samples);
	w->samples[1].process = 1;
	w->tick = (struct processes_tick){
		.processes = w->processes, .samples = w->samples, .count = 2};
	scouting_tick(w->scouting, &w->tick, &w->arena);
}

static void wait_until(struct world *w, bool (*is_so)(const struct world *w))
{
	int64_t until_ms = clock_mono_ms() + 10000;
	tick(w);
	while (!is_so(w)) {
		struct pollfd fd = {.fd = scouting_fd(w->scouting), .events = POLLIN};
		assert_true(clock_mono_ms() < until_ms);
		poll(&fd, 1, 20);
		tick(w);
	}
}

static bool has_fingerprint(const struct world *w)
{
	return w->processes[0].fingerprint[0] != '\0';
}

static void joins_what_the_scout_says_of_a_process(void **state)
{
	struct world *w = *state;
	struct wire_process of = process_of(7);
	of.fingerprint = "00112233445566778899aabbccddeeff";
	struct wire_sample sample = {0};
	sample.values.present = UINT64_C(1) << PROCESS_heap_used_kb;
	sample.values.value[PROCESS_heap_used_kb] = 4711;
	struct wire_tick at = {
		.at_unix_ms = clock_unix_ms(), .samples = &sample, .sample_count = 1};
	struct wire_batch batch = frame_of(&of);
	batch.ticks = &at;
	batch.tick_count = 1;
	put_frame(w, FRAMES_JOIN, &batch);
	start(w, w->program);
	wait_until(w, has_fingerprint);
	assert_string_equal(w->processes[0].fingerprint, of.fingerprint);
	assert_true(w->samples[0].values.present >> PROCESS_heap_used_kb & 1);
	assert_int_equal(w->samples[0].values.value[PROCESS_heap_used_kb], 4711);
	assert_int_equal(w->samples[1].values.present, 0);
	assert_string_equal(w->processes[1].fingerprint, "");
	/* The name stays, the value was said once. */
	tick(w);
	assert_string_equal(w->processes[0].fingerprint, of.fingerprint);
	assert_int_equal(w->samples[0].values.present, 0);
}

static bool has_spooled(const struct world *w)
{
	struct spool_stats stats;
	spool_get_stats(w->spool, &stats);
	return stats.batches == 1;
}

static void stores_findings_as_they_are(void **state)
{
	struct world *w = *state;
	struct wire_batch batch = frame_of(NULL);
	struct source_state source = {.name = "jobs",
		.kind = "bullmq",
		.at_unix_ms = clock_unix_ms(),
		.text = "connection refused"};
	batch.sources = &source;
	batch.source_count = 1;
	put_frame(w, FRAMES_BATCH, &batch);
	start(w, w->program);
	wait_until(w, has_spooled);
}

static bool has_heard(const struct world *w)
{
	struct stat st;
	return stat(w->heard, &st) == 0 && st.st_size > 5;
}

static void tells_who_is_there(void **state)
{
	struct world *w = *state;
	start(w, w->program);
	wait_until(w, has_heard);
	struct frames frames = {.fd = open(w->heard, O_RDONLY | O_CLOEXEC)};
	struct buf bytes = {0};
	struct wire_batch batch;
	struct err e;
	enum frames_kind kind;
	bool found;
	assert_true(frames_read(&frames, &e));
	assert_true(frames_next(&frames, &kind, &bytes, &found, &e) && found);
	assert_int_equal(kind, FRAMES_CROWD);
	assert_true(wire_batch_decode(
		bytes.data, bytes.length, clock_unix_ms(), &w->arena, &batch, &e));
	assert_int_equal(batch.process_count, 2);
	assert_int_equal(batch.processes[1].pid, 8);
	/* The same again is not said again. */
	tick(w);
	buf_reset(&bytes);
	assert_true(frames_next(&frames, &kind, &bytes, &found, &e));
	assert_false(found);
	buf_finish(&bytes);
	frames_finish(&frames);
}

static bool has_heard_two(const struct world *w)
{
	struct stat st;
	scouting_ask_census(w->scouting, 8, 1008);
	return stat(w->heard, &st) == 0 && st.st_size > 5 && was_told(w, "census");
}

/* Once an hour for each process, however often the server asks. */
static void passes_on_that_a_census_is_wanted(void **state)
{
	struct world *w = *state;
	start(w, w->program);
	wait_until(w, has_heard);
	wait_until(w, has_heard_two);
	scouting_ask_census(w->scouting, 8, 1008);
	int64_t until_ms = clock_mono_ms() + 10000;
	struct frames frames = {.fd = open(w->heard, O_RDONLY | O_CLOEXEC)};
	struct buf bytes = {0};
	struct wire_batch batch;
	struct err e;
	int censuses = 0;
	while (!censuses && clock_mono_ms() < until_ms) {
		enum frames_kind kind;
		bool found = true;
		frames.has_ended = false;
		assert_true(frames_read(&frames, &e));
		while (found) {
			buf_reset(&bytes);
			assert_true(frames_next(&frames, &kind, &bytes, &found, &e));
			if (!found || kind != FRAMES_CENSUS)
				continue;
			assert_true(wire_batch_decode(bytes.data, bytes.length,
				clock_unix_ms(), &w->arena, &batch, &e));
			assert_int_equal(batch.processes[0].pid, 8);
			assert_int_equal(batch.processes[0].start_ticks, 1008);
			censuses++;
		}
		tick(w);
	}
	assert_int_equal(censuses, 1);
	buf_finish(&bytes);
	frames_finish(&frames);
}

static bool was_ended(const struct world *w)
{
	return was_told(w, "the scout is started again: ");
}

static void ends_a_scout_that_babbles(void **state)
{
	struct world *w = *state;
	put_bytes(w, "this is no frame at all");
	start(w, w->program);
	wait_until(w, was_ended);
	assert_true(scouting_due_ms(w->scouting) > clock_mono_ms());
	assert_true(scouting_due_ms(w->scouting) < clock_mono_ms() + 2000);
}

static bool was_warned(const struct world *w)
{
	return w->told_count > 0;
}

static void goes_on_without_a_scout(void **state)
{
	struct world *w = *state;
	start(w, "/nowhere/tidemark-scout");
	wait_until(w, was_warned);
	assert_true(was_told(w, "cannot start /nowhere/tidemark-scout"));
	for (int i = 0; i < 5; i++)
		tick(w);
	assert_int_equal(w->told_count, 1);
}

/* The script's arguments, as each of its lives wrote them. */
static bool lived_with(const struct world *w, const char *arguments)
{
	char path[2 * PATH_MAX], text[4096] = "";
	snprintf(path, sizeof path, "%s/lives", w->f.root);
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
	if (file)
		fclose(file);
	text[length] = '\0';
	return strstr(text, arguments) != NULL;
}

static bool lives_first(const struct world *w)
{
	return lived_with(w, "run --insides=shop-*\n");
}

static bool lives_next(const struct world *w)
{
	return lived_with(w, "run --insides=checkout\n");
}

/* Another one begins at once, and what the old one said last is heard. */
static void begins_anew_with_other_arguments(void **state)
{
	struct world *w = *state;
	char text[4 * PATH_MAX];
	char *first[] = {"tidemark-agent", "run", "--insides=shop-*", NULL};
	char *next[] = {"tidemark-agent", "run", "--insides=checkout", NULL};
	struct wire_process of = process_of(7);
	of.fingerprint = "00112233445566778899aabbccddeeff";
	struct wire_batch batch = frame_of(&of);
	put_frame(w, FRAMES_JOIN, &batch);
	snprintf(text, sizeof text,
		"#!/bin/sh\necho \"$*\" >>'%s/lives'\ncat >/dev/null\ncat '%s'\n",
		w->f.root, w->says);
	fixture_write(&w->f, "scout", text);
	start(w, w->program);
	scouting_tune(w->scouting, first);
	wait_until(w, lives_first);
	assert_true(scouting_child(w->scouting) > 0);
	assert_false(has_fingerprint(w));
	scouting_tune(w->scouting, next);
	wait_until(w, lives_next);
	wait_until(w, has_fingerprint);
	assert_int_equal(w->told_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			begins_anew_with_other_arguments, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			joins_what_the_scout_says_of_a_process, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			stores_findings_as_they_are, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_who_is_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			passes_on_that_a_census_is_wanted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			ends_a_scout_that_babbles, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			goes_on_without_a_scout, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
