/*
 * Answer: what a replay found, and how good that is, as lines for programs and for
 * people.
 *
 * JSON has one line a series, then one a service:
 *
 *   {"series_id":…,"alarms":[{"level":"watch|confirmed","from":unix_s,"to":unix_s|null,
 *     "kind":"leak|native|backlog|version","rate_kb_per_h":…,"rate_lo":…,"rate_hi":…,
 *     "onset":unix_s|null,"tte_h":…|null}]}
 *   {"service":…,"alarms":[{"level":…,"from":…,"to":…,"version":…,"kind":…}]}
 *
 * A version that is a number is written as one.  `to` is null while an alarm is on.
 */
#ifndef TIDEMARK_SERVER_REPLAY_ANSWER_H
#define TIDEMARK_SERVER_REPLAY_ANSWER_H

#include "common/buf.h"
#include "server/replay/replay.h"
#include "server/replay/score.h"

void answer_json(const struct replay_input *in, const struct replay_result *result,
	struct buf *out);
void answer_text(const struct replay_input *in, const struct replay_result *result,
	struct buf *out);

/* One line: {"score":{"level":"watch",…}} */
void answer_score_json(const struct score_level *score, struct buf *out);
void answer_score_text(const struct score_level *score, struct buf *out);

#endif
