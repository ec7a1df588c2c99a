/* What a container was made from, as Docker and podman note it. */
#include "agent/fingerprint/image.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static void reads_the_files_of_both_engines(void **state)
{
	(void)state;
	static const char docker[] =
		"{\"StreamConfig\":{},\"State\":{\"Pid\":1},\"Image\":\"sha256:ab\","
		"\"Config\":{\"Hostname\":\"x\",\"Env\":[\"Image=no\"],"
		"\"Image\":\"shop/api:1.4\",\"Labels\":{\"Image\":\"no\"}}}";
	char out[IMAGE_SIZE];
	image_parse_docker(docker, sizeof docker - 1, out);
	assert_string_equal(out, "shop/api:1.4");
	image_parse_docker(docker, sizeof docker - 3, out); /* half written */
	assert_string_equal(out, "");
	image_parse_podman("engine=\"podman-4.3.1\"\nname=\"x\"\nid=\"a\"\n"
			   "image=\"docker.io/library/redis:7\"\nimageid=\"b\"\n",
		out);
	assert_string_equal(out, "docker.io/library/redis:7");
	image_parse_podman("", out);
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_files_of_both_engines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
