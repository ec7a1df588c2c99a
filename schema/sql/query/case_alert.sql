-- The alert of finding $1, which was split off from alert $2 by user $3 at $4 with note $5.
-- For POST /alerts/{id}/split.  By the primary keys; one row.
WITH made AS (
	INSERT INTO alert (finding_id, opened_at, split_from)
	VALUES ($1::int8, $4::timestamptz, $2::int8)
	RETURNING id
), counted AS (
	UPDATE alert SET revision = revision + 1 WHERE id = $2::int8
), note (text) AS (
	SELECT CASE $5::text WHEN '' THEN '' ELSE ': ' || $5::text END
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT made.id, $4::timestamptz, $3::int4, 'split', 'From alert ' || $2::int8 || note.text
	FROM made, note
	UNION ALL
	SELECT $2::int8, $4::timestamptz, $3::int4, 'split', f.slots_leaking
		|| CASE f.slots_leaking WHEN 1 THEN ' instance' ELSE ' instances' END
		|| ' to alert ' || made.id || note.text
	FROM made, note, finding f
	WHERE f.id = $1::int8
), audited AS (
	INSERT INTO audit (user_id, actor, action, service_id, subject, detail)
	SELECT u.id, u.name, 'alert.split', f.service_id, 'alert ' || $2::int8 || ', ' || s.name,
		f.slots_leaking || ' of its instances to alert ' || made.id
	FROM made
	JOIN finding f ON f.id = $1::int8
	JOIN service s ON s.id = f.service_id
	JOIN app_user u ON u.id = $3::int4
)
SELECT id, pg_notify('tidemark', 'alerts') FROM made
