/*
 * Chat: a text in the shape that a chat service documents for its incoming webhooks.
 *
 * Slack: {"text"}; Feishu (Lark): {"msg_type","content":{"text"}} with "timestamp" and
 * "sign" where a secret is set; DingTalk: {"msgtype","text":{"content"}}, signed in the
 * address; WeCom: {"msgtype","text":{"content"}}, at most 2,048 bytes.  Checked against
 * what is documented, not against the services.  Pure.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_CHAT_H
#define TIDEMARK_SERVER_MESSENGER_CHAT_H

#include "common/buf.h"
#include "server/messenger/news.h"

#include <stdbool.h>

void chat_slack(const struct news *n, struct buf *out);
void chat_feishu(const struct news *n, struct buf *out);
void chat_dingtalk(const struct news *n, struct buf *out);
void chat_wecom(const struct news *n, struct buf *out);

/* The address that a message to DingTalk goes to: with "timestamp" and "sign" when
 * there is a secret. */
void chat_dingtalk_url(const struct news *n, struct buf *out);

/* Feishu, DingTalk and WeCom answer with 200 also when they refuse: the number of the
 * error in the answer ("errcode", "code" or "StatusCode"); 0: none is in it. */
int64_t chat_errcode(const char *answer);

#endif
