/* What runtimes say about themselves: in their own words, from the real ones. */
#include "agent/warnings/words.h"

#include "agent/warnings/killed.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct heard {
	struct words words;
	struct sign signs[16];
	size_t count;
};

static void keep(struct heard *h, const struct sign *sign)
{
	assert_true(h->count < 16);
	h->signs[h->count++] = *sign;
}

static void hear(struct heard *h, const char *text)
{
	struct sign found[2];
	while (*text) {
		size_t length = strcspn(text, "\n");
		size_t count = words_line(&h->words, text, length, found);
		for (size_t i = 0; i < count; i++)
			keep(h, &found[i]);
		text += length + (text[length] == '\n');
	}
}

static void hush(struct heard *h)
{
	struct sign held;
	if (words_flush(&h->words, &held))
		keep(h, &held);
}

/* What a program writes to stdout and stderr; in one buffer, valid until the next. */
static const char *output(const char *command)
{
	static char text[64 << 10];
	char whole[2048];
	snprintf(whole, sizeof whole, "{ ulimit -c 0; %s ; } 2>&1", command);
	FILE *pipe = popen(whole, "r");
	assert_non_null(pipe);
	size_t length = fread(text, 1, sizeof text - 1, pipe);
	text[length] = '\0';
	pclose(pipe);
	return text;
}

static const char *field(const struct sign *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return s->fields[i].value;
	return NULL;
}

static bool has_node(void)
{
	return system("node --version >/dev/null 2>&1") == 0;
}

static void node_that_dies_of_its_heap(void **state)
{
	(void)state;
	if (!has_node())
		skip();
	struct heard h = {0};
	const char *text = output("node --max-old-space-size=20 -e "
				  "'const a=[];for(;;)a.push({x:[1,2,3]})' & "
				  "echo pid $!; wait $!");
	unsigned pid = 0;
	sscanf(strstr(text, "pid "), "pid %u", &pid);
	hear(&h, text);
	hush(&h);
	assert_int_equal(h.count, 1);
	assert_int_equal(h.signs[0].kind, WARNING_HEAP_OUT_OF_MEMORY);
	assert_int_equal(h.signs[0].pid, pid);
	assert_string_equal(field(&h.signs[0], "runtime"), "node");
	long heap = strtol(field(&h.signs[0], "heap_mb"), NULL, 10);
	long committed = strtol(field(&h.signs[0], "committed_mb"), NULL, 10);
	assert_in_range(heap, 5, 60);
	assert_in_range(committed, heap, 80);
}

static void node_with_too_many_listeners(void **state)
{
	(void)state;
	if (!has_node())
		skip();
	static const char script[] =
		"class MonitorQueue extends require(\"events\"){};"
		"const q=new MonitorQueue();"
		"for(let i=0;i<11;i++)q.on(process.argv[1],()=>{})";
	char command[512];
	struct heard h = {0};
	snprintf(command, sizeof command,
		"node -e '%s' error; node --trace-warnings "
		"-e '%s' \"a customer: 4711\"",
		script, script);
	hear(&h, output(command));
	hush(&h);
	assert_int_equal(h.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(h.signs[i].kind, WARNING_MAX_LISTENERS);
		assert_string_equal(field(&h.signs[i], "emitter"), "MonitorQueue");
		assert_string_equal(field(&h.signs[i], "count"), "11");
		assert_true(h.signs[i].pid > 1);
	}
	assert_string_equal(field(&h.signs[0], "event"), "error");
	/* What is no name may be anything. */
	assert_string_equal(field(&h.signs[1], "event"), "[key]");
}

static void listeners_of_other_forms(void **state)
{
	(void)state;
	struct heard h = {0};
	hear(&h,
		"2026-11-22T10:00:00: (node:7) MaxListenersExceededWarning: Possible "
		"EventTarget memory leak detected. 12 abort listeners added to "
		"[AbortSignal]. Use events.setMaxListeners() to increase limit\n"
		"    at AbortSignal.addEventListener (node:internal/event_target:1:2)\n"
		"    at ask (/srv/shop/ask.js:10:3)\n"
		"    at ask (/srv/shop/other.js:10:3)\n"
		"(node:8) MaxListenersExceededWarning: Possible EventEmitter memory "
		"leak "
		"detected. 11 Symbol(drain) listeners added. Use "
		"emitter.setMaxListeners() to increase limit\n"
		"MaxListenersExceededWarning: Possible EventEmitter memory leak "
		"detected. many error listeners added\n");
	hush(&h);
	assert_int_equal(h.count, 2);
	assert_string_equal(field(&h.signs[0], "emitter"), "AbortSignal");
	assert_string_equal(field(&h.signs[0], "stack"), "/srv/shop/ask.js:10:3");
	assert_string_equal(field(&h.signs[1], "event"), "drain");
	assert_null(field(&h.signs[1], "emitter"));
	assert_int_equal(h.signs[1].pid, 8);
}

static void exceptions_that_nobody_caught(void **state)
{
	(void)state;
	if (!has_node())
		skip();
	static const struct {
		const char *script, *error;
	} cases[] = {
		{"throw new TypeError(\"secret\\nline\")", "TypeError"},
		{"class MyError extends Error{};const e=new MyError(\"secret\");"
		 "e.name=\"MyError\";throw e",
			"MyError"},
		{"Promise.reject(new RangeError(\"secret\"))", "RangeError"},
		{"throw \"secret: x\"", "not-an-error"},
		{"throw {secret:1}", "not-an-error"},
		{"require(\"assert\")(false, \"secret\")", "AssertionError"},
		{"Promise.reject(\"secret\")", "UnhandledPromiseRejection"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char command[512];
		struct heard h = {0};
		snprintf(command, sizeof command, "node -e '%s'", cases[i].script);
		hear(&h, output(command));
		hush(&h);
		if (h.count != 1)
			fail_msg("%s: %zu signs", cases[i].script, h.count);
		assert_int_equal(h.signs[0].kind, WARNING_UNCAUGHT_EXCEPTION);
		assert_string_equal(field(&h.signs[0], "error"), cases[i].error);
		for (size_t k = 0; k < h.signs[0].count; k++)
			assert_null(strstr(h.signs[0].fields[k].value, "secret"));
	}
}

static void other_runtimes(void **state)
{
	(void)state;
	struct heard h = {0};
	hear(&h,
		"java.lang.OutOfMemoryError: Java heap space\n"
		"Exception in thread \"main\" java.lang.IllegalStateException: secret\n"
		"java.lang.OutOfMemoryError: secret\n"
		"Traceback (most recent call last):\n"
		"MemoryError\n"
		"numpy.core._exceptions._ArrayMemoryError: Unable to allocate 1 GiB\n"
		"error: uncaughtException: secret TypeError: secret\n");
	hush(&h);
	assert_int_equal(h.count, 6);
	assert_string_equal(field(&h.signs[0], "kind"), "Java heap space");
	assert_string_equal(
		field(&h.signs[1], "error"), "java.lang.IllegalStateException");
	assert_string_equal(field(&h.signs[2], "kind"), "other");
	assert_string_equal(field(&h.signs[3], "runtime"), "python");
	assert_string_equal(field(&h.signs[4], "runtime"), "python");
	assert_string_equal(field(&h.signs[5], "error"), "TypeError");
}

static void python_without_memory(void **state)
{
	(void)state;
	if (system("python3 --version >/dev/null 2>&1") != 0)
		skip();
	struct heard h = {0};
	hear(&h, output("python3 -c 'x = [0] * (1 << 60)'"));
	assert_int_equal(h.count, 1);
	assert_string_equal(field(&h.signs[0], "runtime"), "python");
}

static void what_only_looks_alike(void **state)
{
	(void)state;
	struct heard h = {0};
	hear(&h, "TypeError: caught and printed\n"
		 "    at f (/srv/a.js:1:2)\n"
		 "handled MemoryError of a client\n"
		 "MyMemoryError: x\n"
		 "registering a handler for uncaughtException\n"
		 "    at process.emit 'uncaughtException' TypeError (/x.js:1:1)\n"
		 "FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal\n"
		 "1 + 1\n^\n\nand a comment\n\n"
		 "[1:0x5] 66 ms: Mark-Compact 14.6 (28.7) -> x (29.8) MB\n");
	hush(&h);
	assert_int_equal(h.count, 0);
}

static void values_are_text(void **state)
{
	(void)state;
	struct sign s = {0};
	static const char wild[] = "a\xff\xc3(\x1b[31m\0b\xc2\x85\xe2\x82\xac";
	sign_put(&s, "x", wild, sizeof wild - 1);
	assert_string_equal(s.fields[0].value, "a??(?[31m?b?\xe2\x82\xac");
	char longer[400];
	memset(longer, 'x', sizeof longer);
	memcpy(longer + SIGN_VALUE_MAX - 2, "\xe2\x82\xac", 3);
	sign_put(&s, "y", longer, sizeof longer);
	assert_int_equal(strlen(s.fields[1].value), SIGN_VALUE_MAX - 2);
	for (int i = 0; i < 20; i++)
		sign_put_number(&s, "z", 1);
	assert_int_equal(s.count, SIGN_FIELDS_MAX);
}

static void the_kernel_kills(void **state)
{
	(void)state;
	static const char record[] =
		"3,1041,5123456,-;Memory cgroup out of memory: Killed process 4242 "
		"(node) worker) total-vm:1045632kB, anon-rss:51200kB, file-rss:0kB, "
		"shmem-rss:0kB, UID:0 pgtables:2300kB oom_score_adj:0\n SUBSYSTEM=x\n";
	struct killed_record r;
	struct sign s;
	assert_true(killed_record_parse(record, sizeof record - 1, &r));
	assert_int_equal(r.priority, 3);
	assert_int_equal(r.sequence, 1041);
	assert_int_equal(r.boot_us, 5123456);
	assert_true(killed_parse(r.text, r.length, &s));
	assert_int_equal(s.pid, 4242);
	assert_string_equal(field(&s, "scope"), "cgroup");
	assert_string_equal(field(&s, "program"), "node) worker");
	assert_string_equal(field(&s, "anon_kb"), "51200");
	static const char host[] = "Out of memory: Killed process 7 (a) total-vm:1kB, "
				   "anon-rss:2kB";
	assert_true(killed_parse(host, sizeof host - 1, &s));
	assert_string_equal(field(&s, "scope"), "host");
	static const char old[] = "Killed process 7 (a) total-vm:1kB, anon-rss:2kB";
	assert_true(killed_parse(old, sizeof old - 1, &s));
	assert_null(field(&s, "scope"));
	static const char *const others[] = {
		"audit: comm=\"Killed process 7 (a)\"",
		"Out of memory: Killed process 0 (a)",
		"Out of memory: Killed process -7 (a)",
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)",
	};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(killed_parse(others[i], strlen(others[i]), &s));
	assert_false(killed_record_parse("6,1,2", 5, &r));
	assert_false(killed_record_parse("6,1;x", 5, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_that_dies_of_its_heap),
		cmocka_unit_test(node_with_too_many_listeners),
		cmocka_unit_test(listeners_of_other_forms),
		cmocka_unit_test(exceptions_that_nobody_caught),
		cmocka_unit_test(other_runtimes),
		cmocka_unit_test(python_without_memory),
		cmocka_unit_test(what_only_looks_alike),
		cmocka_unit_test(values_are_text),
		cmocka_unit_test(the_kernel_kills),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
