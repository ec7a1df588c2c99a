-- Sets how easily service $1 alerts to $2, if there is such a service, by user $3 at $4.
-- For PUT /services/{id}/sensitivity.  By the primary key; at most one row.
INSERT INTO service_setting (service_id, sensitivity, changed_by, changed_at)
SELECT id, $2::text, $3::int4, $4::timestamptz FROM service WHERE id = $1::int4
ON CONFLICT (service_id) DO UPDATE SET sensitivity = excluded.sensitivity,
	changed_by = excluded.changed_by, changed_at = excluded.changed_at
