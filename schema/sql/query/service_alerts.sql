-- A service's alerts, unresolved ones first, then the newest.  For GET /services/{id}.
-- By the findings' index (service, kind); at most 50 rows.
SELECT a.id, a.state, a.resolution, p.label AS version, f.level, f.kind, f.summary
FROM finding f
JOIN alert a ON a.finding_id = f.id
JOIN version_label p ON p.id = f.fingerprint_id
WHERE f.service_id = $1::int4
ORDER BY a.state = 'resolved', a.opened_at DESC, a.id DESC
LIMIT 50
