-- Revokes the agents that came with token $1.  For POST /tokens/{id}/revoke and "token
-- revoke".  By agent_token; a row per agent.
WITH revoked AS (
	UPDATE agent SET revoked_at = $2::timestamptz
	WHERE token_id = $1::text AND revoked_at IS NULL
	RETURNING id, host_id
)
SELECT r.id, r.host_id, h.name AS host, pg_notify('tidemark', 'agents'),
	pg_notify('keys', 'revoked')
FROM revoked r
JOIN host h ON h.id = r.host_id
ORDER BY r.id
