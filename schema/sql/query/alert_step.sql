-- Counts alert $1 on at $3 after step $4 of user $2 with words $5, keeps $6 of before (NULL:
-- the step cannot be undone), and notes how it was when somebody last took a step.  For the
-- steps of people, the last statement of each.  By primary keys; one row.
WITH moved AS (
	UPDATE alert a SET revision = a.revision + 1, seen_rate_kb_h = f.rate_kb_h,
		seen_hosts = f.hosts_leaking
	FROM finding f
	WHERE a.id = $1::int8 AND f.id = a.finding_id
	RETURNING a.id
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text, before)
	SELECT id, $3::timestamptz, $2::int4, $4::text, $5::text, $6::jsonb FROM moved
)
SELECT id, pg_notify('tidemark', 'alerts') FROM moved
