-- The warnings of processes that nobody follows, on host $1 (NULL: any), at or after $2, the
-- newest first, behind (last_at, id) = ($3, $4), from the start when $4 is NULL; at most $5
-- rows.  For GET /warnings.  By the index on last_at.
SELECT w.id, w.kind, w.source, w.fields, w.host_id, h.name AS host, w.first_at, w.last_at,
	w.count
FROM warning w
JOIN host h ON h.id = w.host_id
WHERE w.generation_id IS NULL AND ($1::int4 IS NULL OR w.host_id = $1::int4)
  AND w.last_at >= $2::timestamptz
  AND ($4::int8 IS NULL OR (w.last_at, w.id) < ($3::timestamptz, $4::int8))
ORDER BY w.last_at DESC, w.id DESC
LIMIT $5::int4
