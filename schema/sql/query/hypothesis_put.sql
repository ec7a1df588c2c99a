-- Adds a hypothesis to alert $1 by user $2 at $3: cause $4, test $5, result $6, verdict $7,
-- remark $8; of one alert at most 200.  For POST /alerts/{id}/hypotheses.  By the index on
-- (alert, id); a row when it was done, none when there are so many or no such alert.
WITH added AS (
	INSERT INTO hypothesis (alert_id, author_id, changed_at, cause, test, result, verdict,
		remark)
	SELECT a.id, $2::int4, $3::timestamptz, $4::text, $5::text, $6::text, $7::text, $8::text
	FROM alert a
	WHERE a.id = $1::int8
	  AND (SELECT count(*) FROM hypothesis WHERE alert_id = a.id AND key = '') < 200
	RETURNING id, alert_id
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT alert_id, $3::timestamptz, $2::int4, 'hypothesis', $4::text FROM added
)
SELECT id, pg_notify('tidemark', 'alerts') FROM added
