#include "server/commands.h"

#include "common/log.h"
#include "server/config.h"
#include "server/store/migrate.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int command_migrate_status(const struct server_config *config)
{
	struct err e;
	struct arena a;
	struct migrate_step *steps;
	int count;
	arena_init(&a);
	bool ok = migrate_status(config->database_uri, &a, &steps, &count, &e);
	if (!ok)
		log_error("%s", e.text);
	for (int i = 0; ok && i < count; i++) {
		char when[32] = "not applied";
		time_t at = (time_t)(steps[i].applied_at_ms / 1000);
		struct tm utc;
		if (at && gmtime_r(&at, &utc))
			strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
		printf("%-40s %s\n", steps[i].name, when);
	}
	arena_finish(&a);
	return ok ? 0 : 1;
}

int command_migrate(const struct server_config *config, int argc, char **argv)
{
	bool dry = argc == 2 && strcmp(argv[1], "--dry-run") == 0;
	if (argc == 2 && strcmp(argv[1], "--status") == 0)
		return command_migrate_status(config);
	if (argc > 1 && !dry) {
		fprintf(stderr,
			"usage: tidemark-server migrate [--status | --dry-run]\n");
		return 2;
	}
	struct err e;
	struct migrate_report report;
	if (!(dry ? migrate_try : migrate_run)(config->database_uri, &report, &e)) {
		log_error("%s", e.text);
		return 1;
	}
	printf("%d of %d migrations %s\n", report.applied, report.known,
		dry ? "would be applied" : "applied");
	return 0;
}
