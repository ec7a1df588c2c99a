-- What hosts $1 are asked for at $2: cards, snapshots, parts of raw files ($3 at a time),
-- and to drop them.  For ingest, once for each transaction; by the two indexes on what is
-- under way, which are all but empty.  A few rows.
SELECT g.host_id, c.id AS capture_id, CASE c.state WHEN 'quoting' THEN 1 ELSE 2 END AS kind,
	g.pid, g.start_ticks, s.name AS service, c.route, c.overrules, c.keep_raw,
	c.deadline_at, 0 AS part_from, 0 AS part_to
FROM capture c
JOIN generation g ON g.id = c.generation_id
JOIN service s ON s.id = c.service_id
WHERE c.state IN ('quoting', 'ordered') AND c.deadline_at > $2::timestamptz
  AND c.host_id = ANY ($1::int4[])
UNION ALL
SELECT g.host_id, n.capture_id, CASE r.state WHEN 'pulling' THEN 3 ELSE 4 END,
	g.pid, g.start_ticks, s.name, n.route, false, true, $2::timestamptz + interval '1 day',
	CASE r.state WHEN 'pulling' THEN r.parts_here ELSE 0 END,
	CASE r.state WHEN 'pulling' THEN
		LEAST(r.parts, r.parts_here - r.parts_here % $3::int4 + $3::int4) ELSE 0 END
FROM snapshot_raw r
JOIN snapshot n ON n.id = r.snapshot_id
JOIN generation g ON g.id = n.generation_id
JOIN service s ON s.id = n.service_id
WHERE (r.state = 'pulling' OR r.drop_until > $2::timestamptz)
  AND n.host_id = ANY ($1::int4[])
ORDER BY host_id, capture_id
