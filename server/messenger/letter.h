/*
 * Letter: what a receiver is told of an event.
 *
 *     {"event": "opened", "at_ms": 1795338000000, "by": null, "text": "...",
 *      "made_at_ms": 1795338000000, "try": 1, "target": "on call",
 *      "alert": {"id": 7, "url": "https://.../alerts/7", "state": "open", "inbox":
 * "new", "service": "checkout", "version": "1.1.0", "kind": "leak", "level":
 * "confirmed", "cause": "@pm2/io 4.2.1", "summary": "...", "rate_kb_h": 61440, "hosts":
 * 2, "hosts_leaking": 2, "opened_at_ms": 1795337000000}}
 *
 * "alert" is null in a trial, or when there is none any more.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_LETTER_H
#define TIDEMARK_SERVER_MESSENGER_LETTER_H

#include "common/buf.h"
#include "server/store/alerts.h"
#include "server/store/messages.h"

void letter_write(const struct messages_due *due, const struct alerts_row *alert,
	const char *console, struct buf *out);

#endif
