-- Locks the raw file of snapshot $1 for a step, and tells how it stands.  For POST and
-- DELETE /snapshots/{id}/raw.  By primary keys; at most one row.
SELECT r.state, n.service_id, n.host_id, n.raw_bytes, n.subject
FROM snapshot_raw r
JOIN snapshot_named n ON n.id = r.snapshot_id
WHERE r.snapshot_id = $1::int8
FOR UPDATE OF r
