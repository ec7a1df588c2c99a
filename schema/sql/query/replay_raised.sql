-- What was raised in fact of service $1 between $2 and $3: the seats inside findings, in
-- the words of replay.alarms.  For GET /replays/{id}.  By the index on (service, kind) and
-- primary keys; at most 1,000.
SELECT COALESCE(jsonb_agg(jsonb_build_object('host', x.host, 'ordinal', x.ordinal,
	'version', x.version, 'level', x.level, 'kind', x.kind, 'from_ms', x.from_ms,
	'to_ms', x.to_ms, 'rate_kb_h', x.rate_kb_h)
	ORDER BY x.from_ms, x.host, x.ordinal), '[]') AS alarms
FROM (
	SELECT h.name AS host, s.ordinal, COALESCE(run.version, p.version) AS version,
		f.level, f.kind, fs.rate_kb_h,
		(date_part('epoch', fs.first_at) * 1000)::int8 AS from_ms,
		CASE WHEN NOT f.active OR fs.last_at < f.last_at
			THEN (date_part('epoch', fs.last_at) * 1000)::int8 END AS to_ms
	FROM finding f
	JOIN finding_slot fs ON fs.finding_id = f.id
	JOIN slot s ON s.id = fs.slot_id
	JOIN host h ON h.id = s.host_id
	JOIN fingerprint p ON p.id = f.fingerprint_id
	LEFT JOIN LATERAL (
		SELECT v.version
		FROM generation g
		JOIN finding_version fv ON fv.fingerprint_id = g.fingerprint_id
			AND fv.finding_id = f.id
		JOIN fingerprint v ON v.id = g.fingerprint_id
		WHERE g.slot_id = s.id
		ORDER BY g.started_at DESC LIMIT 1
	) run ON true
	WHERE f.service_id = $1::int4 AND fs.first_at < $3::timestamptz
	  AND (fs.last_at >= $2::timestamptz OR f.active AND fs.last_at = f.last_at)
	ORDER BY fs.first_at DESC
	LIMIT 1000
) x
