-- A trial of target $1: a message of no alert, due at $2, at once.  For POST
-- /targets/{id}/test.  By the primary key.
WITH tried AS (
	INSERT INTO message (target_id, next_at, made_at, due_at)
	SELECT id, $2::timestamptz, $2::timestamptz, $2::timestamptz FROM target WHERE id = $1::int4
	RETURNING id, target_id
)
UPDATE target_state s SET next_at = '-infinity' FROM tried t WHERE s.target_id = t.target_id
RETURNING t.id
