-- What the processes of service $1 were counted to hold in [$2, $3], of kind $4 (NULL: any),
-- the fastest growth first: each name in the process that holds most of it, with its counts
-- over time.  The growth is the median of the slopes between each count and the one half a
-- series later (Theil's incomplete method), so that one odd count does not move it.  For GET
-- /services/{id}/census.  By (generation_id, at); at most $5 rows of $3 - $2 in hours
-- points.
WITH newest AS (
	SELECT c.generation_id, c.at, c.name_ids, c.counts
	FROM slot s
	JOIN generation g ON g.slot_id = s.id AND g.last_sample_at >= $2::timestamptz
	CROSS JOIN LATERAL (
		SELECT * FROM census
		WHERE generation_id = g.id AND at BETWEEN $2::timestamptz AND $3::timestamptz
		ORDER BY at DESC
		LIMIT 1
	) c
	WHERE s.service_id = $1::int4
), most AS (
	SELECT DISTINCT ON (u.name_id) u.name_id, n.generation_id, u.count AS newest,
		count(*) OVER name AS processes, sum(u.count) OVER name AS total
	FROM newest n CROSS JOIN LATERAL unnest(n.name_ids, n.counts) AS u (name_id, count)
	WINDOW name AS (PARTITION BY u.name_id)
	ORDER BY u.name_id, u.count DESC, n.at DESC, n.generation_id DESC
), told AS (
	SELECT m.*, c.at, c.counts[array_position(c.name_ids, m.name_id)] AS count
	FROM most m
	JOIN census c ON c.generation_id = m.generation_id
		AND c.at BETWEEN $2::timestamptz AND $3::timestamptz
), line AS (
	SELECT *, row_number() OVER (PARTITION BY name_id ORDER BY at) AS n,
		count(*) OVER (PARTITION BY name_id) AS points
	FROM told
	WHERE count IS NOT NULL
), slope AS (
	SELECT a.name_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY
		(b.count - a.count) * 3600 / extract(epoch FROM b.at - a.at)::float8) AS per_hour
	FROM line a
	JOIN line b ON b.name_id = a.name_id AND b.n = a.n + a.points / 2
	WHERE a.points > 1
	GROUP BY a.name_id
), drawn AS (
	SELECT name_id, generation_id, newest, processes, total,
		(array_agg(count ORDER BY at))[1] AS first,
		array_agg((extract(epoch FROM at) * 1000)::int8 ORDER BY at) AS times_ms,
		array_agg(count ORDER BY at) AS counts
	FROM line
	GROUP BY name_id, generation_id, newest, processes, total
)
SELECT n.kind, n.name, n.location, d.newest, d.first, o.per_hour, d.processes,
	d.total::int8 AS total, d.times_ms, d.counts, g.slot_id, g.pid, h.id AS host_id,
	h.name AS host
FROM drawn d
JOIN census_name n ON n.id = d.name_id
JOIN generation g ON g.id = d.generation_id
JOIN host h ON h.id = g.host_id
LEFT JOIN slope o ON o.name_id = d.name_id
WHERE $4::int2 IS NULL OR n.kind = $4::int2
ORDER BY o.per_hour DESC NULLS LAST, d.newest DESC, d.name_id
LIMIT $5::int4
