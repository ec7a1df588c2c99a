-- Notes that the host keeps the file of snapshot $1, in $2 parts.  For ingest.
INSERT INTO snapshot_raw (snapshot_id, state, parts) VALUES ($1::int8, 'kept', $2::int4)
