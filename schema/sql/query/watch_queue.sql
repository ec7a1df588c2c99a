-- What came into, went out of and waited in the queues that services work on, from $1 on and
-- before $2: of each reading of a queue, since the one before, by service and time.  A
-- counter that falls began anew, which is no flow; what one counter does not tell follows
-- from the depth and the other.  For the watch, with the readings of the same time.  By the
-- BRIN index on the time; a row a reading and service.
WITH known AS MATERIALIZED (
	SELECT id, workers FROM queue
	WHERE last_at >= $1::timestamptz AND first_seen_at < $2::timestamptz
), glob AS MATERIALIZED (
	SELECT glob, name_pattern(glob) AS pattern
	FROM (SELECT DISTINCT unnest(workers) AS glob FROM known) g
), named AS MATERIALIZED (
	SELECT g.glob, v.id AS service_id FROM glob g JOIN service v ON v.name LIKE g.pattern
), whose AS MATERIALIZED (
	SELECT DISTINCT k.id AS queue_id, n.service_id
	FROM known k
	CROSS JOIN LATERAL unnest(k.workers) AS t (glob)
	JOIN named n ON n.glob = t.glob
), read AS (
	SELECT queue_id, at, depth, depth - lag(depth) OVER line AS deeper,
		entered - lag(entered) OVER line AS came,
		completed + COALESCE(failures, 0)
			- lag(completed + COALESCE(failures, 0)) OVER line AS went
	FROM queue_sample
	WHERE at >= $1::timestamptz AND at < $2::timestamptz
	  AND queue_id = ANY (ARRAY(SELECT queue_id FROM whose))
	WINDOW line AS (PARTITION BY queue_id ORDER BY at)
)
SELECT w.service_id, r.queue_id, (date_part('epoch', r.at) * 1000)::int8 AS at_ms, r.depth,
	CASE WHEN r.came IS NOT NULL THEN CASE WHEN r.came >= 0 THEN r.came END
		WHEN r.went >= 0 THEN GREATEST(r.went + r.deeper, 0) END AS arrivals,
	CASE WHEN r.went IS NOT NULL THEN CASE WHEN r.went >= 0 THEN r.went END
		WHEN r.came >= 0 THEN GREATEST(r.came - r.deeper, 0) END AS completions
FROM read r
JOIN whose w ON w.queue_id = r.queue_id
ORDER BY w.service_id, r.at, r.queue_id
