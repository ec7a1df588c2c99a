#include "server/config.h"

#include "common/conf.h"
#include "schema/token.h"
#include "server/cluster.h"
#include "server/messenger/networks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIELD(name) offsetof(struct server_config, name)

static const struct conf_option config_options[] = {
	{"server", "data_dir", CONF_TEXT, FIELD(data_dir), 0, 0, "/var/lib/tidemark",
		"folder for keys and, without a database of yours, for the embedded "
		"one"},
	{"server", "database", CONF_TEXT, FIELD(database), 0, 0, "",
		"PostgreSQL connection string; empty: run an embedded PostgreSQL"},
	{"server", "http", CONF_TEXT, FIELD(http), 0, 0, "127.0.0.1:8470",
		"ADDRESS:PORT of console and API"},
	{"server", "tls_cert", CONF_TEXT, FIELD(tls_cert), 0, 0, "",
		"PEM file of the certificate and its chain for console and API; empty: "
		"plain HTTP"},
	{"server", "tls_key", CONF_TEXT, FIELD(tls_key), 0, 0, "",
		"PEM file of the certificate's private key"},
	{"server", "hsts", CONF_DURATION, FIELD(hsts_ms), 0,
		INT64_C(3660) * 86400 * 1000, "365d",
		"how long browsers remember to come over TLS only; 0: not told"},
	{"server", "trusted_proxies", CONF_TEXT, FIELD(trusted_proxies), 0, 0,
		"127.0.0.1, ::1",
		"addresses and networks whose X-Forwarded-For and -Proto are believed"},
	{"server", "http_plain", CONF_BOOL, FIELD(http_plain), 0, 0, "no",
		"whether to serve plain HTTP to other machines, where passwords can be "
		"read on the way"},
	{"server", "listen", CONF_TEXT, FIELD(listen), 0, 0, "0.0.0.0:8471",
		"ADDRESS:PORT for agents; they enrol at the port after it"},
	{"server", "advertise", CONF_TEXT, FIELD(advertise), 0, 0, "",
		"host name or address for join tokens; empty: derived from listen"},
	{"server", "servers", CONF_TEXT, FIELD(servers), 0, 0, "",
		"HOST:PORT of every server that takes readings for this database, by "
		"commas; empty: this one"},
	{"server", "roles", CONF_TEXT, FIELD(roles), 0, 0, "ingest,watch,storage,api",
		"which parts this process runs: ingest takes readings, watch judges "
		"them, "
		"storage keeps them, api shows them"},
	{"server", "console_url", CONF_TEXT, FIELD(console_url), 0, 0, "",
		"address at which people and new hosts reach this server, for links in "
		"messages and the line that joins a host; "
		"empty: the address above"},
	{"server", "packages_dir", CONF_TEXT, FIELD(packages_dir), 0, 0,
		"/usr/share/tidemark/packages",
		"folder of the agent's packages that this server hands out to hosts "
		"that "
		"join"},
	{"server", "notify_networks", CONF_TEXT, FIELD(notify_networks), 0, 0, "",
		"private networks in which there are receivers of messages, by commas "
		"(10.1.0.0/16); private and loopback stand for all of them"},
	{"server", "notify_ca_file", CONF_TEXT, FIELD(notify_ca_file), 0, 0, "",
		"certificates of authorities by which receivers of messages are known; "
		"empty: the system's"},
	{"server", "user", CONF_TEXT, FIELD(user), 0, 0, "",
		"user to become when started as root; empty: tidemark, else nobody"},
	{"server", "watch_interval", CONF_DURATION, FIELD(watch_interval_ms), 1000,
		3600 * 1000, "60s", "time between two rounds of leak detection"},
	{"server", "policy_cooldown", CONF_DURATION, FIELD(policy_cooldown_ms), 0,
		INT64_C(86400) * 1000, "30m",
		"least time between two snapshots of a service by its policy"},
	{"server", "verify_host_hours", CONF_INT, FIELD(verify_host_hours), 0, 1000000,
		"72",
		"hours of hosts without the growth after which the version in which an "
		"alert was resolved has proved itself"},
	{"server", "raw_retention", CONF_DURATION, FIELD(raw_retention_ms),
		INT64_C(86400) * 1000, INT64_C(3660) * 86400 * 1000, "30d",
		"how long samples are kept; older ones are refused and dropped by the "
		"day"},
	{"server", "rollup_retention", CONF_DURATION, FIELD(rollup_retention_ms),
		INT64_C(86400) * 1000, INT64_C(36600) * 86400 * 1000, "730d",
		"how long rollups by the hour are kept; older ones are dropped by the "
		"month"},
	{"server", "log_level", CONF_TEXT, FIELD(log_level_name), 0, 0, "info",
		"error, warn, info or debug"},
};

static const struct conf_table config_table = {
	.program = "tidemark-server",
	.own_section = "server",
	.env_prefix = "TIDEMARK",
	.options = config_options,
	.count = sizeof config_options / sizeof *config_options,
	.file = "/etc/tidemark/server.conf",
};

const struct conf_table *config_settings(void)
{
	return &config_table;
}

void config_help(struct buf *out)
{
	conf_help(&config_table, out);
}

void config_example(struct buf *out)
{
	conf_example(&config_table, out);
}

const char *config_address_text(struct arena *a, const char *host, uint16_t port)
{
	struct buf text = {0};
	token_format_endpoint(host, port, &text);
	char *copy = arena_strdup(a, text.data);
	buf_finish(&text);
	return copy;
}

/* Whether `argument` names an option of ours; *takes_value: in the argument after. */
static bool config_is_option(const char *argument, bool *takes_value)
{
	if (strncmp(argument, "--", 2) != 0)
		return false;
	const char *name = argument + 2;
	size_t length = strcspn(name, "=");
	*takes_value = name[length] == 0;
	if (length == strlen("config") && strncmp(name, "config", length) == 0)
		return true;
	for (size_t i = 0; i < config_table.count; i++) {
		const char *known = config_options[i].name;
		size_t n = 0;
		while (n < length &&
			(known[n] == name[n] || (known[n] == '_' && name[n] == '-')))
			n++;
		if (n == length && known[n] == 0)
			return true;
	}
	return false;
}

/* Moves our options from argv[1..] to `own`, which begins with a program name. */
static int config_take_options(int *argc, char **argv, char **own)
{
	int taken = 1, left = 1;
	own[0] = argv[0];
	for (int i = 1; i < *argc; i++) {
		bool takes_value = false;
		if (!config_is_option(argv[i], &takes_value)) {
			argv[left++] = argv[i];
			continue;
		}
		own[taken++] = argv[i];
		if (takes_value && i + 1 < *argc)
			own[taken++] = argv[++i];
	}
	argv[left] = NULL;
	own[taken] = NULL;
	*argc = left;
	return taken;
}

static bool config_address(const char *name, const char *text,
	struct config_address *out, struct arena *a, struct err *e)
{
	char host[TOKEN_HOST_MAX + 1];
	if (!token_parse_endpoint(text, host, &out->port, e))
		return err_wrap(e, "%s = '%s'", name, text);
	out->host = arena_strdup(a, host);
	return true;
}

static bool config_roles(struct server_config *c, struct err *e)
{
	const char *at = c->roles;
	while (*at) {
		at += strspn(at, ", ");
		size_t n = strcspn(at, ", ");
		if (n == 6 && strncmp(at, "ingest", n) == 0)
			c->role_ingest = true;
		else if (n == 5 && strncmp(at, "watch", n) == 0)
			c->role_watch = true;
		else if (n == 7 && strncmp(at, "storage", n) == 0)
			c->role_storage = true;
		else if (n == 3 && strncmp(at, "api", n) == 0)
			c->role_api = true;
		else if (n > 0)
			return err_set(e, ERR_INPUT,
				"roles: unknown role '%.*s' (known: ingest, watch, "
				"storage, api)",
				(int)n, at);
		at += n;
	}
	if (!c->role_ingest && !c->role_watch && !c->role_storage && !c->role_api)
		return err_set(e, ERR_INPUT,
			"roles: none given (known: ingest, watch, storage, api)");
	return true;
}

static bool config_log_level(struct server_config *c, struct err *e)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = {{"error", LOG_ERROR}, {"warn", LOG_WARN}, {"info", LOG_INFO},
		{"debug", LOG_DEBUG}};
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		if (strcmp(c->log_level_name, levels[i].name) == 0) {
			c->log_level = levels[i].level;
			return true;
		}
	}
	return err_set(e, ERR_INPUT,
		"log_level: unknown level '%s' (known: error, warn, info, debug)",
		c->log_level_name);
}

/* Agents cannot connect to "any address": those get this machine's name. */
static const char *config_advertised(const struct server_config *c, struct arena *a)
{
	if (*c->advertise)
		return c->advertise;
	const char *host = c->listen_address.host;
	if (strcmp(host, "0.0.0.0") != 0 && strcmp(host, "::") != 0 &&
		strcmp(host, "*") != 0)
		return host;
	char name[TOKEN_HOST_MAX + 1] = "";
	if (gethostname(name, sizeof name - 1) != 0 || !*name)
		return "127.0.0.1";
	return arena_strdup(a, name);
}

struct endpoints config_enrol_places(const struct server_config *c)
{
	struct endpoints places = c->all_servers;
	for (size_t i = 0; i < places.count; i++)
		places.at[i].port++;
	if (places.count == 0) {
		snprintf(places.at[0].host, sizeof places.at[0].host, "%s",
			c->advertise_host);
		places.at[0].port = c->enrol_port;
		places.count = 1;
	}
	return places;
}

static bool config_servers(struct server_config *c, struct err *e)
{
	if (!endpoints_parse(c->servers, &c->all_servers, e))
		return err_wrap(e, "servers");
	for (size_t i = 0; i < c->all_servers.count; i++)
		if (c->all_servers.at[i].port == UINT16_MAX)
			return err_set(e, ERR_INPUT,
				"servers: no port is left after %d for enrolling",
				UINT16_MAX);
	return true;
}

/* Passwords and sessions in the clear are for this machine, or for a proxy's wire. */
static bool config_http(struct server_config *c, struct arena *a, struct err *e)
{
	const struct config_address *http = &c->http_address;
	if (!config_address("http", c->http, &c->http_address, a, e))
		return false;
	if (!proxies_parse(c->trusted_proxies, &c->proxies, e))
		return err_wrap(e, "trusted_proxies");
	bool tls = *c->tls_cert;
	if (!*c->tls_cert != !*c->tls_key)
		return err_set(e, ERR_INPUT,
			"tls_cert and tls_key: one is useless without the other");
	if (c->role_api && !tls && !c->http_plain && !proxies_is_loopback(http->host) &&
		!proxies_are_remote(&c->proxies))
		return err_set(e, ERR_INPUT,
			"http = '%s': other machines would send passwords in the "
			"clear; set tls_cert and tls_key, or trusted_proxies to the "
			"proxy that ends TLS, or http_plain = yes",
			c->http);
	c->http_url = arena_printf(a, "%s://%s", tls ? "https" : "http",
		config_address_text(a, http->host, http->port));
	return true;
}

static bool config_derive(struct server_config *c, struct arena *a, struct err *e)
{
	if (!config_address("listen", c->listen, &c->listen_address, a, e) ||
		!config_roles(c, e) || !config_http(c, a, e) || !config_servers(c, e) ||
		!config_log_level(c, e))
		return false;
	struct networks networks;
	if (!networks_parse(c->notify_networks, &networks, e))
		return err_wrap(e, "notify_networks");
	if (c->listen_address.port == UINT16_MAX)
		return err_set(e, ERR_INPUT,
			"listen = '%s': no port is left after it for enrolling",
			c->listen);
	c->enrol_port = (uint16_t)(c->listen_address.port + 1);
	c->advertise_host = config_advertised(c, a);
	if (c->data_dir[0] != '/')
		return err_set(e, ERR_INPUT,
			"data_dir = '%s': must be an absolute path", c->data_dir);
	c->embedded = !*c->database;
	c->database_uri = c->database;
	return !c->embedded || cluster_uri(c->data_dir, a, &c->database_uri, e);
}

bool config_load(
	struct server_config *c, int *argc, char **argv, struct arena *a, struct err *e)
{
	*c = (struct server_config){0};
	char **own = arena_array(a, (size_t)*argc + 1, sizeof *own);
	int count = config_take_options(argc, argv, own);
	struct conf_line line = {count, own, 1};
	return conf_load(&config_table, c, conf_find_file(&config_table, count, own), a,
		       e) &&
	       conf_arguments(&config_table, c, &line, a, e) && config_derive(c, a, e);
}
