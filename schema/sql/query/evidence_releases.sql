-- The versions of services $1, with when they were first seen.  For the watch, where an alert
-- was resolved in a version.  By their services; a row a version.
SELECT id, service_id, version, label, first_seen_at
FROM version_label
WHERE service_id = ANY ($1::int4[])
