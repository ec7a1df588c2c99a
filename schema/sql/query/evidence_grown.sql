-- Of seats $1 that run: the least memory in the five minutes from $2 on, or from ten
-- minutes after the process began when that was later, and in the five minutes before $3;
-- with the time between.  For the watch: whether what was resolved has come back.  Seats
-- by their slot, readings by the BRIN index on the time; a row a seat, none where there
-- is no such reading.
SELECT n.slot_id, early.low_kb AS early_kb, late.low_kb AS late_kb,
	(date_part('epoch', late.at - early.at) * 1000)::int8 AS span_ms
FROM slot_now n
CROSS JOIN LATERAL (
	SELECT GREATEST($2::timestamptz, n.started_at + interval '10 minutes') AS from_at) b
CROSS JOIN LATERAL (
	SELECT min(COALESCE(rss_anon_kb, rss_kb) + COALESCE(swap_kb, 0)) AS low_kb,
		min(at) AS at
	FROM sample
	WHERE generation_id = n.generation_id AND at >= b.from_at
	  AND at < b.from_at + interval '5 minutes'
) early
CROSS JOIN LATERAL (
	SELECT min(COALESCE(rss_anon_kb, rss_kb) + COALESCE(swap_kb, 0)) AS low_kb,
		max(at) AS at
	FROM sample
	WHERE generation_id = n.generation_id AND at > $3::timestamptz - interval '5 minutes'
	  AND at <= $3::timestamptz
) late
WHERE n.slot_id = ANY ($1::int4[]) AND early.low_kb IS NOT NULL AND late.low_kb IS NOT NULL
