-- Stores part $2 of snapshot $1, sealed as $3.  For ingest; the file's row is locked.
INSERT INTO snapshot_raw_part (snapshot_id, number, sealed)
VALUES ($1::int8, $2::int4, $3::bytea)
