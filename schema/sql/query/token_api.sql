-- What is needed to check an API token $1 at $2, and what it may: what its user may, or less.
-- For every call with one.  By the primary key; at most one row.
SELECT t.secret_hash, t.revoked_at IS NOT NULL OR u.retired_at IS NOT NULL AS revoked,
	t.expires_at <= $2::timestamptz AS expired, false AS used_up, false AS elsewhere,
	u.id AS user_id, u.name AS user_name, u.role, t.role AS token_role,
	u.services IS NOT NULL OR t.services IS NOT NULL AS is_limited,
	to_json(COALESCE(t.services, u.services))::text AS services, t.last_used_at
FROM token t
LEFT JOIN app_user u ON u.id = t.created_by
WHERE t.id = $1::text AND t.kind = 'api'
