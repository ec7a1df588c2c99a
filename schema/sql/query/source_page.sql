-- Sources of queues, logs and load that work or not as $1 says (NULL: all), by host and
-- name, behind (host, name, id) = ($2, $3, $4), from the start when $4 is NULL; at most $5
-- rows.  For GET /sources.  One row a source that an agent was ever configured with.
SELECT s.id, s.host_id, h.name AS host, s.name, s.kind, s.works, s.text, s.took_us, s.at,
	s.changed_at
FROM source s
JOIN host h ON h.id = s.host_id
WHERE ($1::bool IS NULL OR s.works = $1::bool)
  AND ($4::int4 IS NULL OR (h.name, s.name, s.id) > ($2::text, $3::text, $4::int4))
ORDER BY h.name, s.name, s.id
LIMIT $5::int4
