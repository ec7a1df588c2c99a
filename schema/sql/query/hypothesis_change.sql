-- Changes hypothesis $1 of user $2 ($9: of anybody) at $3 to cause $4, test $5, result $6,
-- verdict $7, remark $8, if its revision is $10 (NULL: any).  For PUT /hypotheses/{id}.  By
-- the primary key; a row when it was done.
WITH changed AS (
	UPDATE hypothesis SET changed_at = $3::timestamptz, cause = $4::text, test = $5::text,
		result = $6::text, verdict = $7::text, remark = $8::text, revision = revision + 1
	WHERE id = $1::int8 AND key = '' AND ($9::boolean OR author_id = $2::int4)
	  AND ($10::int4 IS NULL OR revision = $10::int4)
	RETURNING id, alert_id
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT alert_id, $3::timestamptz, $2::int4, 'hypothesis', $4::text FROM changed
)
SELECT id, pg_notify('tidemark', 'alerts') FROM changed
