/* Captures of a real process: what the gate says, what it costs, what stays open. */
#include "agent/capture/capture.h"

#include "agent/capture/opened.h"
#include "agent/capture/turn.h"
#include "common/clock.h"
#include "tests/unit/agent/capture/live_node.h"
#include "tests/unit/agent/folder.h"
#include "tests/unit/cmocka_all.h"

static struct capture_options options_of(const struct live_node *n, const char *state)
{
	return (struct capture_options){
		.procfs = "/proc",
		.cgroupfs = "/sys/fs/cgroup",
		.state_dir = state,
		.service = "cache",
		.pid = n->pid,
		.way = WAYS,
		.pause_max_ms = 2000,
		.cooldown_ms = 60000,
		.stop_fd = -1,
		.warden_fd = -1,
	};
}

struct taken {
	uint64_t bytes;
	char first[16], last[4];
};

static bool take_bytes(void *context, const void *bytes, size_t length, struct err *e)
{
	struct taken *t = context;
	(void)e;
	if (!t->bytes)
		memcpy(t->first, bytes, length < 15 ? length : 15);
	if (length >= 2)
		memcpy(t->last, (const char *)bytes + length - 2, 2);
	t->bytes += length;
	return true;
}

static void a_live_process_is_taken_and_left_as_it_was(void **state)
{
	struct live_node n;
	struct err e;
	struct folder folder;
	struct taken taken = {0};
	const struct door_sink sink = {take_bytes, NULL, &taken};
	(void)state;
	folder_make(&folder);
	assert_true(live_node_start(&n, NULL, 2000, false));
	const struct capture_options options = options_of(&n, folder.path);
	struct capture *c = capture_create(&options);
	assert_true(capture_look(c, &e));
	assert_false(capture_card(c)->heap_is_measured);
	if (!capture_open(c, &e))
		fail_msg("%s", e.text);
	assert_true(capture_card(c)->heap_is_measured);
	assert_string_equal(capture_card(c)->route, "inspector");
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_ALLOWED);
	assert_true(capture_card(c)->heap_bytes > 3000000);
	if (!capture_take(c, &sink, &e) || !capture_close(c, &e))
		fail_msg("%s", e.text);
	assert_true(live_node_refuses_inspector());
	assert_memory_equal(taken.first, "{\"snapshot\":", 12);
	assert_true(taken.bytes > 1000000);
	assert_int_equal(taken.bytes, capture_cost(c)->stream_bytes);
	assert_in_range(capture_cost(c)->closed_ms, 0, 1000);
	assert_true(capture_cost(c)->pause_ms > 0);
	capture_destroy(c);
	assert_int_equal(live_node_get(&n, "/", 2000), 2000);

	/* And again at once: too soon, which an operator may overrule. */
	c = capture_create(&options);
	assert_true(capture_look(c, &e));
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_ASKS);
	assert_non_null(strstr(capture_card(c)->reasons, "the last capture of this"));
	capture_destroy(c);
	live_node_stop(&n);
	folder_remove(&folder);
}

static void kill_children_of(pid_t parent)
{
	char path[64], text[256] = "";
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent,
		(int)parent);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	if (!fgets(text, sizeof text, file))
		text[0] = '\0';
	fclose(file);
	assert_true(atoi(text) > 0);
	assert_int_equal(kill(atoi(text), SIGKILL), 0);
}

/* A process with its capture open and its warden beside it, both of which are killed.
 */
static void kill_a_capture(const struct capture_options *options)
{
	int ends[2];
	char word;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t helper = fork();
	if (helper == 0) {
		struct err e;
		struct capture *c = capture_create(options);
		bool ok = capture_look(c, &e) && capture_open(c, &e);
		if (ok && write(ends[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &word, 1), 1);
	kill(helper, SIGSTOP); /* it must not hear of its warden's end */
	kill_children_of(helper);
	kill(helper, SIGKILL);
	waitpid(helper, NULL, 0);
	close(ends[0]);
	close(ends[1]);
}

static void hear_warden(void *context, bool closed, const char *words)
{
	if (closed)
		snprintf(context, 200, "%.199s", words);
}

static void who_is_killed_with_his_warden_is_closed_by_the_next(void **state)
{
	struct live_node n, other;
	struct err e;
	struct folder folder;
	char words[200] = "";
	(void)state;
	folder_make(&folder);
	assert_true(live_node_start(&n, NULL, 10, false));
	struct capture_options options = options_of(&n, folder.path);
	kill_a_capture(&options);
	assert_false(live_node_refuses_inspector());

	/* By a capture of another process. */
	assert_true(live_node_start(&other, NULL, 10, false));
	struct capture_options next = options_of(&other, folder.path);
	next.warden_report = hear_warden;
	next.warden_context = words;
	struct capture *c = capture_create(&next);
	assert_true(capture_look(c, &e));
	if (!capture_open(c, &e))
		fail_msg("%s", e.text);
	assert_non_null(strstr(words, "was closed"));
	assert_true(capture_close(c, &e));
	capture_destroy(c);
	assert_true(live_node_refuses_inspector());

	/* By the agent, when it starts. */
	kill_a_capture(&options);
	assert_false(live_node_refuses_inspector());
	const struct opened opened = {.state_dir = folder.path, .procfs = "/proc"};
	opened_close_apart(&opened);
	for (int i = 0; i < 1000 && !live_node_refuses_inspector(); i++)
		usleep(10 * 1000);
	assert_true(live_node_refuses_inspector());
	/* Nothing is noted any more. */
	struct stat at = {.st_size = 1};
	for (int i = 0; i < 500 && at.st_size; i++) {
		usleep(10 * 1000);
		stat(folder_file(&folder, "opened"), &at);
	}
	assert_int_equal(at.st_size, 0);
	assert_int_equal(live_node_get(&n, "/", 2000), 10);
	live_node_stop(&n);
	live_node_stop(&other);
	folder_remove(&folder);
}

static void two_at_once_are_not_taken(void **state)
{
	struct live_node n;
	struct err e;
	struct turn turn;
	(void)state;
	assert_true(live_node_start(&n, NULL, 10, false));
	assert_true(turn_take(&turn, &e));
	const struct capture_options options = options_of(&n, NULL);
	struct capture *c = capture_create(&options);
	assert_true(capture_look(c, &e));
	assert_false(capture_open(c, &e));
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_REFUSED);
	assert_string_equal(
		capture_card(c)->reasons, "another capture is running on this host");
	assert_string_equal(capture_card(c)->route, "none");
	turn_give(&turn);
	assert_true(capture_open(c, &e));
	capture_destroy(c);
	assert_true(live_node_refuses_inspector());
	live_node_stop(&n);
}

static void a_long_pause_asks(void **state)
{
	struct live_node n;
	struct err e;
	(void)state;
	assert_true(live_node_start(&n, NULL, 2000, false));
	struct capture_options options = options_of(&n, NULL);
	options.pause_max_ms = 100;
	struct capture *c = capture_create(&options);
	assert_true(capture_look(c, &e));
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_ALLOWED); /* not known yet */
	assert_true(capture_open(c, &e));
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_ASKS);
	assert_non_null(strstr(capture_card(c)->reasons, "the limit is 0.1 s"));
	capture_destroy(c);
	live_node_stop(&n);
}

static void own_handlers_are_met_once_only(void **state)
{
	struct live_node n;
	struct err e;
	struct folder folder;
	(void)state;
	folder_make(&folder);
	assert_true(live_node_start(&n, NULL, 10, true));
	const struct capture_options options = options_of(&n, folder.path);
	struct capture *c = capture_create(&options);
	assert_true(capture_look(c, &e));
	assert_false(capture_open(c, &e));
	capture_destroy(c);
	c = capture_create(&options);
	assert_true(capture_look(c, &e));
	assert_int_equal(capture_way(c), WAY_PRELOAD); /* the only one to try */
	assert_false(capture_open(c, &e));
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_REFUSED);
	capture_destroy(c);

	struct capture_options forced = options;
	forced.way = WAY_INSPECTOR;
	c = capture_create(&forced);
	assert_true(capture_look(c, &e));
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_REFUSED);
	assert_non_null(strstr(capture_card(c)->reasons, "something of its own"));
	assert_non_null(strstr(capture_card(c)->reasons, "file 'captures'"));
	capture_destroy(c);
	assert_true(live_node_is_alive(&n));
	live_node_stop(&n);
	folder_remove(&folder);
}

/* The memory group that we are in, of version 1; "" when no group can be made there. */
static void make_group(char path[512])
{
	char text[4096] = "", own[256] = "";
	FILE *file = fopen("/proc/self/cgroup", "re");
	assert_non_null(file);
	while (fgets(text, sizeof text, file)) {
		if (strstr(text, ":memory:"))
			sscanf(strstr(text, ":memory:") + 8, "%255s", own);
	}
	fclose(file);
	snprintf(path, 512, "/sys/fs/cgroup/memory%s/tidemark-test-%d", own,
		(int)getpid());
	if (!own[0] || mkdir(path, 0700) != 0)
		path[0] = '\0';
}

static bool group_put(const char *group, const char *name, long long value)
{
	char path[600], text[32];
	snprintf(path, sizeof path, "%s/%s", group, name);
	int length = snprintf(text, sizeof text, "%lld", value);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, (size_t)length) == length;
	if (fd >= 0)
		close(fd);
	return ok;
}

static void a_group_that_is_too_small_refuses(void **state)
{
	struct live_node n;
	struct err e;
	char group[512];
	(void)state;
	make_group(group);
	if (!group[0]) {
		print_message("no memory group can be made here\n");
		skip();
	}
	assert_true(live_node_start(&n, NULL, 10000, false));
	assert_true(group_put(group, "memory.limit_in_bytes", 150 << 20));
	assert_true(group_put(group, "cgroup.procs", n.pid));
	const struct capture_options options = options_of(&n, NULL);
	struct capture *c = capture_create(&options);
	assert_true(capture_look(c, &e));
	assert_true(capture_open(c, &e)); /* to measure */
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_REFUSED);
	print_message("%s\n", capture_card(c)->reasons);
	assert_non_null(strstr(capture_card(c)->reasons, "limit 150 MiB, used"));
	assert_non_null(strstr(capture_card(c)->reasons, "0.7 of what is free is"));
	capture_destroy(c);
	assert_true(live_node_refuses_inspector());
	live_node_stop(&n);
	for (int i = 0; rmdir(group) != 0 && i < 50; i++)
		usleep(20 * 1000);
}

static void a_process_without_a_way_in_is_refused(void **state)
{
	struct err e;
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		execlp("sleep", "sleep", "60", (char *)NULL);
		_exit(127);
	}
	usleep(300 * 1000);
	const struct live_node n = {pid, 0};
	const struct capture_options options = options_of(&n, NULL);
	struct capture *c = capture_create(&options);
	assert_true(capture_look(c, &e));
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_REFUSED);
	assert_non_null(strstr(capture_card(c)->reasons, "neither Node.js nor"));
	capture_destroy(c);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	c = capture_create(&options);
	assert_false(capture_look(c, &e));
	assert_int_equal(capture_card(c)->gate, SNAPSHOT_REFUSED);
	capture_destroy(c);
}

int main(void)
{
	live_node_own_network();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_live_process_is_taken_and_left_as_it_was),
		cmocka_unit_test(who_is_killed_with_his_warden_is_closed_by_the_next),
		cmocka_unit_test(two_at_once_are_not_taken),
		cmocka_unit_test(a_long_pause_asks),
		cmocka_unit_test(own_handlers_are_met_once_only),
		cmocka_unit_test(a_group_that_is_too_small_refuses),
		cmocka_unit_test(a_process_without_a_way_in_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
