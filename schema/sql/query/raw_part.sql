-- Part $2 of the complete file of snapshot $1.  For GET /snapshots/{id}/raw, part after
-- part.  By primary keys; at most one row.
SELECT p.sealed, n.capture_id, n.raw_bytes
FROM snapshot_raw r
JOIN snapshot n ON n.id = r.snapshot_id
JOIN snapshot_raw_part p ON p.snapshot_id = r.snapshot_id AND p.number = $2::int4
WHERE r.snapshot_id = $1::int8 AND r.state = 'complete'
