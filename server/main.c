/*
 * tidemark-server: collects what agents read, watches it for leaks, and shows it.
 *
 * main finds the command, loads the configuration, gives up root, brings up the
 * database and calls the command.  command_run is the server itself: its parts
 * start in the order in which data meets them and stop in reverse.
 */
#include "common/clock.h"
#include "common/log.h"
#include "common/manual.h"
#include "common/notify.h"
#include "server/api/api.h"
#include "server/cluster.h"
#include "server/commands.h"
#include "server/compact/compact.h"
#include "server/config.h"
#include "server/ingest/ingest.h"
#include "server/keys.h"
#include "server/messenger/messenger.h"
#include "server/privileges.h"
#include "server/reach.h"
#include "server/store/migrate.h"
#include "server/store/partitions.h"
#include "server/store/shards.h"
#include "server/watch/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { MAIN_TICK_S = 1 };

struct main_parts {
	struct keys keys;
	struct arena arena; /* texts that parts keep */
	struct ingest *ingest;
	struct compact *compact;
	struct compact *shards[SHARDS_MAX]; /* the same for each shard */
	size_t shard_count;
	struct watch *watch;
	struct messenger *messenger;
	struct api *api;
};

/* The embedded database, for any command. */
static struct cluster *main_cluster;

/* Each has the schema of the main database.  One that is away is prepared by whoever
 * starts when it is back; until then only its readings are missing. */
static bool main_prepare_shards(const struct server_config *config, struct err *e)
{
	struct db *db = db_create(&(struct db_options){
		.uri = config->database_uri, .application_name = "tidemark shard"});
	struct arena a;
	struct shards_row *rows;
	size_t count;
	arena_init(&a);
	bool ok = shards_list(db, &a, &rows, &count, e);
	for (size_t i = 0; ok && i < count; i++) {
		struct err why;
		if (*rows[i].uri && !migrate_run(rows[i].uri, NULL, &why))
			log_warn("%s: %s", rows[i].name, why.text);
	}
	arena_finish(&a);
	db_destroy(db);
	return ok;
}

static bool main_prepare_database(const struct server_config *config, struct err *e)
{
	struct migrate_report report;
	if (!migrate_run(config->database_uri, &report, e))
		return false;
	if (report.applied > 0)
		log_info("database: %d of %d migrations applied", report.applied,
			report.known);
	if (report.roles != ROLES_READY)
		log_info("database: all parts work as its owner, and users cannot be "
			 "limited to services: see tidemark-server roles");
	return partitions_prepare(config->database_uri, e) &&
	       main_prepare_shards(config, e);
}

static bool main_start_ingest(
	const struct server_config *config, struct main_parts *parts, struct err *e)
{
	parts->ingest = ingest_start(
		&(struct ingest_options){
			.database = config->database_uri,
			.listen_host = config->listen_address.host,
			.data_port = config->listen_address.port,
			.enrol_port = config->enrol_port,
			.servers = config->all_servers,
			.secret_key = parts->keys.secret_key,
			.raw_key = parts->keys.raw_key,
			.disk = config->embedded ? config->data_dir : NULL,
			.raw_retention_ms = config->raw_retention_ms,
		},
		e);
	if (parts->ingest)
		log_info("ingest: agents at %s, enrolment at port %u", config->listen,
			config->enrol_port);
	return parts->ingest;
}

/* For each shard that is known at the start; a new one needs a new start. */
static bool main_start_shards(const struct server_config *config,
	struct main_parts *parts, struct compact_options *options, struct err *e)
{
	struct db *db = db_create(&(struct db_options){
		.uri = config->database_uri, .application_name = "tidemark shard"});
	struct shards_row *rows;
	size_t count;
	bool ok = shards_list(db, &parts->arena, &rows, &count, e);
	for (size_t i = 0; ok && i < count; i++) {
		bool again = !*rows[i].uri;
		for (size_t k = 0; k < i; k++)
			again |= strcmp(rows[k].uri, rows[i].uri) == 0;
		if (again)
			continue;
		options->shard = rows[i].uri;
		struct compact *compact = compact_start(options, e);
		ok = compact;
		if (ok)
			parts->shards[parts->shard_count++] = compact;
	}
	db_destroy(db);
	return ok;
}

static bool main_start_storage(
	const struct server_config *config, struct main_parts *parts, struct err *e)
{
	struct compact_options options = {
		.database = config->database_uri,
		.raw_retention_ms = config->raw_retention_ms,
		.rollup_retention_ms = config->rollup_retention_ms,
	};
	parts->compact = compact_start(&options, e);
	return parts->compact && main_start_shards(config, parts, &options, e);
}

/* Who watches tells of what it sees. */
static bool main_start_messenger(
	const struct server_config *config, struct main_parts *parts, struct err *e)
{
	const char *console = *config->console_url ? config->console_url
						   : config->http_url;
	messenger_init();
	parts->messenger = messenger_start(
		&(struct messenger_options){
			.database = config->database_uri,
			.console = console,
			.networks = config->notify_networks,
			.ca_file = config->notify_ca_file,
		},
		e);
	return parts->messenger;
}

static bool main_start_watch(
	const struct server_config *config, struct main_parts *parts, struct err *e)
{
	parts->watch = watch_start(
		&(struct watch_options){
			.database = config->database_uri,
			.interval_ms = config->watch_interval_ms,
			.policy_cooldown_ms = config->policy_cooldown_ms,
			.raw_retention_ms = config->raw_retention_ms,
		},
		e);
	return parts->watch && main_start_messenger(config, parts, e);
}

static const char *main_places_text(struct arena *a, const struct endpoints *places)
{
	struct buf text = {0};
	endpoints_format(places, &text);
	char *copy = arena_strdup(a, text.data);
	buf_finish(&text);
	return copy;
}

/* What the parts that run here count. */
static void main_metrics(void *context, struct buf *out)
{
	const struct main_parts *parts = context;
	if (parts->ingest)
		ingest_metrics(NULL, out);
	if (parts->compact)
		compact_metrics(parts->compact, out);
	if (parts->messenger)
		messenger_metrics(parts->messenger, out);
}

static bool main_start_api(
	const struct server_config *config, struct main_parts *parts, struct err *e)
{
	const struct endpoints *all = &config->all_servers;
	struct api_options options = {
		.database_uri = config->database_uri,
		.http_host = config->http_address.host,
		.http_port = config->http_address.port,
		.tls_certificate = *config->tls_cert ? config->tls_cert : NULL,
		.tls_key = config->tls_key,
		.hsts_ms = config->hsts_ms,
		.proxies = config->proxies,
		.enrol_places = config_enrol_places(config),
		.console_url = config->console_url,
		.packages_dir = config->packages_dir,
		.raw_retention_ms = config->raw_retention_ms,
		.rollup_retention_ms = config->rollup_retention_ms,
		.verify_hours = config->verify_host_hours,
		.started_ms = clock_unix_ms(),
		.metrics = main_metrics,
		.metrics_context = parts,
		.trouble = config->role_ingest ? ingest_trouble : NULL,
		.disk = config->embedded ? config->data_dir : NULL,
	};
	options.agent_endpoint = all->count ? main_places_text(&parts->arena, all)
					    : config_address_text(&parts->arena,
						      config->advertise_host,
						      config->listen_address.port);
	options.enrol_endpoint = main_places_text(&parts->arena, &options.enrol_places);
	memcpy(options.public_key, parts->keys.public_key, sizeof options.public_key);
	memcpy(options.raw_key, parts->keys.raw_key, sizeof options.raw_key);
	parts->api = api_start(&options, e);
	if (parts->api)
		log_info("api: console at %s/", config->http_url);
	return parts->api;
}

static bool main_note_reach(const struct server_config *config, struct err *e)
{
	struct endpoints places = config_enrol_places(config);
	if (!config->role_ingest && config->all_servers.count == 0)
		return true;
	return reach_save(config->data_dir, &places, e);
}

static bool main_start(
	const struct server_config *config, struct main_parts *parts, struct err *e)
{
	if (!keys_load(config->data_dir, &parts->keys, e))
		return false;
	if (parts->keys.is_new)
		log_info("made a new server key in %s/keys", config->data_dir);
	if (main_cluster)
		log_info("embedded database: %s", cluster_was_adopted(main_cluster)
							  ? "found running"
							  : "started");
	if (!main_prepare_database(config, e))
		return false;
	return main_note_reach(config, e) &&
	       (!config->role_ingest || main_start_ingest(config, parts, e)) &&
	       (!config->role_storage || main_start_storage(config, parts, e)) &&
	       (!config->role_watch || main_start_watch(config, parts, e)) &&
	       (!config->role_api || main_start_api(config, parts, e));
}

static void main_stop(struct main_parts *parts)
{
	api_stop(parts->api);
	messenger_stop(parts->messenger);
	watch_stop(parts->watch);
	for (size_t i = 0; i < parts->shard_count; i++)
		compact_stop(parts->shards[i]);
	compact_stop(parts->compact);
	ingest_stop(parts->ingest);
	keys_wipe(&parts->keys);
	arena_finish(&parts->arena);
}

static void main_log_restart(void)
{
	log_warn("embedded database: PostgreSQL had ended and is up again");
}

/* Until a signal says to stop; SIGHUP says to read the certificate again.  A database
 * of ours that cannot be kept up ends the server: a half-alive one would look healthy
 * from outside. */
static bool main_wait(
	const sigset_t *signals, const struct main_parts *parts, struct err *e)
{
	int64_t watchdog_ms = notify_watchdog_ms();
	int64_t next_watchdog_ms = 0;
	const struct timespec tick = {.tv_sec = MAIN_TICK_S};
	for (;;) {
		int number = sigtimedwait(signals, NULL, &tick);
		if (number > 0 && number != SIGHUP) {
			log_info("stopping (%s)", strsignal(number));
			return true;
		}
		if (parts->api)
			api_refresh(parts->api, number == SIGHUP);
		bool restarted = false;
		if (main_cluster && !cluster_keep(main_cluster, &restarted, e))
			return false;
		if (restarted)
			main_log_restart();
		if (watchdog_ms && clock_mono_ms() >= next_watchdog_ms) {
			notify_send("WATCHDOG=1");
			next_watchdog_ms = clock_mono_ms() + watchdog_ms;
		}
	}
}

int command_run(const struct server_config *config, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	struct err e;
	struct main_parts parts = {0};
	arena_init(&parts.arena);
	bool ok = main_start(config, &parts, &e);
	if (ok) {
		log_info("tidemark-server %s is ready", TIDEMARK_VERSION);
		notify_send("READY=1");
		ok = main_wait(&signals, &parts, &e);
		notify_send("STOPPING=1");
	}
	main_stop(&parts);
	if (!ok)
		log_error("%s", e.text);
	return ok ? 0 : 1;
}

static int main_version(const struct server_config *config, int argc, char **argv)
{
	(void)config;
	(void)argc;
	(void)argv;
	printf("tidemark-server %s\n", TIDEMARK_VERSION);
	return 0;
}

static int main_help(const struct server_config *config, int argc, char **argv);

enum {
	MAIN_DATABASE = 1,  /* needs privileges dropped and the database up */
	MAIN_ARGUMENTS = 2, /* has arguments of its own */
};

static const struct main_command {
	const char *name;
	int (*run)(const struct server_config *config, int argc, char **argv);
	int needs;
	const char *argument; /* as manual.h has it; NULL: none */
	const char *help;
} main_commands[] = {
	{"run", command_run, MAIN_DATABASE, NULL, "run the server (the default)"},
	{"migrate", command_migrate, MAIN_DATABASE | MAIN_ARGUMENTS,
		"[--status | --dry-run]",
		"bring the database to this version's schema"},
	{"token", command_token, MAIN_DATABASE | MAIN_ARGUMENTS,
		"create | list | revoke ID",
		"tokens for hosts to join and for programs"},
	{"user", command_user, MAIN_DATABASE | MAIN_ARGUMENTS,
		"add NAME | list | passwd NAME | limit NAME",
		"who may log in to the console"},
	{"audit", command_audit, MAIN_DATABASE | MAIN_ARGUMENTS,
		"verify [--head NUMBER:HASH]",
		"whether the audit is as it was written"},
	{"roles", command_roles, MAIN_DATABASE | MAIN_ARGUMENTS, "[--status | --sql]",
		"what PostgreSQL allows each part"},
	{"shard", command_shard, MAIN_DATABASE | MAIN_ARGUMENTS, "add | move | list",
		"which databases have the readings of which hosts"},
	{"package", command_package, MAIN_DATABASE | MAIN_ARGUMENTS,
		"NAME[@VERSION] [--json]", "which hosts run a package"},
	{"storage", command_storage, MAIN_DATABASE | MAIN_ARGUMENTS,
		"status | compact | verify", "where readings are kept"},
	{"queues", command_queues, MAIN_DATABASE | MAIN_ARGUMENTS,
		"[PART-OF-A-NAME] [--json]", "what comes into and goes out of queues"},
	{"backtest", command_backtest, MAIN_ARGUMENTS, "DIR [--score] [--json]",
		"what the detector would have raised on recordings"},
	{"version", main_version, 0, NULL, "print the version"},
	{"help", main_help, 0, NULL, "print this"},
};

static bool main_command_at(size_t index, struct manual_command *out)
{
	if (index >= sizeof main_commands / sizeof *main_commands)
		return false;
	const struct main_command *c = &main_commands[index];
	*out = (struct manual_command){c->name, c->argument, c->help};
	return true;
}

static struct manual main_manual(void)
{
	return (struct manual){
		.settings = config_settings(),
		.title = "collects and judges what Tidemark's agents read",
		.about = "Takes readings from agents, keeps them in PostgreSQL, judges "
			 "which version of which service leaks, tells whom it should, "
			 "and shows all of it in a console.\n\n"
			 "Without a database of yours it runs a private PostgreSQL "
			 "below its data directory. Started as root it becomes an "
			 "unprivileged user. Most commands work beside a server that "
			 "runs; those that are given nothing say how they are used.",
		.command = main_command_at,
		.files = "/etc/tidemark/server.conf\tsettings\n"
			 "/var/lib/tidemark\tkeys and, without a database of yours, "
			 "the private one",
		.exits = "0\tit is done\n1\tit failed\n"
			 "2\tit was asked wrongly, or the settings are wrong",
		.others = "tidemark-server.conf(5) tidemark-agent(8)",
	};
}

static int main_help(const struct server_config *config, int argc, char **argv)
{
	(void)config;
	(void)argc;
	(void)argv;
	printf("usage: tidemark-server [COMMAND] [OPTION...]\n\ncommands:\n");
	const struct manual manual = main_manual();
	struct manual_command c;
	for (size_t i = 0; main_command_at(i, &c); i++)
		printf("  %-10s %s%s%s\n", c.name, c.help, c.argument ? ": " : "",
			c.argument ? c.argument : "");
	struct buf text = {0};
	manual_help(&manual, &text);
	config_help(&text);
	printf("\noptions:\n%s", text.data);
	buf_finish(&text);
	return 0;
}

static const struct main_command *main_find(const char *name)
{
	for (size_t i = 0; i < sizeof main_commands / sizeof *main_commands; i++)
		if (strcmp(main_commands[i].name, name) == 0)
			return &main_commands[i];
	return NULL;
}

/* Removes a bare flag from argv; whether it was there. */
static bool main_take_flag(int *argc, char **argv, const char *flag)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], flag) != 0)
			continue;
		memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof *argv);
		--*argc;
		return true;
	}
	return false;
}

static int main_print_example(void)
{
	struct buf text = {0};
	config_example(&text);
	fputs(text.data, stdout);
	buf_finish(&text);
	return 0;
}

/* Every connection of an agent is a file. */
static void main_raise_limits(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* Signals to wait for are blocked before any thread starts. */
static void main_block_signals(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* While the embedded database starts: systemd should wait, and be obeyed. */
static bool main_is_patient(void)
{
	static int64_t next_word_ms;
	sigset_t pending;
	if (clock_mono_ms() >= next_word_ms) {
		notify_send("EXTEND_TIMEOUT_USEC=30000000\nWATCHDOG=1");
		next_word_ms = clock_mono_ms() + MAIN_TICK_S * 1000;
	}
	sigpending(&pending);
	return !sigismember(&pending, SIGTERM) && !sigismember(&pending, SIGINT);
}

static int main_call(const struct main_command *command,
	const struct server_config *config, int argc, char **argv)
{
	struct err e;
	if (argc > 1 && !(command->needs & MAIN_ARGUMENTS)) {
		log_error("unknown option '%s' (see tidemark-server help)", argv[1]);
		return 2;
	}
	if (!(command->needs & MAIN_DATABASE))
		return command->run(config, argc, argv);
	umask(077);
	main_raise_limits();
	main_block_signals();
	if (!privileges_drop(config->user, config->data_dir, &e)) {
		log_error("%s", e.text);
		return 1;
	}
	if (config->embedded) {
		main_cluster = cluster_start(config->data_dir, main_is_patient, &e);
		if (!main_cluster && e.kind == ERR_BUSY) {
			log_info("%s", e.text);
			return 0;
		}
		if (!main_cluster) {
			log_error("%s", e.text);
			return 1;
		}
	}
	int status = command->run(config, argc, argv);
	cluster_stop(main_cluster);
	return status;
}

static int main_dispatch(int argc, char **argv, struct arena *a)
{
	struct err e;
	struct server_config config;
	bool check = main_take_flag(&argc, argv, "--check-config");
	if (!config_load(&config, &argc, argv, a, &e)) {
		log_error("%s", e.text);
		return 2;
	}
	log_init("tidemark-server", config.log_level);
	const char *name = argc > 1 && argv[1][0] != '-' ? argv[1] : "run";
	const struct main_command *command = main_find(name);
	if (!command) {
		log_error("unknown command '%s' (see tidemark-server help)", name);
		return 2;
	}
	if (check) {
		printf("the configuration is good\n");
		return 0;
	}
	int skipped = argc > 1 && name == argv[1];
	return main_call(command, &config, argc - skipped, argv + skipped);
}

int main(int argc, char **argv)
{
	log_init("tidemark-server", LOG_INFO);
	if (main_take_flag(&argc, argv, "--help"))
		return main_help(NULL, argc, argv);
	if (main_take_flag(&argc, argv, "--version"))
		return main_version(NULL, argc, argv);
	if (main_take_flag(&argc, argv, "--example-config"))
		return main_print_example();
	const struct manual manual = main_manual();
	if (argc == 2 && manual_print(&manual, argv[1]))
		return 0;
	struct arena a;
	arena_init(&a);
	int status = main_dispatch(argc, argv, &a);
	arena_finish(&a);
	return status;
}
