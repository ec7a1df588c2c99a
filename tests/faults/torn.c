/*
 * Torn: damage to one segment of a spool, all of it that one cut or one flipped bit can
 * be.
 *
 *     faults_torn BYTES EVERY
 *
 * A segment of BYTES full of records is cut at every byte, and each time opened as a
 * spool: every record before the cut is there, those behind are counted as lost.  Then
 * every bit is flipped, each time read as a segment: the record that has it is not
 * taken, all others are; at each EVERYth of them it is opened as a spool, too.
 *
 * Prints one line of JSON; the exit status is 0 when everything was found and nothing
 * else was lost.
 */
#include "agent/spool.h"
#include "agent/spool_format.h"
#include "tests/unit/agent/spool_fixture.h"

enum { BATCH = 300 };

#define SIZE spool_format_record_size(BATCH, false)

struct segment {
	uint8_t *bytes, *cursor;
	size_t length, cursor_length, records, end;
	int64_t max_bytes;
	char path[512];
	struct folder folder;
};

struct figures {
	long cuts, flips, opened, undetected, lost, wrong;
};

static void torn_make(struct segment *s, size_t bytes)
{
	char names[8][64];
	uint64_t sequence;
	s->max_bytes = (int64_t)bytes * 8;
	s->records = (bytes - SPOOL_FORMAT_HEADER_BYTES) / SIZE;
	s->end = SPOOL_FORMAT_HEADER_BYTES + s->records * SIZE;
	folder_make(&s->folder);
	struct spool *spool = fixture_open(&s->folder, s->max_bytes);
	for (uint64_t n = 1; n <= s->records; n++)
		assert_true(fixture_append(spool, n, BATCH, &sequence));
	spool_close(spool);
	assert_int_equal(folder_names(&s->folder, ".seg", names, 8), 1);
	snprintf(s->path, sizeof s->path, "%s", folder_file(&s->folder, names[0]));
	s->bytes = folder_load(s->path, &s->length);
	s->cursor = folder_load(folder_file(&s->folder, "cursor"), &s->cursor_length);
	assert_int_equal(s->length, bytes);
}

/* Opens what is there: how many records, and how many are counted as lost.  With `all`
 * each record is read and held against what it was. */
static void torn_open(const struct segment *s, bool all, uint64_t *held, uint64_t *lost)
{
	struct spool *spool = fixture_open(&s->folder, s->max_bytes);
	struct spool_stats stats = fixture_stats(spool);
	*held = stats.batches;
	*lost = stats.lost;
	uint64_t count = 0;
	for (uint64_t at = 0; all && spool_next(spool, at, &at); count++)
		assert_int_equal(fixture_number(spool, at), at);
	assert_true(!all || count == *held);
	spool_close(spool);
}

static void torn_cut(const struct segment *s, size_t cut, struct figures *f)
{
	uint64_t held, lost, whole = 0;
	folder_clear(s->folder.path);
	folder_store(s->path, s->bytes, cut);
	folder_store(folder_file(&s->folder, "cursor"), s->cursor, s->cursor_length);
	if (cut >= SPOOL_FORMAT_HEADER_BYTES)
		whole = (cut - SPOOL_FORMAT_HEADER_BYTES) / SIZE;
	if (whole > s->records)
		whole = s->records;
	torn_open(s, cut % 16 == 1, &held, &lost);
	f->cuts++;
	f->lost += held < whole;
	f->wrong += held > whole;
	/* A file that is too short is told, also when only zeros are gone. */
	f->undetected += lost != (whole < s->records ? s->records - whole : 1);
}

/* As a segment's reader sees it. */
static void torn_flip(struct segment *s, size_t bit, struct figures *f)
{
	struct spool_header header;
	struct spool_record record;
	size_t offset = SPOOL_FORMAT_HEADER_BYTES, found = 0, victim = SIZE_MAX;
	if (bit / 8 >= SPOOL_FORMAT_HEADER_BYTES)
		victim = (bit / 8 - SPOOL_FORMAT_HEADER_BYTES) / SIZE;
	spool_format_get_header(s->bytes, s->length, &header);
	struct spool_bounds bounds = {header.epoch, 0, s->records + 1};
	s->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	struct spool_header damaged;
	f->flips++;
	f->undetected += spool_format_get_header(s->bytes, s->length, &damaged) !=
			 (victim != SIZE_MAX);
	while (spool_format_next(s->bytes, s->length, &offset, &bounds, &record)) {
		f->undetected += record.sequence == victim + 1;
		bounds.after = record.sequence;
		found++;
	}
	f->lost += found < s->records - (victim != SIZE_MAX);
	s->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

/* As an agent that starts meets it. */
static void torn_flip_opened(struct segment *s, size_t bit, struct figures *f)
{
	uint64_t held, lost;
	s->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	folder_clear(s->folder.path);
	folder_store(s->path, s->bytes, s->length);
	folder_store(folder_file(&s->folder, "cursor"), s->cursor, s->cursor_length);
	s->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	torn_open(s, false, &held, &lost);
	/* What only the header told is known from the cursor, too: nothing is lost. */
	bool of_header = bit / 8 < SPOOL_FORMAT_HEADER_BYTES;
	f->opened++;
	f->lost += held < s->records - !of_header;
	f->undetected += lost != !of_header;
}

int main(int argc, char **argv)
{
	struct segment s = {0};
	struct figures f = {0};
	if (argc != 3)
		return 2;
	size_t bytes = strtoul(argv[1], NULL, 10), every = strtoul(argv[2], NULL, 10);
	fixture_clock_ms = 0;
	torn_make(&s, bytes);
	for (size_t cut = s.length; cut-- > 0;)
		torn_cut(&s, cut, &f);
	for (size_t bit = 0; bit < s.end * 8; bit++) {
		torn_flip(&s, bit, &f);
		if (bit % every == 0)
			torn_flip_opened(&s, bit, &f);
	}
	folder_remove(&s.folder);
	free(s.bytes);
	free(s.cursor);
	printf("{\"bytes\":%zu,\"records\":%zu,\"cuts\":%ld,\"flips\":%ld,\"opened\":%"
	       "ld,"
	       "\"undetected\":%ld,\"lost\":%ld,\"wrong\":%ld}\n",
		bytes, s.records, f.cuts, f.flips, f.opened, f.undetected, f.lost,
		f.wrong);
	return f.undetected || f.lost || f.wrong;
}
