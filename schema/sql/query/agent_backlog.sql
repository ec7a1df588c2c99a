-- What agents have not sent yet at $1, and which of those that report is furthest behind.
-- For GET /storage and /metrics; one row, by the tables of agents and hosts, which have a
-- row a host.
SELECT b.total, b.reporting, b.behind, b.backlog_bytes, b.backlog_batches, b.newest_at,
	w.agent_id, w.host_id, w.host, w.lag_ms
FROM (
	SELECT count(*) AS total,
		count(*) FILTER (WHERE r.reports) AS reporting,
		count(*) FILTER (WHERE r.reports
			AND a.last_seen_at - a.last_sample_at > interval '1 minute') AS behind,
		COALESCE(sum(a.spool_bytes), 0)::int8 AS backlog_bytes,
		COALESCE(sum(a.spool_batches), 0)::int8 AS backlog_batches,
		max(a.last_sample_at) AS newest_at
	FROM agent a
	JOIN host h ON h.id = a.host_id
	CROSS JOIN LATERAL (
		SELECT agent_reports(a.last_seen_at, h.interval_ms, $1::timestamptz) AS reports
	) r
	WHERE a.revoked_at IS NULL
) b
LEFT JOIN LATERAL (
	SELECT a.id AS agent_id, a.host_id, h.name AS host, (extract(epoch FROM
		GREATEST(a.last_seen_at - a.last_sample_at, interval '0')) * 1000)::int8 AS lag_ms
	FROM agent a JOIN host h ON h.id = a.host_id
	WHERE a.revoked_at IS NULL
	  AND agent_reports(a.last_seen_at, h.interval_ms, $1::timestamptz)
	  AND a.last_sample_at IS NOT NULL
	ORDER BY a.last_seen_at - a.last_sample_at DESC, a.id
	LIMIT 1
) w ON true
