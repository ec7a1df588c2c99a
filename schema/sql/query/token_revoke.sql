-- Revokes a token; its first revocation stays.  For POST /tokens/{id}/revoke.  By the
-- primary key; at most one row.
UPDATE token SET revoked_at = COALESCE(revoked_at, $2::timestamptz)
WHERE id = $1::text
RETURNING id, kind, name, created_at,
	(SELECT u.name FROM app_user u WHERE u.id = created_by) AS created_by,
	expires_at, max_uses, uses, revoked_at, host_glob, role,
	to_json(services)::text AS services, last_used_at, token_labels(id) AS labels
