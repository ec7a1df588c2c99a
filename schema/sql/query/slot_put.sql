-- Finds or makes slots.  $1 services, $2 hosts, $3 ordinals.  For ingest, once for each
-- new one; a row each, id NULL: ask again.
WITH asked AS (
	SELECT * FROM unnest($1::int4[], $2::int4[], $3::int4[])
	WITH ORDINALITY AS t (service_id, host_id, ordinal, n)
), made AS (
	INSERT INTO slot (service_id, host_id, ordinal)
	SELECT service_id, host_id, ordinal FROM asked
	WHERE NOT EXISTS (
		SELECT FROM slot s WHERE s.service_id = asked.service_id
		AND s.host_id = asked.host_id AND s.ordinal = asked.ordinal)
	ORDER BY service_id, host_id, ordinal
	ON CONFLICT DO NOTHING
	RETURNING id, service_id, host_id, ordinal
)
SELECT asked.n, coalesce(s.id, made.id) AS id, made.id IS NOT NULL AS made
FROM asked
LEFT JOIN slot s ON s.service_id = asked.service_id
	AND s.host_id = asked.host_id AND s.ordinal = asked.ordinal
LEFT JOIN made ON made.service_id = asked.service_id
	AND made.host_id = asked.host_id AND made.ordinal = asked.ordinal
