-- Begins to pull the file of snapshot $1 for user $2; what a lost one has left is gone
-- already.  For POST /snapshots/{id}/raw; the row is locked.
UPDATE snapshot_raw
SET state = 'pulling', asked_by = $2::int4, asked_at = now(), parts_here = 0, refused = 0,
    sum_state = NULL, drop_until = NULL, text = ''
WHERE snapshot_id = $1::int8
