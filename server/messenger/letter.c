#include "server/messenger/letter.h"

#include "common/json.h"

#include <inttypes.h>
#include <stdio.h>

static void letter_put_word(struct json *j, const char *key, const char *word)
{
	json_put_string(j, key, word && *word ? word : NULL);
}

static void letter_alert(
	struct json *j, const struct alerts_row *alert, const char *console)
{
	const struct findings_row *f = &alert->finding;
	json_put_int(j, "id", alert->id);
	if (*console) {
		char url[600];
		snprintf(url, sizeof url, "%s/alerts/%" PRId64, console, alert->id);
		json_put_string(j, "url", url);
	} else {
		json_put_null(j, "url");
	}
	json_put_string(j, "state", alert->state);
	json_put_string(j, "inbox", alert->inbox);
	letter_put_word(j, "resolution", alert->resolution);
	letter_put_word(j, "resolved_in", alert->resolved_in);
	letter_put_word(j, "owner", alert->owner);
	json_put_string(j, "service", f->service.name);
	json_put_string(j, "version", f->version.name);
	json_put_string(j, "kind", f->kind);
	json_put_string(j, "level", f->level);
	letter_put_word(j, "cause", f->cause);
	json_put_string(j, "summary", f->summary);
	if (f->rate.known)
		json_put_double(j, "rate_kb_h", f->rate.kb_h);
	else
		json_put_null(j, "rate_kb_h");
	json_put_int(j, "hosts", f->hosts);
	json_put_int(j, "hosts_leaking", f->hosts_leaking);
	json_put_int(j, "opened_at_ms", alert->opened_ms);
}

static void letter_digest(struct json *j, const struct news *n)
{
	json_put_int(j, "count", n->total);
	json_key(j, "items");
	json_array(j);
	for (size_t i = 0; i < n->item_count; i++) {
		json_object(j);
		json_put_string(j, "event", n->items[i].event);
		json_put_int(j, "at_ms", n->items[i].at_ms);
		json_put_int(j, "alert", n->items[i].alert_id);
		json_put_string(j, "service", n->items[i].service);
		json_end(j);
	}
	json_end(j);
}

static void letter_object(struct json *j, const char *key, bool is_there)
{
	json_key(j, key);
	if (is_there)
		json_object(j);
	else
		json_null(j);
}

void letter_write(const struct news *n, struct buf *out)
{
	const struct messages_due *due = n->due;
	bool has_alert = due->alert_id && n->alert_count;
	struct json j;
	json_init(&j, out);
	json_object(&j);
	json_put_string(&j, "event", due->event);
	json_put_int(&j, "at_ms", due->at_ms);
	letter_put_word(&j, "by", due->by);
	json_put_string(&j, "text", due->text);
	json_put_int(&j, "made_at_ms", due->made_ms);
	json_put_int(&j, "try", due->tries);
	json_put_string(&j, "target", due->target);
	json_put_string(&j, "key", due->key);
	json_put_bool(&j, "silenced", due->was_muted);
	letter_object(&j, "digest", due->digest);
	if (due->digest) {
		letter_digest(&j, n);
		json_end(&j);
	}
	letter_object(&j, "alert", has_alert);
	if (has_alert) {
		letter_alert(&j, n->alerts[0], n->console);
		json_end(&j);
	}
	json_end(&j);
}
