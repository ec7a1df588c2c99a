/* Against a real machine: Debian's JDK runs tests/support/programs/Carts.java. */
#include "tests/unit/cmocka_all.h"

#include "agent/capture/jvm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct machine {
	int pid, in, out;
};

static struct machine start(char *const *command)
{
	int in[2], out[2];
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	struct machine m = {fork(), in[1], out[0]};
	assert_true(m.pid >= 0);
	if (m.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		execvp(command[0], command);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	return m;
}

static struct machine start_carts(char *count)
{
	char *const command[] = {"java", "-Xmx128m", "-XX:+UseSerialGC",
		TIDEMARK_SOURCE_DIR "/tests/support/programs/Carts.java", count, NULL};
	return start(command);
}

/* False: it ended without a word. */
static bool hears(const struct machine *m, const char *word)
{
	char line[200] = "";
	size_t length = 0;
	while (length < sizeof line - 1) {
		if (read(m->out, line + length, 1) != 1)
			return false;
		if (line[length++] == '\n')
			break;
	}
	line[length] = '\0';
	return strstr(line, word) != NULL;
}

static void stop(struct machine *m)
{
	close(m->in);
	kill(m->pid, SIGKILL);
	waitpid(m->pid, NULL, 0);
	close(m->out);
}

static const struct snapshot_class *find(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->classes_length; i++) {
		if (strcmp(s->classes[i].is.name, name) == 0)
			return &s->classes[i];
	}
	return NULL;
}

static void takes_a_histogram_twice_and_leaves_the_process_well(void **state)
{
	(void)state;
	if (system("java -version >/dev/null 2>&1") != 0) {
		print_message("java is not installed\n");
		skip();
	}
	struct machine m = start_carts("30000");
	assert_true(hears(&m, "ready 30000"));
	struct arena a;
	arena_init(&a);
	for (int round = 1; round <= 2; round++) {
		struct facts facts;
		struct err e = {0};
		assert_true(facts_read("/proc", m.pid, &facts, &e));
		assert_true(jvm_applies("/proc", &facts));
		struct snapshot s = {0};
		if (!jvm_take("/proc", &facts, -1, &a, &s, &e))
			fail_msg("%s", e.text);
		const struct snapshot_class *cart = find(&s, "Carts$Cart");
		assert_non_null(cart);
		assert_int_equal(cart->count, 30000 * round);
		assert_true(find(&s, "byte[]")->count >= 30000u * (unsigned)round);
		assert_string_equal(s.route, "jvm");
		assert_memory_equal(s.process.runtime, "java ", 5);
		assert_int_equal(write(m.in, "x", 1), 1);
		char word[40];
		snprintf(word, sizeof word, "ready %d", 30000 * (round + 1));
		assert_true(hears(&m, word));
	}
	arena_finish(&a);
	stop(&m);
}

static void leaves_others_alone(void **state)
{
	(void)state;
	char *const command[] = {"sleep", "60", NULL};
	struct machine m = start(command);
	usleep(100000);
	struct facts facts;
	struct err e = {0};
	assert_true(facts_read("/proc", m.pid, &facts, &e));
	struct arena a;
	arena_init(&a);
	struct snapshot s = {0};
	assert_false(jvm_take("/proc", &facts, -1, &a, &s, &e));
	assert_non_null(strstr(e.text, "not a Java machine"));
	usleep(100000);
	assert_int_equal(waitpid(m.pid, NULL, WNOHANG), 0);
	arena_finish(&a);
	stop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_histogram_twice_and_leaves_the_process_well),
		cmocka_unit_test(leaves_others_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
