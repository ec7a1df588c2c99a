/* Joining against a real enrol socket: what it sends, what it keeps, and a clear word
 * for each way in which it can fail. */
#include "agent/identity.h"
#include "agent/join.h"
#include "common/clock.h"
#include "schema/token.h"
#include "tests/unit/agent/collector.h"
#include "tests/unit/agent/folder.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define SECRET "the-secret_of-this-token"

struct world {
	struct folder folder;
	struct collector collector;
	struct join_token token;
	struct buf text; /* of the token */
	struct join_options options;

	pthread_t thread;
	bool running;
	atomic_bool stop;

	/* How the server answers, and what it was asked. */
	bool silent;
	struct wire_enrol_reply reply;
	const char *raw; /* instead of the reply */
	int requests;
	struct wire_enrol_request request; /* strings in the arena */
	struct arena arena;
};

static void receive(struct collector *c, const void *frame, size_t length)
{
	struct world *w = c->user;
	struct buf b = {0};
	struct err e;
	w->requests++;
	if (!wire_enrol_request_decode(frame, length, &w->arena, &w->request, &e))
		abort();
	wire_enrol_reply_encode(&w->reply, &b);
	if (w->raw)
		collector_send(c, w->raw, strlen(w->raw));
	else if (!w->silent)
		collector_send(c, b.data, b.length);
	buf_finish(&b);
}

static void *serve(void *argument)
{
	struct world *w = argument;
	while (!atomic_load(&w->stop)) {
		collector_step(&w->collector);
		usleep(2000);
	}
	return NULL;
}

static void write_token(struct world *w)
{
	struct err e;
	buf_reset(&w->text);
	assert_true(token_format(&w->token, &w->text, &e));
	w->options.token = w->text.data;
}

static int set_up(void **state)
{
	static struct world world;
	struct world *w = &world;
	*w = (struct world){.reply = {.error = "", .agent_id = 17, .data_port = 8471}};
	folder_make(&w->folder);
	collector_keys(&w->collector);
	w->collector.receive = receive;
	w->collector.user = w;
	collector_start(&w->collector);
	arena_init(&w->arena);
	memcpy(w->token.public_key, w->collector.public_key, 32);
	strcpy(w->token.id, "token-7");
	strcpy(w->token.secret, SECRET);
	strcpy(w->token.host, "127.0.0.1");
	w->token.port = w->collector.port;
	w->options = (struct join_options){
		.state_dir = w->folder.path, .timeout_ms = 3000};
	write_token(w);
	*state = w;
	return 0;
}

static void serve_in_background(struct world *w)
{
	assert_int_equal(pthread_create(&w->thread, NULL, serve, w), 0);
	w->running = true;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	atomic_store(&w->stop, true);
	if (w->running)
		pthread_join(w->thread, NULL);
	collector_stop(&w->collector);
	arena_finish(&w->arena);
	buf_finish(&w->text);
	folder_remove(&w->folder);
	return 0;
}

/* It fails, says this, does not give the secret away, and leaves no enrolment. */
static void fails_with(struct world *w, enum err_kind kind, const char *says)
{
	struct err e = {0}, ignored;
	struct state_enrolment enrolment;
	bool found;
	if (join_run(&w->options, NULL, &e))
		fail_msg("joined");
	if (e.kind != kind || !strstr(e.text, says))
		fail_msg("kind %d: %s", e.kind, e.text);
	assert_null(strstr(e.text, SECRET));
	assert_true(state_read_enrolment(w->folder.path, &enrolment, &found, &ignored));
	assert_false(found);
}

static void a_good_token_enrols(void **state)
{
	struct world *w = *state;
	struct state_enrolment told, kept;
	struct state_keys keys;
	struct identity identity;
	struct err e;
	bool found;
	serve_in_background(w);
	w->options.hostname = "web-1";
	w->options.machine_id = "machine-1";
	if (!join_run(&w->options, &told, &e))
		fail_msg("%s", e.text);
	assert_int_equal(told.agent_id, 17);
	assert_int_equal(told.port, 8471);
	assert_string_equal(told.host, "127.0.0.1");
	assert_memory_equal(told.server_key, w->collector.public_key, 32);
	assert_true(state_read_enrolment(w->folder.path, &kept, &found, &e));
	assert_true(found);
	assert_true(kept.written_us > 0);
	kept.written_us = 0;
	assert_memory_equal(&told, &kept, sizeof kept);

	assert_int_equal(w->requests, 1);
	assert_int_equal(w->request.protocol, WIRE_PROTOCOL);
	assert_string_equal(w->request.token_id, "token-7");
	assert_string_equal(w->request.token_secret, SECRET);
	assert_string_equal(w->request.hostname, "web-1");
	assert_string_equal(w->request.agent_version, TIDEMARK_VERSION);
	assert_true(state_keys(w->folder.path, &keys, &e));
	assert_memory_equal(w->request.public_key, keys.public_key, 32);
	identity_read("machine-1", "web-1", &keys, &identity);
	assert_string_equal(w->request.machine_id, identity.machine_id);
}

static void joining_again_keeps_the_key_and_takes_the_new_server(void **state)
{
	struct world *w = *state;
	struct state_enrolment kept;
	struct state_keys before, after;
	struct err e;
	bool found;
	serve_in_background(w);
	assert_true(join_run(&w->options, NULL, &e));
	assert_true(state_keys(w->folder.path, &before, &e));
	w->reply.agent_id = 18;
	w->reply.data_port = 9000;
	assert_true(join_run(&w->options, NULL, &e));
	assert_true(state_keys(w->folder.path, &after, &e));
	assert_memory_equal(&before, &after, sizeof before);
	assert_true(state_read_enrolment(w->folder.path, &kept, &found, &e));
	assert_int_equal(kept.agent_id, 18);
	assert_int_equal(kept.port, 9000);

	/* A failure later leaves the good enrolment alone. */
	w->reply.error = "the token has expired";
	assert_false(join_run(&w->options, NULL, &e));
	assert_true(state_read_enrolment(w->folder.path, &kept, &found, &e));
	assert_true(found);
	assert_int_equal(kept.agent_id, 18);
}

static void the_servers_refusal_is_passed_on(void **state)
{
	struct world *w = *state;
	serve_in_background(w);
	w->reply.error = "the token is used up";
	fails_with(w, ERR_INPUT, "the token is used up");
}

static void answers_that_make_no_sense_are_refused(void **state)
{
	struct world *w = *state;
	serve_in_background(w);
	const uint32_t ports[] = {0, 65536, UINT32_MAX};
	for (size_t i = 0; i < 3; i++) {
		w->reply.data_port = ports[i];
		fails_with(w, ERR_INPUT, "data_port");
	}
	w->raw = "\xff\xff\xff not protobuf";
	fails_with(w, ERR_INPUT, "not understood");
}

static void a_silent_server_is_given_up(void **state)
{
	struct world *w = *state;
	serve_in_background(w);
	w->silent = true;
	w->options.timeout_ms = 500;
	int64_t before_ms = clock_mono_ms();
	fails_with(w, ERR_IO, "does not answer");
	int64_t took_ms = clock_mono_ms() - before_ms;
	assert_true(took_ms >= 450 && took_ms < 3000);
}

static void nobody_there_is_said_so(void **state)
{
	struct world *w = *state;
	char place[64];
	collector_stop(&w->collector);
	w->options.timeout_ms = 500;
	snprintf(place, sizeof place, "cannot be reached at 127.0.0.1:%u",
		(unsigned)w->token.port);
	fails_with(w, ERR_IO, place);
}

static void another_key_than_the_tokens_is_no_server_of_ours(void **state)
{
	struct world *w = *state;
	serve_in_background(w);
	w->token.public_key[0] ^= 1;
	write_token(w);
	fails_with(w, ERR_IO, "another key than the token says");
	assert_int_equal(w->requests, 0);
}

static void a_denied_handshake_is_said_so(void **state)
{
	struct world *w = *state;
	w->collector.status = "400";
	serve_in_background(w);
	fails_with(w, ERR_INPUT, "refuses to talk");
}

static void something_else_on_the_port_is_said_so(void **state)
{
	struct world *w = *state;
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 5), 0);
	getsockname(listener, (struct sockaddr *)&address, &length);
	w->token.port = ntohs(address.sin_port);
	write_token(w);
	w->options.timeout_ms = 500;
	fails_with(w, ERR_IO, "shakes no hands");
	close(listener);
}

static void the_server_can_be_named_apart(void **state)
{
	struct world *w = *state;
	struct state_enrolment told;
	char server[64];
	struct err e;
	serve_in_background(w);
	snprintf(server, sizeof server, "127.0.0.1:%u", (unsigned)w->collector.port);
	strcpy(w->token.host, "192.0.2.1"); /* what the server thinks of itself */
	w->token.port = 1;
	write_token(w);
	w->options.server = "nonsense";
	fails_with(w, ERR_INPUT, "HOST:PORT");
	w->options.server = server;
	assert_true(join_run(&w->options, &told, &e));
	assert_string_equal(told.host, "127.0.0.1");
}

static void a_name_that_does_not_resolve_is_said_so(void **state)
{
	struct world *w = *state;
	memset(w->token.host, 'a', 70); /* a label may have 63 */
	w->token.host[70] = '\0';
	write_token(w);
	fails_with(w, ERR_IO, "cannot find the host");
}

static void the_token_comes_from_a_file_or_standard_input(void **state)
{
	struct world *w = *state;
	struct err e;
	serve_in_background(w);
	char *path = folder_file(&w->folder, "token");
	folder_store(path, w->text.data, w->text.length);
	w->options.token = NULL;
	w->options.token_file = path;
	assert_true(join_run(&w->options, NULL, &e));
	assert_int_equal(w->requests, 1);

	assert_non_null(freopen(path, "r", stdin));
	w->options.token = "-";
	w->options.token_file = NULL;
	assert_true(join_run(&w->options, NULL, &e));
	assert_int_equal(w->requests, 2);
	assert_string_equal(w->request.token_secret, SECRET);
}

static void the_token_comes_from_the_environment_and_leaves_it(void **state)
{
	struct world *w = *state;
	struct err e;
	serve_in_background(w);
	setenv("TIDEMARK_TOKEN", w->text.data, 1);
	w->options.token = NULL;
	assert_true(join_run(&w->options, NULL, &e));
	assert_int_equal(w->requests, 1);
	assert_string_equal(w->request.token_secret, SECRET);
	assert_null(getenv("TIDEMARK_TOKEN"));
}

static void a_token_in_the_arguments_is_taken_out_of_sight(void **state)
{
	struct world *w = *state;
	char argument[] = "tmk1.secret", dash[] = "-";
	const char *token = NULL;
	assert_true(join_hide(argument, &w->arena, &token));
	assert_string_equal(token, "tmk1.secret");
	assert_string_equal(argument, "***********");
	assert_false(join_hide(dash, &w->arena, &token));
	assert_string_equal(dash, "-");
}

static void a_missing_token_is_said_so(void **state)
{
	struct world *w = *state;
	char *path = folder_file(&w->folder, "token");
	/* A terminal would be asked. */
	int terminal = open("/dev/tty", O_RDWR);
	if (terminal >= 0 && ioctl(terminal, TIOCNOTTY) == 0)
		close(terminal);
	unsetenv("TIDEMARK_TOKEN");
	w->options.token = NULL;
	fails_with(w, ERR_INPUT, "a token is needed");
	w->options.token_file = path;
	fails_with(w, ERR_IO, path);
	folder_store(path, "", 0);
	fails_with(w, ERR_INPUT, path);
	folder_store(path, "tmk1.half." SECRET, 10 + strlen(SECRET));
	fails_with(w, ERR_INPUT, "not complete");
	w->options.token_file = w->folder.path;
	fails_with(w, ERR_IO, "directory");
	w->options.token = "hello";
	fails_with(w, ERR_INPUT, "tmk1.");
	w->options.token = w->text.data;
	w->options.state_dir = "/dev/null/nothing";
	struct err e;
	assert_false(join_run(&w->options, NULL, &e));
	assert_non_null(strstr(e.text, "/dev/null/nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_token_enrols, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			joining_again_keeps_the_key_and_takes_the_new_server, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			the_servers_refusal_is_passed_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			answers_that_make_no_sense_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_silent_server_is_given_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			nobody_there_is_said_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			another_key_than_the_tokens_is_no_server_of_ours, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_denied_handshake_is_said_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			something_else_on_the_port_is_said_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_server_can_be_named_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_name_that_does_not_resolve_is_said_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_token_comes_from_a_file_or_standard_input, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			the_token_comes_from_the_environment_and_leaves_it, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_token_in_the_arguments_is_taken_out_of_sight, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_missing_token_is_said_so, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
