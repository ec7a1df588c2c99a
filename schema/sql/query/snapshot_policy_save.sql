-- Sets the snapshot policy of service $1, if there is such a service, by user $5 at $6.
-- For PUT /services/{id}/snapshot-policy.  By the primary key; at most one row.
INSERT INTO snapshot_policy (service_id, enabled, grown_bytes, with_control, changed_by,
	changed_at)
SELECT id, $2::boolean, $3::int8, $4::boolean, $5::int4, $6::timestamptz
FROM service WHERE id = $1::int4
ON CONFLICT (service_id) DO UPDATE SET enabled = EXCLUDED.enabled,
	grown_bytes = EXCLUDED.grown_bytes, with_control = EXCLUDED.with_control,
	changed_by = EXCLUDED.changed_by, changed_at = EXCLUDED.changed_at
