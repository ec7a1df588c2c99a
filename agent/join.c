#include "agent/join.h"

#include "agent/identity.h"
#include "agent/uplink_socket.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/scoped.h"
#include "schema/token.h"
#include "schema/wire.h"

#include <errno.h>
#include <netdb.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <zmq.h>

enum { JOIN_TIMEOUT_MS = 10 * 1000, JOIN_LINE_MAX = 1024 };

struct join {
	const struct join_options *options;
	struct join_token token;
	struct state_keys keys;
	struct identity identity;
	struct uplink_socket socket;
	int64_t deadline_ms; /* of the place in hand */
	bool reached, connected;
	bool asked;     /* the token may be spent */
	bool has_other; /* a place to try when this one cannot be reached */
};

static bool join_read_line(FILE *file, const char *name, char *line, struct err *e)
{
	errno = 0;
	if (fgets(line, JOIN_LINE_MAX, file))
		return true;
	if (errno)
		return err_errno(e, "cannot read the token from %s", name);
	return err_set(e, ERR_INPUT, "there is no token in %s", name);
}

bool join_hide(char *argument, struct arena *a, const char **token)
{
	if (strcmp(argument, "-") == 0)
		return false;
	*token = arena_strdup(a, argument);
	memset(argument, '*', strlen(argument));
	return true;
}

/* Standard input may be a pipe that has nothing to do with us. */
static bool join_ask_terminal(char *line, struct err *e)
{
	struct termios before, silent;
	scoped_file FILE *terminal = fopen("/dev/tty", "r+e");
	if (!terminal || tcgetattr(fileno(terminal), &before) != 0)
		return err_set(e, ERR_INPUT,
			"a token is needed: on standard input ('join -'), in a file "
			"(--token-file) or in the variable TIDEMARK_TOKEN");
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(terminal, "Join token (it is not shown): ");
	fflush(terminal);
	tcsetattr(fileno(terminal), TCSAFLUSH, &silent);
	bool good = join_read_line(terminal, "the terminal", line, e);
	tcsetattr(fileno(terminal), TCSAFLUSH, &before);
	fprintf(terminal, "\n");
	return good;
}

static bool join_find_elsewhere(char *line, struct err *e)
{
	const char *set = getenv("TIDEMARK_TOKEN");
	if (!set || !*set)
		return join_ask_terminal(line, e);
	snprintf(line, JOIN_LINE_MAX, "%s", set);
	unsetenv("TIDEMARK_TOKEN");
	return true;
}

/* The token's text, of up to JOIN_LINE_MAX bytes. */
static bool join_find_token(const struct join_options *o, char *line, struct err *e)
{
	if (o->token && strcmp(o->token, "-") == 0)
		return join_read_line(stdin, "standard input", line, e);
	if (o->token) {
		snprintf(line, JOIN_LINE_MAX, "%s", o->token);
		return true;
	}
	if (!o->token_file)
		return join_find_elsewhere(line, e);
	scoped_file FILE *file = fopen(o->token_file, "re");
	if (!file)
		return err_errno(e, "cannot open the token file %s", o->token_file);
	return join_read_line(file, o->token_file, line, e);
}

static bool join_prepare(struct join *j, struct err *e)
{
	const struct join_options *o = j->options;
	char line[JOIN_LINE_MAX] = "";
	bool good = join_find_token(o, line, e) && token_parse(line, &j->token, e);
	sodium_memzero(line, sizeof line);
	if (!good)
		return false;
	if (o->server) {
		if (!token_parse_endpoint(o->server, j->token.host, &j->token.port, e))
			return err_wrap(e, "server");
		j->token.others.count = 0;
	}
	if (!state_prepare(o->state_dir, e) || !state_keys(o->state_dir, &j->keys, e))
		return false;
	identity_read(o->machine_id, o->hostname, &j->keys, &j->identity);
	return true;
}

/* libzmq would try a name that does not resolve for ever, in silence. */
static bool join_resolve(const struct join *j, struct err *e)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	hints.ai_family = strchr(j->token.host, ':') ? AF_INET6 : AF_INET;
	int reason = getaddrinfo(j->token.host, NULL, &hints, &found);
	if (reason != 0)
		return err_set(e, ERR_IO, "cannot find the host %s: %s", j->token.host,
			reason == EAI_SYSTEM ? strerror(errno) : gai_strerror(reason));
	freeaddrinfo(found);
	return true;
}

static bool join_give_up(const struct join *j, struct err *e)
{
	struct buf place = {0};
	token_format_endpoint(j->token.host, j->token.port, &place);
	if (j->connected)
		err_set(e, ERR_IO, "the server at %s does not answer", place.data);
	else if (j->reached)
		err_set(e, ERR_IO,
			"%s accepts connections but shakes no hands: is it the enrol "
			"port of a Tidemark server?",
			place.data);
	else
		err_set(e, ERR_IO,
			"the server cannot be reached at %s: is it running, and may "
			"this host connect to it?",
			place.data);
	buf_finish(&place);
	return false;
}

static bool join_take_event(struct join *j, enum uplink_event event, struct err *e)
{
	switch (event) {
	case UPLINK_REACHED:
		j->reached = true;
		break;
	case UPLINK_CONNECTED:
		j->connected = true;
		break;
	case UPLINK_DISCONNECTED:
		j->connected = false;
		break;
	case UPLINK_DENIED:
		return err_set(e, ERR_INPUT,
			"the server refuses to talk to this host; its log says why");
	case UPLINK_NO_HANDSHAKE:
		return err_set(e, ERR_IO,
			"the handshake with %s port %u failed: the server has another "
			"key than the token says, or it is no Tidemark server",
			j->token.host, (unsigned)j->token.port);
	case UPLINK_UNREACHABLE:
		return j->connected || !j->has_other || join_give_up(j, e);
	case UPLINK_NOTHING:
	case UPLINK_OTHER:
		break;
	}
	return true;
}

/* Waits until one of the two sockets has something, or the time is over. */
static bool join_wait(struct join *j, struct err *e)
{
	zmq_pollitem_t items[] = {{j->socket.monitor, 0, ZMQ_POLLIN, 0},
		{j->socket.dealer, 0, ZMQ_POLLIN, 0}};
	int64_t left_ms = j->deadline_ms - clock_mono_ms();
	if (left_ms <= 0)
		return join_give_up(j, e);
	if (zmq_poll(items, 2, (long)left_ms) < 0 && errno != EINTR)
		return err_errno(e, "cannot wait for the server");
	return true;
}

static bool join_connect(struct join *j, struct err *e)
{
	while (!j->connected) {
		enum uplink_event event;
		if (!join_wait(j, e))
			return false;
		while ((event = uplink_socket_event(&j->socket)) != UPLINK_NOTHING)
			if (!join_take_event(j, event, e))
				return false;
	}
	return true;
}

static bool join_ask(struct join *j, struct err *e)
{
	struct wire_enrol_request request = {
		.protocol = WIRE_PROTOCOL,
		.token_id = j->token.id,
		.token_secret = j->token.secret,
		.machine_id = j->identity.machine_id,
		.hostname = j->identity.hostname,
		.agent_version = TIDEMARK_VERSION,
	};
	struct buf frame = {0};
	memcpy(request.public_key, j->keys.public_key, sizeof request.public_key);
	wire_enrol_request_encode(&request, &frame);
	j->asked = true;
	bool sent = uplink_socket_send(&j->socket, frame.data, frame.length);
	sodium_memzero(frame.data, frame.length);
	buf_finish(&frame);
	return sent || err_set(e, ERR_IO, "the connection to the server was lost");
}

static bool join_accept(const struct join *j, const struct wire_enrol_reply *reply,
	struct state_enrolment *out, struct err *e)
{
	if (*reply->error)
		return err_set(e, ERR_INPUT, "the server says: %s", reply->error);
	memcpy(out->server_key, j->token.public_key, sizeof out->server_key);
	strcpy(out->host, j->token.host);
	out->port = (uint16_t)reply->data_port;
	out->agent_id = reply->agent_id;
	out->servers = reply->servers;
	return true;
}

/* A connection that is lost now may have spent the token.  The user is told rather
 * than the request sent again. */
static bool join_hear(struct join *j, struct state_enrolment *out, struct err *e)
{
	struct buf frame = {0};
	bool whole = false;
	while (!uplink_socket_receive(&j->socket, &frame, &whole)) {
		enum uplink_event event;
		bool good = join_wait(j, e);
		while (good &&
			(event = uplink_socket_event(&j->socket)) != UPLINK_NOTHING)
			good = join_take_event(j, event, e);
		if (good && !j->connected)
			good = err_set(e, ERR_IO,
				"the connection was lost before the server answered; "
				"join "
				"again, which is harmless");
		if (!good) {
			buf_finish(&frame);
			return false;
		}
	}
	struct arena a;
	struct wire_enrol_reply reply;
	arena_init(&a);
	bool good = whole ? wire_enrol_reply_decode(
				    frame.data, frame.length, &a, &reply, e)
			  : err_set(e, ERR_INPUT, "more than one frame");
	good = good ? join_accept(j, &reply, out, e)
		    : err_wrap(e, "the server's answer is not understood");
	arena_finish(&a);
	buf_finish(&frame);
	return good;
}

/* Everything between opening and closing the socket. */
static bool join_talk(struct join *j, struct state_enrolment *out, struct err *e)
{
	struct uplink_peer peer = {
		j->token.host, j->token.port, j->token.public_key, &j->keys};
	void *context = zmq_ctx_new();
	if (!context)
		return err_errno(e, "cannot make a ZeroMQ context");
	bool good = uplink_socket_open(&j->socket, context, &peer, e) &&
		    join_connect(j, e) && join_ask(j, e) && join_hear(j, out, e);
	uplink_socket_close(&j->socket);
	while (zmq_ctx_term(context) != 0 && errno == EINTR)
		;
	return good;
}

/* One place after the other, until one was asked: what that one says is the answer. */
static bool join_try(struct join *j, struct state_enrolment *out, struct err *e)
{
	struct endpoints others = j->token.others;
	int64_t timeout_ms = j->options->timeout_ms ? j->options->timeout_ms
						    : JOIN_TIMEOUT_MS;
	timeout_ms /= (int64_t)others.count + 1;
	for (size_t next = 0;; next++) {
		j->has_other = next < others.count;
		j->reached = j->connected = false;
		j->deadline_ms = clock_mono_ms() + timeout_ms;
		if (join_resolve(j, e) && join_talk(j, out, e))
			return true;
		if (j->asked || !j->has_other)
			return false;
		strcpy(j->token.host, others.at[next].host);
		j->token.port = others.at[next].port;
	}
}

bool join_run(const struct join_options *options, struct state_enrolment *enrolled,
	struct err *e)
{
	struct state_enrolment enrolment = {0};
	struct join j = {.options = options};
	bool good = join_prepare(&j, e) && join_try(&j, &enrolment, e) &&
		    state_write_enrolment(options->state_dir, &enrolment, e);
	if (good && enrolled)
		*enrolled = enrolment;
	sodium_memzero(&j, sizeof j);
	return good;
}
