-- The newest values of the insides of the newest process of seat $1, by their numbers in
-- metric.def, each with the first one of the last 15 minutes before the process's newest
-- reading.  For GET /instances/{id}/insides.  By the BRIN index on the time; at most one row
-- a metric.
WITH life AS (
	SELECT generation_id, started_at, last_sample_at FROM slot_now WHERE slot_id = $1::int4
), told AS (
	SELECT v.metric, v.value, s.at
	FROM life
	JOIN sample s ON s.generation_id = life.generation_id
		AND s.at > life.last_sample_at - interval '15 minutes'
	CROSS JOIN LATERAL (VALUES
		(14, s.heap_used_kb), (15, s.heap_total_kb), (16, s.heap_limit_kb),
		(17, s.heap_floor_kb), (18, s.heap_new_kb), (19, s.heap_old_kb),
		(20, s.heap_large_kb), (21, s.heap_code_kb), (22, s.heap_other_kb),
		(23, s.external_kb), (24, s.array_buffers_kb), (25, s.native_contexts::int8),
		(26, s.detached_contexts::int8), (27, s.loop_delay_p99_us),
		(28, s.loop_delay_max_us), (29, s.loop_busy_permille::int8), (30, s.gc_count),
		(31, s.gc_full_count), (32, s.gc_ms), (33, s.resources::int8), (34, s.timers),
		(35, s.listeners), (36, s.requests), (37, s.backlog::int8), (38, s.insides_us),
		(39, s.insides_bytes), (40, s.insides_pause_us)
	) AS v (metric, value)
	WHERE v.value IS NOT NULL
)
SELECT metric,
	(array_agg(value ORDER BY at DESC))[1] AS value, max(at) AS at,
	(array_agg(value ORDER BY at))[1] AS first_value, min(at) AS first_at
FROM told
GROUP BY metric
ORDER BY metric
