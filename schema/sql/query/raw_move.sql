-- Writes how far the file of snapshot $1 is: state $2, $3 parts, the sum so far $4, $5
-- parts that came damaged, text $6; the host has answered, so it need not be told again to
-- drop it.  For ingest; the row is locked.
UPDATE snapshot_raw
SET state = $2::text, parts_here = $3::int4, sum_state = $4::bytea, refused = $5::int4,
    text = $6::text, drop_until = NULL
WHERE snapshot_id = $1::int8
