-- The increase of counter $5 (its number in metric.def) per line and step of $6 ms in
-- [$3, $4), with the time it was seen over: process $1[i] belongs to line $2[i].  Each
-- process life counts from its own readings only, so a restart never shows as a fall.
-- For GET /series.  By the BRIN index on the time; one row a line, with at most 1,000
-- steps.
WITH stepped AS (
	SELECT generation_id, line, step, min(value) AS low, max(value) AS high,
		min(at) AS first_at, max(at) AS last_at
	FROM (
		SELECT s.generation_id, l.line, s.at,
			date_bin($6::int8 * interval '1 millisecond', s.at, $3::timestamptz)
				AS step,
			(CASE $5::int4
			WHEN 6 THEN s.cpu_ms
			WHEN 9 THEN s.minor_faults
			WHEN 10 THEN s.major_faults
			WHEN 13 THEN s.cgroup_oom_kills
			WHEN 30 THEN s.gc_count
			WHEN 31 THEN s.gc_full_count
			WHEN 32 THEN s.gc_ms
			WHEN 36 THEN s.requests
			END) AS value
		FROM sample s
		JOIN unnest($1::int4[], $2::int4[]) AS l (generation_id, line)
			ON l.generation_id = s.generation_id
		WHERE s.at >= $3::timestamptz AND s.at < $4::timestamptz
	) r
	WHERE value IS NOT NULL
	GROUP BY generation_id, line, step
), grown AS (
	SELECT line, step,
		high - COALESCE(lag(high) OVER life, low) AS increase,
		extract(epoch FROM last_at - COALESCE(lag(last_at) OVER life, first_at)) * 1000
			AS span_ms
	FROM stepped
	WINDOW life AS (PARTITION BY generation_id ORDER BY step)
), summed AS (
	SELECT line, step, sum(increase)::int8 AS increase, sum(span_ms)::int8 AS span_ms
	FROM grown
	WHERE increase >= 0 AND span_ms > 0
	GROUP BY line, step
)
SELECT line,
	array_agg((extract(epoch FROM step - $3::timestamptz) * 1000)::int8 / $6::int8
		ORDER BY step) AS steps,
	array_agg(increase ORDER BY step) AS increases,
	array_agg(span_ms ORDER BY step) AS spans_ms
FROM summed
GROUP BY line
