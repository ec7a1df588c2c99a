-- What service $1 and, where given, version $2, host $3 and instance $4 of it are called.
-- For GET /compare.  By their keys; one row, none where there is no such service, NULL where
-- there is no such part of it.
SELECT s.name AS service, f.label AS version, h.name AS host,
	i.ordinal, ih.name AS instance_host
FROM service s
LEFT JOIN version_label f ON f.id = $2::int4 AND f.service_id = s.id
LEFT JOIN host h ON h.id = $3::int4
LEFT JOIN slot i ON i.id = $4::int4 AND i.service_id = s.id
LEFT JOIN host ih ON ih.id = i.host_id
WHERE s.id = $1::int4
