-- Drops the oldest partition of table $1, if it ends at $2 or earlier.  Each in a
-- transaction of its own, so that one that is being read holds back no other.  One row:
-- whether there was one.
SELECT partition_drop($1::text, $2::timestamptz) AS dropped
