-- Takes away the parts of snapshot $1 that are here.  By the primary key.
DELETE FROM snapshot_raw_part WHERE snapshot_id = $1::int8
