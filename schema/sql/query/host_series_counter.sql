-- The increase of host counter $4 (its number in metric.def) of host $1 per step of $5 ms
-- in [$2, $3), with the time it was seen over.  A fall (the host was started anew) is left
-- out.  For GET /hosts/{id}/series.  By the BRIN index on the time; one row with at most
-- 1,000 steps, or none.
WITH reading AS (
	SELECT s.at,
		date_bin($5::int8 * interval '1 millisecond', s.at, $2::timestamptz) AS step,
		(CASE $4::int4
			WHEN 9 THEN s.cpu_busy_ms
			WHEN 10 THEN s.cpu_total_ms
			WHEN 12 THEN s.psi_memory_some_us
			WHEN 13 THEN s.psi_memory_full_us
			WHEN 14 THEN s.psi_cpu_some_us
			WHEN 15 THEN s.psi_io_some_us
			WHEN 16 THEN s.oom_kills
		END) AS value
	FROM host_sample s
	WHERE s.at >= $2::timestamptz AND s.at < $3::timestamptz AND s.host_id = $1::int4
), grown AS (
	SELECT step, value - lag(value) OVER later AS increase,
		extract(epoch FROM at - lag(at) OVER later) * 1000 AS span_ms
	FROM reading
	WHERE value IS NOT NULL
	WINDOW later AS (ORDER BY at)
), summed AS (
	SELECT step, sum(increase)::int8 AS increase, sum(span_ms)::int8 AS span_ms
	FROM grown
	WHERE increase >= 0 AND span_ms > 0
	GROUP BY step
)
SELECT array_agg((extract(epoch FROM step - $2::timestamptz) * 1000)::int8 / $5::int8
		ORDER BY step) AS steps,
	array_agg(increase ORDER BY step) AS increases,
	array_agg(span_ms ORDER BY step) AS spans_ms
FROM summed
HAVING count(*) > 0
