-- Readings of processes $3 from $1 on and before $2 that came late, in order of time.  For
-- the watch: the last minutes each turn, of those few that are behind.  By (generation_id,
-- at); a row a reading.
SELECT generation_id, at, rss_kb, rss_anon_kb, swap_kb, cgroup_limit_kb, heap_used_kb,
	heap_total_kb, heap_floor_kb, heap_limit_kb, gc_full_count, requests
FROM sample_late
WHERE at >= $1::timestamptz AND at < $2::timestamptz
  AND generation_id = ANY ($3::int4[]) AND rss_kb IS NOT NULL
ORDER BY at, generation_id
