-- Drops the oldest partition of table $1, if it lies wholly before the UTC day of $2.  Each
-- in a transaction of its own, so that one that is being read holds back no other.  One
-- row: how many were dropped.
SELECT coalesce(partition_drop_before($1::text, oldest.day + 1), 0) AS dropped
FROM (
	SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD')) AS day
	FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
	WHERE i.inhparent = $1::text::regclass
) AS oldest
WHERE oldest.day < ($2::timestamptz AT TIME ZONE 'UTC')::date
