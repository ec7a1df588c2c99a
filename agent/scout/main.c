/*
 * tidemark-scout: the agent's child that talks to foreign things, so that none of them
 * can stall, grow or end the agent: runtimes, lock files, logs, queues.
 *
 * It gets the agent's own arguments, reads the same configuration, hears on stdin who
 * is followed (frames.h, FRAMES_CROWD), writes on stdout what it finds
 * (agent/part/post.h), logs to stderr, and ends when stdin does.
 *
 * People never call it by its name, but `tidemark-agent fingerprint 4711` and the other
 * commands below become it: it then looks once, prints and ends.
 */
#include "agent/capture/frames.h"
#include "agent/config.h"
#include "agent/fingerprint/fingerprints.h"
#include "agent/host.h"
#include "agent/identity.h"
#include "agent/insides/insides.h"
#include "agent/part/part.h"
#include "agent/queue/queues.h"
#include "agent/state.h"
#include "agent/warnings/warnings.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/log.h"
#include "common/pages.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct {
	const char *name;
	void (*run)(const struct part *p);
} parts[] = {
	{"fingerprints", fingerprints_run},
	{"insides", insides_run},
	{"queues", queues_run},
	{"warnings", warnings_run},
};

/* What a person may ask by hand.  Gets its own name and the words behind it that are no
 * settings; gives the exit status: 0, 1 when it failed, 2 when it was asked wrongly. */
static const struct scout_command {
	const char *name;
	int (*run)(const struct config *config, int argc, char **argv);
} commands[] = {
	{"insides", insides_command},
	{"fingerprint", fingerprints_command},
	{"queues", queues_command},
	{NULL, NULL},
};

enum {
	PARTS = sizeof parts / sizeof parts[0],
	STACK_BYTES = 512 << 10,
	WARM_MS = 15000
};

struct scout {
	struct config config;
	struct arena arena, heard;
	struct host host;
	struct identity identity;
	struct wire_batch frame;
	struct part part;
	pthread_t threads[PARTS];
};

struct start {
	const struct part *part;
	size_t which;
};

static void *run_part(void *argument)
{
	struct start *start = argument;
	parts[start->which].run(start->part);
	return NULL;
}

static void start_parts(struct scout *s)
{
	static struct start starts[PARTS];
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (size_t i = 0; i < PARTS; i++) {
		starts[i] = (struct start){&s->part, i};
		BUG_ON(pthread_create(
			&s->threads[i], &attributes, run_part, &starts[i]));
		pthread_setname_np(s->threads[i], parts[i].name);
	}
	pthread_attr_destroy(&attributes);
}

static void hear(struct scout *s, enum frames_kind kind, const struct buf *bytes)
{
	struct wire_batch batch;
	struct err e;
	arena_reset(&s->heard);
	if (!wire_batch_decode(
		    bytes->data, bytes->length, clock_unix_ms(), &s->heard, &batch, &e))
		log_warn("the agent's list of processes: %s", e.text);
	else if (kind == FRAMES_CROWD)
		crowd_set(s->part.crowd, batch.processes, batch.process_count);
	else if (kind == FRAMES_CENSUS && batch.process_count == 1)
		crowd_ask(s->part.crowd, batch.processes[0].pid,
			batch.processes[0].start_ticks);
}

/* Until the agent ends, or says what nobody understands. */
static void listen_to_agent(struct scout *s)
{
	struct frames frames = {.fd = STDIN_FILENO};
	struct buf bytes = {0};
	struct err e;
	int64_t warm_ms = clock_mono_ms() + WARM_MS;
	bool is_warm = false;
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	while (!frames.has_ended) {
		struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
		bool found = true;
		poll(&fd, 1, is_warm ? -1 : WARM_MS);
		/* The parts have begun: what only that needed is given back. */
		if (!is_warm && clock_mono_ms() >= warm_ms) {
			pages_give_back();
			is_warm = true;
		}
		frames.count = 0;
		if (!frames_read(&frames, &e))
			break;
		while (found) {
			enum frames_kind kind;
			buf_reset(&bytes);
			if (!frames_next(&frames, &kind, &bytes, &found, &e)) {
				log_error("%s", e.text);
				frames.has_ended = true;
				break;
			}
			if (found)
				hear(s, kind, &bytes);
		}
	}
	buf_finish(&bytes);
	frames_finish(&frames);
}

static bool prepare(struct scout *s, struct err *e)
{
	const struct config *c = &s->config;
	struct state_keys keys;
	if (!host_read(c->procfs, &s->host, e) || !state_keys(c->state_dir, &keys, e))
		return false;
	identity_read(c->machine_id, c->hostname, &keys, &s->identity);
	s->frame = (struct wire_batch){
		.boot_id = s->host.boot_id,
		.machine_id = s->identity.machine_id,
		.hostname = s->identity.hostname,
		.kernel = s->host.kernel,
		.cpus = s->host.cpus,
		.interval_ms = (uint32_t)c->interval_ms,
	};
	s->part = (struct part){
		.config = c,
		.crowd = crowd_create(),
		.post = post_create(STDOUT_FILENO, &s->frame),
		.stop_fd = eventfd(0, EFD_CLOEXEC),
	};
	return s->part.stop_fd >= 0 || err_errno(e, "eventfd");
}

static const struct scout_command *find_command(const char *name)
{
	for (const struct scout_command *c = commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* Commands have switches that are no settings. */
static bool is_switch(const char *argument)
{
	return strcmp(argument, "--json") == 0 || strcmp(argument, "--help") == 0 ||
	       strcmp(argument, "--census") == 0 || strcmp(argument, "--watch") == 0;
}

/* Settings may stand on both sides of a word.  They are taken out: *words is the
 * program's name, then what is no setting, then the switches. */
static bool configure(struct scout *s, int argc, char **argv, char ***words, int *count,
	struct err *e)
{
	size_t room = (size_t)argc + 1;
	char **rest = arena_array(&s->arena, room, sizeof *rest);
	char **switches = arena_array(&s->arena, room, sizeof *switches);
	char **out = arena_array(&s->arena, room, sizeof *out);
	int n = 0, switched = 0, left = 0, at = 1;
	for (int i = 0; i < argc; i++) {
		if (is_switch(argv[i]))
			switches[switched++] = argv[i];
		else
			rest[n++] = argv[i];
	}
	if (!config_load(&s->config, config_find(argc, argv), &s->arena, e))
		return false;
	out[left++] = argv[0];
	while (at < n) {
		if (!config_arguments(&s->config, n, rest, at, &at, &s->arena, e))
			return false;
		if (at < n)
			out[left++] = rest[at++];
	}
	memcpy(out + left, switches, (size_t)switched * sizeof *out);
	*words = out;
	*count = left + switched;
	return true;
}

static int fail(const struct err *e, int status)
{
	fprintf(stderr, "tidemark-scout: %s\n", e->text);
	return status;
}

/* The agent's child, until the agent ends. */
static int watch(struct scout *s)
{
	struct err e;
	signal(SIGHUP, SIG_IGN);
	if (!prepare(s, &e))
		return fail(&e, 1);
	log_init("tidemark-scout", s->config.least);
	start_parts(s);
	listen_to_agent(s);
	crowd_stop(s->part.crowd);
	eventfd_write(s->part.stop_fd, 1);
	/* A part that does not come back in time is left to the kernel. */
	alarm(5);
	for (size_t i = 0; i < PARTS; i++)
		pthread_join(s->threads[i], NULL);
	post_destroy(s->part.post);
	crowd_destroy(s->part.crowd);
	return 0;
}

static int run_command(struct scout *s, int argc, char **argv)
{
	struct err e;
	const struct scout_command *command = find_command(argv[0]);
	if (command)
		return command->run(&s->config, argc, argv);
	err_set(&e, ERR_INPUT, "unknown command '%s'", argv[0]);
	return fail(&e, 2);
}

/* Programs that it runs, journalctl and the commands of queues, get no privilege of the
 * agent's, which its service hands down; we keep it ourselves. */
static void keep_privileges_here(void)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

int main(int argc, char **argv)
{
	static struct scout s;
	struct err e;
	char **words;
	int count, status;
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024);
	signal(SIGPIPE, SIG_IGN);
	keep_privileges_here();
	arena_init(&s.arena);
	arena_init(&s.heard);
	if (!configure(&s, argc, argv, &words, &count, &e))
		return fail(&e, 2);
	status = count == 1 || strcmp(words[1], "run") == 0
			 ? watch(&s)
			 : run_command(&s, count - 1, words + 1);
	arena_finish(&s.heard);
	arena_finish(&s.arena);
	return status;
}
