-- What was said in feedback $1, with the columns of feedback_page.  For DELETE
-- /feedback/{id}.  By primary keys; at most one row.
SELECT b.id, b.service_id, b.kind, b.finding_id, a.id AS alert_id, f.fingerprint_id,
	p.label AS version, b.rate_kb_h, b.reason, u.name AS said_by, b.said_at, b.withdrawn_at
FROM feedback b
JOIN finding f ON f.id = b.finding_id
JOIN version_label p ON p.id = f.fingerprint_id
JOIN app_user u ON u.id = b.said_by
LEFT JOIN alert a ON a.finding_id = b.finding_id
WHERE b.id = $1::int8
