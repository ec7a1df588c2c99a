-- Withdraws feedback $1 by user $2 at $3, and says so in the story of its alert, once.  For
-- DELETE /feedback/{id}.  By the primary key; a row when it was done.
WITH withdrawn AS (
	UPDATE feedback SET withdrawn_at = $3::timestamptz
	WHERE id = $1::int8 AND withdrawn_at IS NULL
	RETURNING id, finding_id, reason
), moved AS (
	UPDATE alert SET revision = revision + 1
	FROM withdrawn
	WHERE alert.finding_id = withdrawn.finding_id
	RETURNING alert.id, withdrawn.reason
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT id, $3::timestamptz, $2::int4, 'withdrawn', reason FROM moved
)
SELECT id, pg_notify('tidemark', 'alerts') FROM withdrawn
