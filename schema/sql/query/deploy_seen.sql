-- Marks the versions $1, of which processes are there, as deployed: those that nothing marks
-- yet and of which the first process began after another version of their service was seen.
-- What a version consists of is known a moment after its first process: the mark goes from
-- the one to the other, and learning it is no deploy.  For ingest, once for each
-- new version; no rows.  Generations by their version.
WITH asked AS (
	SELECT t.id, min(g.started_at) AS at
	FROM unnest($1::int4[]) AS t (id)
	JOIN generation g ON g.fingerprint_id = t.id
	WHERE NOT EXISTS (SELECT FROM deploy d WHERE d.fingerprint_id = t.id)
	GROUP BY t.id
), known AS (
	SELECT f.id, f.service_id, f.version, f.runtime, f.hash, asked.at
	FROM asked
	JOIN fingerprint f ON f.id = asked.id
), taken AS (
	UPDATE deploy d SET fingerprint_id = k.id
	FROM (
		SELECT DISTINCT ON (o.id) o.id AS nameless_id, k.id
		FROM known k
		JOIN fingerprint o ON o.service_id = k.service_id
			AND o.version = k.version AND o.runtime = k.runtime AND o.hash = ''
		WHERE k.hash <> ''
		ORDER BY o.id, k.at
	) k
	WHERE d.fingerprint_id = k.nameless_id
	RETURNING d.fingerprint_id
)
INSERT INTO deploy (service_id, at, origin, kind, version, fingerprint_id)
SELECT k.service_id, k.at, 'seen', 'deploy', k.version, k.id
FROM known k
WHERE NOT EXISTS (SELECT FROM taken WHERE taken.fingerprint_id = k.id)
  AND EXISTS (
	SELECT FROM fingerprint o
	WHERE o.service_id = k.service_id AND o.id <> k.id AND o.first_seen_at < k.at
	  AND (o.version, o.runtime, o.hash) <> (k.version, k.runtime, ''))
  AND NOT (k.hash = '' AND EXISTS (
	SELECT FROM fingerprint o
	WHERE o.service_id = k.service_id AND o.id <> k.id AND o.version = k.version
	  AND o.runtime = k.runtime))
ORDER BY k.id
ON CONFLICT DO NOTHING
