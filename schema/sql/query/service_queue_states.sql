-- How the queues of services $2 do at $1: for each service the one that grows most, else the
-- deepest, of those that it fills or works on.  For GET /services.  A queue's depth of the last
-- minute and a half against that of eight minutes before; samples by the BRIN index on the
-- time, services by all their names, once for each glob; at most one row a service.
WITH chosen AS MATERIALIZED (
	SELECT q.id, q.name, q.producers || q.workers AS globs
	FROM queue q
	WHERE q.last_at > $1::timestamptz - interval '10 minutes'
), newest AS MATERIALIZED (
	SELECT DISTINCT ON (queue_id) queue_id, at, depth FROM queue_sample
	WHERE at > $1::timestamptz - interval '90 s' AND at <= $1::timestamptz
	ORDER BY queue_id, at DESC
), before AS MATERIALIZED (
	SELECT DISTINCT ON (queue_id) queue_id, at, depth FROM queue_sample
	WHERE at > $1::timestamptz - interval '10 minutes'
	  AND at <= $1::timestamptz - interval '8 minutes'
	ORDER BY queue_id, at
), glob AS MATERIALIZED (
	SELECT glob, name_pattern(glob) AS pattern
	FROM (SELECT DISTINCT unnest(globs) AS glob FROM chosen) g
), named AS MATERIALIZED (
	SELECT g.glob, v.id FROM glob g JOIN service v ON v.name LIKE g.pattern
	WHERE v.id = ANY ($2::int4[])
), belongs AS (
	SELECT DISTINCT n.id AS service_id, c.id AS queue_id
	FROM chosen c CROSS JOIN unnest(c.globs) AS g (glob) JOIN named n ON n.glob = g.glob
), flow AS (
	SELECT n.queue_id, n.depth, (n.depth - b.depth)
		/ NULLIF(extract(epoch FROM n.at - b.at) / 60, 0)::float8 AS net_min
	FROM newest n LEFT JOIN before b ON b.queue_id = n.queue_id
)
SELECT DISTINCT ON (b.service_id) b.service_id, count(*) OVER w AS queues, c.id, c.name,
	f.depth, f.net_min
FROM belongs b
JOIN chosen c ON c.id = b.queue_id
LEFT JOIN flow f ON f.queue_id = c.id
WINDOW w AS (PARTITION BY b.service_id)
ORDER BY b.service_id, GREATEST(f.net_min, 0) DESC NULLS LAST, f.depth DESC NULLS LAST, c.id
