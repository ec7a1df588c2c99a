-- Readings from $1 on and before $2, in order of time.  For the watch: the last minutes each
-- turn.  By the BRIN index on the time; a row a reading.
SELECT generation_id, at, rss_kb, rss_anon_kb, swap_kb, cgroup_limit_kb, heap_used_kb,
	heap_total_kb, heap_floor_kb, heap_limit_kb, gc_full_count, requests
FROM sample
WHERE at >= $1::timestamptz AND at < $2::timestamptz AND rss_kb IS NOT NULL
ORDER BY at, generation_id
