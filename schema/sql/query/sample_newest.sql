-- The newest resident memory of processes $1, read at or after $2.  For GET
-- /services/{id}/instances and /instances/{id}.  By the BRIN index on the time, in the
-- partitions of the last minutes; at most one row a process.
SELECT DISTINCT ON (generation_id) generation_id, rss_kb
FROM sample
WHERE at >= $2::timestamptz AND generation_id = ANY ($1::int4[]) AND rss_kb IS NOT NULL
ORDER BY generation_id, at DESC
