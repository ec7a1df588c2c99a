-- Sets how easily service $1 alerts to $2, if there is such a service and its revision is $5
-- (NULL: any), by user $3 at $4.  For PUT /services/{id}/sensitivity.  By the primary key; a
-- row when it was done.
INSERT INTO service_setting AS t (service_id, sensitivity, changed_by, changed_at, revision)
SELECT id, $2::text, $3::int4, $4::timestamptz, 2 FROM service
WHERE id = $1::int4 AND ($5::int4 IS NULL OR $5::int4 = COALESCE(
	(SELECT revision FROM service_setting WHERE service_id = $1::int4), 1))
ON CONFLICT (service_id) DO UPDATE SET sensitivity = excluded.sensitivity,
	changed_by = excluded.changed_by, changed_at = excluded.changed_at, revision = t.revision + 1
WHERE $5::int4 IS NULL OR t.revision = $5::int4
RETURNING t.revision
