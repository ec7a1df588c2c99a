#include "server/messenger/sign.h"

#include "common/err.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void sign_hmac(struct sign_text key, const struct sign_text *parts, size_t count,
	unsigned char out[crypto_auth_hmacsha256_BYTES])
{
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(
		&state, (const unsigned char *)key.bytes, key.length);
	for (size_t i = 0; i < count; i++)
		crypto_auth_hmacsha256_update(
			&state, (const unsigned char *)parts[i].bytes, parts[i].length);
	crypto_auth_hmacsha256_final(&state, out);
}

static void sign_one(
	const char *secret, const char *seconds, struct sign_text body, struct buf *out)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	char hex[2 * sizeof mac + 1];
	const struct sign_text parts[] = {{seconds, strlen(seconds)}, {".", 1}, body};
	sign_hmac((struct sign_text){secret, strlen(secret)}, parts, 3, mac);
	sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
	buf_printf(out, ",v1=%s", hex);
}

void sign_header(const char *secret, const char *old, int64_t unix_s,
	struct sign_text body, struct buf *out)
{
	char seconds[24];
	snprintf(seconds, sizeof seconds, "%" PRId64, unix_s);
	buf_printf(out, "t=%s", seconds);
	sign_one(secret, seconds, body, out);
	if (*old)
		sign_one(old, seconds, body, out);
}

void sign_encode(struct sign_text bytes, size_t line_length, struct buf *out)
{
	size_t step = line_length ? line_length / 4 * 3 : bytes.length;
	for (size_t at = 0; at < bytes.length; at += step) {
		size_t count = bytes.length - at < step ? bytes.length - at : step;
		size_t room = sodium_base64_ENCODED_LEN(
			count, sodium_base64_VARIANT_ORIGINAL);
		char *text = buf_reserve(out, room);
		sodium_bin2base64(text, room, (const unsigned char *)bytes.bytes + at,
			count, sodium_base64_VARIANT_ORIGINAL);
		out->length += strlen(text);
		if (line_length)
			buf_text(out, "\r\n");
	}
}

void sign_base64(struct sign_text key, struct sign_text text, struct buf *out)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	sign_hmac(key, &text, 1, mac);
	sign_encode((struct sign_text){(const char *)mac, sizeof mac}, 0, out);
}
