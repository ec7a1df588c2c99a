/*
 * tidemark-agent: watches the processes of one machine and tells its server.
 *
 * Boot: settings → signals → (run) state directory, spool, seats, probes, uplink →
 * the loop.  Stop: the same, backwards, on SIGTERM or SIGINT.
 */
#include "agent/agent.h"
#include "agent/beside.h"
#include "agent/capture/job.h"
#include "agent/central.h"
#include "agent/config.h"
#include "agent/host.h"
#include "agent/join.h"
#include "agent/services.h"
#include "agent/snapshot.h"
#include "agent/state.h"
#include "agent/status.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/log.h"
#include "common/manual.h"
#include "common/scoped.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { MAIN_OK = 0, MAIN_FAILED = 1, MAIN_USAGE = 2 };

struct main_call {
	struct config config;
	struct central central; /* of those commands that ask what the agent runs */
	char *argument;         /* the one that is no option, or NULL */
	bool json;              /* for programs instead of people */
	struct arena arena;
};

struct main_command {
	const char *name, *argument, *help;
	int (*run)(struct main_call *call);
	int (*parts)(int argc, char **argv); /* instead: reads its own arguments */
};

static int main_run(struct main_call *call);
static int main_join(struct main_call *call);
static int main_services(struct main_call *call);
static int main_status(struct main_call *call);
static int main_version(struct main_call *call);
static int main_help(struct main_call *call);
static int main_scout(int argc, char **argv);

static const struct main_command main_commands[] = {
	{"run", NULL, "Watch this machine (also without a command)", main_run, NULL},
	{"join", "-",
		"Enrol with a server; reads the token from stdin ('-') or asks for it",
		main_join, NULL},
	{"services", "[--json]",
		"Show which services are found here, and by which rule", main_services,
		NULL},
	{"snapshot", "PART", "Take and explain heap snapshots; 'snapshot help'", NULL,
		snapshot_run},
	{"fingerprint", "PID|SERVICE",
		"Show version, runtime and packages of a process", NULL, main_scout},
	{"insides", "PID|SERVICE", "Show heap, handles and collections of a runtime",
		NULL, main_scout},
	{"queues", NULL, "Read the configured queues once", NULL, main_scout},
	{"status", NULL, "Show what the running agent does", main_status, NULL},
	{"version", NULL, "Print the version", main_version, NULL},
	{"help", NULL, "Print this", main_help, NULL},
};

enum { MAIN_COMMANDS = sizeof main_commands / sizeof main_commands[0] };

static int main_fail(const struct err *e)
{
	fprintf(stderr, "tidemark-agent: %s\n", e->text);
	return e->kind == ERR_INPUT ? MAIN_USAGE : MAIN_FAILED;
}

/* A descriptor that becomes readable on SIGTERM and SIGINT.  Threads that start
 * later inherit the blocked signals. */
static int main_catch_signals(void)
{
	sigset_t stop;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* an agent outlives the terminal it was started in */
	return signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* One heap for our thread and libzmq's, and what only a tick needs goes back to the
 * system at its end. */
static void main_stay_small(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024);
	mallopt(M_MMAP_THRESHOLD, 64 * 1024);
}

static int main_run(struct main_call *call)
{
	struct err e;
	main_stay_small();
	scoped_fd int stop_fd = main_catch_signals();
	log_init("tidemark-agent", call->config.least);
	if (stop_fd < 0) {
		err_errno(&e, "signalfd");
		return main_fail(&e);
	}
	if (agent_run(&call->config, stop_fd, &e))
		return MAIN_OK;
	log_error("%s", e.text);
	return e.kind == ERR_INPUT ? MAIN_USAGE : MAIN_FAILED;
}

static int main_join(struct main_call *call)
{
	const struct config *c = &call->config;
	struct err e;
	const char *token = call->argument;
	bool has_file = c->token_file[0];
	if (token && has_file) {
		err_set(&e, ERR_INPUT,
			"join takes the token from one place: standard input ('-'), "
			"--token-file or TIDEMARK_TOKEN");
		return main_fail(&e);
	}
	if (token && join_hide(call->argument, &call->arena, &token))
		fprintf(stderr,
			"tidemark-agent: while a command runs, every user of this host "
			"can read its arguments, so this token too; pass it by "
			"standard "
			"input: join -\n");
	const struct join_options options = {
		.state_dir = c->state_dir,
		.token = token,
		.token_file = has_file ? c->token_file : NULL,
		.server = c->server[0] ? c->server : NULL,
		.machine_id = c->machine_id,
		.hostname = c->hostname,
	};
	struct state_enrolment enrolled;
	if (!join_run(&options, &enrolled, &e))
		return main_fail(&e);
	printf("Enrolled as agent %u; readings go to %s port %d.\n",
		(unsigned)enrolled.agent_id, enrolled.host, enrolled.port);
	return MAIN_OK;
}

/* As the running agent numbers them; a machine without one is numbered afresh. */
static struct slots *main_read_slots(
	const struct config *c, const char *boot_id, bool *known)
{
	struct slots *slots = slots_create(boot_id);
	struct buf text = {0};
	struct err e;
	bool found;
	*known = state_read_slots(c->state_dir, &text, &found, &e) && found &&
		 slots_parse(slots, text.data, clock_unix_ms(), &e);
	buf_finish(&text);
	return slots;
}

/* The settings of the agent that runs here, of which the server may have set some. */
static const struct config *main_live(struct main_call *call)
{
	struct err ignored;
	central_read(&call->central, &call->config, &ignored);
	return &call->central.live;
}

static int main_services(struct main_call *call)
{
	const struct config *c = main_live(call);
	struct err e;
	struct host host;
	if (!host_read(c->procfs, &host, &e))
		return main_fail(&e);
	bool known;
	struct slots *slots = main_read_slots(c, host.boot_id, &known);
	const struct processes_options options = {
		.procfs = c->procfs,
		.cgroupfs = c->cgroupfs,
		.interval_ms = c->interval_ms,
		.min_rss_bytes = c->min_rss_bytes,
		.rules = c->rules,
		.rule_count = c->rule_count,
		.slots = slots,
	};
	struct processes *processes = NULL;
	struct processes_tick tick;
	const struct processes_now now = {clock_unix_ms(), clock_boot_ms()};
	bool ok = processes_open(&options, &processes, &e) &&
		  processes_read(processes, &now, &call->arena, &tick, &e);
	if (ok) {
		struct buf text = {0};
		(call->json ? services_format_json : services_format)(
			&tick, known ? slots : NULL, &text);
		fputs(text.data, stdout);
		buf_finish(&text);
	}
	processes_close(processes);
	slots_destroy(slots);
	return ok ? MAIN_OK : main_fail(&e);
}

static int main_status(struct main_call *call)
{
	const struct config *c = main_live(call);
	struct buf text = {0};
	int64_t written_unix_ms;
	bool found;
	struct err e;
	if (!state_read_status(c->state_dir, &text, &written_unix_ms, &found, &e))
		return main_fail(&e);
	if (!found) {
		printf("No agent has run with the state directory %s.\n", c->state_dir);
		return MAIN_FAILED;
	}
	fputs(text.data, stdout);
	buf_finish(&text);
	int64_t age_ms = clock_unix_ms() - written_unix_ms;
	if (age_ms <= 3 * c->interval_ms + 5000)
		return MAIN_OK;
	printf("This was written %lld seconds ago: the agent is not running.\n",
		(long long)age_ms / 1000);
	return MAIN_FAILED;
}

/* These commands are the scout's, which has the libraries for them: it takes our place
 * and gets the same words.  argv[0] is the command; the program's name is before it. */
static int main_scout(int argc, char **argv)
{
	char program[PATH_MAX];
	struct err e;
	(void)argc;
	if (!beside_find("tidemark-scout", program)) {
		err_set(&e, ERR_IO, "cannot tell which folder this program is in");
		return main_fail(&e);
	}
	execv(program, argv - 1);
	err_errno(&e, "cannot run %s", program);
	return main_fail(&e);
}

static int main_version(struct main_call *call)
{
	(void)call;
	printf("tidemark-agent %s\n", TIDEMARK_VERSION);
	return MAIN_OK;
}

static bool main_command_at(size_t index, struct manual_command *out)
{
	if (index >= MAIN_COMMANDS)
		return false;
	const struct main_command *c = &main_commands[index];
	*out = (struct manual_command){c->name, c->argument, c->help};
	if (c->parts == snapshot_run)
		out->argument = snapshot_arguments();
	return true;
}

static struct manual main_manual(void)
{
	return (struct manual){
		.settings = config_settings(),
		.title = "watches the memory of one machine's services",
		.about = "Reads what the kernel knows of each process, groups "
			 "processes into services, and sends the readings to its "
			 "server. A reading is on disk before it is sent, and is "
			 "forgotten when the server has committed it. What belongs to "
			 "others (runtimes, lock files, logs, queues) is read by a "
			 "child, tidemark-scout.\n\n"
			 "With CAP_SYS_PTRACE it sees shared and private memory, names "
			 "and versions of everybody's programs, otherwise those of its "
			 "own user alone; 'tidemark-agent status' tells what it sees "
			 "now.",
		.command = main_command_at,
		.sections = config_sections,
		.files = "/etc/tidemark/agent.conf\tsettings\n"
			 "/var/lib/tidemark-agent\tkey, enrolment and spool",
		.exits = "0\tit is done\n1\tit failed\n"
			 "2\tit was asked wrongly, or the settings are wrong",
		.others = "tidemark-agent.conf(5) tidemark-server(8) capabilities(7)",
	};
}

static int main_help(struct main_call *call)
{
	(void)call;
	printf("tidemark-agent watches the memory of one machine's services.\n\n"
	       "Usage: tidemark-agent [COMMAND] [OPTIONS]\n\nCommands:\n");
	for (size_t i = 0; i < MAIN_COMMANDS; i++) {
		const struct main_command *c = &main_commands[i];
		int width = printf("  %s%s%s", c->name, c->argument ? " " : "",
			c->argument ? c->argument : "");
		printf("%*s%s\n", 27 - width, "", c->help);
	}
	struct buf text = {0};
	const struct manual manual = main_manual();
	manual_help(&manual, &text);
	config_help(&text);
	printf("\nOptions (also as TIDEMARK_AGENT_NAME in the environment, and in the "
	       "file):\n%s",
		text.data);
	buf_finish(&text);
	return MAIN_OK;
}

static int main_check_config(struct main_call *call)
{
	printf("The settings are good: %zu service rule%s.\n", call->config.rule_count,
		call->config.rule_count == 1 ? "" : "s");
	return MAIN_OK;
}

static int main_example_config(void)
{
	struct buf text = {0};
	config_example(&text);
	fputs(text.data, stdout);
	buf_finish(&text);
	return MAIN_OK;
}

/* Takes a word out of argv, so that the table of settings does not meet it. */
static bool main_take_word(int *argc, char **argv, const char *word)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], word) != 0)
			continue;
		memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof *argv);
		(*argc)--;
		return true;
	}
	return false;
}

static const struct main_command *main_find_command(const char *name)
{
	for (size_t i = 0; i < MAIN_COMMANDS; i++) {
		if (strcmp(main_commands[i].name, name) == 0)
			return &main_commands[i];
	}
	return NULL;
}

/* Options may stand on both sides of the argument. */
static bool main_read_arguments(struct main_call *call,
	const struct main_command *command, int argc, char **argv, struct err *e)
{
	int at = 1;
	if (argc > 1 && strcmp(argv[1], command->name) == 0)
		at = 2;
	for (;;) {
		if (!config_arguments(
			    &call->config, argc, argv, at, &at, &call->arena, e))
			return false;
		if (at == argc)
			return true;
		if (!command->argument || command->argument[0] == '[' || call->argument)
			return err_set(
				e, ERR_INPUT, "unexpected argument '%s'", argv[at]);
		call->argument = argv[at++];
	}
}

static bool main_read_config(struct main_call *call, const struct main_command *command,
	int argc, char **argv, struct err *e)
{
	const char *path = config_find(argc, argv);
	if (!config_load(&call->config, path, &call->arena, e))
		return false;
	call->config.arguments = argv;
	/* The configured server is where readings go; join talks to another port. */
	if (command->run == main_join)
		call->config.server = "";
	return main_read_arguments(call, command, argc, argv, e);
}

int main(int argc, char **argv)
{
	struct err e;
	struct main_call call = {0};
	if (argc == 2 && strcmp(argv[1], "snapshot-job") == 0)
		return job_main(); /* our own helper; not for people */
	const struct main_command *parted = argc > 1 ? main_find_command(argv[1])
						     : NULL;
	if (parted && parted->parts)
		return parted->parts(argc - 1, argv + 1);
	bool check = main_take_word(&argc, argv, "--check-config");
	if (main_take_word(&argc, argv, "--example-config"))
		return main_example_config();
	if (main_take_word(&argc, argv, "--help") || main_take_word(&argc, argv, "-h"))
		return main_help(&call);
	if (main_take_word(&argc, argv, "--version"))
		return main_version(&call);
	const struct manual manual = main_manual();
	if (argc == 2 && manual_print(&manual, argv[1]))
		return MAIN_OK;
	const char *name = argc > 1 && argv[1][0] != '-' ? argv[1] : "run";
	const struct main_command *command = main_find_command(name);
	if (!command) {
		err_set(&e, ERR_INPUT,
			"unknown command '%s'; see 'tidemark-agent help'", name);
		return main_fail(&e);
	}
	if (command->run == main_services)
		call.json = main_take_word(&argc, argv, "--json");
	if (!main_read_config(&call, command, argc, argv, &e)) {
		arena_finish(&call.arena);
		return main_fail(&e);
	}
	int result = check ? main_check_config(&call) : command->run(&call);
	central_close(&call.central);
	arena_finish(&call.arena);
	return result;
}
