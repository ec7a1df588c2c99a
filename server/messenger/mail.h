/*
 * Mail: news as a mail (RFC 5322, MIME).
 *
 * Plain text and the same as a little HTML.  All mails of an alert refer to one
 * Message-ID, so that they are shown as one thread; each try of a message has the same
 * Message-ID, so that a mail that came twice is known as one.  Whatever names hold,
 * nothing can become a header: in headers stand characters of our own, addresses that
 * were checked when the target was made, and encoded words (RFC 2047); bodies are
 * base64.  Pure.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_MAIL_H
#define TIDEMARK_SERVER_MESSENGER_MAIL_H

#include "common/buf.h"
#include "server/messenger/news.h"

void mail_write(const struct news *n, struct buf *out);

#endif
