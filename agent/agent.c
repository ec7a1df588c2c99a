#include "agent/agent.h"

#include "agent/batch.h"
#include "agent/central.h"
#include "agent/cost.h"
#include "agent/heaps.h"
#include "agent/host.h"
#include "agent/identity.h"
#include "agent/processes.h"
#include "agent/scouting.h"
#include "agent/seldom.h"
#include "agent/slots.h"
#include "agent/spool.h"
#include "agent/state.h"
#include "agent/status.h"
#include "agent/uplink.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/notify.h"
#include "common/pages.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AGENT_WARM_TICKS = 2 };

struct agent {
	const struct config *config; /* the live one */
	struct central central;
	struct cost cost;
	uint64_t answered; /* receipts, when settings were put in force */
	bool resizes;      /* the spool holds more than it may now */
	struct state_keys keys;
	struct identity identity;
	struct host host;
	struct batch_host batch_host;

	struct spool *spool;
	struct slots *slots;
	struct processes *processes;
	struct heaps *heaps;
	struct scouting *scouting;
	int wake_fd; /* epoll: the word to stop, and what waits for heaps or scout */

	struct state_enrolment enrolment;
	bool enrolled;
	struct uplink *uplink; /* NULL while not enrolled */

	struct arena arena; /* of one tick */
	struct status status;
	bool connected; /* as logged last, and to which one */
	struct endpoint server;
	uint64_t moves;
	/* What was logged last of each kind: a trouble that stays is logged once. */
	struct err append_trouble, read_trouble, enrolment_trouble, state_trouble;
	struct seldom refusals, holds;
	uint64_t refused; /* as logged last */

	struct stat spool_folder; /* as it was opened */
	bool replaced;            /* others have changed what we stand on: begin anew */
};

/* Logs a trouble when it is another than before, and when it is over. */
static void agent_tell(struct err *before, const struct err *now, const char *over)
{
	if (now->kind != ERR_NONE && strcmp(before->text, now->text) != 0)
		log_warn("%s", now->text);
	if (now->kind == ERR_NONE && before->kind != ERR_NONE)
		log_info("%s", over);
	*before = *now;
}

static void agent_load_slots(struct agent *a)
{
	struct buf text = {0};
	bool found;
	struct err e;
	a->slots = slots_create(a->host.boot_id);
	if (!state_read_slots(a->config->state_dir, &text, &found, &e))
		log_warn("%s: instances may be numbered anew", e.text);
	else if (found && !slots_parse(a->slots, text.data, clock_unix_ms(), &e))
		log_warn("%s/slots: %s: instances may be numbered anew",
			a->config->state_dir, e.text);
	buf_finish(&text);
}

static void agent_save_slots(struct agent *a)
{
	if (!slots_changed(a->slots))
		return;
	struct buf text = {0};
	struct err e = {0};
	slots_format(a->slots, clock_unix_ms(), &text);
	state_write_slots(a->config->state_dir, text.data, &e);
	agent_tell(&a->state_trouble, &e, "the state directory can be written again");
	buf_finish(&text);
}

static bool agent_spool_path(const struct agent *a, char path[PATH_MAX])
{
	int length = snprintf(path, PATH_MAX, "%s/spool", a->config->state_dir);
	return length > 0 && length < PATH_MAX;
}

/* The server's bound holds when what is there fits it: a start must not lose what the
 * run before it kept, under a larger bound of the server's. */
static void agent_fit_spool(struct agent *a)
{
	const struct config *own = a->central.own;
	struct spool_stats found;
	a->resizes = !spool_resize(a->spool, a->config->spool_max_bytes);
	if (!a->resizes || own->sources[SETTING_AT_spool_max] != CONF_FROM_DEFAULT)
		return;
	spool_get_stats(a->spool, &found);
	if ((int64_t)found.disk_bytes > own->spool_max_bytes &&
		(int64_t)found.disk_bytes > a->config->spool_max_bytes)
		spool_resize(a->spool, (int64_t)found.disk_bytes);
}

static bool agent_open_spool(struct agent *a, struct err *e)
{
	char folder[PATH_MAX];
	if (!agent_spool_path(a, folder))
		return err_set(e, ERR_INPUT, "state_dir is too long");
	/* What the owner lets it hold is not dropped because the server wants less. */
	int64_t most = a->central.own->spool_max_bytes;
	if (a->config->spool_max_bytes > most)
		most = a->config->spool_max_bytes;
	if (!spool_open(folder, most, &a->spool, e))
		return false;
	agent_fit_spool(a);
	return stat(folder, &a->spool_folder) == 0 || err_errno(e, "%s", folder);
}

/* Whoever removes the state directory under us takes the key and the spool away:
 * what is written on would be lost with the open files. */
static bool agent_lost_spool(const struct agent *a)
{
	char folder[PATH_MAX];
	struct stat now;
	if (!agent_spool_path(a, folder))
		return false;
	if (stat(folder, &now) != 0)
		return errno == ENOENT;
	return now.st_ino != a->spool_folder.st_ino ||
	       now.st_dev != a->spool_folder.st_dev;
}

static void agent_hear(void *context, enum log_level level, const char *text)
{
	(void)context;
	log_line(level, "%s", text);
}

static void agent_hear_census(void *context, uint32_t pid, uint64_t start_ticks)
{
	struct agent *a = context;
	scouting_ask_census(a->scouting, pid, start_ticks);
}

static void agent_hear_settings(void *context, const struct setting_orders *orders)
{
	struct agent *a = context;
	central_hear(&a->central, orders);
}

/* The scout runs what the agent does. */
static void agent_tune_scout(struct agent *a)
{
	struct arena arena;
	arena_init(&arena);
	scouting_tune(a->scouting, central_arguments(&a->central, &arena));
	arena_finish(&arena);
}

static bool agent_open_heaps(struct agent *a, int stop_fd, struct err *e)
{
	const struct heaps_options options = {.config = a->config,
		.host = &a->batch_host,
		.spool = a->spool,
		.tell = agent_hear,
		.census = agent_hear_census,
		.context = a};
	if (!heaps_open(&options, &a->heaps, e))
		return false;
	struct epoll_event stop = {.events = EPOLLIN, .data.fd = stop_fd};
	struct epoll_event heaps = {.events = EPOLLIN, .data.fd = -1};
	const struct scouting_options scout = {.config = a->config,
		.host = &a->batch_host,
		.spool = a->spool,
		.tell = agent_hear};
	a->scouting = scouting_create(&scout);
	if (!a->scouting)
		return err_errno(e, "cannot prepare the scout");
	agent_tune_scout(a);
	a->wake_fd = epoll_create1(EPOLL_CLOEXEC);
	if (a->wake_fd < 0 ||
		epoll_ctl(a->wake_fd, EPOLL_CTL_ADD, stop_fd, &stop) != 0 ||
		epoll_ctl(a->wake_fd, EPOLL_CTL_ADD, heaps_fd(a->heaps), &heaps) != 0 ||
		epoll_ctl(a->wake_fd, EPOLL_CTL_ADD, scouting_fd(a->scouting),
			&heaps) != 0)
		return err_errno(e, "epoll");
	return true;
}

static bool agent_open(
	struct agent *a, const struct config *c, int stop_fd, struct err *e)
{
	struct err trouble = {0};
	a->wake_fd = -1;
	arena_init(&a->arena);
	if (!central_open(&a->central, c, &trouble))
		log_warn("%s: what the server told is forgotten", trouble.text);
	a->config = c = &a->central.live;
	if (!state_prepare(c->state_dir, e) || !state_keys(c->state_dir, &a->keys, e) ||
		!host_read(c->procfs, &a->host, e) || !agent_open_spool(a, e))
		return false;
	identity_read(c->machine_id, c->hostname, &a->keys, &a->identity);
	a->batch_host = (struct batch_host){
		.boot_id = a->host.boot_id,
		.machine_id = a->identity.machine_id,
		.hostname = a->identity.hostname,
		.kernel = a->host.kernel,
		.cpus = a->host.cpus,
		.interval_ms = (uint32_t)c->interval_ms,
	};
	agent_load_slots(a);
	const struct processes_options options = {
		.procfs = c->procfs,
		.cgroupfs = c->cgroupfs,
		.interval_ms = c->interval_ms,
		.min_rss_bytes = c->min_rss_bytes,
		.pss_budget_ms = c->pss_budget_ms,
		.kept_max = host_raise_descriptors(),
		.rules = c->rules,
		.rule_count = c->rule_count,
		.slots = a->slots,
	};
	return processes_open(&options, &a->processes, e) &&
	       agent_open_heaps(a, stop_fd, e);
}

/* Everything that was opened, the other way round. */
static void agent_close(struct agent *a)
{
	uplink_destroy(a->uplink);
	if (a->wake_fd >= 0)
		close(a->wake_fd);
	scouting_destroy(a->scouting);
	heaps_close(a->heaps);
	processes_close(a->processes);
	slots_destroy(a->slots);
	spool_close(a->spool);
	central_close(&a->central);
	arena_finish(&a->arena);
}

/* The enrolment with the configured server in the place of its own. */
static bool agent_read_enrolment(
	struct agent *a, struct state_enrolment *out, bool *found, struct err *e)
{
	const struct config *c = a->config;
	if (!state_read_enrolment(c->state_dir, out, found, e))
		return false;
	if (!*found || (!c->server[0] && !c->servers[0]))
		return true;
	out->servers.count = 0;
	return c->servers[0] ? endpoints_parse(c->servers, &out->servers, e)
			     : config_parse_endpoint(c->server, out->host,
				       sizeof out->host, &out->port, e);
}

static bool agent_is_enrolled_as(
	const struct agent *a, const struct state_enrolment *to)
{
	/* Who has joined again knows that it is worth trying at once. */
	return a->enrolled && a->enrolment.written_us == to->written_us &&
	       a->enrolment.port == to->port && a->enrolment.agent_id == to->agent_id &&
	       strcmp(a->enrolment.host, to->host) == 0 &&
	       endpoints_equal(&a->enrolment.servers, &to->servers) &&
	       memcmp(a->enrolment.server_key, to->server_key, sizeof to->server_key) ==
		       0;
}

/* Joining makes a new key when the old one was removed. */
static bool agent_has_new_keys(const struct agent *a, struct err *e)
{
	struct state_keys keys;
	return state_keys(a->config->state_dir, &keys, e) &&
	       memcmp(&keys, &a->keys, sizeof keys) != 0;
}

static void agent_log_enrolment(const struct state_enrolment *to)
{
	if (to->servers.count > 1)
		log_info("sending to one of %zu servers as agent %u", to->servers.count,
			(unsigned)to->agent_id);
	else
		log_info("sending to %s port %d as agent %u", to->host, to->port,
			(unsigned)to->agent_id);
}

/* Connects when there is a new enrolment. */
static void agent_enrol(struct agent *a)
{
	struct state_enrolment enrolment = {0};
	bool found = false;
	struct err e = {0};
	if (!agent_read_enrolment(a, &enrolment, &found, &e) || !found ||
		agent_is_enrolled_as(a, &enrolment)) {
		agent_tell(
			&a->enrolment_trouble, &e, "the enrolment can be read again");
		return;
	}
	a->replaced = agent_has_new_keys(a, &e);
	if (a->replaced)
		return;
	uplink_destroy(a->uplink);
	a->uplink = NULL;
	a->connected = false;
	a->answered = 0;
	const struct uplink_options options = {.enrolment = &enrolment,
		.keys = &a->keys,
		.spool = a->spool,
		.ears = heaps_ears(a->heaps),
		.settings = &a->central.state,
		.told = agent_hear_settings,
		.told_context = a};
	a->enrolled = uplink_create(&options, &a->uplink, &e);
	a->enrolment = enrolment;
	if (a->enrolled)
		agent_log_enrolment(&enrolment);
	agent_tell(&a->enrolment_trouble, &e, "the uplink works again");
}

static void agent_log_connection(struct agent *a)
{
	if (!a->uplink)
		return;
	struct uplink_stats stats;
	uplink_get_stats(a->uplink, &stats);
	if (stats.connected && !a->connected)
		log_info("connected to %s port %d", stats.server.host,
			stats.server.port);
	if (!stats.connected && a->connected)
		log_warn("connection to %s port %d lost%s%s", a->server.host,
			a->server.port, stats.last_error[0] ? ": " : "",
			stats.last_error);
	if (stats.connected && a->connected && stats.moves != a->moves)
		log_info("moved to %s port %d", stats.server.host, stats.server.port);
	a->server = stats.server;
	a->moves = stats.moves;
	a->connected = stats.connected;
}

/* What the server does not take, or not now. */
static void agent_log_receipts(struct agent *a)
{
	if (!a->uplink)
		return;
	struct uplink_stats stats;
	uplink_get_stats(a->uplink, &stats);
	int64_t now_ms = clock_mono_ms();
	if (stats.refused && stats.refused != a->refused &&
		seldom_may(&a->refusals, stats.last_refusal, now_ms))
		log_warn("the server refused readings, which are lost: %s",
			stats.last_refusal);
	a->refused = stats.refused;
	if (stats.last_hold[0] && seldom_may(&a->holds, stats.last_hold, now_ms))
		log_warn("the server takes no readings now, which wait in the spool: "
			 "%s",
			stats.last_hold);
}

static void agent_write_status(struct agent *a)
{
	struct buf text = {0};
	struct err e = {0};
	struct status *s = &a->status;
	s->identity = &a->identity;
	s->interval_ms = a->config->interval_ms;
	s->enrolment = a->enrolled ? &a->enrolment : NULL;
	if (a->uplink)
		uplink_get_stats(a->uplink, &s->uplink);
	spool_get_stats(a->spool, &s->spool);
	status_format(s, clock_unix_ms(), &text);
	central_format(&a->central, &text);
	heaps_format(a->heaps, &text);
	scouting_format(a->scouting, &text);
	state_write_status(a->config->state_dir, text.data, &e);
	agent_tell(&a->state_trouble, &e, "the state directory can be written again");
	buf_finish(&text);
}

static uint64_t agent_answers(const struct uplink_stats *u)
{
	return u->stored + u->repeated + u->refused + u->held;
}

/* Puts what the server told in force, between two readings. */
static bool agent_follow(struct agent *a)
{
	struct uplink_stats stats = {0};
	struct err e = {0};
	const struct config *c = a->config;
	if (!central_take(&a->central, &e))
		return false;
	agent_tell(&a->state_trouble, &e, "the state directory can be written again");
	log_init("tidemark-agent", c->least);
	log_info("runs settings %llu of the server, %zu of them not as told",
		(unsigned long long)a->central.state.revision,
		a->central.state.exception_count);
	a->batch_host.interval_ms = (uint32_t)c->interval_ms;
	processes_tune(
		a->processes, c->interval_ms, c->min_rss_bytes, c->pss_budget_ms);
	heaps_tune(a->heaps);
	agent_tune_scout(a);
	a->resizes = !spool_resize(a->spool, c->spool_max_bytes);
	cost_begin(&a->cost);
	a->central.state.has_cost = false;
	if (a->uplink)
		uplink_get_stats(a->uplink, &stats);
	a->answered = agent_answers(&stats) + stats.in_flight;
	return true;
}

/* A word that was sent with the settings of now was answered. */
static void agent_confirm(struct agent *a)
{
	struct uplink_stats stats;
	struct err e = {0};
	if (!a->uplink)
		return;
	uplink_get_stats(a->uplink, &stats);
	if (agent_answers(&stats) <= a->answered)
		return;
	central_confirm(&a->central, &e);
	agent_tell(&a->state_trouble, &e, "the state directory can be written again");
}

static void agent_look_at_itself(struct agent *a)
{
	struct setting_state *s = &a->central.state;
	cost_look(&a->cost, scouting_child(a->scouting), clock_mono_ms());
	s->has_cost = a->cost.known;
	s->cpu_ppm = a->cost.cpu_ppm;
	s->rss_bytes = a->cost.rss_bytes;
	if (a->resizes)
		a->resizes = !spool_resize(a->spool, a->config->spool_max_bytes);
}

static void agent_tick(struct agent *a)
{
	int64_t begun_ms = clock_mono_ms();
	const struct processes_now now = {clock_unix_ms(), clock_boot_ms()};
	struct processes_tick tick;
	struct err e = {0};
	processes_read(a->processes, &now, &a->arena, &tick, &e);
	agent_tell(&a->read_trouble, &e, "procfs can be read again");

	scouting_tick(a->scouting, &tick, &a->arena);
	e = (struct err){0};
	if (now.unix_ms < WIRE_TIME_MIN_MS)
		err_set(&e, ERR_IO,
			"the clock is before 2020: waiting for it to be set");
	else
		batch_append(&a->batch_host, &tick, now.unix_ms, a->spool, &e);
	agent_tell(&a->append_trouble, &e, "readings are stored again");
	heaps_tick(a->heaps, &tick, e.kind == ERR_NONE);
	agent_save_slots(a);

	struct status *s = &a->status;
	s->ticks++;
	s->followed = tick.count;
	s->processes = (size_t)tick.host.value[HOST_processes];
	sight_look(&s->sight, a->config->procfs, tick.processes, tick.count, begun_ms);
	agent_look_at_itself(a);
	arena_reset(&a->arena);
	malloc_trim(0); /* holes that it leaves, too */
	/* All that a tick needs has been needed by now. */
	if (s->ticks == AGENT_WARM_TICKS)
		pages_give_back();
	s->tick_ms = clock_mono_ms() - begun_ms;
}

static bool agent_is_to_stop(const struct agent *a)
{
	struct epoll_event events[3];
	int count = epoll_wait(a->wake_fd, events, 3, 0);
	for (int i = 0; i < count; i++)
		if (events[i].data.fd >= 0)
			return true;
	return false;
}

/* Waits until then, or for the word to stop (false); not as long when the time between
 * readings becomes shorter. */
static bool agent_wait(struct agent *a, int64_t *due_ms)
{
	int64_t watchdog_ms = notify_watchdog_ms();
	int64_t begun_ms = clock_mono_ms();
	for (;;) {
		int64_t now_ms = clock_mono_ms();
		if (agent_follow(a) && *due_ms > begun_ms + a->config->interval_ms)
			*due_ms = begun_ms + a->config->interval_ms;
		int64_t until_mono_ms = *due_ms;
		if (now_ms >= until_mono_ms)
			return true;
		int64_t wake_ms = until_mono_ms;
		if (watchdog_ms && now_ms + watchdog_ms < wake_ms)
			wake_ms = now_ms + watchdog_ms;
		int64_t heaps_ms = heaps_due_ms(a->heaps);
		if (heaps_ms < wake_ms)
			wake_ms = heaps_ms;
		int64_t scout_ms = scouting_due_ms(a->scouting);
		if (scout_ms < wake_ms)
			wake_ms = scout_ms;
		if (uplink_run(a->uplink, wake_ms, a->wake_fd) && agent_is_to_stop(a))
			return false;
		heaps_run(a->heaps);
		scouting_run(a->scouting);
		notify_send("WATCHDOG=1");
		agent_log_connection(a);
		agent_log_receipts(a);
		agent_confirm(a);
	}
}

/* False: begin anew. */
static bool agent_loop(struct agent *a)
{
	int64_t due_ms = clock_mono_ms();
	do {
		int64_t interval_ms = a->config->interval_ms;
		a->replaced = agent_lost_spool(a);
		if (!a->replaced)
			agent_enrol(a);
		if (a->replaced)
			return false;
		agent_tick(a);
		agent_write_status(a);
		int64_t late_ms = clock_mono_ms() - due_ms;
		due_ms += interval_ms;
		if (late_ms >= interval_ms) {
			a->status.skipped += (uint64_t)(late_ms / interval_ms);
			due_ms += late_ms / interval_ms * interval_ms;
		}
	} while (agent_wait(a, &due_ms));
	return true;
}

/* *again: the state directory is another one now. */
static bool agent_run_once(
	const struct config *c, int stop_fd, bool *again, struct err *e)
{
	struct agent a = {0};
	if (!agent_open(&a, c, stop_fd, e)) {
		agent_close(&a);
		return false;
	}
	a.status.started_unix_ms = clock_unix_ms();
	agent_enrol(&a);
	if (!a.enrolled)
		log_warn("not enrolled: readings wait in the spool until "
			 "'tidemark-agent join' has been run");
	log_info("reading every %lld ms", (long long)a.config->interval_ms);
	notify_send("READY=1");
	*again = !agent_loop(&a);
	agent_close(&a);
	return true;
}

bool agent_run(const struct config *c, int stop_fd, struct err *e)
{
	bool again;
	do {
		if (!agent_run_once(c, stop_fd, &again, e))
			return false;
		if (again)
			log_warn("the key or the spool in %s was removed or replaced: "
				 "beginning anew",
				c->state_dir);
	} while (again);
	notify_send("STOPPING=1");
	log_info("stopping");
	return true;
}
