-- Alert $1 with its finding, with the columns of alert_page.  For GET /alerts/{id}.  By
-- primary keys; at most one row.
SELECT a.id AS alert_id, a.state, a.opened_at, a.reopened, a.acknowledged_at,
	ua.name AS acknowledged_by, a.resolved_at, ur.name AS resolved_by, a.revision,
	f.*, s.name AS service, p.version
FROM alert a
JOIN finding f ON f.id = a.finding_id
JOIN service s ON s.id = f.service_id
JOIN fingerprint p ON p.id = f.fingerprint_id
LEFT JOIN app_user ua ON ua.id = a.acknowledged_by
LEFT JOIN app_user ur ON ur.id = a.resolved_by
WHERE a.id = $1::int8
