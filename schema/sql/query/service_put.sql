-- Finds or makes services.  $1 names.  For ingest, once for each new name; a row per
-- name, id NULL where another server has just made it: ask again.
WITH asked AS (
	SELECT * FROM unnest($1::text[]) WITH ORDINALITY AS t (name, n)
), made AS (
	INSERT INTO service (name)
	SELECT name FROM asked
	WHERE NOT EXISTS (SELECT FROM service s WHERE s.name = asked.name)
	ORDER BY name
	ON CONFLICT DO NOTHING
	RETURNING id, name
)
SELECT asked.n, coalesce(s.id, made.id) AS id, made.id IS NOT NULL AS made
FROM asked
LEFT JOIN service s ON s.name = asked.name
LEFT JOIN made ON made.name = asked.name
