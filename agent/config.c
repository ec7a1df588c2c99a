#include "agent/config.h"

#include "agent/list.h"
#include "common/conf.h"
#include "common/conf_parse.h"
#include "common/scoped.h"
#include "schema/endpoints.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_AT(field) offsetof(struct config, field)

#define CONF_LIST CONF_TEXT
#define CONF_WORD CONF_TEXT

/* First what the centre may set, in the order of setting.def. */
static const struct conf_option config_options[] = {
#define SETTING(                                                                       \
	number, name, field, kind, minimum, maximum, words, fallback, consent, help)   \
	{"agent", #name, CONF_##kind, CONFIG_AT(field), minimum, maximum, fallback,    \
		help},
#include "schema/setting.def"
#undef SETTING
	{"agent", "central", CONF_TEXT, CONFIG_AT(central), 0, 0, "yes",
		"What the server may set here: yes, no, or names of settings; what "
		"this "
		"file sets it may not"},
	{"agent", "state_dir", CONF_TEXT, CONFIG_AT(state_dir), 0, 0,
		"/var/lib/tidemark-agent", "Directory of keys, enrolment and spool"},
	{"agent", "server", CONF_TEXT, CONFIG_AT(server), 0, 0, "",
		"HOST:PORT to send to instead of what the enrolment says"},
	{"agent", "servers", CONF_TEXT, CONFIG_AT(servers), 0, 0, "",
		"HOST:PORT, HOST:PORT of servers that share a key; the agent chooses "
		"one"},
	{"agent", "machine_id", CONF_TEXT, CONFIG_AT(machine_id), 0, 0, "",
		"Text that stands for /etc/machine-id"},
	{"agent", "hostname", CONF_TEXT, CONFIG_AT(hostname), 0, 0, "",
		"Name that stands for the host's own"},
	{"agent", "procfs", CONF_TEXT, CONFIG_AT(procfs), 0, 0, "/proc",
		"Where the machine's procfs is mounted"},
	{"agent", "cgroupfs", CONF_TEXT, CONFIG_AT(cgroupfs), 0, 0, "/sys/fs/cgroup",
		"Where the machine's control groups are mounted"},
	{"agent", "snapshot_memory", CONF_BYTES, CONFIG_AT(snapshot_memory_bytes),
		64 << 20, INT64_C(1) << 40, "1G",
		"Most memory that reading a snapshot may use"},
	{"agent", "snapshot_raw_max", CONF_BYTES, CONFIG_AT(snapshot_raw_max_bytes), 0,
		INT64_C(1) << 44, "1G",
		"Most disk for raw snapshots that were asked for; 0: keep none"},
	{"agent", "snapshot_dirs", CONF_TEXT, CONFIG_AT(snapshot_dirs), 0, 0, "",
		"Directories where files with heap snapshots appear, by commas"},
	{"agent", "preload_dir", CONF_TEXT, CONFIG_AT(preload_dir), 0, 0, "",
		"Directory of the preload's sockets, looked at before the usual ones"},
	{"agent", "fingerprint_env", CONF_TEXT, CONFIG_AT(fingerprint_env), 0, 0,
		"APP_VERSION,VERSION,RELEASE,RELEASE_VERSION,BUILD_ID,BUILD_NUMBER,"
		"GIT_COMMIT,GIT_SHA,COMMIT_SHA,SOURCE_VERSION,IMAGE_TAG",
		"Variables of a process that tell its version; no others are kept"},
	{"agent", "fingerprint_pm2", CONF_TEXT, CONFIG_AT(fingerprint_pm2), 0, 0, "",
		"Directories of pm2's package where it is not found, by commas"},
	{"agent", "token_file", CONF_TEXT, CONFIG_AT(token_file), 0, 0, "",
		"File with the token, for join"},
	{"agent", "allow_commands", CONF_BOOL, CONFIG_AT(allow_commands), 0, 0, "no",
		"Let [queue] sections of kind command run programs as the agent's "
		"user"},
};

_Static_assert(sizeof config_options / sizeof config_options[0] <= CONFIG_OPTIONS_MAX,
	"sources has room");

/* The rules while they are being read. */
struct config_reading {
	struct config *config;
	struct arena *arena;
};

static struct target_rule *config_rule(
	struct config_reading *r, const char *service, struct err *e)
{
	struct config *c = r->config;
	for (size_t i = 0; i < c->rule_count; i++) {
		if (strcmp(c->rules[i].service, service) == 0)
			return &c->rules[i];
	}
	if (c->rule_count == CONFIG_RULES_MAX) {
		err_set(e, ERR_INPUT, "more than %d [service] sections",
			CONFIG_RULES_MAX);
		return NULL;
	}
	struct target_rule *rule = &c->rules[c->rule_count++];
	rule->service = arena_strdup(r->arena, service);
	return rule;
}

/* Reads the file itself: the C library's look-ups would load half of it into an
 * agent that has to stay small. */
static bool config_find_user(const char *name, uid_t *uid, struct err *e)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);
	if (*name >= '0' && *name <= '9' && !*end && number < UINT32_MAX) {
		*uid = (uid_t)number;
		return true;
	}
	scoped_file FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry;
	while (file && (entry = fgetpwent(file))) {
		if (strcmp(entry->pw_name, name) == 0) {
			*uid = entry->pw_uid;
			return true;
		}
	}
	return err_set(
		e, ERR_INPUT, "user '%s' is not in /etc/passwd; give the number", name);
}

static bool config_check_directory(const char *name, const char *path, struct err *e)
{
	return path[0] == '/' ||
	       err_set(e, ERR_INPUT, "%s: '%s' does not begin with '/'", name, path);
}

static bool config_rule_journal(
	struct target_rule *rule, const char *value, struct err *e)
{
	bool yes = strcmp(value, "yes") == 0;
	rule->is_quiet = strcmp(value, "no") == 0;
	return yes || rule->is_quiet ||
	       err_set(e, ERR_INPUT, "journal: '%s' is neither yes nor no", value);
}

/* `name` is a list of at most CONFIG_LIST_MAX names. */
static bool config_check_list(
	const char *name, const char *list, bool directories, struct err *e)
{
	char item[CONFIG_NAME_MAX];
	size_t count = 0;
	while (list_next(&list, item, sizeof item)) {
		if (++count > CONFIG_LIST_MAX)
			return err_set(e, ERR_INPUT, "%s has more than %d names", name,
				CONFIG_LIST_MAX);
		if (directories && !config_check_directory(name, item, e))
			return false;
	}
	return !*list || err_set(e, ERR_INPUT,
				 "%s has an empty name, or one that is too long, at "
				 "'%.40s'",
				 name, list);
}

/* A list, which may be given in parts. */
static bool config_rule_found(struct config_reading *r, struct target_rule *rule,
	const char *list, struct err *e)
{
	if (!config_check_list("service", list, false, e))
		return false;
	rule->found = rule->found ? arena_printf(r->arena, "%s, %s", rule->found, list)
				  : arena_strdup(r->arena, list);
	return config_check_list("service", rule->found, false, e);
}

static bool config_rule_ignore(
	struct target_rule *rule, const char *value, struct err *e)
{
	bool yes = strcmp(value, "yes") == 0;
	if (!yes && strcmp(value, "no") != 0)
		return err_set(
			e, ERR_INPUT, "ignore is '%.40s'; it can be yes or no", value);
	rule->ignore = yes;
	return true;
}

static bool config_rule_key(struct config_reading *r, struct target_rule *rule,
	const char *key, const char *value, struct err *e)
{
	const struct {
		const char *key;
		const char **pattern;
	} patterns[] = {
		{"command", &rule->command},
		{"unit", &rule->unit},
		{"cgroup", &rule->cgroup},
		{"dumps", &rule->dumps},
	};
	if (!value[0])
		return err_set(e, ERR_INPUT, "%s is empty", key);
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		if (strcmp(key, patterns[i].key) != 0)
			continue;
		if (*patterns[i].pattern)
			return err_set(e, ERR_INPUT,
				"%s is given twice for [service %s]", key,
				rule->service);
		if (patterns[i].pattern == &rule->dumps &&
			!config_check_directory(key, value, e))
			return false;
		*patterns[i].pattern = arena_strdup(r->arena, value);
		return true;
	}
	if (strcmp(key, "journal") == 0)
		return config_rule_journal(rule, value, e);
	if (strcmp(key, "service") == 0)
		return config_rule_found(r, rule, value, e);
	if (strcmp(key, "ignore") == 0)
		return config_rule_ignore(rule, value, e);
	if (strcmp(key, "user") != 0)
		return err_set(e, ERR_INPUT, "unknown key '%s' in [service %s]", key,
			rule->service);
	if (rule->has_user)
		return err_set(e, ERR_INPUT, "user is given twice for [service %s]",
			rule->service);
	rule->has_user = true;
	return config_find_user(value, &rule->user, e);
}

static bool config_log_key(struct config_reading *r, const char *name, const char *key,
	const char *value, struct err *e)
{
	struct config *c = r->config;
	size_t at = 0;
	while (at < c->log_count && strcmp(c->logs[at].name, name) != 0)
		at++;
	if (at == LOG_SPECS_MAX)
		return err_set(
			e, ERR_INPUT, "more than %d [log] sections", LOG_SPECS_MAX);
	if (at == c->log_count) {
		if (!c->logs)
			c->logs = arena_array(r->arena, LOG_SPECS_MAX, sizeof *c->logs);
		c->logs[c->log_count++].name = arena_strdup(r->arena, name);
	}
	return log_spec_key(&c->logs[at], key, value, r->arena, e);
}

/* The name in "[KIND NAME]", "" when it has none; NULL for a section of another kind.
 */
static const char *config_section_name(const char *section, const char *kind)
{
	size_t length = strlen(kind);
	if (strncmp(section, kind, length) != 0 ||
		(section[length] && section[length] != ' '))
		return NULL;
	return section + length + strspn(section + length, " ");
}

static bool config_free_key(void *context, const char *section, const char *key,
	const char *value, struct err *e)
{
	struct config_reading *r = context;
	const char *queue = config_section_name(section, "queue");
	if (queue)
		return queue_specs_key(
			&r->config->queues, queue, key, value, r->arena, e);
	const char *log = config_section_name(section, "log");
	const char *service = config_section_name(section, "service");
	if (!log && !service)
		return err_set(e, ERR_INPUT, "unknown section [%s]", section);
	if (!*(log ? log : service))
		return err_set(
			e, ERR_INPUT, "[%s] needs a name", log ? "log" : "service");
	if (log)
		return config_log_key(r, log, key, value, e);
	if (strncmp(key, "load_", 5) == 0)
		return queue_specs_load_key(
			&r->config->queues, service, key, value, r->arena, e);
	struct target_rule *rule = config_rule(r, service, e);
	return rule && config_rule_key(r, rule, key, value, e);
}

static struct conf_table config_table(struct config_reading *r)
{
	return (struct conf_table){
		.program = "tidemark-agent",
		.own_section = "agent",
		.env_prefix = "TIDEMARK",
		.options = config_options,
		.count = sizeof config_options / sizeof config_options[0],
		.file = "/etc/tidemark/agent.conf",
		.sources = r ? r->config->sources : NULL,
		.free_key = config_free_key,
		.context = r,
	};
}

/* Exact names: a glob would let out what nobody thought of. */
static bool config_check_fingerprints(const struct config *c, struct err *e)
{
	char name[CONFIG_NAME_MAX];
	const char *list = c->fingerprint_env;
	if (!config_check_list("fingerprint_env", list, false, e) ||
		!config_check_list("fingerprint_pm2", c->fingerprint_pm2, true, e))
		return false;
	while (list_next(&list, name, sizeof name))
		for (const char *n = name; *n; n++)
			if (!isalnum((unsigned char)*n) && *n != '_')
				return err_set(e, ERR_INPUT,
					"fingerprint_env: '%s' is no name of a "
					"variable",
					name);
	return true;
}

static bool config_check_snapshots(const struct config *c, struct err *e)
{
	return config_check_list("snapshots", c->snapshots, false, e) &&
	       config_check_list("insides", c->insides, false, e) &&
	       config_check_list("inspect", c->inspect, false, e) &&
	       config_check_list("snapshot_dirs", c->snapshot_dirs, true, e) &&
	       (!c->preload_dir[0] ||
		       config_check_directory("preload_dir", c->preload_dir, e));
}

/* "yes", "no", or names of settings, by commas. */
static bool config_check_central(const struct config *c, struct err *e)
{
	char name[CONFIG_NAME_MAX];
	const char *list = c->central;
	if (!config_check_list("central", list, false, e))
		return false;
	while (list_next(&list, name, sizeof name))
		if (strcmp(name, "yes") != 0 && setting_named(name) < 0 &&
			strcmp(c->central, "no") != 0)
			return err_set(e, ERR_INPUT,
				"central: '%s' is neither yes nor no nor a setting "
				"that a server may set",
				name);
	return true;
}

static bool config_find_level(struct config *c, struct err *e)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = {{"error", LOG_ERROR}, {"warn", LOG_WARN}, {"info", LOG_INFO},
		{"debug", LOG_DEBUG}};
	size_t i = 0, count = sizeof levels / sizeof levels[0];
	while (i < count && strcmp(levels[i].name, c->log_level) != 0)
		i++;
	if (i == count)
		return err_set(e, ERR_INPUT,
			"log_level is '%s'; it can be error, warn, info or debug",
			c->log_level);
	c->least = levels[i].level;
	return true;
}

static bool config_check(struct config *c, struct err *e)
{
	if (!config_find_level(c, e) || !config_check_central(c, e) ||
		!config_check_fingerprints(c, e) || !config_check_snapshots(c, e))
		return false;
	for (size_t at = 0; at < c->log_count; at++)
		if (!log_spec_check(&c->logs[at], e))
			return false;
	if (!queue_specs_check(&c->queues, c->interval_ms, c->allow_commands, e))
		return false;
	char host[256];
	uint16_t port;
	struct endpoints servers;
	if (!endpoints_parse(c->servers, &servers, e))
		return err_wrap(e, "servers");
	if (servers.count && c->server[0])
		return err_set(e, ERR_INPUT, "give server or servers, not both");
	return !c->server[0] ||
	       config_parse_endpoint(c->server, host, sizeof host, &port, e) ||
	       err_wrap(e, "server");
}

/* Only when a section is whole can be seen whether it makes sense. */
static bool config_check_rules(const struct config *c, struct err *e)
{
	for (size_t i = 0; i < c->rule_count; i++) {
		const struct target_rule *rule = &c->rules[i];
		bool any = rule->command || rule->unit || rule->cgroup ||
			   rule->has_user || rule->found;
		if (rule->ignore && !any)
			return err_set(e, ERR_INPUT,
				"[service %s] says ignore, but not what: give service, "
				"command, unit, cgroup or user as well",
				rule->service);
		if (rule->ignore && rule->dumps)
			return err_set(e, ERR_INPUT,
				"[service %s] has dumps, but is ignored",
				rule->service);
	}
	return true;
}

bool config_load(struct config *c, const char *path, struct arena *a, struct err *e)
{
	*c = (struct config){0};
	c->rules = arena_array(a, CONFIG_RULES_MAX, sizeof *c->rules);
	struct config_reading reading = {c, a};
	const struct conf_table table = config_table(&reading);
	return conf_load(&table, c, path, a, e) && config_check(c, e) &&
	       config_check_rules(c, e);
}

bool config_arguments(struct config *c, int argc, char **argv, int start, int *rest,
	struct arena *a, struct err *e)
{
	struct config_reading reading = {c, a};
	const struct conf_table table = config_table(&reading);
	struct conf_line line = {argc, argv, start};
	if (!conf_arguments(&table, c, &line, a, e) || !config_check(c, e))
		return false;
	*rest = line.next;
	return true;
}

bool config_parse_endpoint(
	const char *text, char *host, size_t size, uint16_t *port, struct err *e)
{
	const char *colon = strrchr(text, ':');
	const char *start = text, *end = colon;
	if (text[0] == '[') {
		start = text + 1;
		end = strchr(start, ']');
		if (end && end + 1 != colon)
			end = NULL;
	} else if (colon && memchr(text, ':', (size_t)(colon - text))) {
		return err_set(e, ERR_INPUT,
			"'%s': write an IPv6 address as [ADDRESS]:PORT", text);
	}
	if (!colon || !end || end == start || (size_t)(end - start) >= size)
		return err_set(e, ERR_INPUT, "'%s' is not HOST:PORT", text);
	char *stop;
	unsigned long number = strtoul(colon + 1, &stop, 10);
	if (colon[1] < '0' || colon[1] > '9' || *stop || number < 1 || number > 65535)
		return err_set(
			e, ERR_INPUT, "'%s' has no port between 1 and 65535", text);
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = '\0';
	*port = (uint16_t)number;
	return true;
}

const char *config_find(int argc, char **argv)
{
	const struct conf_table table = config_table(NULL);
	return conf_find_file(&table, argc, argv);
}

const struct conf_table *config_settings(void)
{
	static struct conf_table table;
	table = config_table(NULL);
	return &table;
}

static bool config_names_central(const struct config *c, const char *wanted)
{
	char name[CONFIG_NAME_MAX];
	const char *list = c->central;
	while (list_next(&list, name, sizeof name))
		if (strcmp(name, wanted) == 0)
			return true;
	return false;
}

bool config_lets_set(const struct config *c, int setting)
{
	const struct setting *s = &setting_table[setting];
	return config_names_central(c, s->name) ||
	       (s->consent != SETTING_NEEDED && config_names_central(c, "yes"));
}

bool config_lets_value(const struct config *own, int setting, const char *value)
{
	const struct setting *s = &setting_table[setting];
	struct conf_option o = config_options[setting];
	const char *field = (const char *)own + o.offset;
	struct err ignored;
	int64_t number;
	if (s->consent == SETTING_NOT_NEEDED || config_names_central(own, s->name))
		return true;
	if (s->consent == SETTING_NEEDED)
		return false;
	o.offset = 0; /* a number: takes nothing of the arena */
	return conf_parse_option(&o, &number, value, NULL, &ignored) &&
	       !setting_wants_consent(s, *(const int64_t *)(const void *)field, number);
}

bool config_set(struct config *c, int setting, const char *value, struct arena *a,
	struct err *e)
{
	const struct conf_option *o = &config_options[setting];
	return conf_parse_option(o, c, value, a, e) && config_find_level(c, e);
}

void config_show(const struct config *c, int setting, struct buf *out)
{
	const struct conf_option *o = &config_options[setting];
	const char *field = (const char *)c + o->offset;
	if (o->type == CONF_TEXT)
		buf_printf(out, "%s", *(const char *const *)(const void *)field);
	else if (o->type == CONF_BOOL)
		buf_text(out, *(const bool *)field ? "yes" : "no");
	else
		conf_parse_print(o->type, *(const int64_t *)(const void *)field, out);
}

void config_help(struct buf *out)
{
	conf_help(config_settings(), out);
}

void config_example(struct buf *out)
{
	conf_example(config_settings(), out);
	config_sections(out);
}

void config_sections(struct buf *out)
{
	buf_text(out,
		"\n"
		"# Names for services, where the ones found are not what you call "
		"them.\n"
		"# All given conditions must hold; the first section that matches "
		"wins.\n"
		"# Patterns are globs; '*' matches '/' as well.\n"
		"#[service checkout]\n"
		"# program, or program and script (arguments are never looked at)\n"
		"#command = node */checkout/app.js\n"
		"# systemd unit\n"
		"#unit = checkout@*.service\n"
		"# path of the control group\n"
		"#cgroup = /kubepods*/checkout*\n"
		"# name from /etc/passwd, or number\n"
		"#user = shop\n"
		"# directory where its heap snapshots appear; no condition\n"
		"#dumps = /var/lib/checkout/dumps\n"
		"# no: its lines in the journal are not looked at; no condition\n"
		"#journal = no\n"
		"# where it counts its requests or jobs; no condition\n"
		"#load_url = http://127.0.0.1:9090/metrics\n"
		"#load_metric = http_requests_total{code=\"200\"}\n"
		"# what the agent calls it by itself (see tidemark-agent services): "
		"names or\n"
		"# globs; of several one service is made, and several lines add up\n"
		"#service = shop, shop-*, web\n"
		"# yes: such processes are not watched\n"
		"#ignore = no\n"
		"\n"
		"# Signs of trouble in log files.  Of a line only what stands in the\n"
		"# groups (?<FIELD>...) of a pattern leaves this host.\n"
		"#[log checkout]\n"
		"# path, glob, or the word journal\n"
		"#file = /var/log/checkout/*.log\n"
		"#service = checkout\n"
		"#pattern slow-query = query (?<name>[a-z_]+) took "
		"(?<seconds>[0-9]+)s\n");
	buf_text(out, queue_spec_example);
}
