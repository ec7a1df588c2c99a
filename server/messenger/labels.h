/*
 * Labels: an alert as the world of Prometheus writes it.
 *
 * Labels are what an alert is known by and never change while it lives: alertname
 * ("TidemarkLeak", "TidemarkNative", "TidemarkBacklog", "TidemarkVersion"), kind,
 * service, severity (always "warning"), source (always "tidemark") and tidemark_alert,
 * its number.  Annotations may change: summary, cause, level, version, growth, hosts,
 * state, owner, resolved_in, event, note.  What is not known is left out.
 *
 * The shapes are those of Alertmanager 0.25: what it posts to webhooks (version "4",
 * notify/webhook and template.Data) and what it takes at POST /api/v2/alerts.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_LABELS_H
#define TIDEMARK_SERVER_MESSENGER_LABELS_H

#include "common/buf.h"
#include "server/messenger/news.h"

#include <stdint.h>

/* As a webhook of Alertmanager is posted to. */
void labels_webhook(const struct news *n, struct buf *out);

/* A body for POST /api/v2/alerts; open ones end at now_ms + LABELS_HOLD_MS unless they
 * are told again. */
enum { LABELS_HOLD_MS = 300000 };
void labels_push(const struct news *n, struct buf *out);

struct labels_state {
	const struct alerts_row *const *alerts;
	size_t count;
	const char *console;
	int64_t now_ms;
};
void labels_push_state(const struct labels_state *state, struct buf *out);

#endif
