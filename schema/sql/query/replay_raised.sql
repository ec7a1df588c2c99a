-- What was raised in fact of service $1 between $2 and $3: the seats inside findings, in
-- the words of replay.alarms.  For GET /replays/{id}.  By the index on (service, kind) and
-- primary keys; the processes of a seat by their slot (+ 0: not all of a version); at most
-- 1,000.
SELECT COALESCE(jsonb_agg(jsonb_build_object('host', x.host, 'ordinal', x.ordinal,
	'version', x.version, 'level', x.level, 'kind', x.kind, 'from_ms', x.from_ms,
	'to_ms', x.to_ms, 'rate_kb_h', x.rate_kb_h)
	ORDER BY x.from_ms, x.host, x.ordinal), '[]') AS alarms
FROM (
	SELECT h.name AS host, s.ordinal, COALESCE(run.version, p.version) AS version,
		fs.level, fs.kind, fs.rate_kb_h, fs.from_ms, fs.to_ms
	FROM (
		SELECT f.id, f.fingerprint_id, f.level, f.kind, i.slot_id, i.rate_kb_h,
			(date_part('epoch', i.first_at) * 1000)::int8 AS from_ms,
			CASE WHEN NOT f.active OR i.last_at < f.last_at
				THEN (date_part('epoch', i.last_at) * 1000)::int8 END AS to_ms
		FROM finding f
		JOIN finding_slot i ON i.finding_id = f.id
		WHERE f.service_id = $1::int4 AND i.first_at < $3::timestamptz
		  AND (i.last_at >= $2::timestamptz OR f.active AND i.last_at = f.last_at)
		ORDER BY i.first_at DESC
		LIMIT 1000
	) fs
	JOIN slot s ON s.id = fs.slot_id
	JOIN host h ON h.id = s.host_id
	JOIN fingerprint p ON p.id = fs.fingerprint_id
	LEFT JOIN LATERAL (
		SELECT v.version
		FROM generation g
		JOIN fingerprint v ON v.id = g.fingerprint_id
		WHERE g.slot_id = s.id AND g.fingerprint_id + 0 = ANY (ARRAY(
			SELECT fingerprint_id FROM finding_version WHERE finding_id = fs.id))
		ORDER BY g.started_at DESC LIMIT 1
	) run ON true
) x
