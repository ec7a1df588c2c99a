-- Remark $5 of user $2 at $3 on the hypothesis of alert $1 with key $4, if its revision is
-- $6 (NULL: any); without a remark it is 1.  For PUT /alerts/{id}/hypotheses/{key}.  By the
-- unique index on (alert, key); a row when it was done.
WITH said AS (
	INSERT INTO hypothesis (alert_id, key, author_id, changed_at, remark, revision)
	SELECT a.id, $4::text, $2::int4, $3::timestamptz, $5::text, 2
	FROM alert a
	WHERE a.id = $1::int8 AND (COALESCE($6::int4, 1) = 1 OR EXISTS (
		SELECT FROM hypothesis WHERE alert_id = a.id AND key = $4::text))
	ON CONFLICT (alert_id, key) WHERE key <> '' DO UPDATE SET
		author_id = excluded.author_id, changed_at = excluded.changed_at,
		remark = excluded.remark, revision = hypothesis.revision + 1
		WHERE $6::int4 IS NULL OR hypothesis.revision = $6::int4
	RETURNING id, alert_id
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT alert_id, $3::timestamptz, $2::int4, 'hypothesis', $5::text FROM said
)
SELECT id, pg_notify('tidemark', 'alerts') FROM said
