#include "server/messenger/news.h"

#include "common/clock.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *event, *words;
} news_words[] = {{"opened", "New alert"}, {"reopened", "Open again"},
	{"escalated", "Got worse"}, {"regressed", "Leaks again"},
	{"acknowledged", "Acknowledged"}, {"resolved", "Resolved"},
	{"dismissed", "Not a leak"}, {"quiet", "Growth has stopped"},
	{"growing", "Grows again"}, {"verified", "Fix verified"}};

static bool news_add(
	struct db *db, struct news *n, int64_t id, struct arena *a, struct err *e)
{
	struct alerts_row *row;
	for (size_t i = 0; i < n->alert_count; i++)
		if (n->alerts[i]->id == id)
			return true;
	if (n->alert_count == NEWS_ALERTS) {
		n->more_alerts++;
		return true;
	}
	if (!alerts_one(db, id, n->now_ms, a, &row, e))
		return false;
	if (row)
		n->alerts[n->alert_count++] = row;
	return true;
}

bool news_read(struct db *db, const struct messages_due *due, const char *console,
	struct arena *a, struct news *out, struct err *e)
{
	*out = (struct news){.due = due, .console = console, .now_ms = clock_unix_ms()};
	out->alerts = arena_array(a, NEWS_ALERTS, sizeof *out->alerts);
	if (due->alert_id)
		return news_add(db, out, due->alert_id, a, e);
	if (!due->digest)
		return true;
	if (!messages_digest(
		    db, due->id, a, &out->items, &out->item_count, &out->total, e))
		return false;
	for (size_t i = 0; i < out->item_count; i++)
		if (!news_add(db, out, out->items[i].alert_id, a, e))
			return false;
	return true;
}

bool news_is_over(const struct alerts_row *alert, int64_t *since_ms)
{
	*since_ms = 0;
	if (strcmp(alert->state, "resolved") == 0)
		*since_ms = alert->resolved_ms;
	else if (strcmp(alert->state, "archived") == 0)
		*since_ms = alert->archive.at_ms;
	return *since_ms != 0;
}

void news_link(const struct news *n, int64_t alert_id, struct buf *out)
{
	if (*n->console)
		buf_printf(out, "%s/alerts/%" PRId64, n->console, alert_id);
}

/* Names come from elsewhere: no line of ours breaks in one. */
static void news_name(const char *name, struct buf *out)
{
	for (; *name; name++)
		buf_byte(
			out, (unsigned char)*name < ' ' || *name == 0x7f ? ' ' : *name);
}

static const char *news_event(const char *event)
{
	for (size_t i = 0; i < sizeof news_words / sizeof *news_words; i++)
		if (strcmp(news_words[i].event, event) == 0)
			return news_words[i].words;
	return event;
}

void news_title(const struct news *n, struct buf *out)
{
	if (n->due->digest) {
		buf_printf(out, "%" PRId64 " messages that were held back", n->total);
		return;
	}
	if (n->alert_count == 0) {
		buf_text(out, n->due->alert_id ? news_event(n->due->event)
					       : "A trial of Tidemark");
		return;
	}
	const struct findings_row *f = &n->alerts[0]->finding;
	buf_printf(out, "%s: ", news_event(n->due->event));
	news_name(f->service.name, out);
	if (f->version.name && *f->version.name) {
		buf_byte(out, ' ');
		news_name(f->version.name, out);
	}
}

static void news_line(const char *what, const char *text, struct buf *out)
{
	if (!text || !*text)
		return;
	buf_text(out, what);
	news_name(text, out);
	buf_byte(out, '\n');
}

static void news_alert(const struct news *n, struct buf *out)
{
	const struct alerts_row *alert = n->alerts[0];
	const struct findings_row *f = &alert->finding;
	news_line("", f->summary, out);
	news_line("Cause: ", f->cause, out);
	if (f->rate.known)
		buf_printf(out, "Growth: %.1f MiB/h\n", f->rate.kb_h / 1024);
	buf_printf(out, "Hosts: %" PRId64 " of %" PRId64 " grow\n", f->hosts_leaking,
		f->hosts);
	news_line("Works on it: ", alert->owner, out);
	news_line("Resolved in: ", alert->resolved_in, out);
	news_line("By: ", n->due->by, out);
	news_line("Note: ", n->due->text, out);
	if (n->due->was_muted)
		buf_text(out, "It happened while this was silenced.\n");
	struct buf link = {0};
	news_link(n, alert->id, &link);
	news_line("", link.data, out);
	buf_finish(&link);
}

static void news_digest(const struct news *n, struct buf *out)
{
	buf_text(out, "More happened than may be told one by one:\n");
	for (size_t i = 0; i < n->item_count; i++) {
		char at[32];
		time_t seconds = (time_t)(n->items[i].at_ms / 1000);
		struct tm tm;
		gmtime_r(&seconds, &tm);
		strftime(at, sizeof at, "%F %T UTC", &tm);
		buf_printf(out, "%s  %s: ", at, news_event(n->items[i].event));
		news_name(n->items[i].service, out);
		buf_printf(out, " (alert %" PRId64 ")\n", n->items[i].alert_id);
	}
	if (n->total > (int64_t)n->item_count)
		buf_printf(out, "and %" PRId64 " more\n",
			n->total - (int64_t)n->item_count);
	if (*n->console)
		buf_printf(out, "%s/alerts\n", n->console);
}

void news_text(const struct news *n, struct buf *out)
{
	if (n->due->digest)
		news_digest(n, out);
	else if (n->alert_count)
		news_alert(n, out);
	else
		buf_printf(out, "Messages to '%s' arrive.\n", n->due->target);
}
