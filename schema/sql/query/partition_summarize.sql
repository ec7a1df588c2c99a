-- Makes the time indexes know the newest pages of hot rows, so that reading the newest
-- minutes does not read the whole hour.  $1: a time in the hours to look at, back to $2.
-- For the compactor, every few seconds; a row for each partition.
SELECT brin_summarize_new_values(x.indexrelid) AS pages
FROM unnest(ARRAY['sample', 'host_sample']) AS parent
CROSS JOIN partition_list(parent) AS p
JOIN pg_index x ON x.indrelid = p.child::regclass
JOIN pg_class c ON c.oid = x.indexrelid
JOIN pg_am m ON m.oid = c.relam AND m.amname = 'brin'
WHERE p.from_at <= $1::timestamptz AND p.to_at > $2::timestamptz
