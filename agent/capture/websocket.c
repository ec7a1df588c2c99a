#include "agent/capture/websocket.h"

#include "agent/capture/sha1.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* RFC 6455, 1.3. */
static const char websocket_guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

void websocket_init(struct websocket *w, const struct websocket_events *events)
{
	*w = (struct websocket){.events = events, .header_wanted = 2};
}

static bool websocket_is_control(enum websocket_opcode opcode)
{
	return (opcode & 8) != 0;
}

static bool websocket_broken(struct err *e, const char *what)
{
	return err_set(e, ERR_INPUT, "no proper WebSocket: %s", what);
}

/* The first two bytes: what kind of frame, and how long its header is. */
static bool websocket_begin(struct websocket *w, struct err *e)
{
	unsigned char first = w->header[0], second = w->header[1];
	unsigned length = second & 0x7F;
	w->opcode = first & 0x0F;
	w->is_final = first & 0x80;
	if (first & 0x70)
		return websocket_broken(e, "an extension that nobody asked for");
	if (second & 0x80)
		return websocket_broken(e, "the server masks its frames");
	if (websocket_is_control(w->opcode)) {
		if (w->opcode > WEBSOCKET_PONG)
			return websocket_broken(e, "an unknown kind of frame");
		if (length > WEBSOCKET_CONTROL_MAX || !w->is_final)
			return websocket_broken(e, "a control frame in parts");
	} else if (w->opcode > WEBSOCKET_TEXT) {
		return websocket_broken(e, "a message that is no text");
	} else if (w->in_message != (w->opcode == WEBSOCKET_CONTINUATION)) {
		return websocket_broken(e, "parts of messages in disorder");
	}
	w->header_wanted = length == 127 ? 10 : length == 126 ? 4 : 2;
	return true;
}

static bool websocket_end_header(struct websocket *w, struct err *e)
{
	uint64_t length = w->header[1] & 0x7F;
	if (w->header_wanted > 2) {
		length = 0;
		for (size_t i = 2; i < w->header_wanted; i++)
			length = length << 8 | w->header[i];
	}
	if (length >> 63)
		return websocket_broken(e, "a frame of more than 2^63 bytes");
	w->remaining = length;
	w->in_payload = true;
	w->control_length = 0;
	if (w->opcode == WEBSOCKET_TEXT)
		w->in_message = true;
	return true;
}

static bool websocket_end_frame(struct websocket *w, struct err *e)
{
	w->in_payload = false;
	w->header_length = 0;
	w->header_wanted = 2;
	if (w->opcode == WEBSOCKET_PING)
		return w->events->ping(
			w->events->context, w->control, w->control_length, e);
	if (w->opcode == WEBSOCKET_CLOSE) {
		w->is_closed = true;
		w->close_code = 1005;
		if (w->control_length >= 2)
			w->close_code = (uint16_t)(w->control[0] << 8 | w->control[1]);
	}
	if (!websocket_is_control(w->opcode) && w->is_final) {
		w->in_message = false;
		return w->events->text(w->events->context, "", 0, true, e);
	}
	return true;
}

static bool websocket_payload(
	struct websocket *w, const char *bytes, size_t length, struct err *e)
{
	w->remaining -= length;
	if (websocket_is_control(w->opcode)) {
		memcpy(w->control + w->control_length, bytes, length);
		w->control_length += length;
	} else if (length > 0 &&
		   !w->events->text(w->events->context, bytes, length, false, e)) {
		return false;
	}
	return w->remaining > 0 || websocket_end_frame(w, e);
}

/* Takes header bytes up to the end of the header; returns how many. */
static bool websocket_header(struct websocket *w, const char *bytes, size_t length,
	size_t *taken, struct err *e)
{
	*taken = 0;
	while (*taken < length && w->header_length < w->header_wanted) {
		w->header[w->header_length++] = (unsigned char)bytes[(*taken)++];
		if (w->header_length == 2 && !websocket_begin(w, e))
			return false;
	}
	if (w->header_length < w->header_wanted)
		return true;
	if (!websocket_end_header(w, e))
		return false;
	return w->remaining > 0 || websocket_end_frame(w, e);
}

bool websocket_feed(
	struct websocket *w, const char *bytes, size_t length, struct err *e)
{
	while (length > 0 && !w->is_closed) {
		size_t taken = length;
		if (!w->in_payload) {
			if (!websocket_header(w, bytes, length, &taken, e))
				return false;
		} else {
			if (taken > w->remaining)
				taken = (size_t)w->remaining;
			if (!websocket_payload(w, bytes, taken, e))
				return false;
		}
		bytes += taken;
		length -= taken;
	}
	return true;
}

void websocket_frame(
	struct buf *out, enum websocket_opcode opcode, const void *bytes, size_t length)
{
	buf_byte(out, (char)(0x80 | opcode));
	if (length < 126) {
		buf_byte(out, (char)(0x80 | length));
	} else if (length <= UINT16_MAX) {
		buf_byte(out, (char)(0x80 | 126));
		buf_be16(out, (uint16_t)length);
	} else {
		buf_byte(out, (char)(0x80 | 127));
		buf_be64(out, length);
	}
	unsigned char mask[4];
	randombytes_buf(mask, sizeof mask);
	buf_append(out, mask, sizeof mask);
	char *to = buf_reserve(out, length);
	const char *from = bytes;
	for (size_t i = 0; i < length; i++)
		to[i] = (char)(from[i] ^ mask[i & 3]);
	out->length += length;
}

void websocket_key(char out[WEBSOCKET_KEY_BYTES])
{
	unsigned char bytes[16];
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2base64(out, WEBSOCKET_KEY_BYTES, bytes, sizeof bytes,
		sodium_base64_VARIANT_ORIGINAL);
}

void websocket_accept(
	const char key[WEBSOCKET_KEY_BYTES], char out[WEBSOCKET_ACCEPT_BYTES])
{
	char text[WEBSOCKET_KEY_BYTES + sizeof websocket_guid];
	int length = snprintf(text, sizeof text, "%.24s%s", key, websocket_guid);
	unsigned char digest[SHA1_BYTES];
	sha1(text, (size_t)length, digest);
	sodium_bin2base64(out, WEBSOCKET_ACCEPT_BYTES, digest, sizeof digest,
		sodium_base64_VARIANT_ORIGINAL);
}
