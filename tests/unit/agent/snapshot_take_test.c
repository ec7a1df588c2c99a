/* The command `snapshot take`: its card, its question, its exit status, its word to the
 * agent. */
#include "agent/snapshot_take.h"

#include "agent/state.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/clock.h"
#include "schema/wire.h"
#include "tests/unit/agent/capture/live_node.h"
#include "tests/unit/agent/folder.h"
#include "tests/unit/cmocka_all.h"

struct run {
	int status;
	struct buf out, err;
};

static void slurp(const char *path, struct buf *out)
{
	size_t length;
	buf_reset(out);
	uint8_t *bytes = folder_load(path, &length);
	buf_append(out, bytes ? (void *)bytes : "", length);
	free(bytes);
}

/* In a process of its own, without a terminal. */
static void run(struct run *r, const struct folder *f, const char *whom,
	const char *first, const char *second)
{
	char state[128];
	snprintf(state, sizeof state, "%s/state", f->path);
	char *arguments[] = {"take", (char *)whom, "--state-dir", state, (char *)first,
		(char *)second, NULL};
	int count = first ? second ? 6 : 5 : 4;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(open(folder_file(f, "out"), O_WRONLY | O_CREAT | O_TRUNC, 0600),
			1);
		dup2(open(folder_file(f, "err"), O_WRONLY | O_CREAT | O_TRUNC, 0600),
			2);
		exit(snapshot_take(count, arguments));
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	r->status = WEXITSTATUS(status);
	slurp(folder_file(f, "out"), &r->out);
	slurp(folder_file(f, "err"), &r->err);
}

static void finish(struct run *r)
{
	buf_finish(&r->out);
	buf_finish(&r->err);
}

static void expect_in(const struct buf *b, const char *text)
{
	if (!b->data || !strstr(b->data, text))
		fail_msg("'%s' is not in: %s", text, b->data);
}

static void make_state(const struct folder *f)
{
	struct state_keys keys;
	struct err e;
	assert_true(state_prepare(folder_file(f, "state"), &e));
	assert_true(state_keys(folder_file(f, "state"), &keys, &e));
}

/* The only word that was left for the agent; removed. */
static void take_word(const struct folder *f, struct arena *a, struct wire_batch *out)
{
	struct folder outbox;
	char names[8][64];
	struct buf bytes = {0};
	struct err e;
	snprintf(outbox.path, sizeof outbox.path, "%s", folder_file(f, "state/outbox"));
	assert_int_equal(folder_names(&outbox, ".batch", names, 8), 1);
	slurp(folder_file(&outbox, names[0]), &bytes);
	if (!wire_batch_decode(bytes.data, bytes.length, clock_unix_ms(), a, out, &e))
		fail_msg("%s", e.text);
	assert_int_equal(unlink(folder_file(&outbox, names[0])), 0);
	assert_int_equal(out->event_count, 1);
	buf_finish(&bytes);
}

static void a_card_then_a_yes(void **state)
{
	struct folder f;
	struct live_node n;
	struct run r = {0};
	struct arena a = {0};
	struct wire_batch batch;
	char whom[16];
	(void)state;
	folder_make(&f);
	make_state(&f);
	assert_true(live_node_start(&n, NULL, 2000, false));
	snprintf(whom, sizeof whom, "%d", (int)n.pid);

	run(&r, &f, whom, NULL, NULL);
	assert_int_equal(r.status, 3);
	expect_in(&r.out, "Live heap");
	expect_in(&r.out, "cache.js");
	expect_in(&r.out, "the only one of this service");
	expect_in(&r.err, "add --yes to take it");
	assert_true(live_node_refuses_inspector());
	assert_int_equal(access(folder_file(&f, "state/outbox"), F_OK), -1);

	run(&r, &f, whom, "--yes", "--top=5");
	if (r.status != 0)
		fail_msg("%s", r.err.data);
	expect_in(&r.out, "Account");
	expect_in(&r.out, "closed: connection refused after");
	expect_in(&r.out, "more classes (--top)");
	assert_true(live_node_refuses_inspector());
	assert_int_equal(live_node_get(&n, "/", 2000), 2000);
	take_word(&f, &a, &batch);
	assert_int_equal(batch.events[0].is.state, SNAPSHOT_DONE);
	assert_int_equal(batch.events[0].is.capture, 0);
	assert_non_null(strstr(batch.events[0].is.actor, "command line by "));
	assert_int_equal(batch.snapshot_count, 1);
	assert_int_equal(batch.processes[0].pid, n.pid);

	/* Again: too soon, which --yes overrules; as JSON. */
	run(&r, &f, whom, "--json", NULL);
	assert_int_equal(r.status, 3);
	expect_in(&r.out, "\"gate\":\"asks\"");
	expect_in(&r.out, "the last capture of this service was");
	run(&r, &f, whom, "--json", "--yes");
	assert_int_equal(r.status, 0);
	expect_in(&r.out, "{\"card\":{\"gate\":\"asks\"");
	expect_in(&r.out, "\"tableAfterLastChunkMs\":");
	expect_in(&r.out, "\"name\":\"Account\",\"count\":2000");
	expect_in(&r.out, "\"growth\":");
	take_word(&f, &a, &batch);
	live_node_stop(&n);
	arena_finish(&a);
	finish(&r);
	folder_remove(&f);
}

/* What has a handler of its own would be met, and remembered. */
static void nothing_is_touched_before_somebody_says_so(void **state)
{
	struct folder f;
	struct live_node n;
	struct run r = {0};
	char whom[16];
	(void)state;
	folder_make(&f);
	make_state(&f);
	assert_true(live_node_start(&n, NULL, 10, true));
	snprintf(whom, sizeof whom, "%d", (int)n.pid);
	run(&r, &f, whom, NULL, NULL);
	assert_int_equal(r.status, 3);
	expect_in(&r.out, "Pause             up to");
	assert_int_equal(access(folder_file(&f, "state/captures"), F_OK), -1);
	live_node_stop(&n);

	assert_true(live_node_start(&n, NULL, 10, false));
	snprintf(whom, sizeof whom, "%d", (int)n.pid);
	static const char *const opted_in[] = {
		"--measure", "--snapshots=other,cache.*"};
	for (size_t i = 0; i < 2; i++) {
		run(&r, &f, whom, opted_in[i], NULL);
		assert_int_equal(r.status, 3);
		expect_in(&r.out, "Pause             about");
		assert_true(live_node_refuses_inspector());
	}
	run(&r, &f, whom, "--snapshots=other", NULL);
	assert_int_equal(r.status, 3);
	expect_in(&r.out, "Pause             up to");
	live_node_stop(&n);
	finish(&r);
	folder_remove(&f);
}

static void refusals_say_why_and_are_told(void **state)
{
	struct folder f;
	struct run r = {0};
	struct arena a = {0};
	struct wire_batch batch;
	char whom[16];
	(void)state;
	folder_make(&f);
	make_state(&f);
	pid_t pid = fork();
	if (pid == 0) {
		execlp("sleep", "sleep", "60", (char *)NULL);
		_exit(127);
	}
	usleep(300 * 1000);
	snprintf(whom, sizeof whom, "%d", (int)pid);
	run(&r, &f, whom, "--yes", NULL);
	assert_int_equal(r.status, 4);
	expect_in(&r.out, "'sleep'");
	expect_in(&r.out, "neither Node.js nor");
	take_word(&f, &a, &batch);
	assert_int_equal(batch.events[0].is.state, SNAPSHOT_DENIED);
	assert_int_equal(batch.events[0].is.card.gate, SNAPSHOT_REFUSED);
	assert_int_equal(kill(pid, 0), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	arena_finish(&a);
	finish(&r);
	folder_remove(&f);
}

static void of_several_the_largest_is_taken(void **state)
{
	struct folder f;
	struct live_node small, large;
	struct run r = {0};
	char text[64];
	(void)state;
	folder_make(&f);
	assert_true(live_node_start(&large, NULL, 8000, false));
	assert_true(live_node_start(&small, NULL, 10, false));
	run(&r, &f, "cache.js", NULL, NULL);
	assert_int_equal(r.status, 3);
	snprintf(text, sizeof text, "%d, cache.js", (int)large.pid);
	expect_in(&r.out, text);
	expect_in(&r.out, "1 more of this service on this host");
	live_node_stop(&small);
	live_node_stop(&large);
	finish(&r);
	folder_remove(&f);
}

static void wrong_use_is_told(void **state)
{
	struct folder f;
	struct run r = {0};
	(void)state;
	folder_make(&f);
	run(&r, &f, "no-such-service", NULL, NULL);
	assert_int_equal(r.status, 2);
	expect_in(&r.err, "'no-such-service' is neither a process nor a service");
	run(&r, &f, "1", "--route", "file");
	assert_int_equal(r.status, 2);
	expect_in(&r.err, "snapshot summarize FILE");
	run(&r, &f, "1", "2", NULL);
	assert_int_equal(r.status, 2);
	expect_in(&r.err, "unexpected argument '2'");
	run(&r, &f, "1", "--top", "x");
	assert_int_equal(r.status, 2);
	finish(&r);
	folder_remove(&f);
}

int main(void)
{
	live_node_own_network();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_then_a_yes),
		cmocka_unit_test(nothing_is_touched_before_somebody_says_so),
		cmocka_unit_test(refusals_say_why_and_are_told),
		cmocka_unit_test(of_several_the_largest_is_taken),
		cmocka_unit_test(wrong_use_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
