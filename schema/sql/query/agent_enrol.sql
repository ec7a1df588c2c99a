-- Adds an agent to its host, which is made or renamed; a revoked agent of the same key
-- comes back.  $1 machine id, $2 host name, $3 public key, $4 version, $5 token.  For
-- ingest, when a host enrols; one row.
WITH home AS (
	INSERT INTO host (machine_id, name) VALUES ($1, $2)
	ON CONFLICT (machine_id) DO UPDATE SET name = EXCLUDED.name
	RETURNING id
), enrolled AS (
	INSERT INTO agent (public_key, host_id, version, token_id)
	SELECT $3, home.id, $4, $5 FROM home
	ON CONFLICT (public_key) DO UPDATE
	SET host_id = EXCLUDED.host_id, version = EXCLUDED.version,
	    token_id = EXCLUDED.token_id, enrolled_at = now(), revoked_at = NULL
	RETURNING id, host_id
)
SELECT id, host_id, pg_notify('keys', 'enrolled'), pg_notify('tidemark', 'agents') FROM enrolled
