-- Begins an experiment of the service called $1: name $2, note $3, from $4 to $5 (NULL: it
-- goes on), by $6.  For POST /experiments.  One row, none when there is no such service.
WITH known AS (
	SELECT id, name FROM service WHERE name = $1::text
)
INSERT INTO experiment (service_id, name, note, from_at, to_at, created_by)
SELECT id, $2::text, $3::text, $4::timestamptz, $5::timestamptz, $6::text FROM known
RETURNING id, service_id, $1::text AS service, name, note, from_at, to_at, created_by, created_at
