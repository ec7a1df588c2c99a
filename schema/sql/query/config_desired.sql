-- Which revision each agent is to run.  For ingest, when that changes.  The whole table.
SELECT c.agent_id, c.desired_id
FROM agent_config c
JOIN agent a ON a.id = c.agent_id
WHERE c.desired_id IS NOT NULL AND a.revoked_at IS NULL
ORDER BY c.agent_id
