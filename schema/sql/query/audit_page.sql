-- The audit of service $1 (NULL: all), the newest first, behind row $2 (NULL: from the
-- start); at most $3 rows.  For GET /audit.  By the primary key, or (service_id, id).
SELECT a.id, a.at, a.actor, a.action, a.service_id, s.name AS service, a.host_id,
	h.name AS host, a.subject, a.detail
FROM audit a
LEFT JOIN service s ON s.id = a.service_id
LEFT JOIN host h ON h.id = a.host_id
WHERE ($1::int4 IS NULL OR a.service_id = $1::int4)
  AND ($2::int8 IS NULL OR a.id < $2::int8)
ORDER BY a.id DESC
LIMIT $3::int4
