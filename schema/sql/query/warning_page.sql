-- The warnings of the processes of service $1 at or after $2, the newest first, behind
-- (last_at, id) = ($3, $4), from the start when $4 is NULL; at most $5 rows.  For GET
-- /services/{id}/warnings.  By the index on last_at.
SELECT w.id, w.kind, w.source, w.fields, w.host_id, h.name AS host, g.slot_id, s.ordinal,
	g.pid, w.generation_id, g.fingerprint_id, l.label AS version, w.first_at, w.last_at,
	w.count
FROM warning w
JOIN generation g ON g.id = w.generation_id
JOIN slot s ON s.id = g.slot_id
JOIN host h ON h.id = w.host_id
JOIN version_label l ON l.id = g.fingerprint_id
WHERE s.service_id = $1::int4 AND w.last_at >= $2::timestamptz
  AND ($4::int8 IS NULL OR (w.last_at, w.id) < ($3::timestamptz, $4::int8))
ORDER BY w.last_at DESC, w.id DESC
LIMIT $5::int4
