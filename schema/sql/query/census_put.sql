-- Stores a census of process life $1, taken at $2 by route $3 in $4 us, $5: small items are
-- left out; $6 kinds, $7 names, $8 locations and $9 counts of its items.  For ingest, after
-- census_name_put; no rows.  One of that process and moment stays as it is.
INSERT INTO census (generation_id, at, route, took_us, is_cut, name_ids, counts)
SELECT g.id, $2::timestamptz, $3::text, $4::int8, $5::boolean,
	coalesce(array_agg(i.id ORDER BY i.count DESC, i.id) FILTER (WHERE i.id IS NOT NULL), '{}'),
	coalesce(array_agg(i.count ORDER BY i.count DESC, i.id) FILTER (WHERE i.id IS NOT NULL),
		'{}')
FROM generation g
JOIN slot s ON s.id = g.slot_id
LEFT JOIN LATERAL (
	SELECT n.id, least(sum(t.count), 9223372036854775807)::int8 AS count
	FROM unnest($6::int2[], $7::text[], $8::text[], $9::int8[])
	     AS t (kind, name, location, count)
	JOIN census_name n ON n.service_id = s.service_id AND n.kind = t.kind
		AND n.name = t.name AND n.location = t.location
	GROUP BY n.id
) i ON true
WHERE g.id = $1::int4
GROUP BY g.id
ON CONFLICT (generation_id, at) DO NOTHING
