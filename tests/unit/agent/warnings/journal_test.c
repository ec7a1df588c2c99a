/* The journal as journalctl reads it: real journals, made by systemd's own writer, and
 * entries that are none. */
#include "agent/warnings/journal.h"

#include "tests/unit/agent/folder.h"

#include <time.h>

#define WRITER "/lib/systemd/systemd-journal-remote"

struct heard {
	size_t count;
	uint32_t pid;
	char unit[64], message[256];
	bool is_kernel;
};

static void on_entry(void *context, const struct journal_entry *entry)
{
	struct heard *h = context;
	h->count++;
	h->pid = entry->pid;
	h->is_kernel = entry->is_kernel;
	snprintf(h->unit, sizeof h->unit, "%s", entry->unit);
	snprintf(h->message, sizeof h->message, "%.*s", (int)entry->length,
		entry->message);
}

struct world {
	struct folder folder;
	struct heard heard;
	struct journal *journal;
	struct journal_options options;
	const char *folders[2];
	char program[128];
	int64_t now_ms;
	unsigned number;
};

static void start(struct world *w, const char *saved)
{
	w->options = (struct journal_options){.program = w->program,
		.folders = w->folders,
		.on_entry = on_entry,
		.context = &w->heard};
	w->journal = journal_create(&w->options, saved, 5000);
}

/* As the host's journalctl, but for where the journal is. */
static void make(struct world *w)
{
	char script[256];
	folder_make(&w->folder);
	mkdir(folder_file(&w->folder, "m"), 0700);
	w->folders[0] = w->folder.path;
	w->now_ms = 1000000;
	int length = snprintf(script, sizeof script,
		"#!/bin/sh\nexec journalctl -D %s/m \"$@\"\n", w->folder.path);
	snprintf(w->program, sizeof w->program, "%s", folder_file(&w->folder, "ctl"));
	folder_store(w->program, script, (size_t)length);
	assert_int_equal(chmod(w->program, 0755), 0);
}

static void finish(struct world *w)
{
	journal_destroy(w->journal);
	folder_remove(&w->folder);
}

static void put(struct world *w, const char *fields)
{
	char command[256];
	struct timespec now;
	snprintf(command, sizeof command,
		WRITER " -o %s/m/system.journal - >/dev/null 2>&1", w->folder.path);
	FILE *pipe = popen(command, "w");
	assert_non_null(pipe);
	clock_gettime(CLOCK_REALTIME, &now);
	fprintf(pipe,
		"__REALTIME_TIMESTAMP=%lld\n__MONOTONIC_TIMESTAMP=%u\n"
		"_BOOT_ID=0123456789abcdef0123456789abcdef\n%s\n\n",
		(long long)now.tv_sec * 1000000 + now.tv_nsec / 1000,
		++w->number * 1000, fields);
	assert_int_equal(pclose(pipe), 0);
}

static bool hears(struct world *w, size_t count)
{
	for (int i = 0; i < 100 && w->heard.count < count; i++) {
		usleep(50000);
		journal_run(w->journal, w->now_ms += 1000);
	}
	return w->heard.count == count;
}

static void follows_a_real_journal(void **state)
{
	(void)state;
	struct world w = {0};
	struct buf saved = {0};
	if (access(WRITER, X_OK) != 0)
		skip();
	make(&w);
	start(&w, "");
	journal_run(w.journal, w.now_ms);
	assert_false(journal_works(w.journal));
	assert_true(journal_trouble(w.journal)[0]);
	put(&w, "MESSAGE=before anybody listened");
	usleep(1100000); /* "now" is of a second */
	journal_run(w.journal, w.now_ms += 3000);
	assert_true(journal_works(w.journal));
	usleep(500000);
	put(&w, "_PID=4711\n_SYSTEMD_UNIT=checkout@1.service\nMESSAGE=hello there");
	assert_true(hears(&w, 1));
	assert_int_equal(w.heard.pid, 4711);
	assert_string_equal(w.heard.unit, "checkout@1.service");
	assert_string_equal(w.heard.message, "hello there");
	put(&w, "_TRANSPORT=kernel\nMESSAGE=Killed process 7 (a)");
	assert_true(hears(&w, 2));
	assert_true(w.heard.is_kernel);
	/* What came while nobody listened comes when somebody does again. */
	journal_save(w.journal, 5000, &saved);
	journal_destroy(w.journal);
	put(&w, "_PID=12\nMESSAGE=in between");
	start(&w, saved.data);
	journal_run(w.journal, w.now_ms += 1000);
	assert_true(hears(&w, 3));
	assert_string_equal(w.heard.message, "in between");
	buf_finish(&saved);
	finish(&w);
}

static void starts_again_what_ends(void **state)
{
	(void)state;
	struct world w = {0};
	make(&w);
	static const char script[] = "#!/bin/sh\necho '{\"MESSAGE\":\"x\"}'\n"
				     "echo rubbish\nhead -c 200000 /dev/zero\n";
	folder_store(w.program, script, sizeof script - 1);
	folder_store(folder_file(&w.folder, "m/system.journal"), "x", 1);
	start(&w, "");
	assert_true(hears(&w, 1));
	for (int i = 0; i < 100 && journal_works(w.journal); i++) {
		usleep(20000);
		journal_run(w.journal, w.now_ms);
	}
	assert_string_equal(journal_trouble(w.journal), "journalctl ended");
	journal_run(w.journal, w.now_ms + 500); /* not at once */
	assert_false(journal_works(w.journal));
	assert_true(hears(&w, 2));
	finish(&w);
	make(&w);
	snprintf(w.program, sizeof w.program, "/nonexistent");
	folder_store(folder_file(&w.folder, "m/system.journal"), "x", 1);
	start(&w, "");
	journal_run(w.journal, w.now_ms);
	assert_non_null(strstr(journal_trouble(w.journal), "/nonexistent"));
	finish(&w);
}

static void takes_entries_of_any_form(void **state)
{
	(void)state;
	struct buf scratch = {0};
	struct journal_entry entry;
	char cursor[256] = "";
	static const char bytes[] =
		"{\"MESSAGE\":[104,105,255,10,120],\"_PID\":\"7\","
		"\"__CURSOR\":\"s=1\",\"_SYSTEMD_UNIT\":[\"a\",\"b\"],"
		"\"__REALTIME_TIMESTAMP\":\"1763841600000000\"}";
	assert_true(journal_parse(bytes, sizeof bytes - 1, &scratch, &entry, cursor));
	assert_int_equal(entry.length, 3);
	assert_memory_equal(entry.message, "hi\xff", 3);
	assert_int_equal(entry.pid, 7);
	assert_string_equal(entry.unit, "a");
	assert_string_equal(cursor, "s=1");
	assert_int_equal(entry.at_unix_ms, INT64_C(1763841600000));
	static const char *const wrong[] = {"", "[]", "{}", "{\"MESSAGE\":null}",
		"{\"MESSAGE\":{}}", "{\"MESSAGE\":\"\"}", "{\"MESSAGE\":[]}",
		"{\"MESSAGE\":\"\\nx\"}", "{\"MESSAGE\":\"x\"", "\xff"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(journal_parse(
			wrong[i], strlen(wrong[i]), &scratch, &entry, cursor));
	static const char odd[] = "{\"MESSAGE\":\"x\",\"_PID\":\"-1\",\"__CURSOR\":7}";
	assert_true(journal_parse(odd, sizeof odd - 1, &scratch, &entry, cursor));
	assert_int_equal(entry.pid, 0);
	buf_finish(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_a_real_journal),
		cmocka_unit_test(starts_again_what_ends),
		cmocka_unit_test(takes_entries_of_any_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
