-- Gives the host of agent $1 the labels of token $2.  A host has at most $3 of them: what
-- it has beside the token's stays.  For ingest, when a host enrols; by primary keys.
WITH home AS (
	SELECT host_id FROM agent WHERE id = $1::int4
), given AS (
	INSERT INTO host_label (host_id, key, value)
	SELECT home.host_id, l.key, l.value
	FROM home, token_label l
	WHERE l.token_id = $2::text
	ORDER BY l.key
	LIMIT greatest(0, $3::int4 - (
		SELECT count(*) FROM host_label h JOIN home USING (host_id)
		WHERE NOT EXISTS (SELECT FROM token_label l
			WHERE l.token_id = $2::text AND l.key = h.key)))
	ON CONFLICT (host_id, key) DO UPDATE SET value = EXCLUDED.value
	WHERE host_label.value <> EXCLUDED.value
	RETURNING host_id
)
UPDATE host SET label_revision = label_revision + 1
WHERE id IN (SELECT host_id FROM given)
