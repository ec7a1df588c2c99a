-- The agent of a public key.  For ingest, when a host enrols; at most one row.
SELECT a.id, a.token_id, a.revoked_at IS NOT NULL AS revoked, h.machine_id
FROM agent a
JOIN host h ON h.id = a.host_id
WHERE a.public_key = $1
