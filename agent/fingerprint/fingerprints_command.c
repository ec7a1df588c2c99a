/* `tidemark-agent fingerprint PID|SERVICE [--json]`: part of fingerprints.h. */
#include "agent/fingerprint/fingerprints.h"

#include "agent/fingerprint/portrait.h"
#include "agent/processes.h"
#include "common/clock.h"
#include "common/json.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Processes that run the same. */
struct fingerprints_group {
	struct fingerprint print;
	struct fingerprints_group *next;
	struct buf pids; /* "1, 2" */
};

struct fingerprints_asked {
	const struct config *config;
	struct arena arena;
	struct dependencies *dependencies;
	struct fingerprints_group *groups;
	struct err last; /* why a process has none */
};

static void fingerprints_ask(
	struct fingerprints_asked *a, const struct portrait_process *process)
{
	const struct portrait_options options = {a->config->procfs,
		a->config->fingerprint_env, a->config->fingerprint_pm2,
		a->dependencies};
	struct fingerprint print;
	if (!portrait_take(&options, process, &a->arena, &print, &a->last))
		return;
	struct fingerprints_group **at = &a->groups;
	while (*at && strcmp((*at)->print.hash, print.hash) != 0)
		at = &(*at)->next;
	if (!*at) {
		*at = arena_alloc(&a->arena, sizeof **at);
		(*at)->print = print;
	}
	buf_printf(&(*at)->pids, "%s%d", (*at)->pids.length ? ", " : "", process->pid);
}

/* Every process that is followed under the name. */
static bool fingerprints_ask_service(
	struct fingerprints_asked *a, const char *service, struct err *e)
{
	const struct config *c = a->config;
	struct processes *processes = NULL;
	struct processes_tick tick = {0};
	struct slots *slots = slots_create("");
	const struct processes_options options = {
		.procfs = c->procfs,
		.cgroupfs = c->cgroupfs,
		.interval_ms = c->interval_ms,
		.min_rss_bytes = c->min_rss_bytes,
		.rules = c->rules,
		.rule_count = c->rule_count,
		.slots = slots,
	};
	const struct processes_now now = {clock_unix_ms(), clock_boot_ms()};
	bool ok = processes_open(&options, &processes, e) &&
		  processes_read(processes, &now, &a->arena, &tick, e);
	size_t found = 0;
	for (size_t i = 0; ok && i < tick.count; i++) {
		const struct wire_process *p = &tick.processes[i];
		if (fnmatch(service, p->service, 0) != 0)
			continue;
		const struct portrait_process process = {
			(int)p->pid, p->start_ticks, p->started_unix_ms};
		fingerprints_ask(a, &process);
		found++;
	}
	processes_close(processes);
	slots_destroy(slots);
	return ok && (found || err_set(e, ERR_INPUT,
				       "no process of a service '%s' is "
				       "followed here",
				       service));
}

static void fingerprints_line(const char *name, const char *text)
{
	if (text[0])
		printf("%-16s %s\n", name, text);
}

static void fingerprints_print(const struct fingerprints_group *g)
{
	const struct fingerprint *f = &g->print;
	char text[600];
	fingerprints_line("fingerprint", f->hash);
	fingerprints_line("processes", g->pids.data);
	snprintf(text, sizeof text, "%s %s", f->app, f->app_version);
	fingerprints_line("application", text[0] == ' ' ? text + 1 : text);
	snprintf(text, sizeof text, "%s %s", f->runtime, f->runtime_version);
	fingerprints_line("runtime", text);
	fingerprints_line("commit", f->git_head);
	fingerprints_line("build id", f->build_id);
	fingerprints_line("image", f->image);
	for (size_t i = 0; i < f->environment_count; i++)
		fingerprints_line(i ? "" : "environment", f->environment[i]);
	snprintf(text, sizeof text, "%zu%s%s%s", f->package_count,
		f->source[0] ? ", of " : "", f->source,
		f->is_cut ? ", not all of them" : "");
	fingerprints_line("packages", text);
	for (size_t i = 0; i < f->package_count; i++)
		printf("  %s\n", f->packages[i]);
	for (size_t i = 0; i < f->remark_count; i++)
		fingerprints_line(i ? "" : "remarks", f->remarks[i]);
}

static void fingerprints_json_list(
	struct json *j, const char *key, const char **texts, size_t count)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < count; i++)
		json_string(j, texts[i]);
	json_end(j);
}

static void fingerprints_json(struct json *j, const struct fingerprints_group *g)
{
	const struct fingerprint *f = &g->print;
	json_object(j);
	json_put_string(j, "hash", f->hash);
	json_put_string(j, "processes", g->pids.data);
	json_put_string(j, "app", f->app);
	json_put_string(j, "app_version", f->app_version);
	json_put_string(j, "runtime", f->runtime);
	json_put_string(j, "runtime_version", f->runtime_version);
	json_put_string(j, "git_head", f->git_head);
	json_put_string(j, "build_id", f->build_id);
	json_put_string(j, "image", f->image);
	json_put_string(j, "source", f->source);
	json_put_bool(j, "is_cut", f->is_cut);
	fingerprints_json_list(j, "environment", f->environment, f->environment_count);
	fingerprints_json_list(j, "packages", f->packages, f->package_count);
	fingerprints_json_list(j, "remarks", f->remarks, f->remark_count);
	json_end(j);
}

static void fingerprints_show(const struct fingerprints_asked *a, bool as_json)
{
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	json_object(&j);
	json_key(&j, "items");
	json_array(&j);
	for (struct fingerprints_group *g = a->groups; g; g = g->next) {
		if (as_json)
			fingerprints_json(&j, g);
		else {
			fingerprints_print(g);
			printf("%s", g->next ? "\n" : "");
		}
		buf_finish(&g->pids);
	}
	json_end(&j);
	json_end(&j);
	if (as_json)
		puts(text.data);
	buf_finish(&text);
}

int fingerprints_command(const struct config *config, int argc, char **argv)
{
	struct fingerprints_asked a = {.config = config};
	struct err e;
	const char *whom = NULL;
	bool as_json = false, is_good = true;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			as_json = true;
		else if (whom || argv[i][0] == '-')
			is_good = false;
		else
			whom = argv[i];
	}
	if (!whom || !is_good) {
		fprintf(stderr, "Usage: tidemark-agent fingerprint PID|SERVICE "
				"[--json]\n");
		return 2;
	}
	arena_init(&a.arena);
	a.dependencies = dependencies_create();
	bool ok = true;
	if (strspn(whom, "0123456789") == strlen(whom)) {
		const struct portrait_process process = {.pid = atoi(whom)};
		fingerprints_ask(&a, &process);
	} else {
		ok = fingerprints_ask_service(&a, whom, &e);
	}
	if (ok && !a.groups) {
		e = a.last;
		ok = false;
	}
	if (ok)
		fingerprints_show(&a, as_json);
	else
		fprintf(stderr, "tidemark-agent: %s\n", e.text);
	dependencies_destroy(a.dependencies);
	arena_finish(&a.arena);
	return ok ? 0 : e.kind == ERR_INPUT ? 2 : 1;
}
