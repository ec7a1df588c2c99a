-- Marks that the process lives $1 run a version that ran before: where the life before in the
-- seat ran another one, this one is older than that life, it is not what the newest mark of
-- the service says already, and nobody has begun to run it since somebody last began to run
-- another.  The mark of a version of which it was not known yet what it consists of goes to
-- the one that tells.  A service gets at most 24 a day, should a seat go to and fro.  For
-- ingest, once for each life that is new or told anew, after deploy_seen; no rows.  Lives
-- by their seats, deploys by (service_id, at); the lives of a service only when its mark is
-- not there yet.
WITH life AS (
	SELECT DISTINCT ON (f.id) g.id, g.started_at, f.id AS fingerprint_id, f.service_id,
		f.version, f.runtime, f.hash
	FROM generation g
	JOIN fingerprint f ON f.id = g.fingerprint_id
	CROSS JOIN LATERAL (
		SELECT started_at, fingerprint_id FROM generation
		WHERE slot_id = g.slot_id AND (started_at, id) < (g.started_at, g.id)
		ORDER BY started_at DESC, id DESC
		LIMIT 1
	) p
	JOIN fingerprint o ON o.id = p.fingerprint_id
	WHERE g.id = ANY ($1::int4[]) AND f.first_seen_at < p.started_at
	  AND ((f.version, f.runtime) <> (o.version, o.runtime)
		OR (f.hash <> o.hash AND '' NOT IN (f.hash, o.hash)))
	ORDER BY f.id, g.started_at
), named AS (
	UPDATE deploy d SET fingerprint_id = life.fingerprint_id
	FROM life
	JOIN fingerprint o ON o.service_id = life.service_id AND o.version = life.version
		AND o.runtime = life.runtime AND o.hash = ''
	WHERE life.hash <> '' AND d.fingerprint_id = o.id AND d.at = life.started_at
)
INSERT INTO deploy (service_id, at, origin, kind, version, note, fingerprint_id)
SELECT life.service_id, life.started_at, 'seen', 'deploy', life.version, 'ran before',
	life.fingerprint_id
FROM life
LEFT JOIN LATERAL (
	SELECT fingerprint_id FROM deploy
	WHERE service_id = life.service_id AND at <= life.started_at AND origin = 'seen'
	ORDER BY at DESC, id DESC
	LIMIT 1
) d ON true
LEFT JOIN fingerprint said ON said.id = d.fingerprint_id
WHERE ((said.version, said.runtime) IS DISTINCT FROM (life.version, life.runtime)
	OR (said.hash <> life.hash AND '' NOT IN (said.hash, life.hash)))
  AND (
	SELECT max(g.started_at) FILTER (WHERE is_same)
		< max(g.started_at) FILTER (WHERE NOT is_same)
	FROM (SELECT id, (version, runtime) = (life.version, life.runtime)
			AND (hash = life.hash OR '' IN (hash, life.hash)) AS is_same
		FROM fingerprint WHERE service_id = life.service_id) f
	JOIN generation g ON g.fingerprint_id = f.id
	WHERE g.id <> life.id AND g.started_at <= life.started_at)
  AND (SELECT count(*) FROM deploy WHERE service_id = life.service_id AND origin = 'seen'
	AND at > life.started_at - interval '1 day' AND at <= life.started_at) < 24
ON CONFLICT DO NOTHING
