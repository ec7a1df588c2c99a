#include "agent/services.h"

#include "common/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Samples are sorted, as they know their process. */
static int services_compare(const void *a, const void *b, void *context)
{
	const struct wire_process *processes = context;
	const struct wire_process *p =
		&processes[((const struct wire_sample *)a)->process];
	const struct wire_process *q =
		&processes[((const struct wire_sample *)b)->process];
	int order = strcmp(p->service, q->service);
	return order ? order : (p->slot > q->slot) - (p->slot < q->slot);
}

static int services_width(const struct processes_tick *tick)
{
	size_t width = strlen("SERVICE");
	for (size_t i = 0; i < tick->count; i++) {
		size_t length = strlen(tick->processes[i].service);
		width = length > width ? length : width;
	}
	return width > 40 ? 40 : (int)width;
}

static double services_mib(int64_t kb)
{
	return (double)kb / 1024;
}

static void services_sort(const struct processes_tick *tick)
{
	qsort_r(tick->samples, tick->count, sizeof *tick->samples, services_compare,
		tick->processes);
}

/* "2026-11-22T19:08:23Z". */
static void services_time(int64_t unix_ms, char out[32])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm utc;
	out[0] = '\0';
	if (gmtime_r(&seconds, &utc))
		strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static void services_format_process(const struct wire_process *p,
	const struct wire_values *values, uint32_t lives, struct buf *out)
{
	char restarts[16] = "-", started[32];
	if (lives)
		snprintf(restarts, sizeof restarts, "%" PRIu32, lives - 1);
	services_time(p->started_unix_ms, started);
	buf_printf(out,
		" %4" PRIu32 " %8" PRIu32 "  %-20s %8s %9.1f %9.1f  "
		"%-12s %-8s %-20s %s\n",
		p->slot, p->pid, started, restarts,
		services_mib(values->value[PROCESS_rss_kb]),
		services_mib(values->value[PROCESS_rss_anon_kb]),
		p->version[0] ? p->version : "-", p->runtime, p->rule, p->command);
}

void services_format(
	const struct processes_tick *tick, const struct slots *slots, struct buf *out)
{
	int width = services_width(tick);
	services_sort(tick);
	buf_printf(out, "%-*s %4s %8s  %-20s %8s %9s %9s  %-12s %-8s %-20s %s\n", width,
		"SERVICE", "SLOT", "PID", "STARTED", "RESTARTS", "RSS MiB", "ANON MiB",
		"VERSION", "RUNTIME", "NAMED BY", "COMMAND");
	for (size_t i = 0; i < tick->count; i++) {
		const struct wire_sample *s = &tick->samples[i];
		const struct wire_process *p = &tick->processes[s->process];
		buf_printf(out, "%-*s", width, p->service);
		services_format_process(p, &s->values,
			slots ? slots_lives(slots, p->service, p->slot) : 0, out);
	}
	const struct wire_values *host = &tick->host;
	buf_printf(out,
		"%-*s %4s %8s  %-20s %8s %9.1f %9.1f  %" PRId64
		" smaller processes, or ignored\n",
		width, "(rest)", "", "", "", "",
		services_mib(host->value[HOST_rest_rss_kb]),
		services_mib(host->value[HOST_rest_anon_kb]),
		host->value[HOST_rest_processes]);
}

static void services_json_process(struct json *j, const struct wire_process *p,
	const struct wire_values *values, uint32_t lives)
{
	char started[32];
	services_time(p->started_unix_ms, started);
	json_object(j);
	json_put_int(j, "slot", p->slot);
	json_put_int(j, "pid", p->pid);
	json_put_string(j, "version", p->version);
	json_put_string(j, "command", p->command);
	json_put_string(j, "started_at", started);
	if (lives)
		json_put_int(j, "restarts", lives - 1);
	else
		json_put_null(j, "restarts");
	json_put_int(j, "rss_kb", values->value[PROCESS_rss_kb]);
	json_put_int(j, "anon_kb", values->value[PROCESS_rss_anon_kb]);
	json_end(j);
}

static void services_json_rest(struct json *j, const struct wire_values *host)
{
	json_key(j, "rest");
	json_object(j);
	json_put_int(j, "processes", host->value[HOST_rest_processes]);
	json_put_int(j, "rss_kb", host->value[HOST_rest_rss_kb]);
	json_put_int(j, "anon_kb", host->value[HOST_rest_anon_kb]);
	json_end(j);
}

void services_format_json(
	const struct processes_tick *tick, const struct slots *slots, struct buf *out)
{
	const char *service = NULL;
	struct json j;
	services_sort(tick);
	json_init(&j, out);
	json_object(&j);
	json_key(&j, "services");
	json_array(&j);
	for (size_t i = 0; i < tick->count; i++) {
		const struct wire_sample *s = &tick->samples[i];
		const struct wire_process *p = &tick->processes[s->process];
		if (service && strcmp(service, p->service) != 0) {
			json_end(&j);
			json_end(&j);
			service = NULL;
		}
		if (!service) {
			json_object(&j);
			json_put_string(&j, "name", p->service);
			json_put_string(&j, "rule", p->rule);
			json_put_string(&j, "runtime", p->runtime);
			json_key(&j, "processes");
			json_array(&j);
		}
		service = p->service;
		services_json_process(&j, p, &s->values,
			slots ? slots_lives(slots, p->service, p->slot) : 0);
	}
	if (service) {
		json_end(&j);
		json_end(&j);
	}
	json_end(&j);
	services_json_rest(&j, &tick->host);
	json_end(&j);
	buf_text(out, "\n");
}
