-- Snapshots of service $1 and version $5 (NULL: all), the newest first, behind (taken_at,
-- id) = ($2, $3), from the start when $3 is NULL; at most $4 rows.  For
-- GET /services/{id}/snapshots and GET /alerts/{id}.  By (service_id, taken_at).
SELECT n.id, n.capture_id, n.cause, n.service_id, n.service, n.host_id, n.host,
	n.fingerprint_id, n.version, n.slot_id, n.ordinal, n.pid, n.generation_id, n.taken_at,
	n.kind, n.route, n.runtime, n.total_bytes, n.node_count, n.uptime_ms, n.requests,
	n.pause_ms, n.growth->>'verdict' AS verdict, n.growth->>'words' AS words,
	n.raw_state, n.raw_parts, n.raw_parts_here, n.raw_text, n.raw_bytes,
	encode(n.raw_sha256, 'hex') AS raw_sha256
FROM snapshot_named n
WHERE ($1::int4 IS NULL OR n.service_id = $1::int4)
  AND ($5::int4 IS NULL OR n.fingerprint_id = $5::int4)
  AND ($3::int8 IS NULL OR (n.taken_at, n.id) < ($2::timestamptz, $3::int8))
ORDER BY n.taken_at DESC, n.id DESC
LIMIT $4::int4
