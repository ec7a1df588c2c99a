-- Finds or makes versions of services.  $1 services, $2 versions, $3 runtimes.  For
-- ingest, once for each new one; a row each, id NULL: ask again.
WITH asked AS (
	SELECT * FROM unnest($1::int4[], $2::text[], $3::text[])
	WITH ORDINALITY AS t (service_id, version, runtime, n)
), made AS (
	INSERT INTO fingerprint (service_id, version, runtime)
	SELECT service_id, version, runtime FROM asked
	WHERE NOT EXISTS (
		SELECT FROM fingerprint f WHERE f.service_id = asked.service_id
		AND f.version = asked.version AND f.runtime = asked.runtime)
	ORDER BY service_id, version, runtime
	ON CONFLICT DO NOTHING
	RETURNING id, service_id, version, runtime
)
SELECT asked.n, coalesce(f.id, made.id) AS id, made.id IS NOT NULL AS made
FROM asked
LEFT JOIN fingerprint f ON f.service_id = asked.service_id
	AND f.version = asked.version AND f.runtime = asked.runtime
LEFT JOIN made ON made.service_id = asked.service_id
	AND made.version = asked.version AND made.runtime = asked.runtime
