-- Resident memory of each service in $2 steps of $3 ms up to $1: per step the sum over
-- its seats of the most that was read.  The newest $4 steps are computed, the others are
-- those of the row that is there.  For the watch; GET /services shows it.  By the BRIN
-- index on the time, in the partitions of the last hours; one row a service.
WITH step AS (
	SELECT i, $1::timestamptz - ($2::int4 - i) * $3::int8 * interval '1 ms' AS from_at
	FROM generate_series(0, $2::int4 - 1) AS i
), seat AS (
	SELECT g.slot_id,
		$2::int4 - 1 - ((date_part('epoch', $1::timestamptz - s.at) * 1000)::int8
			/ $3::int8)::int4 AS i,
		max(s.rss_kb) AS rss_kb
	FROM sample s
	JOIN generation g ON g.id = s.generation_id
	WHERE s.at > $1::timestamptz - $4::int4 * $3::int8 * interval '1 ms'
	  AND s.at <= $1::timestamptz AND s.rss_kb IS NOT NULL
	GROUP BY 1, 2
), total AS (
	SELECT slot.service_id, seat.i, sum(seat.rss_kb)::int8 AS rss_kb
	FROM seat
	JOIN slot ON slot.id = seat.slot_id
	GROUP BY 1, 2
)
INSERT INTO service_trend AS t (service_id, from_at, step_ms, rss_kb)
SELECT s.service_id, (SELECT from_at FROM step WHERE i = 0), $3::int8,
	array_agg(CASE WHEN step.i >= $2::int4 - $4::int4 THEN total.rss_kb
		ELSE old.rss_kb[1 + ((date_part('epoch', step.from_at - old.from_at) * 1000)::int8
			/ $3::int8)::int4] END ORDER BY step.i)
FROM (SELECT DISTINCT service_id FROM total) s
CROSS JOIN step
LEFT JOIN total ON total.service_id = s.service_id AND total.i = step.i
LEFT JOIN service_trend old ON old.service_id = s.service_id AND old.step_ms = $3::int8
	AND old.from_at <= step.from_at
GROUP BY 1
ON CONFLICT (service_id) DO UPDATE SET from_at = excluded.from_at,
	step_ms = excluded.step_ms, rss_kb = excluded.rss_kb
