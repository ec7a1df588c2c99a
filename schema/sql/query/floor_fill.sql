-- Computes the lowest memory in each ten minutes from bin $1 on and before bin $2, anew
-- where it is there already: late samples may have come.  For the watch, once in ten
-- minutes.  By the BRIN index on the time; one row a process and bin.
INSERT INTO memory_floor AS f (generation_id, bin, is_private, low_kb, offset_ms)
SELECT generation_id, bin, private_low IS NOT NULL,
	COALESCE(private_low, rss_low) >> 22, COALESCE(private_low, rss_low) & 4194303
FROM (
	SELECT s.generation_id, (t.ms / 600000)::int4 AS bin,
		min(((s.rss_anon_kb + COALESCE(s.swap_kb, 0)) << 22) + t.ms % 600000)
			AS private_low,
		min(((s.rss_kb + COALESCE(s.swap_kb, 0)) << 22) + t.ms % 600000) AS rss_low
	FROM sample s
	CROSS JOIN LATERAL (SELECT (date_part('epoch', s.at) * 1000)::int8 AS ms) t
	WHERE s.at >= timestamptz 'epoch' + $1::int4 * interval '10 minutes'
	  AND s.at < timestamptz 'epoch' + $2::int4 * interval '10 minutes'
	GROUP BY 1, 2
) b
WHERE private_low IS NOT NULL OR rss_low IS NOT NULL
ON CONFLICT (generation_id, bin) DO UPDATE
SET is_private = excluded.is_private, low_kb = excluded.low_kb,
	offset_ms = excluded.offset_ms
WHERE (f.is_private, f.low_kb, f.offset_ms)
	IS DISTINCT FROM (excluded.is_private, excluded.low_kb, excluded.offset_ms)
