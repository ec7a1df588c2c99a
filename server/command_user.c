#include "server/commands.h"

#include "common/log.h"
#include "server/config.h"
#include "server/store/audit.h"
#include "server/store/migrate.h"
#include "server/store/roles.h"
#include "server/store/users.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int command_user_usage(void)
{
	fprintf(stderr,
		"usage: tidemark-server user add NAME [--role admin|operator|viewer] "
		"[--one-time]\n"
		"           [--service GLOB]...\n"
		"       tidemark-server user passwd NAME [--one-time]\n"
		"       tidemark-server user limit NAME [--service GLOB]...\n"
		"       tidemark-server user list\n\n"
		"The password is read from standard input, one line.  With --one-time "
		"it is\n"
		"made here and printed alone on standard output; the console then asks "
		"its\n"
		"owner to choose another.  Without --role the first user becomes "
		"admin,\n"
		"others viewer.  With --service a viewer or operator sees those "
		"services alone;\n"
		"`limit` says so anew, and without --service lets a user see all.\n");
	return 2;
}

static struct db *command_user_open(const struct server_config *config, struct err *e)
{
	if (!users_init(e) || !migrate_run(config->database_uri, NULL, e))
		return NULL;
	return db_create(&(struct db_options){
		.uri = config->database_uri, .application_name = "tidemark user"});
}

struct command_user_options {
	const char *name;
	const char *role; /* NULL: not said */
	bool is_one_time;
	const char *services[ROLES_GLOBS_MAX];
	struct roles_globs globs;
};

static const struct roles_globs *command_user_globs(
	const struct command_user_options *o)
{
	return o->globs.count ? &o->globs : NULL;
}

static bool command_user_options(
	int argc, char **argv, struct command_user_options *o, struct err *e)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--one-time") == 0) {
			o->is_one_time = true;
		} else if (strcmp(argv[i], "--role") == 0 && i + 1 < argc) {
			o->role = argv[++i];
		} else if (strcmp(argv[i], "--service") == 0 && i + 1 < argc &&
			   o->globs.count < ROLES_GLOBS_MAX) {
			o->services[o->globs.count++] = argv[++i];
			o->globs.items = o->services;
		} else if (argv[i][0] != '-' && !o->name) {
			o->name = argv[i];
		} else {
			return err_set(e, ERR_INPUT, "what is '%s'?", argv[i]);
		}
	}
	return o->name || err_set(e, ERR_INPUT, "which user?");
}

/* Reads one line; at a terminal it asks, and what is typed is not shown. */
static bool command_user_ask(
	const char *question, char text[USERS_PASSWORD_MAX + 2], struct err *e)
{
	struct termios before, silent;
	bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	if (is_terminal) {
		fprintf(stderr, "%s: ", question);
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	bool ok = fgets(text, USERS_PASSWORD_MAX + 2, stdin) != NULL;
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fprintf(stderr, "\n");
	}
	if (!ok)
		return err_set(e, ERR_INPUT, "no password on standard input");
	text[strcspn(text, "\n")] = '\0';
	return users_check_password(text, e);
}

static bool command_user_password(const struct command_user_options *o,
	char text[USERS_PASSWORD_MAX + 2], struct err *e)
{
	if (!o->is_one_time)
		return command_user_ask("password", text, e);
	users_one_time_password(text);
	return true;
}

/* Somebody must be able to do everything: the first. */
static bool command_user_role(struct db *db, const char *said, struct arena *a,
	enum users_role *role, struct err *e)
{
	struct users_row *users;
	size_t count;
	if (said)
		return users_role_parse(said, role) ||
		       err_set(e, ERR_INPUT,
			       "--role: must be admin, operator or viewer");
	if (!users_list(db, a, &users, &count, e))
		return false;
	*role = count ? USERS_VIEWER : USERS_ADMIN;
	return true;
}

static bool command_user_note(struct db *db, const char *action, const char *name,
	const char *detail, struct arena *a, struct err *e)
{
	struct audit_entry entry = {.actor = {0, "command line"},
		.action = action,
		.subject = name,
		.detail = detail};
	return audit_put(db, &entry, a, e);
}

static bool command_user_add(const struct server_config *config,
	const struct command_user_options *o, struct arena *a, struct err *e)
{
	char password[USERS_PASSWORD_MAX + 2];
	struct users_options user = {.name = o->name,
		.password = password,
		.is_one_time = o->is_one_time,
		.services = command_user_globs(o)};
	if (!users_check_name(o->name, e))
		return false;
	struct db *db = command_user_open(config, e);
	bool ok = db && command_user_role(db, o->role, a, &user.role, e) &&
		  command_user_password(o, password, e) &&
		  users_create(db, &user, a, e) &&
		  command_user_note(
			  db, "user.add", o->name, users_role_name(user.role), a, e);
	if (ok && o->is_one_time)
		printf("%s\n", password);
	explicit_bzero(password, sizeof password);
	db_destroy(db);
	return ok;
}

static bool command_user_passwd(const struct server_config *config,
	const struct command_user_options *o, struct arena *a, struct err *e)
{
	char password[USERS_PASSWORD_MAX + 2];
	bool found = false;
	struct db *db = command_user_open(config, e);
	bool ok = db && command_user_password(o, password, e) &&
		  users_set_password(db,
			  &(struct users_change){.name = o->name,
				  .password = password,
				  .is_one_time = o->is_one_time},
			  a, &found, e);
	if (ok && !found)
		ok = err_set(e, ERR_INPUT, "there is no user '%s'", o->name);
	ok = ok && command_user_note(db, "user.password", o->name, "", a, e);
	if (ok && o->is_one_time)
		printf("%s\n", password);
	explicit_bzero(password, sizeof password);
	db_destroy(db);
	return ok;
}

static bool command_user_limit(const struct server_config *config,
	const struct command_user_options *o, struct arena *a, struct err *e)
{
	enum users_outcome outcome = USERS_MISSING;
	struct users_row *row;
	struct users_step step = {.action = USERS_SET_ROLE,
		.actor = {0, "command line"},
		.keeps_role = true,
		.sets_services = true,
		.services = command_user_globs(o)};
	struct db *db = command_user_open(config, e);
	bool can = true;
	bool ok = db && users_find_id(db, o->name, a, &step.user_id, e) &&
		  roles_can_limit(db, a, &can, e) &&
		  users_take_step(db, &step, a, &outcome, &row, e);
	if (ok && outcome == USERS_MISSING)
		ok = err_set(e, ERR_INPUT, "there is no user '%s'", o->name);
	if (ok && outcome == USERS_NO_LIMIT)
		ok = err_set(e, ERR_INPUT, "an admin is not limited");
	if (ok && step.services && !can)
		log_warn(
			"this user is not let in before tidemark-server roles was run");
	db_destroy(db);
	return ok;
}

static bool command_user_list(
	const struct server_config *config, struct arena *a, struct err *e)
{
	struct users_row *rows;
	size_t count = 0;
	struct db *db = command_user_open(config, e);
	bool ok = db && users_list(db, a, &rows, &count, e);
	if (ok)
		printf("%-24s  %-8s  %-20s  %-8s  %s\n", "NAME", "ROLE", "CREATED",
			"PASSWORD", "SERVICES");
	for (size_t i = 0; ok && i < count; i++) {
		char created[32] = "";
		time_t at = (time_t)(rows[i].created_ms / 1000);
		struct tm utc;
		if (gmtime_r(&at, &utc))
			strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &utc);
		printf("%-24s  %-8s  %-20s  %-8s  %s\n", rows[i].name,
			users_role_name(rows[i].role), created,
			rows[i].password_is_one_time ? "one-time" : "own",
			rows[i].services ? rows[i].services : "all");
	}
	db_destroy(db);
	return ok;
}

int command_user(const struct server_config *config, int argc, char **argv)
{
	struct arena a;
	struct err e;
	struct command_user_options options = {0};
	const char *what = argc > 1 ? argv[1] : "";
	bool is_add = strcmp(what, "add") == 0, is_passwd = strcmp(what, "passwd") == 0;
	bool is_list = strcmp(what, "list") == 0 && argc == 2;
	bool is_limit = strcmp(what, "limit") == 0;
	if (!is_add && !is_passwd && !is_list && !is_limit)
		return command_user_usage();
	arena_init(&a);
	bool ok = is_list || command_user_options(argc - 1, argv + 1, &options, &e);
	if (ok && is_list)
		ok = command_user_list(config, &a, &e);
	else if (ok)
		ok = (is_add       ? command_user_add
			: is_limit ? command_user_limit
				   : command_user_passwd)(config, &options, &a, &e);
	if (!ok)
		log_error("user: %s", e.text);
	arena_finish(&a);
	return ok ? 0 : 1;
}
