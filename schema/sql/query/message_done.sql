-- How the try of message $1 ended at $4: state $2 for the reason $5; the message itself is tried
-- again not before $3, the target not before $6 (NULL: at once).  Then it is the target that
-- does not answer, and what has waited for it since before $7 is given up as well.  What
-- somebody dropped meanwhile stays dropped.  For the messenger.  By primary keys and
-- message_due.
WITH done AS (
	UPDATE message SET state = $2::text, next_at = COALESCE($3::timestamptz, next_at),
		sent_at = CASE WHEN $2::text = 'sent' THEN $4::timestamptz END, problem = $5::text
	WHERE id = $1::int8 AND state = 'waiting'
), late AS (
	UPDATE message m SET state = 'failed', problem = $5::text
	FROM message o
	WHERE o.id = $1::int8 AND $6::timestamptz IS NOT NULL AND m.target_id = o.target_id
	  AND m.state = 'waiting' AND m.id <> o.id AND m.due_at < $7::timestamptz
)
UPDATE target_state s SET busy_until = '-infinity',
	next_at = COALESCE($6::timestamptz, '-infinity'),
	failures = CASE WHEN $6::timestamptz IS NULL THEN 0 ELSE failures + 1 END
FROM message o WHERE o.id = $1::int8 AND s.target_id = o.target_id
