/* What leaves the host is what a programmer wrote, and nothing of what users did. */
#include "agent/heap/privacy.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static const struct privacy site = {.key = "the key of one site"};
static const struct privacy other_site = {.key = "the key of another"};

static void names_of_programmers_stay(void **state)
{
	(void)state;
	static const char *const names[] = {"Server", "onQueueError()", "Array",
		"(anonymous)()", "{host, connection}", "{}", "(compiled code)",
		"(concatenated string)", "system / Context",
		"system / ExternalStringData", "Node / HTTPParser",
		"Node / parser_buffer", "Detached Node / BindingData", "<div>",
		"Detached <p>", "get value()", "bound onTimeout()", "$Module",
		"_events", "Uint8Array", "BigInt64Array", "Float64Array", "Sha256Hash",
		"AsyncLocalStorage", "HTTP2SessionOptions", "TLSWrap", "UTF8Decoder",
		"ERR_HTTP_HEADERS_SENT", "x509Certificate", "Base64Encoder",
		"ProgressTrackerFactoryBean", "XMLHttpRequestUpload", "UserModel",
		"EventEmitterAsyncResource", "FinalizationRegistry", "v8.StartupData",
		"node::inspector::Agent", "[module]", "Map Iterator",
		"RegExp String Iterator", "Iterator Helper", "get [Symbol.species]()",
		"[Symbol.iterator]()", "readUInt16BE", "RFC3986", "i18n", "e2e", "k8s",
		"ipv4", "utf8mb4", "base64url", "md5sum", "str2num", "sha1", "x509",
		"http2Server", "<h1>", "Listener2", "{#count, #rows}", ""};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_string_equal(
			privacy_class(&site, names[i], "Object", &a), names[i]);
	arena_finish(&a);
}

static void the_global_object_has_one_name(void **state)
{
	(void)state;
	static const char *const names[] = {
		"global", "global / ", "global / https://alice:secret@example.com"};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_string_equal(
			privacy_class(&site, names[i], "Object", &a), "global");
	arena_finish(&a);
}

static void secrets_are_hashed(void **state)
{
	(void)state;
	static const char *const secrets[] = {"alice@example.com", /* mail address */
		"sk_live_4eC39HqLyjWDarjtT1zdp7dc", /* tokens of services */
		"AKIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
		"xoxb_1234_abcd", "glpat_x", "eyJhbGciOiJIUzI1NiJ9", "npm_abcdefgh",
		"d41d8cd98f00b204e9800998ecf8427e", /* hashes */
		"a3f5c9e1b7d2", "deadbeefcafe1",
		"550e8400-e29b-41d4-a716-446655440000",              /* UUID */
		"4111111111111111", "user1234567", "tel01711234567", /* numbers */
		"aZ3kQpXr9LmNvB2c", "Xk9mPq2vLr8n", "k3j9x2m4",
		"alice@example.com Iterator", /* random */
		"qwrtzpsdfghjk", "hunter 2", "O'Brien", "Müller", "/api/user/17",
		"{id, alice@example.com}", "{sk_live_abc}", "system / sk_live_abc",
		"bound 12345678()", "<script src>",
		"aVeryLongNameThatGoesOnAndOnBeyondWhatAnybodyWouldReallyWrite",
		"Tr0ub4dor", "P4ssw0rd", "kR7tWqPz", "{id, Tr0ub4dor}", "user:alice",
		"alice.smith.internal.example.com", "<input-password-hunter2>",
		"<hunter2>", "bound alice.smith", "line\nbreak",
		"(eyJhbGciOiJIUzI1NiJ9)"};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
		const char *out = privacy_class(&site, secrets[i], "Object", &a);
		if (strlen(out) != strlen("Object#01234567") ||
			strncmp(out, "Object#", 7) != 0)
			fail_msg("'%s' became '%s'", secrets[i], out);
	}
	arena_finish(&a);
}

static void one_site_hashes_alike_and_others_do_not(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *name = "alice@example.com";
	const char *ours = privacy_class(&site, name, "Function", &a);
	assert_string_equal(privacy_class(&site, name, "Function", &a), ours);
	assert_string_not_equal(privacy_class(&other_site, name, "Function", &a), ours);
	assert_memory_equal(ours, "Function#", 9);
	arena_finish(&a);
}

static void long_interfaces_are_cut_after_a_property(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *out = privacy_class(&site,
		"{connection, keepAlive, listening, remoteAddress, remotePort, "
		"timeout}",
		"Object", &a);
	assert_string_equal(
		out, "{connection, keepAlive, listening, remoteAddress, …}");
	out = privacy_class(&site,
		"{connection, keepAlive, listening, remoteAddress, remotePort, "
		"sk_live_x}",
		"Object", &a);
	assert_memory_equal(out, "Object#", 7);
	assert_string_equal(
		privacy_class(&site, "{a, b, …}", "Object", &a), "{a, b, …}");
	arena_finish(&a);
}

static void keys_are_no_properties(void **state)
{
	(void)state;
	static const char *const kept[] = {"_events", "$scope", "#rows", "onTimeout",
		"<symbol kHandle>", "get process", "set #rows",
		"<symbol node:per_context_binding_exports>",
		"<symbol nodejs.util.inspect.custom>", "utf8", "a"};
	static const char *const hidden[] = {"alice@example.com", "content-type", "42",
		"user/17", "sk_live_abc", "123e4567", "eyJhbGciOiJIUzI1NiJ9", "", "a b",
		"<symbol alice@example.com>", "<symbol >", "get alice@example.com",
		"get ", "\xff", "9lives"};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		assert_string_equal(privacy_property(&site, kept[i], &a), kept[i]);
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		assert_string_equal(privacy_property(&site, hidden[i], &a), "[key]");
	arena_finish(&a);
}

static void locations_are_paths(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"/srv/app/lib/server.js:522:16", "/srv/app/lib/server.js:522:16"},
		{"node:internal/timers:170:14", "node:internal/timers:170:14"},
		{"file:///srv/app/main.mjs:1:1", "file:///srv/app/main.mjs:1:1"},
		{"/srv/node_modules/@koa/router/a.js:1:2",
			"/srv/node_modules/@koa/router/a.js:1:2"},
		{"file:///srv/a.mjs?token=secret:3:4", "file:///srv/a.mjs:3:4"},
		{"/srv/My App 17/x.js:5:6", "/srv/[name]/x.js:5:6"},
		{"/srv/alice@example.com/x.js:5:6", "/srv/[name]/x.js:5:6"},
		{"/srv/sk_live_abc/x.js:5:6", "/srv/[name]/x.js:5:6"},
		{"/srv/4111111111111111/x.js:5:6", "/srv/[name]/x.js:5:6"},
		{"/a/d41d8cd98f00b204e9800998ecf8427e/x.js:5:6", "/a/[name]/x.js:5:6"},
		{"/srv/.pnpm/koa@2.15.0/20260101120000/main.3f2a1b9c.js:5:6",
			"/srv/.pnpm/koa@2.15.0/20260101120000/main.3f2a1b9c.js:5:6"},
		{"/home/hans.mueller/app/x.js:1:2", "/home/~/app/x.js:1:2"},
		{"file:///Users/hans/app/x.js:1:2", "file:///Users/~/app/x.js:1:2"},
		{"/var/home/hans/x.js:1:2", "/var/home/~/x.js:1:2"},
		{"/srv/app/src/home/page/x.js:1:2", "/srv/app/src/home/page/x.js:1:2"},
		{"/home/x.js:1:2", "/home/x.js:1:2"},
		{"data:text/javascript,let x='secret':1:1", ""},
		{"evalmachine.<anonymous>:1:1", ""},
		{"https://user:pass@example.com/a.js:1:1", ""},
		{"blob:https://x/y:1:1", ""},
		{"?secret:1:1", ""},
		{"", ""},
	};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		assert_string_equal(privacy_location(pairs[i][0], &a), pairs[i][1]);
	char deep[1000];
	memset(deep, '/', sizeof deep);
	deep[sizeof deep - 1] = '\0';
	assert_string_equal(privacy_location(deep, &a), "");
	deep[PRIVACY_SCRIPT_BYTES_MAX - 1] = '\0';
	assert_true(strlen(privacy_location(deep, &a)) < PRIVACY_SCRIPT_BYTES_MAX);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_programmers_stay),
		cmocka_unit_test(the_global_object_has_one_name),
		cmocka_unit_test(secrets_are_hashed),
		cmocka_unit_test(one_site_hashes_alike_and_others_do_not),
		cmocka_unit_test(long_interfaces_are_cut_after_a_property),
		cmocka_unit_test(keys_are_no_properties),
		cmocka_unit_test(locations_are_paths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
