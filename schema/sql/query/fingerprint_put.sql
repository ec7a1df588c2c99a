-- Finds or makes versions of services.  $1 services, $2 versions, $3 runtimes, $4 hashes of
-- what they consist of, $5 when a process of each was seen, in Unix ms.  For ingest, once
-- for each new one; a row each, id NULL: ask again.
WITH asked AS (
	SELECT * FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::int8[])
	WITH ORDINALITY AS t (service_id, version, runtime, hash, seen_ms, n)
), made AS (
	INSERT INTO fingerprint (service_id, version, runtime, hash, first_seen_at)
	SELECT service_id, version, runtime, hash,
	       least(now(), timestamptz 'epoch' + seen_ms * interval '1 ms')
	FROM asked
	WHERE NOT EXISTS (
		SELECT FROM fingerprint f WHERE f.service_id = asked.service_id
		AND f.version = asked.version AND f.runtime = asked.runtime
		AND f.hash = asked.hash)
	ORDER BY service_id, version, runtime, hash
	ON CONFLICT DO NOTHING
	RETURNING id, service_id, version, runtime, hash
)
SELECT asked.n, coalesce(f.id, made.id) AS id, made.id IS NOT NULL AS made
FROM asked
LEFT JOIN fingerprint f ON f.service_id = asked.service_id
	AND f.version = asked.version AND f.runtime = asked.runtime
	AND f.hash = asked.hash
LEFT JOIN made ON made.service_id = asked.service_id
	AND made.version = asked.version AND made.runtime = asked.runtime
	AND made.hash = asked.hash
