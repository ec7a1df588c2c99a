-- Holds storage.closed_to where it is until the transaction ends, and tells it.  $1: the
-- lock.  For ingest, once per transaction; one row, NULL when nothing was stored yet.
SELECT storage_hold($1::int8) AS closed_to
