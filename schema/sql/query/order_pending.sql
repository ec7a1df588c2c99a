-- What hosts $1 are asked for at $2: cards, snapshots, parts of raw files ($3 at a time),
-- to drop them, and a census where an alert of the last half hour has none yet: of its
-- worst process, and of one that does not leak.  For ingest, once for each transaction; by
-- the indexes on what is under way and on open alerts, which are all but empty, and on the
-- verdicts of the services that these are about.  A few rows.
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
UNION ALL
SELECT g.host_id, g.id, 5, g.pid, g.start_ticks, c.service, '', false, false,
	$2::timestamptz + interval '1 hour', 0, 0
FROM (
	SELECT v.generation_id, s.name AS service, row_number() OVER (
		PARTITION BY f.id, v.verdict IN ('leak', 'native')
		ORDER BY v.rate_kb_h DESC NULLS LAST, v.slot_id) AS place
	FROM alert a
	JOIN finding f ON f.id = a.finding_id
	JOIN service s ON s.id = f.service_id
	JOIN fingerprint p ON p.service_id = f.service_id
	JOIN slot_verdict v ON v.fingerprint_id = p.id
	WHERE a.state = 'open' AND f.kind <> 'backlog' AND NOT v.silent
	  AND a.opened_at > $2::timestamptz - interval '30 minutes'
) c
JOIN generation g ON g.id = c.generation_id
WHERE c.place = 1 AND g.host_id = ANY ($1::int4[])
  AND NOT EXISTS (SELECT FROM census n WHERE n.generation_id = g.id
	AND n.at > $2::timestamptz - interval '1 hour')
ORDER BY host_id, kind, capture_id
