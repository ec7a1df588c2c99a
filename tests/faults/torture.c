/*
 * Torture: every allocation, open, read, write, fsync and change of a file in turn
 * fails, in the spool, on the wire, in the configuration and in the agent's state; once
 * alone, and once with all that come after it.
 *
 * Each attempt is a process of its own.  It may succeed or say an error; when memory is
 * refused it may also end with the word of that, which is what ours do (common/err.h).
 * Anything else is a crash.  Memory that is still held at its end is a leak.  What the
 * spool had accepted must be there afterwards, for one that does not fail.
 *
 * Prints one line of JSON; the exit status is 0 when nothing was lost, crashed or
 * leaked.
 */
#include "agent/config.h"
#include "agent/spool.h"
#include "agent/state.h"
#include "common/log.h"
#include "schema/wire.h"
#include "tests/faults/fail.h"

#include <ftw.h>
#include <signal.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { BATCHES = 6, BATCH_BYTES = 900, SPOOL_BYTES = SPOOL_BYTES_MIN };

/* What an attempt tells the one that began it. */
struct report {
	long calls[FAIL_KINDS];
	bool done;
	long leaked;
	uint64_t accepted[BATCHES];
	size_t accepted_count;
	bool forgot_first;
};

struct subject {
	const char *name;
	void (*run)(const char *folder, struct report *r);
	bool has_spool;
};

struct figures {
	long attempts, errors, stopped, crashed, leaked, lost;
};

static char torture_folder[64];

static void torture_spool(const char *folder, struct report *r)
{
	struct spool *s = NULL;
	struct err e;
	char bytes[BATCH_BYTES];
	if (!spool_open(folder, SPOOL_BYTES, &s, &e))
		return;
	for (int i = 0; i < BATCHES; i++) {
		uint64_t sequence;
		struct wire_gap gaps[SPOOL_GAPS_MAX];
		memset(bytes, 'a' + i, sizeof bytes);
		spool_take_gaps(s, gaps);
		if (spool_append(
			    s, bytes, sizeof bytes, 1800000000000 + i, &sequence, &e))
			r->accepted[r->accepted_count++] = sequence;
	}
	struct buf out = {0};
	for (uint64_t at = 0; spool_next(s, at, &at);)
		spool_read(s, at, &out, &e);
	buf_finish(&out);
	if (r->accepted_count) {
		r->forgot_first = true;
		spool_forget(s, r->accepted[0]);
	}
	spool_close(s);
}

static void torture_wire(const char *folder, struct report *r)
{
	(void)folder, (void)r;
	struct wire_process process = {.service = "checkout",
		.version = "1.0.0",
		.runtime = "node",
		.rule = "systemd",
		.command = "node app.js",
		.pid = 100,
		.started_unix_ms = 1799999000000,
		.start_ticks = 1234};
	struct wire_sample sample = {.values = {.present = 1, .value = {4096}}};
	struct wire_tick tick = {
		.at_unix_ms = 1800000000000, .samples = &sample, .sample_count = 1};
	struct wire_batch batch = {.boot_id = "boot",
		.machine_id = "c0ffee",
		.hostname = "web-1",
		.kernel = "6.1.0",
		.cpus = 4,
		.interval_ms = 10000,
		.processes = &process,
		.process_count = 1,
		.ticks = &tick,
		.tick_count = 1};
	struct buf frame = {0}, upload = {0};
	struct arena a;
	struct wire_batch again;
	struct wire_upload out;
	struct err e;
	arena_init(&a);
	if (wire_batch_encode(&batch, &frame, &e)) {
		struct wire_upload up = {.protocol = WIRE_PROTOCOL,
			.agent_version = "0.1.0",
			.epoch = 7,
			.sequence = 1,
			.oldest = 1,
			.batch = (void *)frame.data,
			.batch_length = frame.length};
		wire_upload_encode(&up, &upload);
		if (wire_upload_decode(upload.data, upload.length, &a, &out, &e))
			wire_batch_decode(out.batch, out.batch_length, 1800000000000,
				&a, &again, &e);
	}
	buf_finish(&upload);
	buf_finish(&frame);
	arena_finish(&a);
}

static void torture_config(const char *folder, struct report *r)
{
	(void)r;
	char path[128];
	snprintf(path, sizeof path, "%s/agent.conf", folder);
	struct config c;
	struct arena a;
	struct err e;
	arena_init(&a);
	config_load(&c, path, &a, &e);
	arena_finish(&a);
}

static void torture_state(const char *folder, struct report *r)
{
	(void)r;
	struct state_keys keys;
	struct state_enrolment enrolment = {
		.host = "tidemark", .port = 8471, .agent_id = 3};
	struct err e;
	struct buf status = {0};
	bool found;
	int64_t written;
	if (state_prepare(folder, &e) && state_keys(folder, &keys, &e) &&
		state_write_enrolment(folder, &enrolment, &e) &&
		state_read_enrolment(folder, &enrolment, &found, &e) &&
		state_write_status(folder, "hello\n", &e))
		state_read_status(folder, &status, &written, &found, &e);
	buf_finish(&status);
}

static const struct subject torture_subjects[] = {
	{"spool", torture_spool, true},
	{"wire", torture_wire, false},
	{"config", torture_config, false},
	{"state", torture_state, false},
};

static int torture_remove(
	const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s, (void)type, (void)f;
	return remove(path);
}

static void torture_fresh(const char *folder)
{
	static const char text[] = "[agent]\ninterval = 5s\nhostname = one\n\n"
				   "[service shop]\ncommand = node */shop.js\n";
	char path[128];
	nftw(folder, torture_remove, 8, FTW_DEPTH | FTW_PHYS);
	mkdir(folder, 0700);
	snprintf(path, sizeof path, "%s/agent.conf", folder);
	FILE *file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
}

/* In the child: with the fault armed. */
static void torture_attempt(const struct subject *subject, struct report *r)
{
	long before = fail.live;
	fail.armed = true;
	subject->run(torture_folder, r);
	fail.armed = false;
	memcpy(r->calls, fail.calls, sizeof r->calls);
	r->leaked = fail.live - before;
	r->done = true;
	_exit(0);
}

/* How many of the accepted batches a spool that does not fail lacks without having
 * counted them: what cannot be read any more, or had to make room, is told as a gap. */
static long torture_missing(const struct report *r)
{
	struct spool *s = NULL;
	struct err e;
	long missing = 0;
	if (!spool_open(torture_folder, SPOOL_BYTES, &s, &e))
		return (long)r->accepted_count;
	for (size_t i = r->forgot_first; i < r->accepted_count; i++) {
		struct buf b = {0};
		missing += !spool_read(s, r->accepted[i], &b, &e);
		buf_finish(&b);
	}
	struct spool_stats stats;
	spool_get_stats(s, &stats);
	spool_close(s);
	return missing > (long)stats.lost ? missing - (long)stats.lost : 0;
}

/* Whether the child ended with the word of refused memory: "bug: FILE:LINE: ...". */
static bool torture_stopped(int status, int words)
{
	char text[512] = "";
	ssize_t length = pread(words, text, sizeof text - 1, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && length > 0 &&
	       strstr(text, "bug: ");
}

static void torture_judge(const struct subject *subject, const struct report *r,
	int status, int words, struct figures *f)
{
	f->attempts++;
	bool stopped = torture_stopped(status, words);
	f->stopped += stopped;
	if (!r->done && !stopped) {
		f->crashed++;
		fprintf(stderr, "%s: %s call %ld to %ld: wait status %x\n",
			subject->name, fail_names[fail.kind], fail.from, fail.to,
			(unsigned)status);
	}
	if (r->done && r->leaked) {
		f->leaked++;
		fprintf(stderr, "%s: %s call %ld to %ld: %ld pieces of memory left\n",
			subject->name, fail_names[fail.kind], fail.from, fail.to,
			r->leaked);
	}
	long missing = subject->has_spool ? torture_missing(r) : 0;
	f->lost += missing;
	if (missing)
		fprintf(stderr, "spool: %s call %ld to %ld: %ld batches lost\n",
			fail_names[fail.kind], fail.from, fail.to, missing);
}

static void torture_try(
	const struct subject *subject, struct report *r, struct figures *f)
{
	memset(r, 0, sizeof *r);
	torture_fresh(torture_folder);
	int words = memfd_create("words", 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(words, 2);
		alarm(20); /* a hang is a crash */
		torture_attempt(subject, r);
	}
	int status = 0;
	waitpid(pid, &status, 0);
	if (f)
		torture_judge(subject, r, status, words, f);
	close(words);
}

static void torture_one(
	const struct subject *subject, struct report *r, struct figures *f)
{
	long calls[FAIL_KINDS];
	fail.from = -1, fail.to = -1;
	torture_try(subject, r, NULL);
	memcpy(calls, r->calls, sizeof calls);
	for (int kind = 0; kind < FAIL_KINDS; kind++) {
		for (long call = 0; call < calls[kind]; call++) {
			fail.kind = (enum fail_kind)kind;
			fail.from = call;
			fail.error = EIO;
			fail.to = call;
			torture_try(subject, r, f);
			fail.to = __LONG_MAX__;
			fail.error = kind == FAIL_WRITE || kind == FAIL_FILE ? ENOSPC
									     : EIO;
			torture_try(subject, r, f);
		}
	}
	fail.from = -1, fail.to = -1;
}

int main(void)
{
	struct figures f = {0};
	struct report *r = mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(torture_folder, sizeof torture_folder, "%s/tidemark-torture-%d", base,
		(int)getpid());
	if (r == MAP_FAILED || sodium_init() < 0)
		return 2;
	for (size_t i = 0; i < sizeof torture_subjects / sizeof *torture_subjects; i++)
		torture_one(&torture_subjects[i], r, &f);
	nftw(torture_folder, torture_remove, 8, FTW_DEPTH | FTW_PHYS);
	printf("{\"attempts\":%ld,\"stopped\":%ld,\"crashed\":%ld,\"leaked\":%ld,"
	       "\"lost\":%ld}\n",
		f.attempts, f.stopped, f.crashed, f.leaked, f.lost);
	return f.crashed || f.leaked || f.lost;
}
