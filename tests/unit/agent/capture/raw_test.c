/* Raw files come back byte for byte, and never take more than their quota. */
#include "agent/capture/raw.h"

#include "tests/unit/agent/folder.h"
#include "tests/unit/cmocka_all.h"

#include <sodium.h>
#include <zstd.h>

enum { FILE_BYTES = 3 * SNAPSHOT_RAW_PART_BYTES / 2 };

/* Bytes that do not compress, the same for the same seed. */
static uint8_t *noise(uint8_t seed, size_t length)
{
	uint8_t key[randombytes_SEEDBYTES] = {seed};
	uint8_t *bytes = malloc(length);
	assert_non_null(bytes);
	randombytes_buf_deterministic(bytes, length, key);
	return bytes;
}

static bool write_one(const struct folder *f, uint64_t capture, size_t length,
	uint64_t quota, struct err *e)
{
	struct raw_writer *w;
	uint64_t bytes = 0;
	uint8_t sum[32];
	uint8_t *content = noise((uint8_t)capture, length);
	if (!raw_create(f->path, capture, quota, &w, e)) {
		free(content);
		return false;
	}
	bool ok = true;
	for (size_t at = 0; at < length && ok; at += 100000)
		ok = raw_add(w, content + at,
			length - at < 100000 ? length - at : 100000, e);
	ok = ok && raw_end(w, &bytes, sum, e);
	if (ok)
		assert_int_equal(bytes, length);
	raw_destroy(w);
	free(content);
	return ok;
}

static bool is_there(const struct folder *f, uint64_t capture)
{
	struct raw r;
	struct err e;
	bool ok = raw_open(f->path, capture, &r, &e);
	if (ok)
		raw_close(&r);
	return ok;
}

static void parts_come_back(void **state)
{
	struct folder f;
	struct raw r;
	struct err e;
	struct buf packed = {0};
	(void)state;
	folder_make(&f);
	assert_true(write_one(&f, 42, FILE_BYTES, 10 << 20, &e));
	assert_true(raw_open(f.path, 42, &r, &e));
	assert_int_equal(r.parts, 2);
	assert_int_equal(r.file_bytes, FILE_BYTES);
	uint8_t *whole = malloc(FILE_BYTES), sum[32];
	size_t at = 0;
	for (uint32_t i = 0; i < r.parts; i++) {
		struct snapshot_raw_part part;
		assert_true(raw_part(&r, i, &packed, &part, &e));
		assert_int_equal(part.number, i);
		assert_int_equal(part.parts, 2);
		assert_int_equal(part.capture, 42);
		size_t got = ZSTD_decompress(
			whole + at, FILE_BYTES - at, part.bytes, part.length);
		assert_false(ZSTD_isError(got));
		crypto_hash_sha256(sum, whole + at, got);
		assert_memory_equal(sum, part.sha256, 32);
		at += got;
	}
	assert_int_equal(at, FILE_BYTES);
	uint8_t *content = noise(42, FILE_BYTES);
	assert_memory_equal(whole, content, FILE_BYTES);
	crypto_hash_sha256(sum, whole, FILE_BYTES);
	assert_memory_equal(sum, r.file_sha256, 32);
	struct snapshot_raw_part part;
	assert_false(raw_part(&r, 2, &packed, &part, &e));
	raw_close(&r);
	assert_true(raw_drop(f.path, 42, &e));
	assert_false(is_there(&f, 42));
	assert_true(raw_drop(f.path, 42, &e));
	free(whole);
	free(content);
	buf_finish(&packed);
	folder_remove(&f);
}

static void files_are_for_their_owner_alone(void **state)
{
	struct folder f;
	struct err e;
	struct stat info;
	(void)state;
	folder_make(&f);
	assert_true(write_one(&f, 7, FILE_BYTES, 10 << 20, &e));
	assert_int_equal(stat(folder_file(&f, "raw"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	assert_int_equal(stat(folder_file(&f, "raw/7/000001"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(stat(folder_file(&f, "raw/7/index"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	folder_remove(&f);
}

static void the_oldest_leave_for_the_newest(void **state)
{
	struct folder f;
	struct err e;
	(void)state;
	folder_make(&f);
	uint64_t quota = 2 * FILE_BYTES + 10000;
	assert_true(write_one(&f, 30, FILE_BYTES, quota, &e));
	usleep(20 * 1000);
	assert_true(write_one(&f, 10, FILE_BYTES, quota, &e));
	usleep(20 * 1000);
	assert_true(write_one(&f, 20, FILE_BYTES, quota, &e));
	assert_false(is_there(&f, 30));
	assert_true(is_there(&f, 10));
	assert_true(is_there(&f, 20));
	folder_remove(&f);
}

static void what_cannot_fit_leaves_nothing_behind(void **state)
{
	struct folder f;
	struct err e;
	(void)state;
	folder_make(&f);
	assert_false(write_one(&f, 5, FILE_BYTES, SNAPSHOT_RAW_PART_BYTES + 9999, &e));
	assert_int_equal(e.kind, ERR_BUSY);
	assert_non_null(strstr(e.text, "larger than"));
	assert_false(is_there(&f, 5));
	assert_int_equal(rmdir(folder_file(&f, "raw")), 0); /* it is empty */
	assert_false(write_one(&f, 5, FILE_BYTES, 0, &e));
	assert_int_equal(access(folder_file(&f, "raw"), F_OK), -1);
	folder_remove(&f);
}

/* A writer that was killed. */
static void what_was_begun_is_no_file(void **state)
{
	struct folder f;
	struct err e;
	struct raw_writer *w;
	(void)state;
	folder_make(&f);
	mkdir(folder_file(&f, "raw"), 0700);
	mkdir(folder_file(&f, "raw/.9"), 0700);
	folder_store(folder_file(&f, "raw/.9/000000"), "x", 1);
	assert_false(is_there(&f, 9));
	assert_true(raw_create(f.path, 1, 10 << 20, &w, &e));
	assert_int_equal(access(folder_file(&f, "raw/.9"), F_OK), -1);
	assert_true(raw_add(w, "abc", 3, &e));
	raw_destroy(w);
	assert_false(is_there(&f, 1));
	assert_int_equal(rmdir(folder_file(&f, "raw")), 0);
	folder_remove(&f);
}

static void damage_is_told(void **state)
{
	struct folder f;
	struct err e;
	struct raw r;
	struct buf packed = {0};
	struct snapshot_raw_part part;
	(void)state;
	folder_make(&f);
	assert_true(write_one(&f, 8, FILE_BYTES, 10 << 20, &e));
	assert_true(raw_open(f.path, 8, &r, &e));
	unlink(folder_file(&f, "raw/8/000001"));
	assert_true(raw_part(&r, 0, &packed, &part, &e));
	assert_false(raw_part(&r, 1, &packed, &part, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	raw_close(&r);
	assert_int_equal(truncate(folder_file(&f, "raw/8/index"), 20), 0);
	assert_false(raw_open(f.path, 8, &r, &e));
	assert_non_null(strstr(e.text, "damaged"));
	buf_finish(&packed);
	folder_remove(&f);
}

int main(void)
{
	assert_true(sodium_init() >= 0);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_come_back),
		cmocka_unit_test(files_are_for_their_owner_alone),
		cmocka_unit_test(the_oldest_leave_for_the_newest),
		cmocka_unit_test(what_cannot_fit_leaves_nothing_behind),
		cmocka_unit_test(what_was_begun_is_no_file),
		cmocka_unit_test(damage_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
