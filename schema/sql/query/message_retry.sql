-- Message $1, which was given up or dropped, is tried again at $2, and its target at once.  For
-- POST /messages/{id}/retry.  By primary keys; at most one row.
WITH again AS (
	UPDATE message SET state = 'waiting', next_at = $2::timestamptz, due_at = $2::timestamptz,
		tries = 0
	WHERE id = $1::int8 AND state IN ('failed', 'dropped')
	RETURNING id, target_id
), woken AS (
	UPDATE target_state s SET next_at = '-infinity' FROM again a WHERE s.target_id = a.target_id
)
SELECT a.id, t.name AS target FROM again a JOIN target t ON t.id = a.target_id
