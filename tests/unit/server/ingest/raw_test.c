/* Raw heap files: parts in, sealed, resumed, and read again. */
#include "tests/unit/server/ingest/heaps_fixture.h"

#include <zstd.h>

enum {
	FILE_PARTS = 11, /* more than one window */
	FILE_BYTES = (FILE_PARTS - 1) * SNAPSHOT_RAW_PART_BYTES + 12345,
};

static uint8_t *file;
static uint8_t file_sum[32];

static int start_with_file(void **state)
{
	file = malloc(FILE_BYTES);
	for (size_t i = 0; i < FILE_BYTES; i++)
		file[i] = (uint8_t)("{\"nodes\":[1,2"[i % 13] ^ (i / 655360));
	crypto_hash_sha256(file_sum, file, FILE_BYTES);
	return start(state);
}

static int stop_with_file(void **state)
{
	free(file);
	return stop(state);
}

/* A file that the host keeps: an agent whose last snapshot says so. */
struct kept {
	struct heaps_agent h;
	uint64_t capture;
	int64_t snapshot;
};

static void kept_start(struct kept *k, const char *service, const uint8_t *sum)
{
	struct snapshot_fixture f;
	heaps_agent_start(&k->h, service);
	k->capture = heaps_order(&k->h, true);
	struct wire_batch batch = heaps_snapshot(&k->h, &f, k->capture);
	f.snapshot.is.raw_bytes = FILE_BYTES;
	memcpy(f.snapshot.is.raw_sha256, sum, 32);
	assert_int_equal(
		upload_batch(&k->h.peer, &batch, k->h.epoch, ++k->h.sequence).fate,
		WIRE_STORED);
	k->snapshot = heaps_capture(k->capture)->snapshot;
	assert_true(k->snapshot > 0);
}

static struct snapshots_raw kept_raw(const struct kept *k)
{
	struct snapshots_row *row;
	struct err e;
	must(snapshots_row(db, k->snapshot, &arena, &row, &e), &e);
	return row->raw;
}

static enum raw_outcome step(
	const struct kept *k, bool (*take)(struct db *, const struct raw_step *,
				      struct arena *, enum raw_outcome *, struct err *))
{
	enum raw_outcome outcome;
	struct err e;
	struct raw_step raw = {k->snapshot, {0, "ada"}};
	must(take(db, &raw, &arena, &outcome, &e), &e);
	return outcome;
}

static size_t part_length(uint32_t number)
{
	return number + 1 < FILE_PARTS ? SNAPSHOT_RAW_PART_BYTES
				       : FILE_BYTES % SNAPSHOT_RAW_PART_BYTES;
}

static struct snapshot_raw_part make_part(const struct kept *k, uint32_t number)
{
	const uint8_t *bytes = file + (size_t)number * SNAPSHOT_RAW_PART_BYTES;
	size_t length = part_length(number);
	char *packed = arena_alloc(&arena, ZSTD_compressBound(length));
	struct snapshot_raw_part part = {.capture = k->capture,
		.number = number,
		.parts = FILE_PARTS,
		.file_bytes = FILE_BYTES,
		.bytes = packed,
		.length = ZSTD_compress(
			packed, ZSTD_compressBound(length), bytes, length, 1)};
	memcpy(part.file_sha256, file_sum, 32);
	crypto_hash_sha256(part.sha256, bytes, length);
	return part;
}

static void send_part(struct kept *k, const struct snapshot_raw_part *part)
{
	struct buf frame = {0};
	wire_upload_encode(&(struct wire_upload){.protocol = WIRE_PROTOCOL,
				   .agent_version = "0.0.1",
				   .raw = part},
		&frame);
	assert_true(peer_send(&k->h.peer, frame.data, frame.length, WAIT_MS));
	buf_finish(&frame);
}

static void receive(struct kept *k)
{
	assert_true(peer_receipt(&k->h.peer, &k->h.receipt, WAIT_MS));
	assert_true(k->h.receipt.epoch == 0);
	assert_int_equal(k->h.receipt.sequence, 0);
}

static enum wire_fate put_part(struct kept *k, const struct snapshot_raw_part *part)
{
	send_part(k, part);
	receive(k);
	return k->h.receipt.fate;
}

static enum wire_fate put(struct kept *k, uint32_t number)
{
	struct snapshot_raw_part part = make_part(k, number);
	return put_part(k, &part);
}

/* The order for parts that the last receipt carries. */
static void expect_order(const struct kept *k, uint32_t from, uint32_t to)
{
	assert_int_equal(k->h.receipt.order_count, 1);
	const struct snapshot_order *order = &k->h.receipt.orders[0];
	assert_int_equal(order->kind, SNAPSHOT_ORDER_RAW);
	assert_true(order->capture == k->capture);
	assert_int_equal(order->part_from, from);
	assert_int_equal(order->part_to, to);
}

static void expect_file(const struct kept *k)
{
	static const struct {
		int64_t from;
		size_t length;
	} ranges[] = {
		{0, FILE_BYTES},
		{0, 1},
		{FILE_BYTES - 1, 1},
		{SNAPSHOT_RAW_PART_BYTES - 3, 7},
		{3 * SNAPSHOT_RAW_PART_BYTES, SNAPSHOT_RAW_PART_BYTES},
	};
	struct err e;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		struct buf out = {0};
		buf_text(&out, "head");
		must(raw_read(db, raw_key, k->snapshot, ranges[i].from,
			     ranges[i].length, &out, &e),
			&e);
		assert_int_equal(out.length, ranges[i].length + 4);
		assert_memory_equal(
			out.data + 4, file + ranges[i].from, ranges[i].length);
		buf_finish(&out);
	}
	struct buf out = {0};
	assert_false(raw_read(db, raw_key, k->snapshot, FILE_BYTES - 1, 2, &out, &e));
	assert_int_equal(out.length, 0);
	buf_finish(&out);
}

static void a_file_comes_over_part_by_part(void **state)
{
	(void)state;
	struct kept k;
	kept_start(&k, "raw", file_sum);
	assert_string_equal(kept_raw(&k).state, "kept");
	assert_int_equal(kept_raw(&k).parts, FILE_PARTS);
	heaps_tick(&k.h, "raw");
	assert_int_equal(k.h.receipt.order_count, 0);

	assert_int_equal(step(&k, raw_ask), RAW_DONE);
	assert_int_equal(step(&k, raw_ask), RAW_DONE);
	heaps_tick(&k.h, "raw");
	expect_order(&k, 0, RAW_WINDOW);
	/* A window at once, in one go. */
	for (uint32_t i = 0; i < RAW_WINDOW; i++) {
		struct snapshot_raw_part part = make_part(&k, i);
		send_part(&k, &part);
	}
	for (uint32_t i = 0; i < RAW_WINDOW; i++) {
		receive(&k);
		assert_int_equal(k.h.receipt.fate, WIRE_STORED);
	}
	expect_order(&k, RAW_WINDOW, FILE_PARTS);
	assert_string_equal(kept_raw(&k).state, "pulling");
	assert_int_equal(kept_raw(&k).parts_here, RAW_WINDOW);
	struct buf out = {0};
	struct err e;
	assert_false(raw_read(db, raw_key, k.snapshot, 0, 10, &out, &e));
	assert_non_null(strstr(e.text, "is not complete"));
	for (uint32_t i = RAW_WINDOW; i < FILE_PARTS; i++)
		assert_int_equal(put(&k, i), WIRE_STORED);
	assert_int_equal(k.h.receipt.order_count, 0);
	assert_string_equal(kept_raw(&k).state, "complete");
	assert_int_equal(kept_raw(&k).parts_here, FILE_PARTS);
	assert_int_equal(put(&k, 3), WIRE_REPEATED);
	expect_file(&k);
	assert_int_equal(
		ask("SELECT count(*) FROM audit WHERE action = 'raw.pull'"), 1);
	assert_int_equal(
		ask("SELECT count(*) FROM audit WHERE action = 'raw.complete'"), 1);
	buf_finish(&out);
	peer_finish(&k.h.peer);
}

static void nothing_in_the_tables_can_be_read(void **state)
{
	(void)state;
	/* What the last test has stored.  zstd leaves repeated text as it is. */
	assert_true(ask("SELECT count(*) FROM snapshot_raw_part") > 0);
	assert_int_equal(ask("SELECT count(*) FROM snapshot_raw_part WHERE "
			     "position('nodes'::bytea IN sealed) > 0"),
		0);
	struct err e;
	struct buf out = {0};
	static const uint8_t other_key[32] = "another key";
	int64_t id = ask(
		"SELECT snapshot_id FROM snapshot_raw WHERE state = 'complete'");
	assert_false(raw_read(db, other_key, id, 0, 10, &out, &e));
	assert_non_null(strstr(e.text, "another key"));
	/* A part in another one's place, and one that was touched. */
	ask("UPDATE snapshot_raw_part SET number = -number WHERE number IN (1, 2)");
	ask("UPDATE snapshot_raw_part SET number = number + 3 WHERE number < 0");
	assert_false(raw_read(db, raw_key, id, SNAPSHOT_RAW_PART_BYTES, 10, &out, &e));
	assert_non_null(strstr(e.text, "part 1: is not what was stored"));
	ask("UPDATE snapshot_raw_part SET sealed = set_byte(sealed, 100, "
	    "get_byte(sealed, "
	    "100) # 1) WHERE number = 0");
	assert_false(raw_read(db, raw_key, id, 0, 10, &out, &e));
	assert_non_null(strstr(e.text, "part 0: is not what was stored"));
	buf_finish(&out);
}

static void a_pull_goes_on_where_it_was(void **state)
{
	(void)state;
	struct kept k;
	kept_start(&k, "resume", file_sum);
	step(&k, raw_ask);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(put(&k, i), WIRE_STORED);

	/* The server starts again, and then its database crashes with a part under way.
	 */
	ingest_stop(ingest);
	start_ingest();
	peer_connect(&k.h.peer, data_port);
	heaps_tick(&k.h, "resume");
	expect_order(&k, 5, RAW_WINDOW);
	assert_int_equal(put(&k, 5), WIRE_STORED);
	struct snapshot_raw_part part = make_part(&k, 6);
	pg_kill(&pg);
	send_part(&k, &part);
	pg_run(&pg);
	receive(&k);
	assert_int_equal(k.h.receipt.fate, WIRE_STORED);

	/* The agent starts again: it knows nothing, and sends what it is asked for. */
	peer_connect(&k.h.peer, data_port);
	heaps_tick(&k.h, "resume");
	expect_order(&k, 7, RAW_WINDOW);
	assert_int_equal(put(&k, 6), WIRE_REPEATED);
	assert_int_equal(put(&k, 9), WIRE_REFUSED);
	assert_string_equal(k.h.receipt.reason, "part 7 is wanted first");
	expect_order(&k, 7, RAW_WINDOW);
	for (uint32_t i = 7; i < FILE_PARTS; i++)
		assert_int_equal(put(&k, i), WIRE_STORED);
	assert_string_equal(kept_raw(&k).state, "complete");
	expect_file(&k);
	peer_finish(&k.h.peer);
}

static void a_damaged_part_is_asked_for_again(void **state)
{
	(void)state;
	struct kept k;
	kept_start(&k, "damage", file_sum);
	step(&k, raw_ask);
	/* Other bytes than the sum says; a sum of other bytes; no zstd; too short. */
	struct snapshot_raw_part part = make_part(&k, 1);
	part.number = 0;
	part.sha256[0] ^= 1;
	assert_int_equal(put_part(&k, &part), WIRE_REFUSED);
	assert_string_equal(k.h.receipt.reason, "part 0 is not what its SHA-256 says");
	part = make_part(&k, 0);
	part.bytes = "no zstd";
	part.length = 7;
	assert_int_equal(put_part(&k, &part), WIRE_REFUSED);
	part = make_part(&k, FILE_PARTS - 1);
	part.number = 0;
	assert_int_equal(put_part(&k, &part), WIRE_REFUSED);
	expect_order(&k, 0, RAW_WINDOW);
	assert_string_equal(kept_raw(&k).state, "pulling");
	assert_int_equal(kept_raw(&k).parts_here, 0);
	assert_int_equal(put(&k, 0), WIRE_STORED);
	assert_string_equal(kept_raw(&k).text, "");
	/* Not for ever. */
	part = make_part(&k, 1);
	part.sha256[0] ^= 1;
	for (int i = 3; i < RAW_REFUSALS_MAX; i++)
		assert_int_equal(put_part(&k, &part), WIRE_REFUSED);
	assert_string_equal(kept_raw(&k).state, "lost");
	assert_int_equal(put(&k, 1), WIRE_REFUSED);
	assert_int_equal(k.h.receipt.order_count, 0);
	peer_finish(&k.h.peer);
}

/* Each part is what it says, and the whole is not what the host has summarised. */
static void a_file_of_another_sum_is_lost(void **state)
{
	(void)state;
	struct kept k;
	uint8_t saved[32], other[32] = {1, 2, 3};
	memcpy(saved, file_sum, 32);
	kept_start(&k, "sum", other);
	step(&k, raw_ask);
	assert_int_equal(put(&k, 0), WIRE_REFUSED);
	assert_string_equal(kept_raw(&k).state, "lost");

	/* An admin tries again; now the host claims the right sum. */
	assert_int_equal(step(&k, raw_ask), RAW_DONE);
	memcpy(file_sum, other, 32);
	for (uint32_t i = 0; i < FILE_PARTS; i++)
		assert_int_equal(put(&k, i), WIRE_STORED);
	memcpy(file_sum, saved, 32);
	assert_string_equal(kept_raw(&k).state, "lost");
	assert_non_null(strstr(kept_raw(&k).text, "SHA-256 of the whole"));
	assert_int_equal(ask_of("SELECT count(*) FROM snapshot_raw_part WHERE "
				"snapshot_id = %lld",
				 k.snapshot),
		0);
	peer_finish(&k.h.peer);
}

static void nobody_sends_parts_of_another_hosts_file(void **state)
{
	(void)state;
	struct kept k, other;
	kept_start(&k, "victim", file_sum);
	step(&k, raw_ask);
	heaps_agent_start(&other.h, "thief");
	other.capture = k.capture;
	assert_int_equal(put(&other, 0), WIRE_REFUSED);
	assert_string_equal(
		other.h.receipt.reason, "no raw file of this host was asked for");
	assert_int_equal(other.h.receipt.order_count, 0);
	struct snapshot_raw_part gone = {.capture = k.capture};
	assert_int_equal(put_part(&other, &gone), WIRE_REFUSED);
	assert_string_equal(kept_raw(&k).state, "pulling");
	assert_int_equal(kept_raw(&k).parts_here, 0);
	peer_finish(&k.h.peer);
	peer_finish(&other.h.peer);
}

static void a_file_that_is_gone_is_lost(void **state)
{
	(void)state;
	struct kept k;
	kept_start(&k, "gone", file_sum);
	step(&k, raw_ask);
	assert_int_equal(put(&k, 0), WIRE_STORED);
	struct snapshot_raw_part gone = {.capture = k.capture};
	assert_int_equal(put_part(&k, &gone), WIRE_STORED);
	assert_string_equal(kept_raw(&k).state, "lost");
	assert_string_equal(
		kept_raw(&k).text, "the host does not have the file any more");
	assert_int_equal(k.h.receipt.order_count, 0);
	peer_finish(&k.h.peer);
}

static void a_file_is_dropped_here_and_there(void **state)
{
	(void)state;
	struct kept k;
	kept_start(&k, "drop", file_sum);
	step(&k, raw_ask);
	assert_int_equal(put(&k, 0), WIRE_STORED);
	assert_int_equal(step(&k, raw_drop), RAW_DONE);
	assert_string_equal(kept_raw(&k).state, "dropped");
	assert_int_equal(ask_of("SELECT count(*) FROM snapshot_raw_part WHERE "
				"snapshot_id = %lld",
				 k.snapshot),
		0);
	/* The host is told until it answers. */
	for (int i = 0; i < 2; i++) {
		heaps_tick(&k.h, "drop");
		assert_int_equal(k.h.receipt.order_count, 1);
		assert_int_equal(k.h.receipt.orders[0].kind, SNAPSHOT_ORDER_RAW_DROP);
		assert_true(k.h.receipt.orders[0].capture == k.capture);
	}
	assert_int_equal(put(&k, 1), WIRE_REFUSED);
	struct snapshot_raw_part gone = {.capture = k.capture};
	assert_int_equal(put_part(&k, &gone), WIRE_STORED);
	assert_int_equal(k.h.receipt.order_count, 0);
	assert_string_equal(kept_raw(&k).state, "dropped");
	assert_int_equal(step(&k, raw_ask), RAW_REFUSED);
	struct kept nothing = {.snapshot = 1 << 30};
	assert_int_equal(step(&nothing, raw_ask), RAW_MISSING);
	peer_finish(&k.h.peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_comes_over_part_by_part),
		cmocka_unit_test(nothing_in_the_tables_can_be_read),
		cmocka_unit_test(a_pull_goes_on_where_it_was),
		cmocka_unit_test(a_damaged_part_is_asked_for_again),
		cmocka_unit_test(a_file_of_another_sum_is_lost),
		cmocka_unit_test(nobody_sends_parts_of_another_hosts_file),
		cmocka_unit_test(a_file_that_is_gone_is_lost),
		cmocka_unit_test(a_file_is_dropped_here_and_there),
	};
	return cmocka_run_group_tests(tests, start_with_file, stop_with_file);
}
