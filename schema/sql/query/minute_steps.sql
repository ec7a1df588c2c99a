-- How storing went, in $3 steps of $2 ms from $1 on: one row for each step in which anything
-- was stored.  For GET /storage; by primary key, a row a minute and collector.
SELECT step, sum(readings)::int8 AS readings, sum(commits)::int8 AS commits,
	sum(commit_us)::int8 AS commit_us, max(longest_us) AS longest_us,
	max(backlog_bytes) AS backlog_bytes, max(lag_ms) AS lag_ms,
	count(DISTINCT at)::int8 AS minutes
FROM (
	SELECT floor(extract(epoch FROM at - $1::timestamptz) * 1000 / $2::int8)::int8 AS step, m.*
	FROM ingest_minute m
	WHERE at >= $1::timestamptz
	  AND at < $1::timestamptz + $2::int8 * $3::int8 * interval '1 ms'
) s
GROUP BY step
ORDER BY step
