-- Takes back hypothesis $1 of user $2 ($4: of anybody) at $3, if its revision is $5 (NULL:
-- any).  For DELETE /hypotheses/{id}.  By the primary key; a row when it was done.
WITH dropped AS (
	DELETE FROM hypothesis
	WHERE id = $1::int8 AND key = '' AND ($4::boolean OR author_id = $2::int4)
	  AND ($5::int4 IS NULL OR revision = $5::int4)
	RETURNING id, alert_id, cause
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT alert_id, $3::timestamptz, $2::int4, 'hypothesis',
		'Withdrawn: ' || cause FROM dropped
)
SELECT id, pg_notify('tidemark', 'alerts') FROM dropped
