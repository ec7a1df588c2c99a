/*
 * Config: the settings of tidemark-server, from file, environment and command line.
 *
 * Loaded once at start and constant after; all text lives in the caller's arena.
 * ERR_INPUT names file, line and key.
 */
#ifndef TIDEMARK_SERVER_CONFIG_H
#define TIDEMARK_SERVER_CONFIG_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/log.h"
#include "schema/endpoints.h"
#include "server/api/proxies.h"

#include <stdbool.h>
#include <stdint.h>

struct config_address {
	const char *host; /* an IPv6 address without its brackets */
	uint16_t port;
};

struct server_config {
	/* As written. */
	const char *data_dir, *database, *http, *listen, *advertise, *servers, *roles,
		*user, *console_url, *notify_networks, *notify_ca_file, *packages_dir,
		*tls_cert, *tls_key, *trusted_proxies;
	bool http_plain;
	int64_t hsts_ms;
	const char *log_level_name;
	int64_t watch_interval_ms, policy_cooldown_ms, raw_retention_ms;
	int64_t rollup_retention_ms;
	int64_t verify_host_hours;

	/* What follows from it. */
	struct config_address http_address, listen_address;
	struct proxies proxies;
	const char *http_url; /* "https://10.0.0.5:8470": where the API listens */
	uint16_t enrol_port;
	const char *advertise_host; /* where agents reach this server */
	/* Where they reach all that take readings for this database: their data
	 * sockets; each has its enrol socket at the port after.  None: this one. */
	struct endpoints all_servers;
	bool role_ingest, role_watch, role_storage, role_api;
	enum log_level log_level;
	bool embedded;            /* no database configured: we run our own */
	const char *database_uri; /* the configured one, or that of our own cluster */
};

/* Reads argv[1..] : server options may stand anywhere and are taken out; the others
 * stay in order, from argv[1] on, and *argc counts what is left. */
bool config_load(struct server_config *c, int *argc, char **argv, struct arena *a,
	struct err *e);

/* Where hosts can enrol: all servers, or this one.  At least one. */
struct endpoints config_enrol_places(const struct server_config *c);

/* "[::1]:8470" and the like. */
const char *config_address_text(struct arena *a, const char *host, uint16_t port);

void config_help(struct buf *out);
void config_example(struct buf *out);
const struct conf_table *config_settings(void);

#endif
