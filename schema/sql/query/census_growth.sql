-- What the processes of service $1 were counted to hold in [$2, $3], of kind $4 (NULL: any),
-- the fastest growth first: each name in the process that holds most of it, with its counts
-- over time.  The growth is the median of the slopes between each count and the one half a
-- series later (Theil's incomplete method), so that one odd count does not move it.  For GET
-- /services/{id}/census.  By (generation_id, at); at most $5 rows of $3 - $2 in hours
-- points.
WITH read AS (
	SELECT c.generation_id, c.at, c.name_ids, c.counts,
		c.at = max(c.at) OVER (PARTITION BY c.generation_id) AS is_newest
	FROM slot s
	JOIN generation g ON g.slot_id = s.id
	JOIN census c ON c.generation_id = g.id
	WHERE s.service_id = $1::int4 AND c.at BETWEEN $2::timestamptz AND $3::timestamptz
), told AS (
	SELECT r.generation_id, r.at, r.is_newest, u.name_id, u.count
	FROM read r CROSS JOIN LATERAL unnest(r.name_ids, r.counts) AS u (name_id, count)
), most AS (
	SELECT DISTINCT ON (name_id) name_id, generation_id, count AS newest,
		count(*) OVER (PARTITION BY name_id) AS processes,
		sum(count) OVER (PARTITION BY name_id) AS total
	FROM told
	WHERE is_newest
	ORDER BY name_id, count DESC, at DESC, generation_id DESC
), line AS (
	SELECT m.name_id, m.generation_id, m.newest, m.processes, m.total, t.at, t.count,
		row_number() OVER place AS n, count(*) OVER (PARTITION BY m.name_id) AS points
	FROM most m
	JOIN told t ON t.name_id = m.name_id AND t.generation_id = m.generation_id
	WINDOW place AS (PARTITION BY m.name_id ORDER BY t.at)
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
