#include "agent/uplink_choice.h"

#include "common/clock.h"

#include <sodium.h>
#include <string.h>

enum { UPLINK_CHOICE_TRY_MS = 15 * 1000 }; /* for a connection */

void uplink_choice_init(struct uplink_choice *c, const struct state_enrolment *to)
{
	c->servers = to->servers;
	if (c->servers.count == 0) {
		strcpy(c->servers.at[0].host, to->host);
		c->servers.at[0].port = to->port;
		c->servers.count = 1;
	}
	endpoints_rank(&c->servers, to->agent_id);
	c->patience_ms = c->patience_min_ms;
}

bool uplink_choice_is_free(const struct uplink_choice *c)
{
	return c->servers.count > 1;
}

bool uplink_choice_open(const struct uplink_choice *c, size_t at,
	struct uplink_socket *socket, void *context,
	const struct state_enrolment *enrolment, const struct state_keys *keys,
	struct err *e)
{
	const struct endpoint *server = &c->servers.at[at];
	struct uplink_peer peer = {
		server->host, server->port, enrolment->server_key, keys};
	return uplink_socket_open(socket, context, &peer, e);
}

/* Half to one and a half of the usual time from now, so that a server that is back does
 * not get all of its agents at once. */
static void uplink_choice_plan_return(struct uplink_choice *c)
{
	c->return_ms = clock_mono_ms() + c->return_every_ms / 2 +
		       randombytes_uniform((uint32_t)c->return_every_ms);
}

void uplink_choice_connected(struct uplink_choice *c)
{
	c->heard_ms = clock_mono_ms();
	uplink_choice_plan_return(c);
}

void uplink_choice_heard(struct uplink_choice *c)
{
	c->heard_ms = clock_mono_ms();
	c->patience_ms = c->patience_min_ms;
}

void uplink_choice_next(struct uplink_choice *c)
{
	uplink_socket_close(&c->probe);
	c->at = (c->at + 1) % c->servers.count;
}

int64_t uplink_choice_give_up_ms(
	const struct uplink_choice *c, bool connected, bool waiting)
{
	if (!uplink_choice_is_free(c))
		return INT64_MAX;
	if (!connected)
		return c->opened_ms + UPLINK_CHOICE_TRY_MS;
	return waiting ? c->heard_ms + c->patience_ms : INT64_MAX;
}

void uplink_choice_silent(struct uplink_choice *c)
{
	c->patience_ms *= 2;
	if (c->patience_ms > c->patience_max_ms)
		c->patience_ms = c->patience_max_ms;
}

int64_t uplink_choice_probe_ms(const struct uplink_choice *c, bool connected)
{
	if (c->probe.dealer)
		return c->probed_ms + UPLINK_CHOICE_TRY_MS;
	return connected && c->at != 0 ? c->return_ms : INT64_MAX;
}

void uplink_choice_end_probe(struct uplink_choice *c)
{
	uplink_socket_close(&c->probe);
	uplink_choice_plan_return(c);
}

bool uplink_choice_take_probe(struct uplink_choice *c, struct uplink_socket *socket)
{
	for (;;) {
		switch (uplink_socket_event(&c->probe)) {
		case UPLINK_NOTHING:
			return false;
		case UPLINK_OTHER:
		case UPLINK_REACHED:
			break;
		case UPLINK_CONNECTED:
			uplink_socket_close(socket);
			*socket = c->probe;
			c->probe = (struct uplink_socket){0};
			c->at = 0;
			return true;
		case UPLINK_UNREACHABLE:
		case UPLINK_DISCONNECTED:
		case UPLINK_DENIED:
		case UPLINK_NO_HANDSHAKE:
			uplink_choice_end_probe(c);
			return false;
		}
	}
}
