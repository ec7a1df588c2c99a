-- By which route the insides of the newest process of seat $1 are read, and what is wrong
-- with it: as the agent says of its service, else as its last census was counted.  For GET
-- /instances/{id}/insides.  By (host_id, name) and (generation_id, at); at most one row.
SELECT COALESCE(s.kind, c.route, '') AS route,
	CASE WHEN s.works THEN '' ELSE COALESCE(s.text, '') END AS problem
FROM slot_now n
JOIN service v ON v.id = n.service_id
LEFT JOIN LATERAL (
	SELECT CASE kind WHEN 'none' THEN '' WHEN 'hsperf' THEN 'jvm' ELSE kind END AS kind,
		works, text
	FROM source WHERE host_id = n.host_id AND name = 'insides ' || v.name
) s ON true
LEFT JOIN LATERAL (
	SELECT route FROM census WHERE generation_id = n.generation_id
	ORDER BY at DESC
	LIMIT 1
) c ON true
WHERE n.slot_id = $1::int4
