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

void letter_write(const struct messages_due *due, const struct alerts_row *alert,
	const char *console, struct buf *out)
{
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
	if (alert) {
		json_key(&j, "alert");
		json_object(&j);
		letter_alert(&j, alert, console);
		json_end(&j);
	} else {
		json_put_null(&j, "alert");
	}
	json_end(&j);
}
