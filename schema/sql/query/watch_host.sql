-- Machines whose agents have stored readings: the newest reading and the earliest there
-- can be, both by the machine's own clock, and when it was last heard, by ours.  For the
-- watch, each turn.  One row a host, of tables with a row for each host and agent.
SELECT h.id AS host_id, max(a.last_sample_at) AS stored_at,
	max(a.last_seen_at) FILTER (WHERE a.revoked_at IS NULL) AS seen_at,
	h.first_seen_at + LEAST(min(a.clock_skew_ms), 0) * interval '1 ms'
		- interval '10 minutes' AS first_at
FROM host h
JOIN agent a ON a.host_id = h.id
WHERE a.last_sample_at IS NOT NULL
GROUP BY h.id
ORDER BY h.id
