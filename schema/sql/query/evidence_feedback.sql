-- What people have said is no leak and not taken back, newest first.  For the watch, each
-- turn.  A row for each time.
SELECT f.service_id, f.kind, f.rate_kb_h, f.reason, f.said_at, u.name AS said_by
FROM feedback f
JOIN app_user u ON u.id = f.said_by
WHERE f.withdrawn_at IS NULL
ORDER BY f.id DESC
