-- Agent $2 at $1, with the columns of agent_page.  For POST /agents/{id}/revoke.  By the
-- primary key; at most one row.
SELECT a.id, a.host_id, h.name AS host, a.version, a.enrolled_at, a.revoked_at,
	a.last_seen_at, a.last_sample_at, a.clock_skew_ms, a.spool_bytes, a.spool_batches,
	a.stored_batches, a.repeated_batches, a.refused_batches, a.refused_values,
	a.last_refusal, h.kernel, h.cpus, h.interval_ms,
	agent_reports(a.last_seen_at, h.interval_ms, $1::timestamptz) AS reporting,
	(SELECT COALESCE(sum(batches), 0) FROM gap g WHERE g.host_id = a.host_id)
		AS lost_batches, a.config_id, a.cpu_ppm, a.rss_bytes, c.group_id, g.name AS "group",
	c.desired_id, c.state AS config_state
FROM agent a
JOIN host h ON h.id = a.host_id
LEFT JOIN config_agents($1::timestamptz) c ON c.agent_id = a.id
LEFT JOIN config_group g ON g.id = c.group_id
WHERE a.id = $2::int4
