-- Locks the raw file of capture $2 if it belongs to the host of agent $1, and tells how far
-- it is.  For ingest, each part; by primary keys and capture_id, at most one row.
SELECT r.snapshot_id, r.state, r.parts, r.parts_here, r.sum_state, r.refused,
	r.drop_until IS NOT NULL AS dropping, n.raw_bytes, n.raw_sha256, n.service_id,
	n.host_id, s.name || ' on ' || h.name || ', pid ' || g.pid AS subject
FROM agent a
JOIN snapshot n ON n.host_id = a.host_id AND n.capture_id = $2::int8
JOIN snapshot_raw r ON r.snapshot_id = n.id
JOIN service s ON s.id = n.service_id
JOIN host h ON h.id = n.host_id
JOIN generation g ON g.id = n.generation_id
WHERE a.id = $1::int4 AND a.revoked_at IS NULL
FOR UPDATE OF r
