-- Queue $1 per step of $4 ms in [$2, $3): the greatest depth and age, and by how much its
-- counters rose over how many ms that were seen.  A counter that falls began anew, which is
-- no flow.  For GET /queues/{id}/series.  By the BRIN index on the time; at most 1,000 rows.
WITH read AS (
	SELECT at, depth, oldest_ms, entered - lag(entered) OVER line AS came,
		completed + COALESCE(failures, 0)
			- lag(completed + COALESCE(failures, 0)) OVER line AS went,
		extract(epoch FROM at - lag(at) OVER line) * 1000 AS span_ms
	FROM queue_sample
	WHERE queue_id = $1::int4 AND at >= $2::timestamptz AND at < $3::timestamptz
	WINDOW line AS (ORDER BY at)
)
SELECT (extract(epoch FROM date_bin($4::int8 * interval '1 millisecond', at,
		$2::timestamptz) - $2::timestamptz) * 1000)::int8 / $4::int8 AS step,
	max(depth) AS depth, max(oldest_ms) AS oldest_ms,
	sum(came) FILTER (WHERE came >= 0)::int8 AS came,
	sum(span_ms) FILTER (WHERE came >= 0)::int8 AS came_ms,
	sum(went) FILTER (WHERE went >= 0)::int8 AS went,
	sum(span_ms) FILTER (WHERE went >= 0)::int8 AS went_ms
FROM read
GROUP BY 1
ORDER BY 1
LIMIT 1000
