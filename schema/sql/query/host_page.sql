-- Host $1 with its newest agent.  For GET /hosts/{id}.  By the primary key and the agents' host;
-- at most one row.
SELECT h.id, h.name, h.kernel, h.cpus, h.interval_ms, h.first_seen_at, h.label_revision,
	a.id AS agent_id
FROM host h
LEFT JOIN LATERAL (
	SELECT id FROM agent
	WHERE host_id = h.id
	ORDER BY revoked_at IS NOT NULL, last_seen_at DESC NULLS LAST, id DESC
	LIMIT 1
) a ON true
WHERE h.id = $1::int4
