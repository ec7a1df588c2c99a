-- What agents on hosts $1 lost in [$2, $3).  For GET /series and /hosts/{id}/series.  By
-- the index on (host, to_at); at most 500 rows.
SELECT h.name AS host, g.from_at, g.to_at, g.reason
FROM gap g
JOIN host h ON h.id = g.host_id
WHERE g.host_id = ANY ($1::int4[]) AND g.to_at >= $2::timestamptz
  AND g.from_at < $3::timestamptz
ORDER BY g.from_at, g.id
LIMIT 500
