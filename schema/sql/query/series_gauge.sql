-- The maximum of gauge $5 (its number in metric.def) per line and step of $6 ms in
-- [$3, $4): process $1[i] belongs to line $2[i]; and the most out-of-memory kills counted
-- around its processes.  For GET /series.  By the BRIN index on
-- the time; one row a line, with at most 1,000 steps.
SELECT line,
	array_agg((extract(epoch FROM step - $3::timestamptz) * 1000)::int8 / $6::int8
		ORDER BY step) FILTER (WHERE value IS NOT NULL) AS steps,
	array_agg(value ORDER BY step) FILTER (WHERE value IS NOT NULL) AS maxima,
	COALESCE(max(kills), 0) AS kills
FROM (
	SELECT l.line,
		date_bin($6::int8 * interval '1 millisecond', s.at, $3::timestamptz) AS step,
		max(CASE $5::int4
			WHEN 0 THEN s.rss_kb
			WHEN 1 THEN s.rss_anon_kb
			WHEN 2 THEN s.rss_file_kb
			WHEN 3 THEN s.rss_shmem_kb
			WHEN 4 THEN s.swap_kb
			WHEN 5 THEN s.pss_kb
			WHEN 7 THEN s.threads
			WHEN 8 THEN s.fds
			WHEN 11 THEN s.cgroup_usage_kb
			WHEN 12 THEN s.cgroup_limit_kb
			WHEN 14 THEN s.heap_used_kb
			WHEN 15 THEN s.heap_total_kb
			WHEN 16 THEN s.heap_limit_kb
			WHEN 17 THEN s.heap_floor_kb
			WHEN 18 THEN s.heap_new_kb
			WHEN 19 THEN s.heap_old_kb
			WHEN 20 THEN s.heap_large_kb
			WHEN 21 THEN s.heap_code_kb
			WHEN 22 THEN s.heap_other_kb
			WHEN 23 THEN s.external_kb
			WHEN 24 THEN s.array_buffers_kb
			WHEN 25 THEN s.native_contexts
			WHEN 26 THEN s.detached_contexts
			WHEN 27 THEN s.loop_delay_p99_us
			WHEN 28 THEN s.loop_delay_max_us
			WHEN 29 THEN s.loop_busy_permille
			WHEN 33 THEN s.resources
			WHEN 34 THEN s.timers
			WHEN 35 THEN s.listeners
			WHEN 37 THEN s.backlog
			WHEN 38 THEN s.insides_us
			WHEN 39 THEN s.insides_bytes
			WHEN 40 THEN s.insides_pause_us
		END) AS value,
		max(s.cgroup_oom_kills) AS kills
	FROM sample s
	JOIN unnest($1::int4[], $2::int4[]) AS l (generation_id, line)
		ON l.generation_id = s.generation_id
	WHERE s.at >= $3::timestamptz AND s.at < $4::timestamptz
	GROUP BY 1, 2
) p
WHERE value IS NOT NULL OR kills IS NOT NULL
GROUP BY line
