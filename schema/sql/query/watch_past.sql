-- Readings from $1 on and before $2, of processes $3 (NULL: of all), in order of time: of
-- each process and minute the one with the least memory, the private memory where that is
-- known, with what was read inside of the process in that minute.  For the watch, slices of
-- a past of days.  By the BRIN index on the time; a row a process and minute.
SELECT DISTINCT ON (m.minute, s.generation_id) s.generation_id, m.ms AS at_ms, s.rss_kb,
	s.rss_anon_kb, s.swap_kb, s.cgroup_limit_kb, min(s.heap_used_kb) OVER inside AS heap_used_kb,
	min(s.heap_total_kb) OVER inside AS heap_total_kb,
	min(s.heap_floor_kb) OVER inside AS heap_floor_kb,
	max(s.heap_limit_kb) OVER inside AS heap_limit_kb,
	max(s.gc_full_count) OVER inside AS gc_full_count, max(s.requests) OVER inside AS requests
FROM sample s
CROSS JOIN LATERAL (
	SELECT (date_part('epoch', s.at) * 1000)::int8 AS ms,
		(date_part('epoch', s.at) * 1000)::int8 / 60000 AS minute
) m
WHERE s.at >= $1::timestamptz AND s.at < $2::timestamptz
  AND ($3::int4[] IS NULL OR s.generation_id = ANY ($3::int4[]))
  AND s.rss_kb IS NOT NULL
WINDOW inside AS (PARTITION BY m.minute, s.generation_id)
ORDER BY m.minute, s.generation_id,
	COALESCE(s.rss_anon_kb, s.rss_kb) + COALESCE(s.swap_kb, 0), m.ms
