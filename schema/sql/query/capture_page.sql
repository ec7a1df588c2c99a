-- Captures of service $1 (NULL: all), the newest first, behind $2 (NULL: from the start);
-- at most $3 rows.  For GET /services/{id}/captures.  By (service_id, id).
SELECT c.id, c.finding_id, c.service_id, c.service, c.host_id, c.host, c.fingerprint_id,
	c.version, c.slot_id, c.ordinal, c.pid, c.generation_id, c.cause, c.state, c.route,
	c.text, c.asked_by_name, c.confirmed_by_name, c.asked_at, c.changed_at, c.deadline_at,
	c.overrules, c.keep_raw, c.progress_permille, c.card, c.card->>'gate' AS gate,
	n.id AS snapshot_id
FROM capture_named c
LEFT JOIN snapshot n ON n.capture_id = c.id
WHERE ($1::int4 IS NULL OR c.service_id = $1::int4)
  AND ($2::int8 IS NULL OR c.id < $2::int8)
ORDER BY c.id DESC
LIMIT $3::int4
