/*
 * Letter: what a receiver of our own JSON is told.
 *
 *     {"event": "opened", "at_ms": 1795338000000, "by": null, "text": "...",
 *      "made_at_ms": 1795338000000, "try": 1, "target": "on call",
 *      "key": "1f0c4a52-...", "silenced": false, "digest": null,
 *      "alert": {"id": 7, "url": "https://.../alerts/7", "state": "open", "inbox":
 * "new", "service": "checkout", "version": "1.1.0", "kind": "leak", "level":
 * "confirmed", "cause": "@pm2/io 4.2.1", "summary": "...", "rate_kb_h": 61440, "hosts":
 * 2, "hosts_leaking": 2, "opened_at_ms": 1795337000000}}
 *
 * "alert" is null in a trial, in a digest, or when there is none any more.  "key" is
 * the same in every try of a message.  "digest" is {"count": 61, "items": [{"event",
 * "at_ms", "alert", "service"}]}, of which at most MESSAGES_ITEMS are told.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_LETTER_H
#define TIDEMARK_SERVER_MESSENGER_LETTER_H

#include "common/buf.h"
#include "server/messenger/news.h"

void letter_write(const struct news *n, struct buf *out);

#endif
