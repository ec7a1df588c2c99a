-- Puts alerts $4 and what is inside them into alert $1, by user $2 at $3.  For POST
-- /alerts/{id}/merge, with all of them held.  By the primary key and the index on
-- merged_into; a row an alert.  The event keeps where they were, for undo (alert_remerge).
WITH was AS (
	SELECT jsonb_agg(jsonb_build_object('id', id, 'into', merged_into)) AS inside
	FROM alert WHERE id = ANY ($4::int8[]) OR merged_into = ANY ($4::int8[])
), moved AS (
	UPDATE alert SET merged_into = $1::int8, revision = revision + 1
	WHERE id = ANY ($4::int8[]) OR merged_into = ANY ($4::int8[])
	RETURNING id
), counted AS (
	UPDATE alert SET revision = revision + 1 WHERE id = $1::int8
	RETURNING jsonb_build_object('revision', revision - 1) AS before
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text, before)
	SELECT id, $3::timestamptz, $2::int4, 'merged', 'Into alert ' || $1::int8, NULL FROM moved
	UNION ALL
	SELECT $1::int8, $3::timestamptz, $2::int4, 'merged',
		'Took in ' || string_agg('alert ' || id, ', ' ORDER BY id),
		(SELECT before || jsonb_build_object('inside', inside) FROM counted, was)
	FROM moved
), audited AS (
	INSERT INTO audit (user_id, actor, action, service_id, subject, detail)
	SELECT u.id, u.name, 'alert.merge', f.service_id, 'alert ' || m.id || ', ' || s.name,
		'alert ' || $1::int8
	FROM moved m
	JOIN alert a ON a.id = m.id
	JOIN finding f ON f.id = a.finding_id
	JOIN service s ON s.id = f.service_id
	JOIN app_user u ON u.id = $2::int4
)
SELECT id, pg_notify('tidemark', 'alerts') FROM moved
