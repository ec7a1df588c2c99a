#include "server/commands.h"

#include "common/log.h"
#include "server/config.h"
#include "server/store/audit.h"
#include "server/store/migrate.h"
#include "server/store/roles.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCESS_BROKEN = 3 };

static struct db *command_access_open(const struct server_config *config)
{
	return db_create(&(struct db_options){
		.uri = config->database_uri, .application_name = "tidemark access"});
}

static int command_audit_usage(void)
{
	fprintf(stderr,
		"usage: tidemark-server audit verify [--head NUMBER:HASH]\n\n"
		"Computes the chain of the audit anew and names the first row that is "
		"not what\n"
		"was written, with status 3.  Prints the head of the chain: who keeps "
		"it\n"
		"elsewhere can give it back with --head, and sees if rows up to it "
		"were "
		"changed\n"
		"or taken away by somebody who could write a whole new chain.\n");
	return 2;
}

/* "1234:9f86d0…" */
static bool command_audit_head(const char *text, struct audit_head *head, struct err *e)
{
	char *end;
	head->number = strtoll(text, &end, 10);
	if (head->number < 1 || *end != ':' || strlen(end + 1) != AUDIT_HASH_HEX ||
		strspn(end + 1, "0123456789abcdef") != AUDIT_HASH_HEX)
		return err_set(e, ERR_INPUT, "--head: must be NUMBER:HASH");
	memcpy(head->hash, end + 1, sizeof head->hash);
	return true;
}

static int command_audit_tell(const struct audit_check *check)
{
	const struct audit_head *head = &check->head;
	if (!check->broken) {
		printf("%" PRId64 " rows are as they were written\n", head->number);
		if (head->number)
			printf("head %" PRId64 ":%s\n", head->number, head->hash);
		return 0;
	}
	printf("the audit is broken");
	if (check->broken_id)
		printf(" at row %" PRId64, check->broken_id);
	if (check->broken_number)
		printf(" (number %" PRId64 ")", check->broken_number);
	printf(": %s; %" PRId64 " rows before are good\n", check->broken, head->number);
	return ACCESS_BROKEN;
}

int command_audit(const struct server_config *config, int argc, char **argv)
{
	struct audit_head known = {0};
	struct audit_check check;
	struct arena a;
	struct err e;
	bool has_head = argc == 4 && strcmp(argv[2], "--head") == 0;
	if (argc < 2 || strcmp(argv[1], "verify") != 0 || (argc != 2 && !has_head))
		return command_audit_usage();
	arena_init(&a);
	struct db *db = command_access_open(config);
	bool ok = (!has_head || command_audit_head(argv[3], &known, &e)) &&
		  audit_verify(db, has_head ? &known : NULL, &a, &check, &e);
	if (!ok)
		log_error("audit: %s", e.text);
	int status = ok ? command_audit_tell(&check) : 1;
	db_destroy(db);
	arena_finish(&a);
	return status;
}

/* What becomes of it, and what is to be done. */
static int command_roles_tell(enum roles_state state)
{
	switch (state) {
	case ROLES_READY:
		printf("the roles of the database are ready\n");
		return 0;
	case ROLES_OLD:
		printf("the roles of the database are to be made: tidemark-server "
		       "roles\n");
		return 1;
	default:
		printf("this user of PostgreSQL may not make roles: let a superuser "
		       "run "
		       "what\n`tidemark-server roles --sql` prints, then run "
		       "`tidemark-server roles`\n");
		return 1;
	}
}

int command_roles(const struct server_config *config, int argc, char **argv)
{
	enum roles_state state = ROLES_MISSING;
	struct migrate_report report;
	struct arena a;
	struct err e;
	bool is_sql = argc == 2 && strcmp(argv[1], "--sql") == 0;
	bool is_status = argc == 2 && strcmp(argv[1], "--status") == 0;
	if (argc > 1 && !is_sql && !is_status) {
		fprintf(stderr, "usage: tidemark-server roles [--status | --sql]\n");
		return 2;
	}
	arena_init(&a);
	struct db *db = command_access_open(config);
	const char *sql = NULL;
	bool ok = is_status || migrate_run(config->database_uri, &report, &e);
	if (ok && is_sql)
		ok = (sql = roles_script(db, &a, &e));
	else if (ok)
		ok = roles_look(db, &a, &state, &e);
	if (!ok)
		log_error("roles: %s", e.text);
	else if (is_sql)
		printf("%s", sql);
	int status = !ok ? 1 : is_sql ? 0 : command_roles_tell(state);
	db_destroy(db);
	arena_finish(&a);
	return status;
}
