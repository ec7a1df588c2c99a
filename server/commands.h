/*
 * Commands: the subcommands of tidemark-server, one function each.
 *
 * A command gets the configuration, ready to use: privileges are dropped and
 * database_uri answers (an embedded cluster runs), unless the table in main.c says
 * that it needs no database.  argv[0] is the command's own name; server options are
 * already taken out.  The result is the exit status: 0 done, 1 failed, 2 misused.
 */
#ifndef TIDEMARK_SERVER_COMMANDS_H
#define TIDEMARK_SERVER_COMMANDS_H

struct server_config;

int command_run(const struct server_config *config, int argc, char **argv);
int command_migrate(const struct server_config *config, int argc, char **argv);
int command_token(const struct server_config *config, int argc, char **argv);
int command_user(const struct server_config *config, int argc, char **argv);
int command_package(const struct server_config *config, int argc, char **argv);
int command_storage(const struct server_config *config, int argc, char **argv);
int command_queues(const struct server_config *config, int argc, char **argv);
int command_shard(const struct server_config *config, int argc, char **argv);
int command_audit(const struct server_config *config, int argc, char **argv);
int command_roles(const struct server_config *config, int argc, char **argv);
int command_backtest(const struct server_config *config, int argc, char **argv);

#endif
