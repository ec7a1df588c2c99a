-- The newest resident memory of processes $1, read at or after $2; among the readings that
-- came late, at or after $3.  For GET /services/{id}/instances and /instances/{id}.  By the
-- BRIN index on the time, in the partitions of the last minutes, and by the late readings'
-- (generation_id, at); at most one row a process.  (The + leaves the
-- index's other column out, which costs more for many than so short a time.)
SELECT DISTINCT ON (generation_id) generation_id, rss_kb
FROM (
	SELECT generation_id, at, rss_kb FROM sample
	WHERE at >= $2::timestamptz AND (+ generation_id) = ANY ($1::int4[])
	  AND rss_kb IS NOT NULL
	UNION ALL
	SELECT generation_id, at, rss_kb FROM sample_late
	WHERE at >= $3::timestamptz AND generation_id = ANY ($1::int4[])
	  AND rss_kb IS NOT NULL
) s
ORDER BY generation_id, at DESC
