/* [log NAME] sections: what is taken, what is refused, and with which words. */
#include "agent/log_spec.h"

#include "agent/config.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct world {
	struct arena arena;
	struct log_spec spec;
	struct err e;
};

static struct world world_make(void)
{
	struct world w = {.spec = {.name = "shop"}};
	arena_init(&w.arena);
	return w;
}

static bool key(struct world *w, const char *name, const char *value)
{
	return log_spec_key(&w->spec, name, value, &w->arena, &w->e);
}

static void takes_named_fields_out_of_an_expression(void **state)
{
	(void)state;
	struct world w = world_make();
	assert_true(key(&w, "file", "/var/log/shop/*.log"));
	assert_true(key(&w, "service", "shop"));
	assert_true(key(&w, "pattern slow",
		"^\\(([a-z]+)\\) [(?<x>]+ (?<query>[[:alpha:])(]+) "
		"(?<took>[0-9]{1,4})"));
	const struct log_pattern *p = &w.spec.patterns[0];
	assert_string_equal(p->name, "slow");
	assert_string_equal(p->expression,
		"^\\(([a-z]+)\\) [(?<x>]+ ([[:alpha:])(]+) ([0-9]{1,4})");
	assert_int_equal(p->group_count, 3);
	assert_null(p->fields[0]);
	assert_string_equal(p->fields[1], "query");
	assert_string_equal(p->fields[2], "took");
	assert_true(log_spec_check(&w.spec, &w.e));
	arena_finish(&w.arena);
}

static void refuses_with_the_section_and_the_key(void **state)
{
	(void)state;
	static const char *const wrong[][3] = {
		{"file", "shop.log", "begins with '/'"},
		{"file", "", "empty"},
		{"pattern", "x", "unknown key 'pattern'"},
		{"pattern a b", "x", "needs a name"},
		{"pattern x", "", "1 to 512"},
		{"pattern x", "(a", "pattern x"},
		{"pattern x", "(a)\\1", "back reference"},
		{"pattern x", "[a", "'[' without ']'"},
		{"pattern x", "[[:alpha:", "'[' without ']'"},
		{"pattern x", "(?<>a)", "(?<NAME>...)"},
		{"pattern x", "(?:a)", "(?<NAME>...)"},
		{"pattern x", "(?<pattern>a)", "called 'pattern'"},
		{"pattern x", "((a{200}){200}){200}", "repetitions"},
		{"pattern x", "a{99999999999999999999}", "repetitions"},
		{"pattern x", "a*", "matches every line"},
		{"colour", "red", "unknown key 'colour'"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct world w = world_make();
		assert_false(key(&w, wrong[i][0], wrong[i][1]));
		assert_int_equal(w.e.kind, ERR_INPUT);
		assert_non_null(strstr(w.e.text, "[log shop]"));
		if (!strstr(w.e.text, wrong[i][2]))
			fail_msg("%s", w.e.text);
		arena_finish(&w.arena);
	}
}

static void has_bounds(void **state)
{
	(void)state;
	struct world w = world_make();
	char name[32];
	for (int i = 0; i < LOG_SPEC_PATTERNS_MAX; i++) {
		snprintf(name, sizeof name, "pattern p%d", i);
		assert_true(key(&w, name, "x(?<pid>1)(?<f>2)"));
		assert_false(key(&w, name, "x"));
	}
	assert_false(key(&w, "pattern more", "x"));
	assert_false(log_spec_check(&w.spec, &w.e)); /* no file yet */
	assert_true(key(&w, "file", "journal"));
	assert_false(key(&w, "file", "/b"));
	struct world v = world_make();
	assert_false(key(
		&v, "pattern x", "(?<a>1)(?<b>1)(?<c>1)(?<d>1)(?<e>1)(?<f>1)(?<g>1)"));
	assert_true(key(&v, "pattern x", "(?<a>1)(?<b>1)(?<c>1)(?<d>1)(?<e>1)(?<f>1)"));
	arena_finish(&v.arena);
	arena_finish(&w.arena);
}

static void is_part_of_the_configuration(void **state)
{
	(void)state;
	char path[] = "/tmp/tidemark_log_spec_XXXXXX";
	int fd = mkstemp(path);
	static const char text[] = "[log shop]\nfile = /var/log/shop.log\n"
				   "pattern a = b: (?<c>d=e)\n[service shop]\n"
				   "journal = no\n[log two]\nfile = journal\n";
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	struct arena a;
	struct config c;
	struct err e;
	arena_init(&a);
	assert_true(config_load(&c, path, &a, &e));
	assert_int_equal(c.log_count, 2);
	assert_string_equal(c.logs[0].patterns[0].expression, "b: (d=e)");
	assert_true(c.rules[0].is_quiet);
	assert_true(c.journal);
	assert_int_equal(write(fd, "[log three]\n", 12), 12);
	assert_true(config_load(&c, path, &a, &e)); /* a section without keys is none */
	assert_int_equal(write(fd, "service = x\n", 12), 12);
	assert_false(config_load(&c, path, &a, &e));
	assert_string_equal(e.text, "[log three] has no file");
	close(fd);
	unlink(path);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_named_fields_out_of_an_expression),
		cmocka_unit_test(refuses_with_the_section_and_the_key),
		cmocka_unit_test(has_bounds),
		cmocka_unit_test(is_part_of_the_configuration),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
