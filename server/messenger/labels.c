#include "server/messenger/labels.h"

#include "common/json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LABELS_MAX = 6, LABELS_TRIAL_MS = 60000 };

/* In the order of their names, as Alertmanager sorts them. */
struct labels_set {
	struct {
		const char *name, *value;
	} at[LABELS_MAX];
	size_t count;
	char alertname[32], number[24];
};

static void labels_add(struct labels_set *set, const char *name, const char *value)
{
	set->at[set->count].name = name;
	set->at[set->count++].value = value;
}

static void labels_of(const struct alerts_row *alert, struct labels_set *set)
{
	const struct findings_row *f = &alert->finding;
	set->count = 0;
	snprintf(set->alertname, sizeof set->alertname, "Tidemark%c%s",
		toupper((unsigned char)*f->kind), *f->kind ? f->kind + 1 : "");
	snprintf(set->number, sizeof set->number, "%" PRId64, alert->id);
	labels_add(set, "alertname", set->alertname);
	labels_add(set, "kind", f->kind);
	labels_add(set, "service", f->service.name);
	labels_add(set, "severity", "warning");
	labels_add(set, "source", "tidemark");
	labels_add(set, "tidemark_alert", set->number);
}

static void labels_trial(struct labels_set *set)
{
	set->count = 0;
	labels_add(set, "alertname", "TidemarkTrial");
	labels_add(set, "severity", "none");
	labels_add(set, "source", "tidemark");
}

/* FNV-1a over names and values with 0xff behind each, as common/model does. */
static uint64_t labels_fingerprint(const struct labels_set *set)
{
	uint64_t sum = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < set->count; i++) {
		const char *const parts[] = {set->at[i].name, set->at[i].value};
		for (int k = 0; k < 2; k++) {
			for (const char *c = parts[k]; *c; c++)
				sum = (sum ^ (unsigned char)*c) *
				      UINT64_C(1099511628211);
			sum = (sum ^ 0xff) * UINT64_C(1099511628211);
		}
	}
	return sum;
}

/* Which of the labels say what a group has in common with no other. */
static bool labels_is_group(const char *name)
{
	return strcmp(name, "alertname") == 0 || strcmp(name, "service") == 0 ||
	       strcmp(name, "tidemark_alert") == 0;
}

static void labels_write(
	struct json *j, const char *key, const struct labels_set *set, bool group_only)
{
	json_key(j, key);
	json_object(j);
	for (size_t i = 0; i < set->count; i++)
		if (!group_only || labels_is_group(set->at[i].name))
			json_put_string(j, set->at[i].name, set->at[i].value);
	json_end(j);
}

/* {}:{alertname="TidemarkLeak", service="checkout"} */
static void labels_group_key(const struct labels_set *set, struct buf *out)
{
	const char *comma = "";
	buf_text(out, "{}:{");
	for (size_t i = 0; i < set->count; i++) {
		if (!labels_is_group(set->at[i].name))
			continue;
		buf_printf(out, "%s%s=\"", comma, set->at[i].name);
		for (const char *c = set->at[i].value; *c; c++) {
			if (*c == '"' || *c == '\\')
				buf_byte(out, '\\');
			buf_byte(out, *c);
		}
		buf_byte(out, '"');
		comma = ", ";
	}
	buf_byte(out, '}');
}

/* As Alertmanager writes a time: the fraction without zeros at its end. */
static void labels_time(struct json *j, const char *key, int64_t unix_ms)
{
	char text[40];
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	size_t length = strftime(text, sizeof text, "%FT%T", &tm);
	int ms = (int)(unix_ms % 1000);
	if (ms)
		length += (size_t)snprintf(
			text + length, sizeof text - length, ".%03d", ms);
	while (ms && text[length - 1] == '0')
		length--;
	snprintf(text + length, sizeof text - length, "Z");
	json_put_string(j, key, text);
}

static void labels_note(struct json *j, const char *key, const char *text)
{
	if (text && *text)
		json_put_string(j, key, text);
}

static void labels_counts(struct json *j, const struct findings_row *f)
{
	char text[64];
	if (f->rate.known) {
		snprintf(text, sizeof text, "%.1f MiB/h", f->rate.kb_h / 1024);
		json_put_string(j, "growth", text);
	}
	snprintf(text, sizeof text, "%" PRId64 " of %" PRId64 " grow", f->hosts_leaking,
		f->hosts);
	json_put_string(j, "hosts", text);
}

/* `n` is NULL when it is no news. */
static void labels_annotations(struct json *j, const char *key,
	const struct alerts_row *alert, const struct news *n)
{
	const struct findings_row *f = &alert->finding;
	json_key(j, key);
	json_object(j);
	labels_note(j, "cause", f->cause);
	if (n)
		labels_note(j, "event", n->due->event);
	labels_counts(j, f);
	labels_note(j, "level", f->level);
	if (n)
		labels_note(j, "note", n->due->text);
	labels_note(j, "owner", alert->owner);
	labels_note(j, "resolved_in", alert->resolved_in);
	labels_note(j, "state", alert->state);
	labels_note(j, "summary", f->summary);
	labels_note(j, "version", f->version.name);
	json_end(j);
}

static void labels_link(struct json *j, const char *console, int64_t alert_id)
{
	char url[600] = "";
	if (*console)
		snprintf(url, sizeof url, "%s/alerts/%" PRId64, console, alert_id);
	json_put_string(j, "generatorURL", url);
}

static void labels_trial_annotations(struct json *j, const char *key)
{
	json_key(j, key);
	json_object(j);
	json_put_string(j, "summary", "A trial of Tidemark");
	json_end(j);
}

/* What stands behind labels and annotations in a webhook's alert. */
static void labels_ends(struct json *j, int64_t starts_ms, int64_t ends_ms)
{
	labels_time(j, "startsAt", starts_ms);
	if (ends_ms)
		labels_time(j, "endsAt", ends_ms);
	else
		json_put_string(j, "endsAt", "0001-01-01T00:00:00Z");
}

static void labels_print(struct json *j, const struct labels_set *set)
{
	char text[20];
	snprintf(text, sizeof text, "%016" PRIx64, labels_fingerprint(set));
	json_put_string(j, "fingerprint", text);
}

static void labels_webhook_alert(
	struct json *j, const struct news *n, const struct alerts_row *alert)
{
	struct labels_set set;
	int64_t ends_ms;
	bool over = news_is_over(alert, &ends_ms);
	labels_of(alert, &set);
	json_object(j);
	json_put_string(j, "status", over ? "resolved" : "firing");
	labels_write(j, "labels", &set, false);
	labels_annotations(j, "annotations", alert, n);
	labels_ends(j, alert->opened_ms, ends_ms);
	labels_link(j, n->console, alert->id);
	labels_print(j, &set);
	json_end(j);
}

static void labels_webhook_trial(struct json *j, const struct news *n)
{
	struct labels_set set;
	labels_trial(&set);
	json_object(j);
	json_put_string(j, "status", "firing");
	labels_write(j, "labels", &set, false);
	labels_trial_annotations(j, "annotations");
	labels_ends(j, n->due->made_ms, 0);
	json_put_string(j, "generatorURL", n->console);
	labels_print(j, &set);
	json_end(j);
}

static void labels_empty(struct json *j, const char *key)
{
	json_key(j, key);
	json_object(j);
	json_end(j);
}

/* What all alerts of the post have in common: all of one, of a digest little. */
static void labels_common(struct json *j, const struct news *n)
{
	struct labels_set set;
	if (n->alert_count == 1) {
		labels_of(n->alerts[0], &set);
		labels_write(j, "groupLabels", &set, true);
		labels_write(j, "commonLabels", &set, false);
		labels_annotations(j, "commonAnnotations", n->alerts[0], n);
	} else if (n->alert_count == 0) {
		labels_trial(&set);
		labels_write(j, "groupLabels", &set, true);
		labels_write(j, "commonLabels", &set, false);
		labels_trial_annotations(j, "commonAnnotations");
	} else {
		set.count = 0;
		labels_add(&set, "severity", "warning");
		labels_add(&set, "source", "tidemark");
		labels_empty(j, "groupLabels");
		labels_write(j, "commonLabels", &set, false);
		labels_empty(j, "commonAnnotations");
	}
}

static void labels_webhook_key(struct json *j, const struct news *n)
{
	struct labels_set set = {.count = 0};
	struct buf key = {0};
	if (n->alert_count == 1)
		labels_of(n->alerts[0], &set);
	else if (n->alert_count == 0)
		labels_trial(&set);
	labels_group_key(&set, &key);
	json_put_string(j, "groupKey", key.data);
	buf_finish(&key);
}

static bool labels_any_fires(const struct news *n)
{
	int64_t since_ms;
	for (size_t i = 0; i < n->alert_count; i++)
		if (!news_is_over(n->alerts[i], &since_ms))
			return true;
	return n->alert_count == 0;
}

void labels_webhook(const struct news *n, struct buf *out)
{
	struct json j;
	json_init(&j, out);
	json_object(&j);
	json_put_string(&j, "receiver", n->due->target);
	json_put_string(&j, "status", labels_any_fires(n) ? "firing" : "resolved");
	json_key(&j, "alerts");
	json_array(&j);
	for (size_t i = 0; i < n->alert_count; i++)
		labels_webhook_alert(&j, n, n->alerts[i]);
	if (n->alert_count == 0)
		labels_webhook_trial(&j, n);
	json_end(&j);
	labels_common(&j, n);
	json_put_string(&j, "externalURL", n->console);
	json_put_string(&j, "version", "4");
	labels_webhook_key(&j, n);
	json_put_int(&j, "truncatedAlerts", (int64_t)n->more_alerts);
	json_end(&j);
}

static void labels_push_alert(struct json *j, const struct alerts_row *alert,
	const struct news *n, const struct labels_state *state)
{
	struct labels_set set;
	int64_t ends_ms;
	if (!news_is_over(alert, &ends_ms))
		ends_ms = alert->merged_into ? state->now_ms
					     : state->now_ms + LABELS_HOLD_MS;
	labels_of(alert, &set);
	json_object(j);
	labels_write(j, "labels", &set, false);
	labels_annotations(j, "annotations", alert, n);
	labels_time(j, "startsAt", alert->opened_ms);
	labels_time(j, "endsAt", ends_ms);
	if (*state->console)
		labels_link(j, state->console, alert->id);
	json_end(j);
}

void labels_push_state(const struct labels_state *state, struct buf *out)
{
	struct json j;
	json_init(&j, out);
	json_array(&j);
	for (size_t i = 0; i < state->count; i++)
		labels_push_alert(&j, state->alerts[i], NULL, state);
	json_end(&j);
}

static void labels_push_trial(struct json *j, const struct news *n)
{
	struct labels_set set;
	labels_trial(&set);
	json_object(j);
	labels_write(j, "labels", &set, false);
	labels_trial_annotations(j, "annotations");
	labels_time(j, "startsAt", n->now_ms);
	labels_time(j, "endsAt", n->now_ms + LABELS_TRIAL_MS);
	json_end(j);
}

void labels_push(const struct news *n, struct buf *out)
{
	const struct labels_state state = {.console = n->console, .now_ms = n->now_ms};
	struct json j;
	json_init(&j, out);
	json_array(&j);
	for (size_t i = 0; i < n->alert_count; i++)
		labels_push_alert(&j, n->alerts[i], n->due->digest ? NULL : n, &state);
	if (n->alert_count == 0)
		labels_push_trial(&j, n);
	json_end(&j);
}
