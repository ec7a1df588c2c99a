/*
 * tidemark-scout: the agent's child that talks to foreign things, so that none of them
 * can stall, grow or end the agent: runtimes, lock files, logs, queues.
 *
 * People never call it.  It gets the agent's own arguments, reads the same
 * configuration, hears on stdin who is followed (frames.h, FRAMES_CROWD), writes on
 * stdout what it finds (agent/part/post.h), logs to stderr, and ends when stdin does.
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

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
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

enum { PARTS = sizeof parts / sizeof parts[0], STACK_BYTES = 512 << 10 };

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

static void hear(struct scout *s, const struct buf *bytes)
{
	struct wire_batch batch;
	struct err e;
	arena_reset(&s->heard);
	if (wire_batch_decode(
		    bytes->data, bytes->length, clock_unix_ms(), &s->heard, &batch, &e))
		crowd_set(s->part.crowd, batch.processes, batch.process_count);
	else
		log_warn("the agent's list of processes: %s", e.text);
}

/* Until the agent ends, or says what nobody understands. */
static void listen_to_agent(struct scout *s)
{
	struct frames frames = {.fd = STDIN_FILENO};
	struct buf bytes = {0};
	struct err e;
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	while (!frames.has_ended) {
		struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
		bool found = true;
		poll(&fd, 1, -1);
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
			if (found && kind == FRAMES_CROWD)
				hear(s, &bytes);
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

static bool configure(struct scout *s, int argc, char **argv, struct err *e)
{
	int at = argc > 1 && argv[1][0] != '-' ? 2 : 1;
	return config_load(&s->config, conf_find_config(argc, argv), &s->arena, e) &&
	       config_arguments(&s->config, argc, argv, at, &at, &s->arena, e);
}

int main(int argc, char **argv)
{
	static struct scout s;
	struct err e;
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	arena_init(&s.arena);
	arena_init(&s.heard);
	if (!configure(&s, argc, argv, &e) || !prepare(&s, &e)) {
		fprintf(stderr, "tidemark-scout: %s\n", e.text);
		return 1;
	}
	log_init("tidemark-scout", s.config.least);
	start_parts(&s);
	listen_to_agent(&s);
	crowd_stop(s.part.crowd);
	eventfd_write(s.part.stop_fd, 1);
	/* A part that does not come back in time is left to the kernel. */
	alarm(5);
	for (size_t i = 0; i < PARTS; i++)
		pthread_join(s.threads[i], NULL);
	post_destroy(s.part.post);
	crowd_destroy(s.part.crowd);
	arena_finish(&s.heard);
	arena_finish(&s.arena);
	return 0;
}
