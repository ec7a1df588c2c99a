#include "tests/fleet/fleet/options.h"

#include "common/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Half a fleet that is watched as it runs gets its new version soon. */
#define OPTIONS_DEPLOY_H (2.0 / 60)

const char options_help[] =
	"use: fleet --token T [OPTION...]\n"
	"\n"
	"One process that is a fleet: N agents, each enrolled with a key of its own, "
	"that\n"
	"send readings of simulated processes, keep them until there is a receipt, "
	"and\n"
	"send again what has none, as tidemark-agent does.\n"
	"\n"
	"  --token T | -        the join token, or standard input; --token-file FILE\n"
	"  --server HOST:PORT   where batches go (as enrolment says)\n"
	"  --agents N           hosts sim-001 and on (100); --first N: the first one's "
	"number\n"
	"  --processes M        of each host (20)\n"
	"  --services K         of the whole fleet (as many as processes)\n"
	"  --interval 10s       between readings, whole seconds\n"
	"  --metrics N          present of each process (16)\n"
	"  --shape A,B          what services do: steady cache leak stair daily batch\n"
	"                       restarts version gc, or any scenario of fleet_simulate "
	"(mixed)\n"
	"  --versions A,B       before and after a deploy (1.0.0,1.1.0)\n"
	"  --leak-version V     the first service leaks in this version alone, half of "
	"its\n"
	"                       hosts get it; --leak-rate PERCENT of the limit per "
	"hour\n"
	"  --deploy-at 2h       when they get it; --span 24h: the time in which shapes "
	"unfold\n"
	"  --virtual FROM..TO   virtual time (-2d..now, or 2026-01-31T12:00Z), as fast "
	"as "
	"the\n"
	"                       server takes it; without: real time, --duration 10m or "
	"until\n"
	"                       SIGTERM\n"
	"  --live               after virtual time on in real time, for --duration\n"
	"  --ticks N            readings in one batch (1)\n"
	"  --report 10s         a line of totals on standard error\n"
	"  --drain 120s         how long receipts are waited for at the end\n"
	"  --resend 30s         without a receipt a batch is sent again\n"
	"  --spool-bytes N      of one agent; then the oldest batches go (1048576)\n"
	"  --io-threads N       of libzmq (2); --seed N (1); --no-members: shorter "
	"JSON\n"
	"\n"
	"At the end one line of JSON on standard output: totals, and what must be in "
	"the\n"
	"database.  Exit status 1 when something was refused, given up or not "
	"acknowledged.\n";

static bool options_number(
	const char *text, uint64_t low, uint64_t high, uint64_t *out, struct err *e)
{
	char *end;
	errno = 0;
	uint64_t value = strtoull(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || value < low ||
		value > high)
		return err_set(e, ERR_INPUT, "'%s' is no number from %llu to %llu",
			text, (unsigned long long)low, (unsigned long long)high);
	*out = value;
	return true;
}

/* "10s", "500ms", "2d"; a bare number is seconds. */
static bool options_duration(const char *text, int64_t *ms, struct err *e)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = {{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7},
		{"", 1e3}};
	char *end;
	double value = strtod(text, &end);
	for (size_t i = 0; end != text && i < sizeof units / sizeof *units; i++)
		if (strcmp(end, units[i].unit) == 0 && value >= 0 && value < 1e6) {
			*ms = (int64_t)(value * units[i].ms);
			return true;
		}
	return err_set(e, ERR_INPUT, "'%s' is no duration such as 10s or 2d", text);
}

/* "now", "-2d" (before now), or "2026-01-31[T12:00[:30]]Z". */
static bool options_time(const char *text, int64_t *ms, struct err *e)
{
	static const char *const formats[] = {
		"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d", "%Y-%m-%dZ"};
	int64_t before_ms;
	if (strcmp(text, "now") == 0) {
		*ms = clock_unix_ms();
		return true;
	}
	if (text[0] == '-') {
		if (!options_duration(text + 1, &before_ms, e))
			return false;
		*ms = clock_unix_ms() - before_ms;
		return true;
	}
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct tm utc = {0};
		const char *end = strptime(text, formats[i], &utc);
		if (end && !*end) {
			*ms = (int64_t)timegm(&utc) * 1000;
			return true;
		}
	}
	return err_set(e, ERR_INPUT, "'%s' is no time", text);
}

/* Whole seconds, so that readings fall on them. */
static bool options_virtual(char *text, struct options *o, struct err *e)
{
	char *to = strstr(text, "..");
	if (!to)
		return err_set(e, ERR_INPUT, "'%s' is not FROM..TO", text);
	*to = '\0';
	if (!options_time(text, &o->from_ms, e) || !options_time(to + 2, &o->to_ms, e))
		return false;
	o->from_ms -= o->from_ms % 1000;
	o->to_ms -= o->to_ms % 1000;
	o->is_virtual = true;
	return o->from_ms < o->to_ms ||
	       err_set(e, ERR_INPUT, "virtual time ends before it begins");
}

static bool options_token(
	const char *text, const char *file, struct join_token *out, struct err *e)
{
	char line[1024] = "";
	FILE *from = file ? fopen(file, "re") : strcmp(text, "-") ? NULL : stdin;
	if (file && !from)
		return err_errno(e, "%s", file);
	if (from && !fgets(line, sizeof line, from))
		line[0] = '\0';
	if (file)
		fclose(from);
	return token_parse(from ? line : text, out, e);
}

static bool options_versions(char *text, struct options *o, struct err *e)
{
	char *comma = strchr(text, ',');
	if (!comma)
		return err_set(e, ERR_INPUT, "'%s' is not A,B", text);
	*comma = '\0';
	o->versions[0] = text;
	o->versions[1] = comma + 1;
	return true;
}

/* Options that are numbers: into `number`, then into their places. */
struct options_count {
	const char *name;
	uint64_t low, high;
	uint32_t *to;
};

static bool options_take_count(struct options *o, const char *name, const char *value,
	bool *taken, struct err *e)
{
	const struct options_count counts[] = {
		{"--agents", 1, 100000, &o->agents},
		{"--first", 1, 10000000, &o->first},
		{"--processes", 1, 1000, &o->processes},
		{"--services", 1, 5000, &o->services},
		{"--metrics", 1, 64, &o->metrics},
		{"--ticks", 1, 360, &o->ticks},
	};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		uint64_t number;
		if (strcmp(name, counts[i].name) != 0)
			continue;
		*taken = true;
		if (!options_number(value, counts[i].low, counts[i].high, &number, e))
			return false;
		*counts[i].to = (uint32_t)number;
	}
	return true;
}

static bool options_take_time(struct options *o, const char *name, const char *value,
	bool *taken, struct err *e)
{
	int64_t span_ms = -1, deploy_ms = -1;
	const struct {
		const char *name;
		int64_t *to;
	} times[] = {{"--interval", &o->interval_ms}, {"--duration", &o->duration_ms},
		{"--report", &o->report_ms}, {"--drain", &o->drain_ms},
		{"--resend", &o->resend_ms}, {"--span", &span_ms},
		{"--deploy-at", &deploy_ms}};
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		if (strcmp(name, times[i].name) != 0)
			continue;
		*taken = true;
		if (!options_duration(value, times[i].to, e))
			return false;
	}
	if (span_ms >= 0)
		o->span_h = (double)span_ms / 3.6e6;
	if (deploy_ms >= 0)
		o->deploy_h = (double)deploy_ms / 3.6e6;
	return true;
}

static bool options_take(struct options *o, const char *name, char *value,
	const char **token, const char **token_file, struct err *e)
{
	bool taken = false;
	uint64_t number = 0;
	if (!options_take_count(o, name, value, &taken, e) ||
		!options_take_time(o, name, value, &taken, e))
		return false;
	if (taken)
		return true;
	if (strcmp(name, "--token") == 0)
		*token = value;
	else if (strcmp(name, "--token-file") == 0)
		*token_file = value;
	else if (strcmp(name, "--server") == 0)
		return token_parse_endpoint(value, o->host, &o->port, e);
	else if (strcmp(name, "--shape") == 0)
		o->shapes = value;
	else if (strcmp(name, "--versions") == 0)
		return options_versions(value, o, e);
	else if (strcmp(name, "--leak-version") == 0)
		o->leak_version = value;
	else if (strcmp(name, "--leak-rate") == 0)
		o->leak_pct_per_h = strtod(value, NULL);
	else if (strcmp(name, "--virtual") == 0)
		return options_virtual(value, o, e);
	else if (strcmp(name, "--seed") == 0)
		return options_number(value, 0, UINT64_MAX, &o->seed, e);
	else if (strcmp(name, "--spool-bytes") == 0)
		return options_number(value, 1, UINT32_MAX, &o->spool_bytes, e);
	else if (strcmp(name, "--io-threads") == 0) {
		if (!options_number(value, 1, 64, &number, e))
			return false;
		o->io_threads = (int)number;
	} else
		return err_set(e, ERR_INPUT, "there is no such option");
	return true;
}

/* What depends on others. */
static bool options_settle(
	struct options *o, const char *token, const char *token_file, struct err *e)
{
	if (!token && !token_file)
		return err_set(e, ERR_INPUT, "--token is needed");
	if (!options_token(token, token_file, &o->token, e))
		return err_wrap(e, "token");
	if (o->interval_ms < 1000 || o->interval_ms % 1000)
		return err_set(e, ERR_INPUT, "--interval must be whole seconds");
	if (!o->services)
		o->services = o->processes;
	if (o->leak_version)
		o->versions[1] = o->leak_version;
	if (o->span_h <= 0)
		o->span_h = o->is_virtual ? (double)(o->to_ms - o->from_ms) / 3.6e6
					  : 24;
	if (!o->is_virtual)
		o->from_ms = clock_unix_ms() / 1000 * 1000;
	if (!o->is_virtual && o->deploy_h <= 0)
		o->deploy_h = OPTIONS_DEPLOY_H;
	return true;
}

bool options_read(int argc, char **argv, struct options *out, struct err *e)
{
	struct options o = {.agents = 100,
		.first = 1,
		.processes = 20,
		.metrics = 16,
		.seed = 1,
		.interval_ms = 10000,
		.shapes = "mixed",
		.versions = {"1.0.0", "1.1.0"},
		.ticks = 1,
		.report_ms = 10000,
		.drain_ms = 120000,
		.resend_ms = 30000,
		.spool_bytes = 1 << 20,
		.io_threads = 2,
		.members = true};
	const char *token = NULL, *token_file = NULL;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--no-members") == 0) {
			o.members = false;
			continue;
		}
		if (strcmp(argv[i], "--live") == 0) {
			o.goes_on = true;
			continue;
		}
		if (i + 1 == argc)
			return err_set(e, ERR_INPUT, "%s: a value is missing", argv[i]);
		if (!options_take(&o, argv[i], argv[i + 1], &token, &token_file, e))
			return err_wrap(e, "%s", argv[i]);
		i++;
	}
	if (!options_settle(&o, token, token_file, e))
		return false;
	*out = o;
	return true;
}
