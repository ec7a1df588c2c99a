-- The snapshot policy of service $1, the default where nobody set one.  For
-- GET /services/{id}/snapshot-policy.  By primary keys; at most one row.
SELECT s.name AS service, COALESCE(p.enabled, false) AS enabled,
	COALESCE(p.grown_bytes, 52428800) AS grown_bytes,
	COALESCE(p.with_control, true) AS with_control, u.name AS changed_by, p.changed_at
FROM service s
LEFT JOIN snapshot_policy p ON p.service_id = s.id
LEFT JOIN app_user u ON u.id = p.changed_by
WHERE s.id = $1::int4
