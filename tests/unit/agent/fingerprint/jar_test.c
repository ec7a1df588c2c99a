/* Jars: their names, and those inside of an executable one. */
#include "agent/fingerprint/jar.h"

#include "tests/unit/agent/fingerprint/collected.h"
#include "tests/unit/agent/fixture.h"

#include <fcntl.h>

static void put(struct buf *out, size_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		buf_byte(out, (char)(i < sizeof value ? value >> 8 * i : 0));
}

static void entry(struct buf *out, const char *name)
{
	buf_append(out, "PK\1\2", 4);
	put(out, 0, 24);
	put(out, strlen(name), 2);
	put(out, 3, 2); /* extra */
	put(out, 0, 14);
	buf_text(out, name);
	put(out, 0, 3);
}

static void names_and_versions(void **state)
{
	(void)state;
	struct packages p = {0};
	jar_add("/srv/lib/spring-core-5.3.1.jar", &p);
	jar_add("guava-31.1-jre.jar", &p);
	jar_add("plain.jar", &p);
	assert_string_equal(
		collected(&p), "guava@31.1-jre plain@unknown spring-core@5.3.1");
}

static void finds_jars_in_an_archive(void **state)
{
	(void)state;
	struct fixture f;
	struct packages p = {0};
	struct buf text = {0};
	char path[PATH_MAX];
	fixture_init(&f);
	buf_text(&text, "what is packed");
	size_t start = text.length;
	entry(&text, "BOOT-INF/lib/jackson-core-2.15.2.jar");
	entry(&text, "BOOT-INF/classes/a.class");
	entry(&text, "WEB-INF/lib/x-1.0.jar");
	size_t length = text.length - start;
	for (size_t n = 0; n < length; n++) {
		char *copy = malloc(n ? n : 1);
		memcpy(copy, text.data + start, n);
		jar_add_directory((const uint8_t *)copy, n, &p);
		free(copy);
	}
	packages_finish(&p);
	buf_append(&text, "PK\5\6", 4);
	put(&text, 0, 8);
	put(&text, length, 4);
	put(&text, start, 4);
	put(&text, 4, 2);
	buf_text(&text, "note");
	fixture_write_bytes(&f, "app.jar", text.data, text.length);
	int fd = open(fixture_path(&f, path, "app.jar"), O_RDONLY);
	assert_true(jar_add_inner(fd, &p));
	close(fd);
	assert_string_equal(collected(&p), "jackson-core@2.15.2 x@1.0");
	fixture_write(&f, "no.jar", "this is no archive at all, only some text");
	fd = open(fixture_path(&f, path, "no.jar"), O_RDONLY);
	assert_false(jar_add_inner(fd, &p));
	close(fd);
	buf_finish(&text);
	fixture_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_versions),
		cmocka_unit_test(finds_jars_in_an_archive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
