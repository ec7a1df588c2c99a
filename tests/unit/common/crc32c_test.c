#include "common/crc32c.h"

#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

/* RFC 3720 appendix B.4. */
static void vectors_of_the_rfc(void **state)
{
	(void)state;
	unsigned char bytes[32];
	memset(bytes, 0, sizeof bytes);
	assert_int_equal(crc32c(0, bytes, sizeof bytes), 0x8a9136aa);
	memset(bytes, 0xff, sizeof bytes);
	assert_int_equal(crc32c(0, bytes, sizeof bytes), 0x62a8ab43);
	for (int i = 0; i < 32; i++)
		bytes[i] = (unsigned char)i;
	assert_int_equal(crc32c(0, bytes, sizeof bytes), 0x46dd794e);
	for (int i = 0; i < 32; i++)
		bytes[i] = (unsigned char)(31 - i);
	assert_int_equal(crc32c(0, bytes, sizeof bytes), 0x113fdb5c);
	/* An iSCSI read command. */
	const unsigned char command[48] = {0x01, 0xc0, [16] = 0x14, [22] = 0x04,
		[27] = 0x14, [31] = 0x18, [32] = 0x28, [40] = 0x02};
	assert_int_equal(crc32c(0, command, sizeof command), 0xd9963a56);
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(crc32c(0, "", 0), 0);
}

static void both_ways_agree_at_every_length(void **state)
{
	(void)state;
	unsigned char bytes[300];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 131 + 7);
	for (size_t start = 0; start < 9; start++) {
		for (size_t length = 0; start + length <= sizeof bytes; length++)
			assert_int_equal(crc32c(5, bytes + start, length),
				crc32c_portable(5, bytes + start, length));
	}
}

static void parts_make_the_whole(void **state)
{
	(void)state;
	const char text[] = "the tide comes in, the tide goes out";
	uint32_t whole = crc32c(0, text, sizeof text);
	for (size_t cut = 0; cut <= sizeof text; cut++) {
		uint32_t part = crc32c(0, text, cut);
		assert_int_equal(crc32c(part, text + cut, sizeof text - cut), whole);
	}
}

static void every_flipped_bit_is_seen(void **state)
{
	(void)state;
	unsigned char bytes[64];
	memset(bytes, 0x5a, sizeof bytes);
	uint32_t good = crc32c(0, bytes, sizeof bytes);
	for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_not_equal(crc32c(0, bytes, sizeof bytes), good);
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_the_rfc),
		cmocka_unit_test(both_ways_agree_at_every_length),
		cmocka_unit_test(parts_make_the_whole),
		cmocka_unit_test(every_flipped_bit_is_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
