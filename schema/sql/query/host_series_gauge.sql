-- The maximum of host gauge $4 (its number in metric.def) of host $1 per step of $5 ms in
-- [$2, $3).  For GET /hosts/{id}/series.  By the BRIN index on the time; one row with at
-- most 1,000 steps, or none.
SELECT array_agg((extract(epoch FROM step - $2::timestamptz) * 1000)::int8 / $5::int8
		ORDER BY step) AS steps,
	array_agg(value ORDER BY step) AS maxima
FROM (
	SELECT date_bin($5::int8 * interval '1 millisecond', s.at, $2::timestamptz)
			AS step,
		max(CASE $4::int4
			WHEN 0 THEN s.mem_total_kb
			WHEN 1 THEN s.mem_available_kb
			WHEN 2 THEN s.mem_free_kb
			WHEN 3 THEN s.cached_kb
			WHEN 4 THEN s.anon_kb
			WHEN 5 THEN s.shmem_kb
			WHEN 6 THEN s.slab_kb
			WHEN 7 THEN s.swap_total_kb
			WHEN 8 THEN s.swap_free_kb
			WHEN 11 THEN s.load1_milli
			WHEN 17 THEN s.processes
			WHEN 18 THEN s.rest_processes
			WHEN 19 THEN s.rest_rss_kb
			WHEN 20 THEN s.rest_anon_kb
		END) AS value
	FROM host_sample s
	WHERE s.at >= $2::timestamptz AND s.at < $3::timestamptz AND s.host_id = $1::int4
	GROUP BY 1
) p
WHERE value IS NOT NULL
HAVING count(*) > 0
