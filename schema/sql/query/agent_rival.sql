-- Whether a host $1 has an agent with another key than $2 that was heard in the last ten
-- minutes.  For ingest, when a host enrols.  By the host's machine id and agent_host; at most
-- one row.
SELECT a.id
FROM agent a
JOIN host h ON h.id = a.host_id
WHERE h.machine_id = $1 AND a.public_key <> $2 AND a.revoked_at IS NULL
  AND a.last_seen_at > now() - interval '10 minutes'
LIMIT 1
