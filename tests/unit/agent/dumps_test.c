/* Snapshot files that appear in a directory: slowly, cut, as links and pipes, twice. */
#include "agent/dumps.h"

#include "common/clock.h"
#include "tests/unit/agent/folder.h"

#define WHOLE "{\"snapshot\":{},\"strings\":[\"a]}\"]\n}\n"

struct world {
	struct folder folder;
	struct dumps_directory directory;
	struct dumps *dumps;
	int64_t mono_ms;
	struct dumps_file file; /* the last one given */
};

static void start(struct world *w)
{
	w->dumps = dumps_create(&w->directory, 1, clock_unix_ms() - 50);
}

static int set_up(void **state)
{
	static struct world world;
	world = (struct world){.mono_ms = 1000000};
	folder_make(&world.folder);
	world.directory.path = world.folder.path;
	start(&world);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	dumps_destroy(w->dumps);
	folder_remove(&w->folder);
	return 0;
}

static void put(const struct world *w, const char *name, const char *text)
{
	folder_store(folder_file(&w->folder, name), text, strlen(text));
}

/* Lets the time pass in steps, as the agent would look; how many files were given. */
static int go(struct world *w, int64_t ms)
{
	int given = 0;
	for (int64_t end = w->mono_ms + ms; w->mono_ms <= end; w->mono_ms += 250) {
		dumps_run(w->dumps, clock_unix_ms(), w->mono_ms);
		while (dumps_next(w->dumps, &w->file))
			given++;
	}
	return given;
}

static void a_whole_file_is_given_once(void **state)
{
	struct world *w = *state;
	go(w, 1000);
	put(w, "Heap.20261122.094512.4242.0.001.heapsnapshot", WHOLE);
	assert_int_equal(go(w, DUMPS_STILL_MS - 500), 0);
	assert_int_equal(go(w, 2000), 1);
	assert_string_equal(
		w->file.path, folder_file(&w->folder,
				      "Heap.20261122.094512.4242.0.001.heapsnapshot"));
	assert_string_equal(w->file.trouble, "");
	assert_int_equal(w->file.pid, 4242);
	assert_int_equal(w->file.owner, geteuid());
	assert_int_equal(w->file.key.bytes, strlen(WHOLE));
	assert_true(llabs(w->file.made_unix_ms - clock_unix_ms()) < 60000);
	assert_ptr_equal(w->file.directory, &w->directory);
	assert_int_equal(go(w, 200000), 0); /* out */
	dumps_settle(w->dumps, &w->file.key);
	assert_int_equal(go(w, 200000), 0); /* and remembered */
	/* Written anew, it is new. */
	put(w, "Heap.20261122.094512.4242.0.001.heapsnapshot", " " WHOLE);
	assert_int_equal(go(w, 70000), 1);
}

static void a_file_that_grows_is_waited_for(void **state)
{
	struct world *w = *state;
	char text[64] = "{\"snapshot\":{\"a\":[1,2]}";
	put(w, "a.heapsnapshot", text);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(go(w, 1500), 0);
		strcat(text, ",");
		put(w, "a.heapsnapshot", text); /* ends well at first, but not long */
	}
	put(w, "a.heapsnapshot", WHOLE);
	assert_int_equal(go(w, 40000), 1);
	assert_string_equal(w->file.trouble, "");
}

static void a_cut_file_is_told_after_ten_minutes(void **state)
{
	struct world *w = *state;
	put(w, "a.heapsnapshot", "{\"snapshot\":{},\"strings\":[\"a");
	put(w, "empty.heapsnapshot", "");
	assert_int_equal(go(w, DUMPS_UNFINISHED_MS - 1000), 0);
	assert_int_equal(go(w, 40000), 2);
	assert_non_null(strstr(w->file.trouble, "not whole"));
	dumps_settle(w->dumps, &w->file.key);
	assert_int_equal(go(w, DUMPS_UNFINISHED_MS), 0);
}

static void packed_files_end_as_they_like(void **state)
{
	struct world *w = *state;
	put(w, "a.heapsnapshot.gz", "packed");
	put(w, "b.heapsnapshot.zst", "packed");
	put(w, "c.heapsnapshot.bz2", "packed");
	put(w, ".d.heapsnapshot", WHOLE);
	put(w, "heapsnapshot", WHOLE);
	assert_int_equal(go(w, 10000), 2);
}

static void links_and_pipes_are_no_files(void **state)
{
	struct world *w = *state;
	struct folder outside;
	folder_make(&outside);
	folder_store(
		folder_file(&outside, "secret.heapsnapshot"), WHOLE, strlen(WHOLE));
	assert_int_equal(symlink(folder_file(&outside, "secret.heapsnapshot"),
				 folder_file(&w->folder, "a.heapsnapshot")),
		0);
	assert_int_equal(mkfifo(folder_file(&w->folder, "b.heapsnapshot"), 0600), 0);
	assert_int_equal(mkdir(folder_file(&w->folder, "c.heapsnapshot"), 0700), 0);
	assert_int_equal(go(w, DUMPS_UNFINISHED_MS + 60000), 0);
	/* Nor does a file become one while it is waited for. */
	put(w, "d.heapsnapshot", WHOLE);
	go(w, 250);
	unlink(folder_file(&w->folder, "d.heapsnapshot"));
	assert_int_equal(symlink(folder_file(&outside, "secret.heapsnapshot"),
				 folder_file(&w->folder, "d.heapsnapshot")),
		0);
	assert_int_equal(go(w, 70000), 0);
	folder_remove(&outside);
}

static void what_was_there_before_is_left_alone(void **state)
{
	struct world *w = *state;
	put(w, "old.heapsnapshot", WHOLE);
	usleep(100 * 1000);
	dumps_destroy(w->dumps);
	w->dumps = dumps_create(&w->directory, 1, clock_unix_ms());
	assert_int_equal(go(w, 70000), 0);
	usleep(20 * 1000);
	put(w, "new.heapsnapshot", WHOLE);
	assert_int_equal(go(w, 10000), 1);
	assert_non_null(strstr(w->file.path, "new.heapsnapshot"));
}

static void a_restart_takes_what_came_meanwhile(void **state)
{
	struct world *w = *state;
	struct buf text = {0};
	struct err e;
	put(w, "a.heapsnapshot", WHOLE);
	put(w, "b.heapsnapshot", "{"); /* is still being written */
	assert_int_equal(go(w, 5000), 1);
	dumps_settle(w->dumps, &w->file.key);
	dumps_format(w->dumps, &text);
	dumps_destroy(w->dumps);
	put(w, "c.heapsnapshot", WHOLE); /* nobody looks */
	usleep(100 * 1000);
	w->dumps = dumps_create(&w->directory, 1, clock_unix_ms());
	assert_true(dumps_parse(w->dumps, text.data, &e));
	assert_int_equal(go(w, 5000), 1);
	assert_non_null(strstr(w->file.path, "c.heapsnapshot"));
	put(w, "b.heapsnapshot", WHOLE);
	assert_int_equal(go(w, 70000), 1);
	buf_finish(&text);
	assert_false(dumps_parse(w->dumps, "seen x\n", &e));
	assert_false(dumps_parse(w->dumps, "seen 1\n1 2 3\n", &e));
	assert_non_null(strstr(e.text, "line 2"));
}

static void a_restart_goes_on_waiting(void **state)
{
	struct world *w = *state;
	struct buf text = {0};
	struct err e;
	put(w, "b.heapsnapshot", "{"); /* is still being written */
	go(w, 5000);
	dumps_run(w->dumps, clock_unix_ms() + 3600000, w->mono_ms); /* an hour later */
	dumps_format(w->dumps, &text);
	dumps_destroy(w->dumps);
	w->dumps = dumps_create(&w->directory, 1, clock_unix_ms() + 3600000);
	assert_true(dumps_parse(w->dumps, text.data, &e));
	assert_int_equal(go(w, DUMPS_UNFINISHED_MS + 60000), 1);
	assert_non_null(strstr(w->file.trouble, "not whole"));
	buf_finish(&text);
}

static void more_than_can_be_remembered_is_not_taken_twice(void **state)
{
	struct world *w = *state;
	char name[32];
	int given = 0;
	for (int i = 0; i < DUMPS_REMEMBERED_MAX + 100; i++) {
		snprintf(name, sizeof name, "%04d.heapsnapshot", i);
		put(w, name, WHOLE);
		if (i % 50 != 49 && i != DUMPS_REMEMBERED_MAX + 99)
			continue;
		usleep(10000);         /* file times are coarse */
		w->mono_ms += 3600000; /* not too many in an hour */
		for (int64_t end = w->mono_ms + 10000; w->mono_ms < end;
			w->mono_ms += 500) {
			dumps_run(w->dumps, clock_unix_ms(), w->mono_ms);
			while (dumps_next(w->dumps, &w->file)) {
				given++;
				dumps_settle(w->dumps, &w->file.key);
			}
		}
	}
	assert_int_equal(given, DUMPS_REMEMBERED_MAX + 100);
	w->mono_ms += DUMPS_LOOK_MS;
	assert_int_equal(go(w, 70000), 0);
}

static void a_flood_waits(void **state)
{
	struct world *w = *state;
	char name[32];
	struct err e;
	go(w, 1000);
	for (int i = 0; i < DUMPS_HOURLY_MAX + 3; i++) {
		snprintf(name, sizeof name, "%04d.heapsnapshot", i);
		put(w, name, WHOLE);
	}
	assert_int_equal(go(w, 600000), DUMPS_HOURLY_MAX);
	assert_true(dumps_trouble(w->dumps, &e));
	assert_non_null(strstr(e.text, "the others wait"));
	assert_int_equal(go(w, 600000), 0);
	assert_false(dumps_trouble(w->dumps, &e)); /* told once */
	assert_int_equal(go(w, 3600000), 3);
}

static void a_directory_may_come_later(void **state)
{
	struct world *w = *state;
	char path[128];
	struct err e;
	snprintf(path, sizeof path, "%s/later", w->folder.path);
	struct dumps_directory later = {.path = path, .service = "checkout"};
	dumps_destroy(w->dumps);
	w->dumps = dumps_create(&later, 1, clock_unix_ms() - 50);
	go(w, 1000);
	assert_true(dumps_trouble(w->dumps, &e));
	assert_non_null(strstr(e.text, path));
	go(w, 200000);
	assert_false(dumps_trouble(w->dumps, &e)); /* told once */
	assert_int_equal(mkdir(path, 0700), 0);
	put(w, "later/heapdump-123.456.heapsnapshot", WHOLE);
	assert_int_equal(go(w, 70000), 1);
	assert_string_equal(w->file.directory->service, "checkout");
	assert_int_equal(w->file.pid, 0);
	/* And from now on it is watched. */
	assert_true(dumps_due_ms(w->dumps) > w->mono_ms);
	put(w, "later/heapdump-124.456.heapsnapshot", WHOLE);
	assert_int_equal(go(w, 4000), 1);
}

static void names_tell_pids(void **state)
{
	(void)state;
	const struct {
		const char *name;
		uint32_t pid;
	} rows[] = {
		{"Heap.20261122.094512.4242.0.001.heapsnapshot", 4242},
		{"Heap.20261122.094512.4242.3.012.heapsnapshot.gz", 4242},
		{"Heap.20261122.094512.x.0.001.heapsnapshot", 0},
		{"Heap.20261122.094512.4242.0.heapsnapshot", 0},
		{"heapdump-1234.567.heapsnapshot", 0},
		{"4242.heapsnapshot", 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(dumps_pid_of(rows[i].name), rows[i].pid);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(a_whole_file_is_given_once),
		IN_WORLD(a_file_that_grows_is_waited_for),
		IN_WORLD(a_cut_file_is_told_after_ten_minutes),
		IN_WORLD(packed_files_end_as_they_like),
		IN_WORLD(links_and_pipes_are_no_files),
		IN_WORLD(what_was_there_before_is_left_alone),
		IN_WORLD(a_restart_takes_what_came_meanwhile),
		IN_WORLD(a_restart_goes_on_waiting),
		IN_WORLD(more_than_can_be_remembered_is_not_taken_twice),
		IN_WORLD(a_flood_waits),
		IN_WORLD(a_directory_may_come_later),
		cmocka_unit_test(names_tell_pids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
