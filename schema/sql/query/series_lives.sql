-- The process lives of the seats $1, or of service $2 when $1 is NULL, that touch [$3, $4),
-- with the version that ran in the seat before.  last_sample_at may be a minute behind.
-- For GET /series.  By the slots' and generations' indexes; at most $5 rows.
SELECT g.id, g.slot_id, s.service_id, g.fingerprint_id, f.label AS version, g.pid,
	g.started_at, g.last_sample_at, s.ordinal, s.host_id, h.name AS host, h.interval_ms, h.first_seen_at AS watched_at,
	(SELECT p.fingerprint_id FROM generation p
	 WHERE p.slot_id = g.slot_id AND (p.started_at, p.id) < (g.started_at, g.id)
	 ORDER BY p.started_at DESC, p.id DESC
	 LIMIT 1) AS previous_fingerprint_id
FROM slot s
JOIN host h ON h.id = s.host_id
JOIN generation g ON g.slot_id = s.id
JOIN version_label f ON f.id = g.fingerprint_id
WHERE (s.id = ANY ($1::int4[]) OR s.service_id = $2::int4)
  AND g.started_at < $4::timestamptz
  AND g.last_sample_at >= $3::timestamptz - interval '1 minute'
ORDER BY h.name, s.ordinal, s.id, g.started_at, g.id
LIMIT $5::int4
