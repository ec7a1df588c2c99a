-- How easily service $1 alerts, the default where nobody set it: its first revision.  For GET and PUT
-- /services/{id}/sensitivity.  By primary keys; at most one row.
SELECT s.id, s.name AS service, COALESCE(t.sensitivity, 'normal') AS sensitivity,
	COALESCE(t.revision, 1) AS revision, t.service_id IS NULL AS is_default, u.name AS changed_by, t.changed_at
FROM service s
LEFT JOIN service_setting t ON t.service_id = s.id
LEFT JOIN app_user u ON u.id = t.changed_by
WHERE s.id = $1::int4
