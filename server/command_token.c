#include "server/commands.h"

#include "common/clock.h"
#include "common/conf.h"
#include "common/log.h"
#include "schema/token.h"
#include "server/config.h"
#include "server/keys.h"
#include "server/reach.h"
#include "server/store/migrate.h"
#include "server/store/tokens.h"
#include "server/store/users.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOKEN_TTL_MS = 3600 * 1000, TOKEN_PAGE = 1000 };

/* What `create` is told. */
struct command_token_wish {
	struct tokens_options options;
	const char *keys[HOST_LIST_LABELS_MAX], *values[HOST_LIST_LABELS_MAX];
};

static int command_token_usage(void)
{
	fprintf(stderr,
		"usage: tidemark-server token create [--ttl 1h] [--uses N] "
		"[--name TEXT]\n"
		"           [--host-glob 'web-*'] [--label KEY=VALUE]...\n"
		"       tidemark-server token list\n"
		"       tidemark-server token revoke ID [--agents]\n\n"
		"A join token lets hosts enrol: tidemark-agent join.  "
		"`create` prints it\n"
		"alone on standard output, once; without --uses it serves any "
		"number of hosts\n"
		"until it expires (--ttl, 1h unless said otherwise).  With "
		"--host-glob the\n"
		"name of a host has to fit; each --label is given to the hosts "
		"that enrol.\n"
		"`revoke --agents` also revokes the agents that came with it.\n");
	return 2;
}

/* What all of them need: a database of this program's schema. */
static struct db *command_token_open(const struct server_config *config, struct err *e)
{
	if (!users_init(e) || !migrate_run(config->database_uri, NULL, e))
		return NULL;
	return db_create(&(struct db_options){
		.uri = config->database_uri, .application_name = "tidemark token"});
}

static bool command_token_uses(const char *text, int64_t *uses, struct err *e)
{
	char *end;
	*uses = strtoll(text, &end, 10);
	if (!*text || *end || *uses < 1 || *uses > TOKENS_USES_MAX)
		return err_set(e, ERR_INPUT, "--uses: must be a number from 1 to %d",
			TOKENS_USES_MAX);
	return true;
}

/* "zone=north" */
static bool command_token_label(struct command_token_wish *wish, const char *text,
	struct arena *a, struct err *e)
{
	struct tokens_options *o = &wish->options;
	size_t key = strcspn(text, "=");
	if (!text[key])
		return err_set(e, ERR_INPUT, "--label '%s': must be KEY=VALUE", text);
	if (o->label_count == HOST_LIST_LABELS_MAX)
		return err_set(
			e, ERR_INPUT, "--label: more than %d", HOST_LIST_LABELS_MAX);
	wish->keys[o->label_count] = arena_strndup(a, text, key);
	wish->values[o->label_count] = text + key + 1;
	for (size_t i = 0; i < o->label_count; i++)
		if (strcmp(wish->keys[i], wish->keys[o->label_count]) == 0)
			return err_set(e, ERR_INPUT, "--label: '%s' is given twice",
				wish->keys[i]);
	o->label_count++;
	return true;
}

static bool command_token_options(int argc, char **argv,
	struct command_token_wish *wish, struct arena *a, struct err *e)
{
	struct tokens_options *options = &wish->options;
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			return err_set(e, ERR_INPUT, "%s: needs a value", argv[i]);
		if (strcmp(argv[i], "--name") == 0) {
			options->name = argv[i + 1];
		} else if (strcmp(argv[i], "--host-glob") == 0) {
			options->host_glob = argv[i + 1];
		} else if (strcmp(argv[i], "--label") == 0) {
			if (!command_token_label(wish, argv[i + 1], a, e))
				return false;
		} else if (strcmp(argv[i], "--ttl") == 0) {
			if (!conf_parse_duration(argv[i + 1], &options->ttl_ms, e))
				return err_wrap(e, "--ttl");
		} else if (strcmp(argv[i], "--uses") == 0) {
			if (!command_token_uses(argv[i + 1], &options->max_uses, e))
				return false;
		} else {
			return err_set(e, ERR_INPUT, "what is '%s'?", argv[i]);
		}
	}
	return true;
}

static bool command_token_text(const struct server_config *config, const char *id,
	const char *secret, struct buf *out, struct err *e)
{
	struct keys keys;
	struct join_token token = {0};
	struct endpoints places = config_enrol_places(config);
	if (!keys_load(config->data_dir, &keys, e))
		return false;
	memcpy(token.public_key, keys.public_key, sizeof token.public_key);
	keys_wipe(&keys);
	snprintf(token.id, sizeof token.id, "%s", id);
	snprintf(token.secret, sizeof token.secret, "%s", secret);
	/* The server that runs knows best, unless this command was told an address. */
	if (!*config->advertise && !*config->servers)
		reach_load(config->data_dir, &places);
	token_set_places(&token, &places);
	bool ok = token_format(&token, out, e);
	token_wipe(&token);
	return ok;
}

static bool command_token_create(const struct server_config *config, int argc,
	char **argv, struct arena *a, struct err *e)
{
	struct command_token_wish wish = {.options = {.kind = TOKENS_JOIN,
						  .name = "",
						  .now_ms = clock_unix_ms(),
						  .ttl_ms = TOKEN_TTL_MS}};
	wish.options.label_keys = wish.keys;
	wish.options.label_values = wish.values;
	struct tokens_row row;
	const char *secret;
	struct buf text = {0};
	if (!command_token_options(argc, argv, &wish, a, e))
		return false;
	struct db *db = command_token_open(config, e);
	bool ok = db && tokens_create(db, &wish.options, a, &row, &secret, e) &&
		  command_token_text(config, row.id, secret, &text, e);
	if (ok)
		printf("%s\n", text.data);
	buf_finish(&text);
	db_destroy(db);
	return ok;
}

static void command_token_time(int64_t ms, char text[32])
{
	time_t at = (time_t)(ms / 1000);
	struct tm utc;
	if (gmtime_r(&at, &utc))
		strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static void command_token_print(const struct tokens_row *t, int64_t now_ms)
{
	char expires[32] = "", uses[48];
	command_token_time(t->expires_ms, expires);
	if (t->max_uses)
		snprintf(uses, sizeof uses, "%" PRId64 "/%" PRId64, t->uses,
			t->max_uses);
	else
		snprintf(uses, sizeof uses, "%" PRId64, t->uses);
	const char *state = t->revoked_ms                           ? "revoked"
			    : t->expires_ms <= now_ms               ? "expired"
			    : t->max_uses && t->uses >= t->max_uses ? "used up"
								    : "good";
	printf("%-16s  %-4s  %-7s  %9s  %-20s  %s", t->id, tokens_kind_name(t->kind),
		state, uses, expires, t->name);
	if (*t->host_glob)
		printf("%shosts %s", *t->name ? "; " : "", t->host_glob);
	for (size_t i = 0; i < t->label_count; i++)
		printf(" %s=%s", t->labels[i].key, t->labels[i].value);
	printf("\n");
}

static bool command_token_list(
	const struct server_config *config, struct arena *a, struct err *e)
{
	struct db *db = command_token_open(config, e);
	struct tokens_row *rows;
	size_t count = TOKEN_PAGE;
	int64_t after_ms = 0;
	const char *after_id = NULL;
	bool ok = db != NULL;
	if (ok)
		printf("%-16s  %-4s  %-7s  %9s  %-20s  %s\n", "ID", "KIND", "STATE",
			"USES", "EXPIRES", "NAME");
	while (ok && count == TOKEN_PAGE) {
		ok = tokens_list(
			db, after_ms, after_id, TOKEN_PAGE, a, &rows, &count, e);
		for (size_t i = 0; ok && i < count; i++)
			command_token_print(&rows[i], clock_unix_ms());
		if (ok && count) {
			after_ms = rows[count - 1].created_ms;
			after_id = rows[count - 1].id;
		}
	}
	db_destroy(db);
	return ok;
}

static bool command_token_revoke(const struct server_config *config, int argc,
	char **argv, struct arena *a, struct err *e)
{
	struct tokens_revocation revocation = {
		.id = argv[1], .now_ms = clock_unix_ms(), .agents = argc == 3};
	if (argc == 3 && strcmp(argv[2], "--agents") != 0)
		return err_set(e, ERR_INPUT, "what is '%s'?", argv[2]);
	struct db *db = command_token_open(config, e);
	struct tokens_row *row = NULL;
	size_t agents = 0;
	bool ok = db && tokens_revoke(db, &revocation, a, &row, &agents, e);
	if (ok && !row)
		ok = err_set(e, ERR_INPUT, "no token has the id '%s'", argv[1]);
	if (ok && revocation.agents)
		printf("%zu agent%s revoked\n", agents, agents == 1 ? "" : "s");
	db_destroy(db);
	return ok;
}

int command_token(const struct server_config *config, int argc, char **argv)
{
	struct arena a;
	struct err e;
	bool ok = false;
	const char *what = argc > 1 ? argv[1] : "";
	arena_init(&a);
	if (strcmp(what, "create") == 0)
		ok = command_token_create(config, argc - 1, argv + 1, &a, &e);
	else if (strcmp(what, "list") == 0 && argc == 2)
		ok = command_token_list(config, &a, &e);
	else if (strcmp(what, "revoke") == 0 && (argc == 3 || argc == 4))
		ok = command_token_revoke(config, argc - 1, argv + 1, &a, &e);
	else
		return command_token_usage();
	if (!ok)
		log_error("token: %s", e.text);
	arena_finish(&a);
	return ok ? 0 : 1;
}
