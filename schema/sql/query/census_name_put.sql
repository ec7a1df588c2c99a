-- Makes the names that a census of process life $1 uses and that its service has not yet: $2
-- kinds, $3 names, $4 locations.  For ingest, once for each census; no rows, but how many
-- were made.
INSERT INTO census_name (service_id, kind, name, location)
SELECT DISTINCT s.service_id, t.kind, t.name, t.location
FROM generation g
JOIN slot s ON s.id = g.slot_id
CROSS JOIN unnest($2::int2[], $3::text[], $4::text[]) AS t (kind, name, location)
WHERE g.id = $1::int4
  AND NOT EXISTS (SELECT FROM census_name n WHERE n.service_id = s.service_id
	AND n.kind = t.kind AND n.name = t.name AND n.location = t.location)
ORDER BY s.service_id, t.kind, t.name, t.location
ON CONFLICT DO NOTHING
