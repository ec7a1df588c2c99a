/* The summary: complete where there is room, never too large, and without secrets. */
#include "agent/heap/summary.h"

#include "schema/wire.h"
#include "tests/unit/agent/heap/maker.h"
#include "tests/unit/cmocka_all.h"

static struct maker m;

static const char *const planted[] = {"alice@example.com", "sk_live_51H8xkLm",
	"AKIAIOSFODNN7EXAMPLE", "4111111111111111", "eyJhbGciOiJIUzI1NiJ9",
	"/api/user/8675309", "d41d8cd98f00b204e9800998ecf8427e", "Bearer abcdef",
	"hunter2 is my password", "550e8400-e29b-41d4-a716-446655440000",
	"192.168.17.4", "Jürgen Müller", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"};

enum { PLANTED = sizeof planted / sizeof planted[0] };

static void check_text(const char *text)
{
	for (size_t i = 0; i < PLANTED; i++)
		if (strstr(text, planted[i]))
			fail_msg("'%s' holds '%s'", text, planted[i]);
}

static void check_name(const struct snapshot_name *n)
{
	check_text(n->name);
	check_text(n->location);
}

static void check_holder(const struct snapshot_holder *h)
{
	check_name(&h->is);
	check_name(&h->child);
	for (size_t i = 0; i < h->path.count; i++) {
		check_text(h->path.steps[i].edge);
		check_name(&h->path.steps[i].holder);
	}
}

static void check_snapshot(const struct snapshot *s)
{
	for (size_t i = 0; i < s->classes_length; i++)
		check_name(&s->classes[i].is);
	for (size_t i = 0; i < s->accumulator_count; i++)
		check_holder(&s->accumulators[i]);
	for (size_t i = 0; i < s->fanout_count; i++)
		check_holder(&s->fanout[i]);
	check_text(s->growth.words);
	check_holder(&s->growth.holder);
	for (size_t i = 0; i < s->growth.change_count; i++)
		check_name(&s->growth.changes[i].is);
}

/* Each secret wherever a heap has a text: class, function, key, script, string. */
static void plant(const char *secret, uint32_t count)
{
	char script[128], key[128];
	snprintf(script, sizeof script, "/srv/app/main.js?%s", secret);
	snprintf(key, sizeof key, "%s", secret);
	uint32_t table = maker_node(&m, MAKER_OBJECT, "Object", 50);
	uint32_t object = maker_node(&m, MAKER_OBJECT, secret, 50);
	maker_edge(&m, m.global, MAKER_PROPERTY, key, table);
	maker_edge(&m, table, MAKER_PROPERTY, key, object);
	maker_edge(&m, object, MAKER_PROPERTY, key,
		maker_node(&m, MAKER_STRING, secret, 50));
	for (uint32_t i = 0; i < count; i++) {
		m.next_id = 100001 + 2 * m.node_count;
		uint32_t f = maker_function(&m, secret, script, 4, 2);
		uint32_t plain = maker_node(&m, MAKER_OBJECT, "Object", 100);
		maker_element(&m, object, i, f);
		maker_element(&m, object, i, plain);
		maker_edge(&m, plain, MAKER_PROPERTY, key, m.global);
		maker_edge(&m, f, MAKER_CONTEXT, key,
			maker_node(&m, MAKER_NATIVE, secret, 20));
	}
}

static void no_planted_secret_is_in_it(void **state)
{
	(void)state;
	struct arena a = {0};
	struct summary_options options = {.taken_unix_ms = 1700000000000};
	struct snapshot s;
	for (size_t i = 0; i < PLANTED; i++) {
		maker_start(&m);
		plant(planted[i], 2);
		struct heap *before = maker_heap(&m);
		struct digest *d = digest_create(
			before, LIKENESS_ID, "", 1600000000000);
		maker_finish(&m);
		maker_start(&m);
		plant(planted[i], 400);
		struct heap *after = maker_heap(&m);
		options.before = d;
		options.process = DIFF_SAME;
		summary_make(after, &options, &a, &s);
		/* It must say something, or its silence would prove nothing. */
		assert_int_equal(s.growth.verdict, SNAPSHOT_ACCUMULATION);
		assert_true(s.accumulator_count > 0 && s.fanout_count > 0);
		assert_memory_equal(s.growth.holder.is.name, "Object#", 7);
		assert_string_equal(s.growth.holder.path.steps[0].edge, "[key]");
		heap_destroy(before);
		heap_destroy(after);
		digest_destroy(d);
		maker_finish(&m);
		check_snapshot(&s);
	}
	arena_finish(&a);
}

/* Names that look like names are data when they are the keys of a dictionary. */
static void keys_of_a_dictionary_are_hidden(void **state)
{
	(void)state;
	struct arena a = {0};
	struct summary_options options = {.taken_unix_ms = 1700000000000};
	struct snapshot s;
	maker_start(&m);
	uint32_t users = maker_node(&m, MAKER_OBJECT, "Object", 50);
	maker_edge(&m, m.global, MAKER_PROPERTY, "users", users);
	for (int i = 0; i < 100; i++) {
		char name[8] = {'u', 's', (char)('a' + i % 26), (char)('a' + i / 26)};
		uint32_t user = maker_node(&m, MAKER_OBJECT, "User", 50);
		uint32_t list = maker_node(&m, MAKER_OBJECT, "List", 50);
		maker_edge(&m, users, MAKER_PROPERTY, name, user);
		maker_edge(&m, user, MAKER_PROPERTY, "orders", list);
		for (uint32_t k = 0; k < 12; k++)
			maker_element(
				&m, list, k, maker_node(&m, MAKER_OBJECT, "Order", 9));
	}
	struct heap *h = maker_heap(&m);
	summary_make(h, &options, &a, &s);
	heap_destroy(h);
	maker_finish(&m);
	bool seen = false;
	for (size_t i = 0; i < s.accumulator_count; i++) {
		const struct snapshot_holder *holder = &s.accumulators[i];
		if (strcmp(holder->is.name, "List") != 0)
			continue;
		seen = true;
		assert_string_equal(holder->path.steps[0].edge, "orders");
		assert_string_equal(holder->path.steps[1].edge, "[key]");
		assert_string_equal(holder->path.steps[1].holder.name, "Object");
		assert_string_equal(holder->path.steps[2].edge, "users");
	}
	assert_true(seen);
	arena_finish(&a);
}

/* Four users with lists that grow, below an object that the code calls "users". */
static void plant_users(bool has_code, uint32_t orders)
{
	static const char *const names[] = {
		"alice", "bob", "mueller_hans", "hunter2", "Tr0ub4dor"};
	maker_start(&m);
	uint32_t app = maker_node(&m, MAKER_OBJECT, "App", 50);
	uint32_t users = maker_node(&m, MAKER_OBJECT, "Object", 50);
	maker_edge(&m, m.global, MAKER_PROPERTY, "app", app);
	maker_edge(&m, app, MAKER_PROPERTY, "users", users);
	uint32_t pool = maker_node(&m, MAKER_CODE,
		has_code ? "(constant pool)" : "system / FeedbackVector", 50);
	maker_edge(&m, m.global, MAKER_INTERNAL, "code", pool);
	maker_element(&m, pool, 0, maker_node(&m, MAKER_STRING, "users", 20));
	/* What calls have brought is no code. */
	uint32_t feedback = maker_node(&m, MAKER_CODE, "system / FeedbackVector", 50);
	maker_edge(&m, m.global, MAKER_INTERNAL, "feedback", feedback);
	maker_element(&m, feedback, 0, maker_node(&m, MAKER_STRING, "alice", 20));
	uint32_t lists[5];
	for (uint32_t i = 0; i < 5; i++) {
		lists[i] = maker_node(&m, MAKER_OBJECT, "Array", 50);
		maker_edge(&m, users, MAKER_PROPERTY, names[i], lists[i]);
	}
	m.next_id = 100001;
	for (uint32_t i = 0; i < orders; i++)
		maker_element(
			&m, lists[3], i, maker_node(&m, MAKER_OBJECT, "Order", 100));
}

static void check_users(bool has_code)
{
	struct arena a = {0};
	struct summary_options options = {.taken_unix_ms = 1700000000000};
	struct snapshot s;
	plant_users(has_code, 20);
	struct heap *before = maker_heap(&m);
	struct digest *d = digest_create(before, LIKENESS_ID, "", 1600000000000);
	maker_finish(&m);
	plant_users(has_code, 800);
	struct heap *after = maker_heap(&m);
	options.before = d;
	options.process = DIFF_SAME;
	summary_make(after, &options, &a, &s);
	assert_int_equal(s.growth.verdict, SNAPSHOT_ACCUMULATION);
	const struct snapshot_path *path = &s.growth.holder.path;
	assert_string_equal(path->steps[0].edge, "[key]");
	assert_memory_equal(path->steps[0].holder.name, "Object#", 7);
	assert_string_equal(path->steps[1].edge, has_code ? "users" : "[key]");
	static const char *const keys[] = {
		"alice", "bob", "mueller_hans", "hunter2", "Tr0ub4dor"};
	for (size_t i = 0; i < 5; i++)
		if (strstr(s.growth.words, keys[i]))
			fail_msg("'%s' holds '%s'", s.growth.words, keys[i]);
	assert_non_null(strstr(s.growth.words, "780 new Order"));
	heap_destroy(before);
	heap_destroy(after);
	digest_destroy(d);
	maker_finish(&m);
	arena_finish(&a);
}

/* However few they are, and however much like a name each looks. */
static void keys_of_few_are_hidden(void **state)
{
	(void)state;
	check_users(true);
}

/* A heap without constants: what a single object has is taken for a key. */
static void without_code_a_name_must_be_on_two_objects(void **state)
{
	(void)state;
	check_users(false);
}

/* More classes and longer names than there is room for. */
static void it_fits_on_the_wire(void **state)
{
	(void)state;
	struct arena a = {0};
	struct summary_options options = {.taken_unix_ms = 1700000000000};
	struct snapshot s;
	maker_start(&m);
	for (uint32_t i = 0; i < 1800; i++) {
		char name[64], edge[16];
		snprintf(name, sizeof name, "SomeClassOfALibraryNamed%c%c%c%c",
			'a' + i % 7, 'a' + i / 7 % 7, 'a' + i / 49 % 7, 'a' + i / 343);
		snprintf(edge, sizeof edge, "e%u", (unsigned)i);
		uint32_t object = maker_node(&m, MAKER_OBJECT, name, 10000 - i);
		maker_edge(&m, m.global, MAKER_PROPERTY, edge, object);
		maker_locate(&m, object, 13, i + 1, 1);
	}
	/* Small, but many. */
	for (uint32_t i = 0; i < 100; i++)
		maker_element(&m, m.global, i, maker_node(&m, MAKER_OBJECT, "Many", 1));
	maker_edge(&m, m.global, MAKER_PROPERTY, "main",
		maker_function(&m, "main",
			"/srv/a/deep/path/to/some/module/of/the/program.js", 1, 1));
	m.locations[m.location_count - 1][1] = 13;
	struct heap *h = maker_heap(&m);
	summary_make(h, &options, &a, &s);
	assert_true(wire_snapshot_bytes(&s) <= SNAPSHOT_BYTES_MAX - 1024);
	assert_true(wire_snapshot_bytes(&s) > SNAPSHOT_BYTES_MAX - 4096);
	assert_true(s.classes_length < s.class_count);
	assert_int_equal(s.class_count, classes_count(heap_classes(h)));
	/* The largest are there, and the most numerous one. */
	assert_string_equal(s.classes[0].is.name, "global");
	bool has_many = false;
	for (size_t i = 1; i < s.classes_length; i++) {
		assert_true(
			s.classes[i].retained_bytes <= s.classes[i - 1].retained_bytes);
		has_many |= strcmp(s.classes[i].is.name, "Many") == 0;
	}
	assert_true(has_many);
	heap_destroy(h);
	maker_finish(&m);
	arena_finish(&a);
}

/* Many holders at the end of one long path: short on the wire, long written out. */
static void it_fits_when_written_out(void **state)
{
	(void)state;
	enum { DEEP = SNAPSHOT_STEPS_MAX, HOLDERS = 100, CHILDREN = 30 };
	struct arena a = {0};
	struct summary_options options = {.taken_unix_ms = 1700000000000};
	struct snapshot s;
	maker_start(&m);
	uint32_t at = m.global;
	for (uint32_t i = 0; i < DEEP; i++) {
		uint32_t next = maker_function(&m, "linkOfTheChain",
			"/srv/a/very/deep/path/to/some/module/of/the/program/which/has/"
			"many/folders/and/each/of/them/has/a/telling/name/and/more/in/"
			"it/"
			"until/the/file/itself/comes/along/chain.js",
			i + 1, 1);
		maker_edge(&m, at, MAKER_PROPERTY, "next", next);
		at = next;
	}
	for (uint32_t i = 0; i < HOLDERS; i++) {
		uint32_t holder = maker_node(&m, MAKER_OBJECT, "Holder", 10);
		maker_element(&m, at, i, holder);
		for (uint32_t j = 0; j < CHILDREN; j++)
			maker_element(&m, holder, j,
				maker_node(&m, MAKER_OBJECT, "Item", 10000));
	}
	struct heap *h = maker_heap(&m);
	summary_make(h, &options, &a, &s);
	assert_true(wire_snapshot_bytes(&s) < SNAPSHOT_BYTES_MAX / 2);
	assert_true(wire_snapshot_spelled(&s) <= SNAPSHOT_SPELLED_BYTES_MAX);
	assert_true(wire_snapshot_spelled(&s) > SNAPSHOT_SPELLED_BYTES_MAX / 2);
	assert_true(s.accumulator_count > 10);
	assert_int_equal(s.accumulators[0].path.count, SNAPSHOT_STEPS_MAX);
	heap_destroy(h);
	maker_finish(&m);
	arena_finish(&a);
}

static void a_shallow_heap_has_classes_only(void **state)
{
	(void)state;
	struct arena a = {0};
	struct buf b = {0};
	struct summary_options options = {.taken_unix_ms = 1700000000000};
	struct snapshot s;
	struct err e;
	maker_start(&m);
	plant("Server", 20);
	maker_write(&m, &b);
	struct heap *h = heap_create(&(struct heap_options){.mode = HEAP_SHALLOW});
	assert_true(heap_feed(h, b.data, b.length, &e) && heap_end(h, &e));
	summary_make(h, &options, &a, &s);
	assert_int_equal(s.kind, SNAPSHOT_V8_SHALLOW);
	assert_true(s.why_shallow[0]);
	assert_true(s.classes_length > 0);
	assert_int_equal(s.accumulator_count + s.fanout_count, 0);
	assert_int_equal(s.growth.verdict, SNAPSHOT_NOT_COMPARED);
	heap_destroy(h);
	maker_finish(&m);
	buf_finish(&b);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_planted_secret_is_in_it),
		cmocka_unit_test(keys_of_a_dictionary_are_hidden),
		cmocka_unit_test(keys_of_few_are_hidden),
		cmocka_unit_test(without_code_a_name_must_be_on_two_objects),
		cmocka_unit_test(it_fits_on_the_wire),
		cmocka_unit_test(it_fits_when_written_out),
		cmocka_unit_test(a_shallow_heap_has_classes_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
