#include "agent/snapshot_take.h"

#include "agent/capture/analysis.h"
#include "agent/capture/capture.h"
#include "agent/capture/limits.h"
#include "agent/capture/notice.h"
#include "agent/heap/report.h"
#include "agent/list.h"
#include "agent/outbox.h"
#include "agent/snapshot.h"
#include "agent/snapshot_card.h"
#include "agent/snapshot_pick.h"
#include "agent/snapshot_summarize.h"
#include "common/clock.h"

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SNAPSHOT_EXIT_NOT_TAKEN = 3,
	SNAPSHOT_EXIT_REFUSED = 4,
	SNAPSHOT_PROGRESS_MS = 1000,
	SNAPSHOT_TABLE_ROWS = 30,
	SNAPSHOT_DIGEST_BYTES_MAX = 256 << 20,
};

struct snapshot_options {
	const char *route;
	bool yes, measure, json;
	int64_t top, requests;
};

struct snapshot_take {
	struct arena arena;
	struct config config;
	struct snapshot_options options;
	const char *whom;
	struct snapshot_pick pick;
	struct capture_options capture_options;
	struct capture *capture;
	struct heap *heap;
	struct snapshot summary;
	const char *remark;
	char actor[128];
	int64_t ready_ms;
	int64_t said_mono_ms;
};

#define SNAPSHOT_AT(field) offsetof(struct snapshot_options, field)

static const struct conf_option snapshot_options[] = {
	{"snapshot", "route", CONF_TEXT, SNAPSHOT_AT(route), 0, 0, "",
		"How: inspector, preload, signal or jvm (the first that works)"},
	{"snapshot", "yes", CONF_BOOL, SNAPSHOT_AT(yes), 0, 0, "no",
		"Do not ask, also when the card would rather not"},
	{"snapshot", "measure", CONF_BOOL, SNAPSHOT_AT(measure), 0, 0, "no",
		"Open the process to measure what the card says, though not asked"},
	{"snapshot", "json", CONF_BOOL, SNAPSHOT_AT(json), 0, 0, "no",
		"Everything, as JSON"},
	{"snapshot", "top", CONF_INT, SNAPSHOT_AT(top), 1, INT32_MAX, NULL,
		"Show so many classes; all in JSON, 30 in the table"},
	{"snapshot", "requests", CONF_INT, SNAPSHOT_AT(requests), 1, INT64_MAX, NULL,
		"Requests that the process has served, for growth per request"},
};

enum { SNAPSHOT_OPTIONS = sizeof snapshot_options / sizeof *snapshot_options };

static const struct conf_table snapshot_table = {
	.program = "tidemark-agent snapshot",
	.own_section = "snapshot",
	.env_prefix = "TIDEMARK_AGENT",
	.options = snapshot_options,
	.count = SNAPSHOT_OPTIONS,
};

static const char snapshot_about[] =
	"Takes a heap snapshot of a live Node.js process, or the class histogram\n"
	"of a Java process, and says what is in it; a second one says what grew.\n"
	"Of a service with several processes the largest is taken. First says\n"
	"what it would cost at most, and asks; without a terminal that is all,\n"
	"unless --yes is given. Until then the process is only looked at, unless\n"
	"its service is among the agent's 'snapshots': then, or with --measure,\n"
	"its inspector is opened for a moment, for the true figures. Needs to\n"
	"run as the process's user, or as root.\n";

static const char snapshot_more[] =
	"The agent's settings ('tidemark-agent help') count here, too: --config,\n"
	"--state-dir, --preload-dir, --snapshot-pause-max, --snapshot-cooldown.\n"
	"With the state directory of an agent, the snapshot is compared with the\n"
	"one before, and the server hears of it.\n"
	"\n"
	"Exit status: 0 taken, 1 failed, 2 wrong use, 3 nobody said yes,\n"
	"4 refused.\n";

/* The option's own entry, NULL for one of the agent's settings. */
static const struct conf_option *snapshot_own_option(const char *argument)
{
	size_t length = strcspn(argument, "=");
	for (size_t i = 0; i < SNAPSHOT_OPTIONS; i++) {
		const char *name = snapshot_options[i].name;
		if (length == strlen(name) + 2 && strncmp(argument, "--", 2) == 0 &&
			strncmp(argument + 2, name, length - 2) == 0)
			return &snapshot_options[i];
	}
	return NULL;
}

/* Our options stand among the agent's settings: takes them and their values out into
 * `own`, whose length it returns. */
static int snapshot_split(int *argc, char **argv, char **own)
{
	int kept = 0, count = 0;
	for (int i = 0; i < *argc; i++) {
		const struct conf_option *o = i ? snapshot_own_option(argv[i]) : NULL;
		if (!o) {
			argv[kept++] = argv[i];
			continue;
		}
		own[count++] = argv[i];
		if (o->type != CONF_BOOL && !strchr(argv[i], '=') && i + 1 < *argc)
			own[count++] = argv[++i];
	}
	*argc = kept;
	return count;
}

static bool snapshot_read_own(
	struct snapshot_take *t, int count, char **own, struct err *e)
{
	struct conf_line line = {count, own, 0};
	return conf_load(&snapshot_table, &t->options, NULL, &t->arena, e) &&
	       conf_arguments(&snapshot_table, &t->options, &line, &t->arena, e) &&
	       (!t->options.route[0] || ways_parse(t->options.route) != WAYS ||
		       err_set(e, ERR_INPUT,
			       "route is '%s'; it can be inspector, preload, signal or "
			       "jvm%s",
			       t->options.route,
			       strcmp(t->options.route, "file") == 0
				       ? " (a finished file: snapshot summarize FILE)"
				       : ""));
}

static bool snapshot_read_arguments(
	struct snapshot_take *t, int argc, char **argv, struct err *e)
{
	char **own = arena_array(&t->arena, (size_t)argc + 1, sizeof *own);
	const char *path = config_find(argc, argv);
	int count = snapshot_split(&argc, argv, own);
	int at = 1;
	if (!snapshot_read_own(t, count, own, e) ||
		!config_load(&t->config, path, &t->arena, e))
		return false;
	for (;;) {
		if (!config_arguments(&t->config, argc, argv, at, &at, &t->arena, e))
			return false;
		if (at == argc)
			break;
		if (t->whom)
			return err_set(
				e, ERR_INPUT, "unexpected argument '%s'", argv[at]);
		t->whom = argv[at++];
	}
	return t->whom ||
	       err_set(e, ERR_INPUT, "usage: tidemark-agent snapshot take PID|SERVICE");
}

static void snapshot_name_actor(struct snapshot_take *t)
{
	const struct passwd *user = getpwuid(getuid());
	const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	char number[24];
	snprintf(number, sizeof number, "user %u", (unsigned)getuid());
	snprintf(t->actor, sizeof t->actor, "command line by %.40s%s%.40s",
		user ? user->pw_name : number, sudo ? ", sudo by " : "",
		sudo ? sudo : "");
}

static void snapshot_warden_says(void *context, bool closed, const char *words)
{
	(void)context;
	(void)closed;
	fprintf(stderr, "tidemark-agent: %s\n", words);
}

static void snapshot_make_capture(struct snapshot_take *t)
{
	const struct config *c = &t->config;
	capture_destroy(t->capture);
	t->capture_options = (struct capture_options){
		.procfs = c->procfs,
		.cgroupfs = c->cgroupfs,
		.state_dir = t->pick.no_state[0] ? NULL : c->state_dir,
		.preload_dir = c->preload_dir[0] ? c->preload_dir : NULL,
		.service = t->pick.process.service,
		.pid = (int)t->pick.process.pid,
		.start_ticks = t->pick.process.start_ticks,
		.way = ways_parse(t->options.route),
		.pause_max_ms = c->snapshot_pause_max_ms,
		.cooldown_ms = c->snapshot_cooldown_ms,
		.stop_fd = -1,
		.warden_report = snapshot_warden_says,
		.warden_fd = STDERR_FILENO,
	};
	t->capture = capture_create(&t->capture_options);
}

/* For the running agent, which tells the server.  Nothing of it is worth a failure. */
static void snapshot_leave_word(
	struct snapshot_take *t, enum snapshot_state state, const char *text)
{
	struct buf batch = {0};
	struct err e;
	const struct snapshot_event event = {
		.at_unix_ms = clock_unix_ms(),
		.state = state,
		.progress_permille = state == SNAPSHOT_DONE ? 1000 : 0,
		.text = text,
		.actor = t->actor,
		.has_card = true,
		.card = *capture_card(t->capture),
	};
	if (t->pick.no_state[0]) {
		fprintf(stderr, "tidemark-agent: the server will not hear of it: %s\n",
			t->pick.no_state);
		return;
	}
	if (!notice_encode(&t->pick.about, &event,
		    state == SNAPSHOT_DONE ? &t->summary : NULL, &batch, &e) ||
		!outbox_leave(t->config.state_dir, batch.data, batch.length, &e))
		fprintf(stderr, "tidemark-agent: the server will not hear of it: %s\n",
			e.text);
	buf_finish(&batch);
}

static void snapshot_print_card(struct snapshot_take *t, FILE *to)
{
	struct buf out = {0};
	snapshot_card_text(&out, t->capture, &t->pick.process, t->pick.others);
	report_clean(&out);
	fputs(out.data, to);
	fflush(to);
	buf_finish(&out);
}

/* When it ends here: the card is the answer. */
static void snapshot_answer_card(struct snapshot_take *t)
{
	struct buf out = {0};
	struct json j;
	if (!t->options.json) {
		snapshot_print_card(t, stdout);
		return;
	}
	json_init(&j, &out);
	json_object(&j);
	json_key(&j, "card");
	snapshot_card_json(&j, t->capture, &t->pick.process, t->pick.others);
	json_end(&j);
	puts(out.data);
	buf_finish(&out);
}

static int snapshot_failed(struct snapshot_take *t, const struct err *e)
{
	char text[600];
	struct err closing;
	/* It may be closing yet: what is said is the last word. */
	bool alarm = !capture_close(t->capture, &closing) ||
		     capture_is_left_open(t->capture);
	snprintf(text, sizeof text, "%.500s%s", e->text,
		alarm && !strstr(e->text, "STILL OPEN")
			? "; ITS INSPECTOR IS STILL OPEN"
			: "");
	snapshot_leave_word(t, SNAPSHOT_FAILED, text);
	fprintf(stderr, "tidemark-agent: %s\n", text);
	return SNAPSHOT_EXIT_FAILED;
}

static int snapshot_refused(struct snapshot_take *t)
{
	snapshot_answer_card(t);
	if (capture_is_left_open(t->capture))
		return snapshot_failed(t, &(struct err){.text = "refused"});
	snapshot_leave_word(t, SNAPSHOT_DENIED, "");
	return SNAPSHOT_EXIT_REFUSED;
}

static bool snapshot_bytes(
	void *context, const void *bytes, size_t length, struct err *e)
{
	const struct snapshot_take *t = context;
	return heap_feed(t->heap, bytes, length, e);
}

static void snapshot_progress(void *context, uint64_t done, uint64_t total)
{
	struct snapshot_take *t = context;
	int64_t now_ms = clock_mono_ms();
	if (now_ms - t->said_mono_ms < SNAPSHOT_PROGRESS_MS)
		return;
	t->said_mono_ms = now_ms;
	fprintf(stderr, "%3u %%\n", (unsigned)(total ? done * 100 / total : 0));
}

/* What the server is told, and the comparison with the last one. */
static void snapshot_summarise(struct snapshot_take *t)
{
	const struct capture_cost *cost = capture_cost(t->capture);
	const struct digests_owner owner = {
		t->pick.host.boot_id, t->pick.process.pid, t->pick.process.start_ticks};
	const struct analysis_options options = {
		.state_dir = t->capture_options.state_dir,
		.owner = &owner,
		.max_bytes = SNAPSHOT_DIGEST_BYTES_MAX,
		.ids_hold = capture_way(t->capture) != WAY_INSPECTOR,
		.taken_unix_ms = cost->taken_unix_ms,
	};
	if (!t->heap) {
		analysis_run_jvm(&options, &t->arena, &t->summary, &t->remark);
		return;
	}
	analysis_run(t->heap, &options, &t->arena, &t->summary, &t->remark);
	t->summary.route = ways_name(capture_way(t->capture));
}

static void snapshot_fill_process(struct snapshot_take *t)
{
	capture_describe(t->capture, &t->arena, &t->summary.process);
	if (t->options.requests) {
		t->summary.process.has_requests = true;
		t->summary.process.requests = (uint64_t)t->options.requests;
	}
}

static void snapshot_print_json(struct snapshot_take *t, struct buf *out)
{
	struct json j;
	json_init(&j, out);
	json_object(&j);
	json_key(&j, "card");
	snapshot_card_json(&j, t->capture, &t->pick.process, t->pick.others);
	json_key(&j, "capture");
	snapshot_card_cost_json(&j, t->capture, t->ready_ms);
	size_t top = t->options.top ? (size_t)t->options.top : SIZE_MAX;
	if (t->heap)
		snapshot_summarize_json(&j, t->heap, top);
	else
		snapshot_card_histogram_json(&j, &t->summary, top);
	if (t->summary.growth.verdict != SNAPSHOT_NOT_COMPARED)
		json_put_string(&j, "growth", t->summary.growth.words);
	json_end(&j);
	buf_byte(out, '\n');
}

static void snapshot_print_text(struct snapshot_take *t, struct buf *out)
{
	size_t top = t->options.top ? (size_t)t->options.top : SNAPSHOT_TABLE_ROWS;
	buf_byte(out, '\n');
	if (t->heap)
		snapshot_summarize_text(out, t->heap, top);
	else
		snapshot_card_histogram_text(out, &t->summary, top);
	if (t->summary.growth.verdict != SNAPSHOT_NOT_COMPARED)
		buf_printf(out, "\nSince the last snapshot\n  %s\n",
			t->summary.growth.words);
	snapshot_card_cost_text(out, t->capture, t->ready_ms);
	report_clean(out);
}

static int snapshot_print(struct snapshot_take *t)
{
	struct buf out = {0};
	struct err e;
	if (t->options.json)
		snapshot_print_json(t, &out);
	else
		snapshot_print_text(t, &out);
	bool ok = fwrite(out.data, 1, out.length, stdout) == out.length &&
		  fflush(stdout) == 0;
	buf_finish(&out);
	if (ok)
		return SNAPSHOT_EXIT_OK;
	err_errno(&e, "cannot write to standard output");
	return snapshot_fail(&e);
}

static bool snapshot_take_v8(struct snapshot_take *t, struct err *e)
{
	const struct door_sink sink = {snapshot_bytes, snapshot_progress, t};
	const struct heap_options options = {
		.mode = HEAP_AUTO,
		.memory_max_bytes = capture_figures(t->capture)->helper_max_bytes,
	};
	limits_analysis(options.memory_max_bytes);
	limits_processor(LIMITS_CPU_S);
	t->heap = heap_create(&options);
	if (!capture_take(t->capture, &sink, e))
		return false;
	int64_t begun_ms = clock_mono_ms();
	if (!heap_end(t->heap, e))
		return false;
	int64_t now_ms = clock_mono_ms();
	t->ready_ms = now_ms - capture_cost(t->capture)->last_byte_mono_ms;
	t->summary.process.analysis_ms = now_ms - begun_ms;
	return capture_close(t->capture, e);
}

/* The door is open and the card is good enough. */
static int snapshot_go(struct snapshot_take *t)
{
	struct err e;
	t->said_mono_ms = clock_mono_ms();
	fprintf(stderr, "taking a snapshot of process %u by %s\n",
		(unsigned)t->pick.process.pid, ways_name(capture_way(t->capture)));
	limits_be_modest();
	if (capture_way(t->capture) == WAY_JVM) {
		if (!capture_take_jvm(t->capture, &t->arena, &t->summary, &e))
			return snapshot_failed(t, &e);
		snapshot_summarise(t);
	} else {
		if (!snapshot_take_v8(t, &e))
			return snapshot_failed(t, &e);
		int64_t analysis_ms = t->summary.process.analysis_ms;
		snapshot_summarise(t);
		t->summary.process.analysis_ms = analysis_ms;
		snapshot_fill_process(t);
	}
	snapshot_leave_word(t, SNAPSHOT_DONE, t->remark);
	return snapshot_print(t);
}

/* The card with what the system says; nothing of the process is touched.  False when it
 * says no, or there is none. */
static bool snapshot_look(struct snapshot_take *t)
{
	struct err e;
	snapshot_make_capture(t);
	return capture_look(t->capture, &e) &&
	       capture_card(t->capture)->gate != SNAPSHOT_REFUSED;
}

/* The card with what is measured. */
static bool snapshot_open(struct snapshot_take *t)
{
	struct err e;
	return capture_open(t->capture, &e) &&
	       capture_card(t->capture)->gate != SNAPSHOT_REFUSED;
}

/* A signal to a process needs somebody's word. */
static bool snapshot_may_open(const struct snapshot_take *t)
{
	return t->options.yes || t->options.measure ||
	       list_matches(t->config.snapshots, t->pick.process.service);
}

static bool snapshot_hears_yes(void)
{
	char answer[16] = "";
	fprintf(stderr, "Take it? [y/N] ");
	return fgets(answer, sizeof answer, stdin) &&
	       (*answer == 'y' || *answer == 'Y');
}

/* The inspector is not left open while somebody thinks. */
static int snapshot_ask(struct snapshot_take *t)
{
	struct err e;
	bool asks = isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !t->options.json;
	if (!capture_close(t->capture, &e))
		return snapshot_failed(t, &e);
	snapshot_answer_card(t);
	if (!asks)
		fprintf(stderr, "Nothing was taken: add --yes to take it.\n");
	if (!asks || !snapshot_hears_yes())
		return SNAPSHOT_EXIT_NOT_TAKEN;
	return snapshot_look(t) && snapshot_open(t) ? snapshot_go(t)
						    : snapshot_refused(t);
}

static int snapshot_work(struct snapshot_take *t)
{
	struct err e;
	if (!snapshot_pick_find(&t->config, t->whom, &t->arena, &t->pick, &e))
		return snapshot_fail(&e);
	signal(SIGPIPE, SIG_IGN);
	snapshot_name_actor(t);
	if (!snapshot_look(t) || (snapshot_may_open(t) && !snapshot_open(t)))
		return snapshot_refused(t);
	if (!t->options.yes)
		return snapshot_ask(t);
	if (!t->options.json)
		snapshot_print_card(t, stdout);
	return snapshot_go(t);
}

int snapshot_take(int argc, char **argv)
{
	struct snapshot_take t = {.remark = ""};
	struct err e;
	const struct snapshot_line line = {
		.table = &snapshot_table,
		.usage = "take PID|SERVICE",
		.about = snapshot_about,
		.more = snapshot_more,
	};
	if (snapshot_helped(&line, argc, argv))
		return SNAPSHOT_EXIT_OK;
	int status = snapshot_read_arguments(&t, argc, argv, &e) ? snapshot_work(&t)
								 : snapshot_fail(&e);
	capture_destroy(t.capture);
	heap_destroy(t.heap);
	arena_finish(&t.arena);
	return status;
}
