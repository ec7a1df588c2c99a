-- The audit of service $1 (NULL: all), the newest first, behind row $2 (NULL: from the
-- start); at most $3 rows; of actor $4, of actions that begin with $5, from $6 to $7 (NULL: all).
-- For GET /audit.  By the primary key, (service_id, id) or (actor, id).
SELECT a.id, a.at, a.actor, a.action, a.service_id, s.name AS service, a.host_id,
	h.name AS host, a.subject, a.detail
FROM audit a
LEFT JOIN service s ON s.id = a.service_id
LEFT JOIN host h ON h.id = a.host_id
WHERE ($1::int4 IS NULL OR a.service_id = $1::int4)
  AND ($2::int8 IS NULL OR a.id < $2::int8)
  AND ($4::text IS NULL OR a.actor = $4::text)
  AND ($5::text IS NULL OR starts_with(a.action, $5::text))
  AND ($6::timestamptz IS NULL OR a.at >= $6::timestamptz)
  AND ($7::timestamptz IS NULL OR a.at < $7::timestamptz)
ORDER BY a.id DESC
LIMIT $3::int4
