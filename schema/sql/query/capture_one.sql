-- Capture $1, with the columns of capture_page.  For GET /captures/{id}.  By primary
-- keys; at most one row.
SELECT c.id, c.finding_id, c.service_id, c.service, c.host_id, c.host, c.fingerprint_id,
	c.version, c.slot_id, c.ordinal, c.pid, c.generation_id, c.cause, c.state, c.route,
	c.text, c.asked_by_name, c.confirmed_by_name, c.asked_at, c.changed_at, c.deadline_at,
	c.overrules, c.keep_raw, c.progress_permille, c.card, c.card->>'gate' AS gate,
	n.id AS snapshot_id
FROM capture_named c
LEFT JOIN snapshot n ON n.capture_id = c.id
WHERE c.id = $1::int8
