-- Revokes an agent; its first revocation stays.  For POST /agents/{id}/revoke.  By the
-- primary key; at most one row.
WITH revoked AS (
	UPDATE agent SET revoked_at = COALESCE(revoked_at, $2::timestamptz)
	WHERE id = $1::int4
	RETURNING id
)
SELECT id, pg_notify('tidemark', 'agents'), pg_notify('keys', 'revoked') FROM revoked
