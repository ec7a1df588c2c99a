-- An experiment.  For GET /experiments/{id}.  By the primary key; at most one row.
SELECT x.id, x.service_id, s.name AS service, x.name, x.note, x.from_at, x.to_at, x.created_by,
	x.created_at
FROM experiment x
JOIN service s ON s.id = x.service_id
WHERE x.id = $1::int8
