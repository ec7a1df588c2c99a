/* Sources against a real Redis: plain, with password and user, with TLS. */
#include "agent/queue/redis.h"
#include "agent/queue/source.h"
#include "common/clock.h"

#include "tests/unit/agent/queue/servers.h"

struct world {
	struct servers servers;
	struct arena arena;
	struct queue_specs specs;
	struct reading reading;
	struct err e;
	int port;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	servers_init(&w->servers);
	arena_init(&w->arena);
	close(servers_listen(&w->port));
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	arena_finish(&w->arena);
	servers_finish(&w->servers);
	free(w);
	return 0;
}

static void serve(struct world *w, const char *port_option, const char *const *options)
{
	char port[16];
	const char *words[32] = {port_option, port};
	int count = 2;
	snprintf(port, sizeof port, "%d", w->port);
	while (options && *options)
		words[count++] = *options++;
	servers_redis(&w->servers, w->port, words);
}

/* "key=value" words, up to NULL; the URL is the server's. */
static struct queue_spec *describe(
	struct world *w, const char *scheme, const char *const *keys)
{
	char name[32], url[64];
	snprintf(name, sizeof name, "s%zu", w->specs.count);
	snprintf(url, sizeof url, "%s://127.0.0.1:%d", scheme, w->port);
	assert_true(queue_specs_key(&w->specs, name, "url", url, &w->arena, &w->e));
	assert_true(
		queue_specs_key(&w->specs, name, "timeout", "2s", &w->arena, &w->e));
	for (; *keys; keys++) {
		char key[32];
		size_t length = strcspn(*keys, "=");
		snprintf(key, sizeof key, "%.*s", (int)length, *keys);
		if (!queue_specs_key(
			    &w->specs, name, key, *keys + length + 1, &w->arena, &w->e))
			fail_msg("%s", w->e.text);
	}
	if (!queue_specs_check(&w->specs, 1000, true, &w->e))
		fail_msg("%s", w->e.text);
	return &w->specs.at[w->specs.count - 1];
}

static bool look(struct world *w, const struct queue_spec *spec)
{
	struct source *source = source_create(spec, -1);
	bool ok = source_read(source, &w->arena, &w->reading, &w->e);
	source_destroy(source);
	return ok;
}

static void must_look(struct world *w, const struct queue_spec *spec)
{
	if (!look(w, spec))
		fail_msg("%s", w->e.text);
}

/* One command of words by blanks, for filling the server. */
static void tell(struct world *w, const char *command)
{
	char line[512];
	snprintf(line, sizeof line, "redis-cli -p %d %s", w->port, command);
	servers_shell(&w->servers, line);
}

static int64_t value(const struct world *w, const char *name, enum metric_queue metric)
{
	for (size_t i = 0; i < w->reading.count; i++) {
		const struct wire_queue *q = &w->reading.queues[i];
		if (strcmp(q->of.name, name) == 0)
			return q->values.present >> metric & 1 ? q->values.value[metric]
							       : -1;
	}
	return -2; /* no such queue */
}

static void reads_plain_keys(void **state)
{
	struct world *w = *state;
	serve(w, "--port", NULL);
	tell(w, "rpush jobs:a 1 2 3");
	tell(w, "zadd jobs:b 1 x 2 y");
	tell(w, "sadd jobs:c x");
	tell(w, "set jobs:text nothing");
	tell(w, "rpush other 1");
	must_look(w,
		describe(w, "redis",
			(const char *[]){"kind=redis", "queues=jobs:*, empty", NULL}));
	assert_int_equal(value(w, "jobs:a", QUEUE_depth), 3);
	assert_int_equal(value(w, "jobs:b", QUEUE_depth), 2);
	assert_int_equal(value(w, "jobs:c", QUEUE_depth), 1);
	assert_int_equal(value(w, "empty", QUEUE_depth), 0);
	assert_int_equal(value(w, "jobs:text", QUEUE_depth), -2);
	assert_int_equal(value(w, "other", QUEUE_depth), -2);
}

static void reads_streams_by_their_groups(void **state)
{
	struct world *w = *state;
	serve(w, "--port", NULL);
	for (int i = 0; i < 5; i++)
		tell(w, "xadd s '*' a b");
	const struct queue_spec *spec = describe(
		w, "redis", (const char *[]){"kind=redis", "queues=s", NULL});
	must_look(w, spec);
	assert_int_equal(value(w, "s", QUEUE_depth), 5);
	assert_int_equal(value(w, "s", QUEUE_entered), 5);
	tell(w, "xgroup create s g 0");
	tell(w, "xreadgroup group g me count 2 streams s '>'");
	must_look(w, spec);
	assert_int_equal(value(w, "s", QUEUE_waiting), 3);
	assert_int_equal(value(w, "s", QUEUE_active), 2);
	assert_int_equal(value(w, "s", QUEUE_depth), 5);
	assert_int_equal(value(w, "s", QUEUE_completed), 0);
	assert_int_equal(value(w, "s", QUEUE_workers), 1);
}

static void reads_a_bull_queue(void **state)
{
	struct world *w = *state;
	char line[128];
	serve(w, "--port", NULL);
	tell(w, "set bull:mail:id 100");
	tell(w, "lpush bull:mail:wait 90 91 92");
	tell(w, "lpush bull:mail:active 80 81");
	tell(w, "lpush bull:mail:paused 93");
	tell(w, "zadd bull:mail:prioritized 1 94");
	tell(w, "zadd bull:mail:delayed 1 95");
	tell(w, "zadd bull:mail:failed 1 70 1 71");
	snprintf(line, sizeof line, "hset bull:mail:90 timestamp %lld delay 0",
		(long long)clock_unix_ms() - 60000);
	tell(w, line);
	snprintf(line, sizeof line, "hset bull:mail:80 processedOn %lld",
		(long long)clock_unix_ms() - 30000);
	tell(w, line);
	snprintf(line, sizeof line, "hset bull:mail:81 processedOn %lld",
		(long long)clock_unix_ms() - 100);
	tell(w, line);
	tell(w, "eval 'for i=1,40 do redis.call(\"zadd\",\"bull:mail:completed\",i,i) "
		"redis.call(\"hset\",\"bull:mail:\"..i,\"processedOn\",1000,"
		"\"finishedOn\",1500) end' 0");
	/* Names of all kinds beside it. */
	tell(w, "set bull:mail:repeat:abc:id 1");
	tell(w, "set bull:unwanted:id 1");
	must_look(w, describe(w, "redis",
			     (const char *[]){"kind=bull", "queues=ma*", NULL}));
	assert_int_equal(w->reading.count, 1);
	assert_int_equal(value(w, "mail", QUEUE_depth), 8);
	assert_int_equal(value(w, "mail", QUEUE_waiting), 5);
	assert_int_equal(value(w, "mail", QUEUE_active), 2);
	assert_int_equal(value(w, "mail", QUEUE_delayed), 1);
	assert_int_equal(value(w, "mail", QUEUE_failed), 2);
	assert_int_equal(value(w, "mail", QUEUE_entered), 100);
	assert_int_equal(value(w, "mail", QUEUE_completed), 90);
	assert_int_equal(value(w, "mail", QUEUE_overdue), 1);
	int64_t oldest_ms = value(w, "mail", QUEUE_oldest_ms);
	assert_true(oldest_ms >= 60000 && oldest_ms < 90000);
	tell(w, "hset bull:mail:metrics:completed count 77");
	must_look(w, &w->specs.at[0]);
	assert_int_equal(value(w, "mail", QUEUE_completed), 77);
}

static void stops_at_256_queues(void **state)
{
	struct world *w = *state;
	serve(w, "--port", NULL);
	tell(w, "eval 'for i=1,300 do redis.call(\"set\",\"bull:q\"..i..\":id\",i) "
		"end' 0");
	must_look(w, describe(w, "redis", (const char *[]){"kind=bull", NULL}));
	assert_int_equal(w->reading.count, READING_QUEUES_MAX);
	assert_true(w->reading.is_cut);
}

static void gives_password_and_user(void **state)
{
	struct world *w = *state;
	char file[PATH_MAX], option[PATH_MAX + 32];
	serve(w, "--port",
		(const char *[]){"--requirepass", "geheim", "--user", "reader", "on",
			">lesen", "~*", "+@read", NULL});
	servers_shell(&w->servers, "redis-cli --version");
	const struct queue_spec *spec = describe(
		w, "redis", (const char *[]){"kind=redis", "queues=a", NULL});
	assert_false(look(w, spec));
	assert_non_null(strstr(w->e.text, "NOAUTH"));
	fixture_write(&w->servers.files, "password", "geheim\n");
	snprintf(option, sizeof option, "password_file=%s",
		fixture_path(&w->servers.files, file, "password"));
	must_look(w, describe(w, "redis",
			     (const char *[]){"kind=redis", "queues=a", option, NULL}));
	spec = describe(w, "redis",
		(const char *[]){
			"kind=redis", "queues=a", "user=reader", option, NULL});
	assert_false(look(w, spec));
	assert_non_null(strstr(w->e.text, "WRONGPASS"));
	assert_null(strstr(w->e.text, "geheim"));
	fixture_write(&w->servers.files, "password", "lesen");
	must_look(w, spec);
}

/* Two authorities, and a certificate of the first for 127.0.0.1. */
static void make_certificates(struct world *w)
{
	servers_shell(&w->servers,
		"for ca in ca other; do openssl req -x509 -newkey ec -pkeyopt "
		"ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=$ca "
		"-keyout $ca.key -out $ca.pem; done;"
		"for host in 127.0.0.1 127.0.0.9; do openssl req -newkey ec -pkeyopt "
		"ec_paramgen_curve:prime256v1 -nodes -subj /CN=redis -keyout $host.key "
		"-out $host.csr; echo subjectAltName=IP:$host >$host.ext; "
		"openssl x509 -req -in $host.csr -CA ca.pem -CAkey ca.key -days 2 "
		"-extfile $host.ext -out $host.pem; done; chmod a+r *.key *.pem");
}

static void serve_tls(struct world *w, const char *host)
{
	char certificate[32], key[32];
	snprintf(certificate, sizeof certificate, "%s.pem", host);
	snprintf(key, sizeof key, "%s.key", host);
	serve(w, "--tls-port",
		(const char *[]){"--port", "0", "--tls-cert-file", certificate,
			"--tls-key-file", key, "--tls-ca-cert-file", "ca.pem",
			"--tls-auth-clients", "no", NULL});
}

static bool look_by_tls(struct world *w, const char *ca)
{
	char file[PATH_MAX], option[PATH_MAX + 32];
	if (ca)
		snprintf(option, sizeof option, "ca_file=%s",
			fixture_path(&w->servers.files, file, "%s", ca));
	return look(w, describe(w, "rediss",
			       (const char *[]){"kind=redis", "queues=a",
				       ca ? option : NULL, NULL}));
}

static void checks_the_certificate(void **state)
{
	struct world *w = *state;
	make_certificates(w);
	serve_tls(w, "127.0.0.1");
	if (!look_by_tls(w, "ca.pem"))
		fail_msg("%s", w->e.text);
	assert_false(look_by_tls(w, "other.pem"));
	if (!strstr(w->e.text, "NOT trusted"))
		fail_msg("%s", w->e.text);
	assert_false(look_by_tls(w, NULL));
	assert_non_null(strstr(w->e.text, "TLS"));
	assert_false(look_by_tls(w, "no-such.pem"));
	assert_non_null(strstr(w->e.text, "no certificate in"));
	assert_false(
		look(w, describe(w, "redis",
				(const char *[]){"kind=redis", "queues=a", NULL})));
}

static void checks_the_name(void **state)
{
	struct world *w = *state;
	make_certificates(w);
	serve_tls(w, "127.0.0.9");
	assert_false(look_by_tls(w, "ca.pem"));
	assert_non_null(strstr(w->e.text, "does not match"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_plain_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(
			reads_streams_by_their_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_a_bull_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(stops_at_256_queues, setup, teardown),
		cmocka_unit_test_setup_teardown(
			gives_password_and_user, setup, teardown),
		cmocka_unit_test_setup_teardown(
			checks_the_certificate, setup, teardown),
		cmocka_unit_test_setup_teardown(checks_the_name, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
