/*
 * --heapsnapshot-signal: only where it was asked for, and no file stays behind.
 */
#include "tests/unit/agent/capture/service.h"

#include <dirent.h>

#define KEEP "globalThis.tidemarkPlantedName = [1, 2, 3];"

static int snapshots(const char *folder)
{
	DIR *directory = opendir(folder);
	int count = 0;
	for (struct dirent *entry; directory && (entry = readdir(directory));)
		count += strncmp(entry->d_name, "Heap.", 5) == 0;
	if (directory)
		closedir(directory);
	return count;
}

static bool start(struct service *s, const char *flag, const char *variable)
{
	const struct service_options o = {.script = KEEP SERVICE_SERVER,
		.flags = {"--heapsnapshot-signal=SIGUSR2", flag},
		.variables = {variable}};
	return service_start(s, &o);
}

static void a_snapshot_comes_by_file_and_the_file_goes(void **state)
{
	(void)state;
	for (int in_folder = 0; in_folder < 2; in_folder++) {
		struct service s;
		char folder[] = "/tmp/tidemark-test-XXXXXX", flag[64];
		assert_non_null(mkdtemp(folder));
		snprintf(flag, sizeof flag, "--diagnostic-dir=%s", folder);
		if (!start(&s, in_folder ? flag : NULL, NULL)) {
			service_stop(&s);
			skip();
		}
		struct facts facts;
		struct door_options o = service_door(&s, DOOR_SIGNAL, &facts);
		struct door *d = door_create(&o);
		struct door_statistics ignored;
		struct err e = {0};
		service_assert_open(d);
		assert_false(door_statistics(d, &ignored, &e));
		for (int i = 0; i < 2; i++) {
			service_assert_take(d);
			assert_int_equal(snapshots(s.folder), 0);
			assert_int_equal(snapshots(folder), 0);
		}
		service_assert_close(d);
		door_destroy(d);
		assert_true(service_answers(&s));
		service_stop(&s);
		rmdir(folder);
	}
}

static void files_that_were_there_are_another_s(void **state)
{
	(void)state;
	struct service s;
	if (!start(&s, NULL, NULL)) {
		service_stop(&s);
		skip();
	}
	char path[160];
	snprintf(path, sizeof path, "%s/Heap.20261122.120000.%d.0.001.heapsnapshot",
		s.folder, s.pid);
	FILE *file = fopen(path, "we");
	fputs("{\"snapshot\":{}]}", file);
	fclose(file);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_SIGNAL, &facts);
	struct door *d = door_create(&o);
	service_assert_open(d);
	service_assert_take(d);
	door_destroy(d);
	assert_int_equal(snapshots(s.folder), 1);
	assert_int_equal(access(path, F_OK), 0);
	service_stop(&s);
}

static void the_flag_may_stand_in_the_environment(void **state)
{
	(void)state;
	struct service s;
	const struct service_options options = {.script = KEEP SERVICE_SERVER,
		.variables = {"NODE_OPTIONS=--heapsnapshot-signal=SIGUSR2"}};
	if (!service_start(&s, &options)) {
		service_stop(&s);
		skip();
	}
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_SIGNAL, &facts);
	struct door *d = door_create(&o);
	service_assert_open(d);
	service_assert_take(d);
	door_destroy(d);
	service_stop(&s);
}

static void without_the_flag_no_signal_is_sent(void **state)
{
	(void)state;
	struct service s;
	const struct service_options options = {0};
	if (!service_start(&s, &options)) {
		service_stop(&s);
		skip();
	}
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_SIGNAL, &facts);
	struct err e = {0};
	struct door *d = door_create(&o);
	assert_false(door_open(d, &e));
	assert_int_equal(door_refusal(d), DOOR_NO_ROUTE);
	door_destroy(d);
	facts.flags.heap_signal = SIGUSR2; /* a command line that lies */
	d = door_create(&o);
	assert_false(door_open(d, &e));
	assert_non_null(strstr(e.text, "no handler for SIGUSR2"));
	door_destroy(d);
	assert_true(service_answers(&s));
	service_stop(&s);
}

static void who_writes_nothing_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	struct service s;
	const struct service_options options = {
		.script = "process.on('SIGUSR2', () => {});" SERVICE_SERVER};
	if (!service_start(&s, &options)) {
		service_stop(&s);
		skip();
	}
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_SIGNAL, &facts);
	facts.flags.heap_signal = SIGUSR2;
	o.take_ms = 500;
	struct door *d = door_create(&o);
	struct service_snapshot ignored = {0};
	const struct door_sink sink = {service_bytes, NULL, &ignored};
	struct err e = {0};
	service_assert_open(d);
	assert_false(door_take(d, &sink, &e));
	assert_non_null(strstr(e.text, "no snapshot in time"));
	door_destroy(d);
	assert_true(service_answers(&s));
	service_stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_snapshot_comes_by_file_and_the_file_goes),
		cmocka_unit_test(files_that_were_there_are_another_s),
		cmocka_unit_test(the_flag_may_stand_in_the_environment),
		cmocka_unit_test(without_the_flag_no_signal_is_sent),
		cmocka_unit_test(who_writes_nothing_is_not_waited_for_for_ever),
	};
	return cmocka_run_group_tests(tests, service_setup, NULL);
}
