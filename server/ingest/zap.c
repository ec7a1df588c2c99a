#include "server/ingest/zap.h"

#include <string.h>
#include <zmq.h>

enum { ZAP_FRAMES = 7 };

static void zap_text(char *out, const void *data, size_t length)
{
	if (length > ZAP_TEXT_MAX)
		length = ZAP_TEXT_MAX;
	memcpy(out, data, length);
	out[length] = 0;
}

/* version, id, domain, address, identity, mechanism, credentials */
static bool zap_take_frame(
	struct zap_request *r, int number, const void *data, size_t length)
{
	switch (number) {
	case 0:
		return length == 3 && memcmp(data, "1.0", 3) == 0;
	case 1:
		r->id_length = length < ZAP_TEXT_MAX ? length : ZAP_TEXT_MAX;
		memcpy(r->id, data, r->id_length);
		return length <= ZAP_TEXT_MAX;
	case 2:
		zap_text(r->domain, data, length);
		return length <= ZAP_TEXT_MAX;
	case 3:
		zap_text(r->address, data, length);
		return true;
	case 4:
		return true;
	case 5:
		zap_text(r->mechanism, data, length);
		return strcmp(r->mechanism, "CURVE") == 0;
	case 6:
		if (length != ZAP_KEY_BYTES)
			return false;
		memcpy(r->public_key, data, ZAP_KEY_BYTES);
		return true;
	}
	return false;
}

bool zap_receive(void *socket, struct zap_request *out)
{
	memset(out, 0, sizeof *out);
	out->well_formed = true;
	int number = 0;
	for (bool more = true; more; number++) {
		zmq_msg_t frame;
		zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&frame);
			return false;
		}
		if (!zap_take_frame(
			    out, number, zmq_msg_data(&frame), zmq_msg_size(&frame)))
			out->well_formed = false;
		more = zmq_msg_more(&frame);
		zmq_msg_close(&frame);
	}
	out->well_formed = out->well_formed && number == ZAP_FRAMES;
	return true;
}

void zap_reply(void *socket, const struct zap_request *request, const char *user_id,
	const char *reason)
{
	const char *status = user_id ? "200" : "400";
	const char *text = user_id ? "OK" : reason;
	const char *user = user_id ? user_id : "";
	zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
	zmq_send(socket, request->id, request->id_length, ZMQ_SNDMORE);
	zmq_send(socket, status, 3, ZMQ_SNDMORE);
	zmq_send(socket, text, strlen(text), ZMQ_SNDMORE);
	zmq_send(socket, user, strlen(user), ZMQ_SNDMORE);
	zmq_send(socket, "", 0, 0);
}
