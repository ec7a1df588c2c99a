/* What is kept of a snapshot comes back as it was, and damage is told. */
#include "agent/heap/digest_file.h"

#include "tests/unit/agent/heap/maker.h"
#include "tests/unit/cmocka_all.h"

enum { MAX_BYTES = 1 << 20 };

static struct maker m;

static void make_objects(void)
{
	maker_start(&m);
	uint32_t server = maker_node(&m, MAKER_OBJECT, "Server", 300);
	maker_edge(&m, m.global, MAKER_PROPERTY, "server", server);
	maker_function(&m, "main", "lib/server.js", 2, 3);
	maker_locate(&m, server, 13, 522, 16);
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t plain = maker_node(&m, MAKER_OBJECT, "Object", 40);
		maker_element(&m, server, i, plain);
		maker_edge(&m, plain, MAKER_PROPERTY, "host", m.global);
		if (i % 2)
			maker_edge(&m, plain, MAKER_PROPERTY, "port", m.global);
	}
	uint32_t store = maker_node(&m, MAKER_ARRAY, "", 1000);
	maker_edge(&m, server, MAKER_INTERNAL, "store", store);
	m.nodes[server].id = 4000000001; /* ids leap and are not in order */
}

static struct digest *make_digest(void)
{
	make_objects();
	struct heap *h = maker_heap(&m);
	struct digest *d = digest_create(
		h, LIKENESS_ID, "pid 17 of boot 4", 1700000000123);
	heap_destroy(h);
	maker_finish(&m);
	return d;
}

static const char *class_key(const struct digest *d, const struct digest_node *n)
{
	struct digest_class c;
	if (n->class == DIGEST_NONE)
		return "none";
	digest_class(d, n->class, &c);
	return c.key;
}

static void check_same(const struct digest *a, const struct digest *b)
{
	struct digest_cursor left = {0}, right = {0};
	struct digest_node l, r;
	assert_int_equal(digest_facts(a)->node_count, digest_facts(b)->node_count);
	while (digest_next(a, &left, &l)) {
		assert_true(digest_next(b, &right, &r));
		assert_int_equal(l.id, r.id);
		assert_int_equal(l.self_bytes, r.self_bytes);
		assert_int_equal(l.retained_bytes, r.retained_bytes);
		assert_string_equal(class_key(a, &l), class_key(b, &r));
	}
	assert_false(digest_next(b, &right, &r));
	assert_int_equal(digest_class_count(a), digest_class_count(b));
	for (size_t i = 0; i < digest_class_count(a); i++) {
		struct digest_class x, y;
		digest_class(a, i, &x);
		digest_class(b, i, &y);
		assert_string_equal(x.name, y.name);
		assert_string_equal(x.location, y.location);
		assert_int_equal(x.place != NULL, y.place != NULL);
		assert_int_equal(x.property_count, y.property_count);
		if (x.property_count > 0)
			assert_memory_equal(
				x.properties, y.properties, 8 * x.property_count);
	}
}

static void nodes_come_in_order_with_their_sizes(void **state)
{
	(void)state;
	struct digest *d = make_digest();
	struct digest_cursor cursor = {0};
	struct digest_node n;
	uint32_t previous = 0;
	uint64_t count = 0, own = 0, shapes = 0;
	while (digest_next(d, &cursor, &n)) {
		assert_true(n.id > previous);
		previous = n.id;
		count++;
		own += n.self_bytes;
	}
	assert_int_equal(count, digest_facts(d)->node_count);
	/* The last one is the server: its store's bytes are its own. */
	assert_int_equal(n.id, 4000000001);
	assert_int_equal(n.self_bytes, 1300);
	assert_int_equal(n.retained_bytes, 1300 + 6 * 40);
	assert_int_equal(own, 100 + 64 + 1300 + 6 * 40);
	for (size_t i = 0; i < digest_class_count(d); i++) {
		struct digest_class c;
		digest_class(d, i, &c);
		shapes += c.place != NULL;
		if (c.place)
			assert_string_equal(c.place, ",");
	}
	assert_int_equal(shapes, 2);
	assert_int_equal(digest_facts(d)->reachable_bytes, own);
	digest_destroy(d);
}

static void a_file_is_read_as_it_was_written(void **state)
{
	(void)state;
	struct digest *d = make_digest(), *again = NULL;
	struct buf b = {0}, second = {0};
	struct err e;
	digest_file_write(d, &b);
	assert_true(digest_file_read(b.data, b.length, MAX_BYTES, &again, &e));
	assert_string_equal(digest_facts(again)->label, "pid 17 of boot 4");
	assert_int_equal(digest_facts(again)->taken_unix_ms, 1700000000123);
	assert_int_equal(
		digest_facts(again)->total_bytes, digest_facts(d)->total_bytes);
	check_same(d, again);
	digest_file_write(again, &second);
	assert_int_equal(b.length, second.length);
	assert_memory_equal(b.data, second.data, b.length);
	buf_finish(&b);
	buf_finish(&second);
	digest_destroy(d);
	digest_destroy(again);
}

/* Names of properties are people's data: the file has none. */
static void properties_stand_as_hashes(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t plain = maker_node(&m, MAKER_OBJECT, "Object", 40);
	maker_edge(&m, m.global, MAKER_PROPERTY, "x", plain);
	maker_edge(&m, plain, MAKER_PROPERTY, "alice@example.com", m.global);
	struct heap *h = maker_heap(&m);
	struct digest *d = digest_create(h, LIKENESS_ID, "", 0);
	bool found = false;
	for (size_t i = 0; i < digest_class_count(d); i++) {
		struct digest_class c;
		digest_class(d, i, &c);
		assert_null(strstr(c.key, "alice"));
		found |= c.property_count == 1 &&
			 c.properties[0] == digest_hash("alice@example.com");
	}
	assert_true(found);
	digest_destroy(d);
	heap_destroy(h);
	maker_finish(&m);
}

static void cut_anywhere_it_is_refused(void **state)
{
	(void)state;
	struct digest *d = make_digest(), *again = NULL;
	struct buf b = {0};
	struct err e;
	digest_file_write(d, &b);
	for (size_t length = 0; length < b.length; length++) {
		char *part = malloc(length + 1);
		memcpy(part, b.data, length);
		assert_false(digest_file_read(part, length, MAX_BYTES, &again, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_memory_equal(e.text, "digest: ", 8);
		free(part);
	}
	assert_null(again);
	buf_finish(&b);
	digest_destroy(d);
}

static void any_flipped_bit_is_seen(void **state)
{
	(void)state;
	struct digest *d = make_digest(), *again = NULL;
	struct buf b = {0};
	struct err e;
	digest_file_write(d, &b);
	for (size_t bit = 0; bit < 8 * b.length; bit++) {
		b.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(digest_file_read(b.data, b.length, MAX_BYTES, &again, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		b.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_true(digest_file_read(b.data, b.length, MAX_BYTES, &again, &e));
	digest_destroy(again);
	buf_finish(&b);
	digest_destroy(d);
}

static void one_that_needs_too_much_memory_is_refused(void **state)
{
	(void)state;
	struct digest *d = make_digest(), *again = NULL;
	struct buf b = {0};
	struct err e;
	digest_file_write(d, &b);
	assert_false(digest_file_read(b.data, b.length, 100, &again, &e));
	assert_int_equal(e.kind, ERR_BUSY);
	assert_non_null(strstr(e.text, "allowed are 100"));
	buf_finish(&b);
	digest_destroy(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_come_in_order_with_their_sizes),
		cmocka_unit_test(a_file_is_read_as_it_was_written),
		cmocka_unit_test(properties_stand_as_hashes),
		cmocka_unit_test(cut_anywhere_it_is_refused),
		cmocka_unit_test(any_flipped_bit_is_seen),
		cmocka_unit_test(one_that_needs_too_much_memory_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
