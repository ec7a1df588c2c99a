-- What people said is not a leak of service $1 and still stands, the newest first, behind
-- id $2 (NULL: from the start); at most $3 rows.  For GET /services/{id}/feedback.  By the
-- index on (service, kind).
SELECT b.id, b.service_id, b.kind, b.finding_id, a.id AS alert_id, f.fingerprint_id,
	p.label AS version, b.rate_kb_h, b.reason, u.name AS said_by, b.said_at, b.withdrawn_at
FROM feedback b
JOIN finding f ON f.id = b.finding_id
JOIN version_label p ON p.id = f.fingerprint_id
JOIN app_user u ON u.id = b.said_by
LEFT JOIN alert a ON a.finding_id = b.finding_id
WHERE b.service_id = $1::int4 AND b.withdrawn_at IS NULL
  AND ($2::int8 IS NULL OR b.id < $2::int8)
ORDER BY b.id DESC
LIMIT $3::int4
