-- Memory of processes $1 read at or after $3: the lowest value of every $2[i] ms and when
-- it was read; private memory where it is known, else resident; what is swapped out
-- counts with it.  For the watch.  By the BRIN index on the time, in the partitions of
-- the last hours; one row a process, with at most as many values as its bins.
--
-- Value and time are found in one go: the value stands above the 22 bits of its time
-- within the bin (bins are shorter than 69 minutes).
WITH bin AS (
	SELECT s.generation_id, l.bin_ms, t.ms / l.bin_ms AS bin,
		min(((s.rss_anon_kb + COALESCE(s.swap_kb, 0)) << 22) + t.ms % l.bin_ms)
			AS private_low,
		min(((s.rss_kb + COALESCE(s.swap_kb, 0)) << 22) + t.ms % l.bin_ms) AS rss_low,
		max(s.cgroup_limit_kb) AS limit_kb
	FROM sample s
	JOIN unnest($1::int4[], $2::int8[]) AS l (generation_id, bin_ms)
		ON l.generation_id = s.generation_id
	CROSS JOIN LATERAL (SELECT (date_part('epoch', s.at) * 1000)::int8 AS ms) t
	WHERE s.at >= $3::timestamptz
	GROUP BY 1, 2, 3
), kind AS (
	SELECT *, 2 * count(private_low) OVER life >= count(*) OVER life AS is_private,
		max(limit_kb) OVER life AS life_limit_kb
	FROM bin
	WINDOW life AS (PARTITION BY generation_id)
), low AS (
	SELECT *, CASE WHEN is_private THEN private_low ELSE rss_low END AS low
	FROM kind
)
SELECT generation_id, is_private, life_limit_kb AS limit_kb,
	array_agg(bin * bin_ms + (low & 4194303) ORDER BY bin) AS at_ms,
	array_agg(low >> 22 ORDER BY bin) AS low_kb
FROM low
WHERE low IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY generation_id
