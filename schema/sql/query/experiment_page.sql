-- Experiments of service $1 (NULL: any) that overlap [$2, $3], the newest first, behind
-- (from_at, id) = ($4, $5), from the start when $5 is NULL; at most $6 rows.  For GET
-- /experiments and the marks of GET /series.  By (service_id, from_at) or (from_at, id).
SELECT x.id, x.service_id, s.name AS service, x.name, x.note, x.from_at, x.to_at, x.created_by,
	x.created_at
FROM experiment x
JOIN service s ON s.id = x.service_id
WHERE ($1::int4 IS NULL OR x.service_id = $1::int4)
  AND x.from_at <= $3::timestamptz AND (x.to_at IS NULL OR x.to_at >= $2::timestamptz)
  AND ($5::int8 IS NULL OR (x.from_at, x.id) < ($4::timestamptz, $5::int8))
ORDER BY x.from_at DESC, x.id DESC
LIMIT $6::int4
