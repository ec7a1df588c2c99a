-- Queues that were read within a day of $1: queue $2 (NULL: all), those of service $3 (NULL:
-- all), those whose name has $4 in it (NULL: all), by name, behind (name, id) = ($5, $6),
-- from the start when $6 is NULL; at most $7 rows.  Each with its newest values and, per
-- minute, what came in, went out and was added to its depth in the last 10 minutes; a
-- counter that falls began anew, which is no flow.  For GET /queues, /queues/{id} and
-- /services/{id}/queues.  Samples by the BRIN index on the time, services by all
-- their names, once for each glob.
WITH chosen AS (
	SELECT q.*, s.host_id, s.name AS source, h.name AS host, h.interval_ms
	FROM queue q
	JOIN source s ON s.id = q.source_id
	JOIN host h ON h.id = s.host_id
	WHERE ($2::int4 IS NULL OR q.id = $2::int4)
	  AND ($2::int4 IS NOT NULL OR q.last_at > $1::timestamptz - interval '1 day')
	  AND ($3::int4 IS NULL OR EXISTS (SELECT FROM service v WHERE v.id = $3::int4
		AND (name_matches(v.name, q.producers) OR name_matches(v.name, q.workers))))
	  AND ($4::text IS NULL OR strpos(lower(q.name), lower($4::text)) > 0)
	  AND ($6::int4 IS NULL OR (q.name, q.id) > ($5::text, $6::int4))
	ORDER BY q.name, q.id
	LIMIT $7::int4
), step AS MATERIALIZED (
	SELECT p.*, extract(epoch FROM p.at - lag(p.at) OVER line) / 60 AS minutes,
		p.entered - lag(p.entered) OVER line AS came,
		p.completed - lag(p.completed) OVER line AS went,
		p.failures - lag(p.failures) OVER line AS fell,
		p.depth - lag(p.depth) OVER line AS deeper
	FROM queue_sample p
	WHERE p.at > $1::timestamptz - interval '10 minutes' AND p.at <= $1::timestamptz
	  AND p.queue_id = ANY (ARRAY(SELECT id FROM chosen))
	WINDOW line AS (PARTITION BY p.queue_id ORDER BY p.at)
), flow AS (
	SELECT queue_id,
		(sum(came) FILTER (WHERE came >= 0)
			/ NULLIF(sum(minutes) FILTER (WHERE came >= 0), 0))::float8 AS came_min,
		(sum(went) FILTER (WHERE went >= 0)
			/ NULLIF(sum(minutes) FILTER (WHERE went >= 0), 0))::float8 AS went_min,
		(sum(fell) FILTER (WHERE fell >= 0)
			/ NULLIF(sum(minutes) FILTER (WHERE fell >= 0), 0))::float8 AS fell_min,
		(sum(deeper) / NULLIF(sum(minutes) FILTER (WHERE deeper IS NOT NULL), 0))::float8
			AS deeper_min
	FROM step
	GROUP BY queue_id
), newest AS MATERIALIZED (
	SELECT DISTINCT ON (queue_id) * FROM step ORDER BY queue_id, at DESC
), glob AS MATERIALIZED (
	SELECT glob, name_pattern(glob) AS pattern
	FROM (SELECT DISTINCT unnest(producers || workers) AS glob FROM chosen) g
), named AS MATERIALIZED (
	SELECT g.glob, v.id, v.name FROM glob g JOIN service v ON v.name LIKE g.pattern
), rate AS MATERIALIZED (
	SELECT queue_id, came_min, went_min + COALESCE(fell_min, 0) AS left_min, deeper_min
	FROM flow
)
SELECT c.id, c.host_id, c.host, c.source, c.kind, c.name, c.interval_ms, c.last_at,
	c.first_seen_at, n.at, n.depth, n.waiting, n.active, n.delayed, n.failed, n.entered,
	n.completed, n.failures, n.oldest_ms, n.overdue, n.workers AS attached,
	-- What no counter tells follows from the depth.
	COALESCE(r.came_min, CASE WHEN r.left_min + r.deeper_min > 0
		THEN r.left_min + r.deeper_min WHEN r.left_min + r.deeper_min <= 0 THEN 0 END) AS in_min,
	COALESCE(r.left_min, CASE WHEN r.came_min > r.deeper_min
		THEN r.came_min - r.deeper_min WHEN r.came_min <= r.deeper_min THEN 0 END) AS out_min,
	COALESCE(r.came_min - r.left_min, r.deeper_min) AS net_min,
	(SELECT COALESCE(jsonb_agg(jsonb_build_object('id', v.id, 'name', v.name)
		ORDER BY v.name), '[]') FROM (SELECT DISTINCT id, name FROM named
		WHERE glob = ANY (c.producers)) v) AS producers,
	(SELECT COALESCE(jsonb_agg(jsonb_build_object('id', v.id, 'name', v.name)
		ORDER BY v.name), '[]') FROM (SELECT DISTINCT id, name FROM named
		WHERE glob = ANY (c.workers)) v) AS workers
FROM chosen c
LEFT JOIN newest n ON n.queue_id = c.id
LEFT JOIN rate r ON r.queue_id = c.id
ORDER BY c.name, c.id
