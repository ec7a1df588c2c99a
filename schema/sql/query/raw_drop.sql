-- The file of snapshot $1 is dropped here, and for a day its host is told to.  For DELETE
-- /snapshots/{id}/raw; the row is locked.
UPDATE snapshot_raw
SET state = 'dropped', parts_here = 0, sum_state = NULL,
    drop_until = now() + interval '1 day', text = ''
WHERE snapshot_id = $1::int8
